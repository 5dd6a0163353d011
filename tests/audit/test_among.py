"""Keys given as one value: the same rows as a key at a time, on both engines, through a relation and for none."""

import uuid

import pytest

from lms.people.models import IdentityDocument, Person
from tests.factories import people

pytestmark = pytest.mark.django_db


def test_it_finds_what_in_finds() -> None:
    some = [people.person() for _one in range(3)]
    wanted = [some[0].pk, some[2].pk, uuid.uuid4()]
    assert set(Person.objects.filter(pk__among=wanted)) == {some[0], some[2]}
    held = IdentityDocument.objects.filter(person__id__among=wanted)
    assert set(held) == set(IdentityDocument.objects.filter(person__in=wanted))
    assert held.exists()


def test_no_key_finds_nothing() -> None:
    people.person()
    assert not Person.objects.filter(pk__among=[]).exists()
    assert Person.objects.exclude(pk__among=set()).exists()


def test_ten_thousand_keys_are_one_parameter() -> None:
    person = people.person()
    assert Person.objects.get(pk__among=[person.pk, *(uuid.uuid4() for _one in range(10_000))]) == person
