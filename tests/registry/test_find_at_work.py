"""Somebody the decision names without a number is found among those at work on the day of the facts."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lms.audit.models import AuditEvent
from lms.registry.services.subjects import at_work_named
from lms.rules.refusals import NotAllowed, NotFound
from tests.factories import people, registry
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_found_chosen_and_named_without_typing_a_number() -> None:
    packs_loaded()
    institution = people.institution(name="晨曦托育中心")
    someone = people.employed(person=people.person(name="周海宁"), institution=institution).person
    people.person(name="周海宁")  # works nowhere
    case = registry.drafted_case()
    client = client_of(case.states.get(number=1).officer)
    page = client.post(reverse("registry:at_work", args=[case.pk]), {"name": "周海宁"}).content.decode()
    assert "晨曦托育中心" in page
    assert page.count("?person=") == 1
    assert AuditEvent.objects.filter(verb="person.looked_up", person_id=someone.pk).count() == 1
    address = f"{reverse('registry:add_subject', args=[case.pk])}?person={someone.pk}"
    assert "document_number" not in client.get(address).content.decode()
    terms = {"role": "perpetrator", "kind": "lifetime", "from_date": "2026-03-02"}
    assert client.post(address, terms).status_code == 302
    assert case.subjects.get().person_id == someone.pk


def test_only_who_worked_there_that_day_in_the_region() -> None:
    away = people.employed(person=people.person(name="周海宁"), institution=people.institution(region="110105"))
    case = registry.drafted_case(facts_on=date(2019, 1, 1))
    actor = people.acting(case.states.get(number=1).officer)
    local = people.employed(person=people.person(name="周海宁"), institution=people.institution())
    assert at_work_named(case=case, name="周海宁", actor=actor, now=registry.ENTERED) == []
    recent = registry.drafted_case(officer=case.states.get(number=1).officer)
    found = at_work_named(case=recent, name="周海宁", actor=actor, now=registry.ENTERED)
    assert [row.pk for row in found] == [local.pk]
    assert away.person_id not in {row.person_id for row in found}


def test_not_for_others_nor_another_regions_person() -> None:
    case = registry.drafted_case()
    with pytest.raises(NotAllowed):
        at_work_named(case=case, name="周海宁", actor=people.acting(registry.confirming()), now=registry.ENTERED)
    elsewhere = people.acting(registry.registrar(people.BEIJING))
    with pytest.raises(NotFound):
        at_work_named(case=case, name="周海宁", actor=elsewhere, now=registry.ENTERED)
    stranger = people.person(region="110105")
    address = f"{reverse('registry:add_subject', args=[case.pk])}?person={stranger.pk}"
    assert client_of(registry.registrar()).get(address).status_code == 404


def test_nobody_of_that_name_says_what_next() -> None:
    case = registry.drafted_case()
    client = client_of(case.states.get(number=1).officer)
    answer = client.post(reverse("registry:at_work", args=[case.pk]), {"name": "周海宁"})
    assert "当日没有同名的在职人员" in answer.content.decode()
    assert client.post(reverse("registry:at_work", args=[case.pk]), {"name": ""}).status_code == 422
