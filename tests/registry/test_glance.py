"""One look says what three questions would: the version, the holder, and whether anybody on the list is near."""

from datetime import date

import pytest

from lms.people.services import add_document, persons
from lms.registry.services import current_list_version, glance, screening_candidates
from lms.registry.services.glance import Glance
from lms.rules.screening import Query
from tests.factories import hiring, people, registry

pytestmark = pytest.mark.django_db
TODAY = hiring.ASKED.date()


def seen(name: str, kind: str, number: str, born: date | None = None) -> Glance:
    parsed = persons.read_number(kind, number)
    found = glance(parsed, Query(parsed.type, parsed.canonical, name, born))
    assert found
    assert found.version == current_list_version()
    assert found.holder == persons.holder(parsed) == persons.holders([parsed])[0]
    candidates = screening_candidates(number=parsed, name=name, birth_date=born, holder=found.holder, on=TODAY)
    assert found.near or not candidates
    return found


@pytest.fixture(autouse=True)
def _list() -> None:
    registry.case_in_force(people.person(name="周在册"))


def test_a_stranger() -> None:
    found = seen("李生人", "resident_id", people.resident_number())
    assert (found.holder, found.near) == (None, False)


def test_somebody_registered_here(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    person = people.person(name="钱不见")
    identity = hiring.identity_of(person)
    found = seen(identity["name"], identity["document_type"], identity["document_number"])
    assert (found.holder, found.near) == (person, False)
    assert found.holder
    assert found.holder.name == "钱不见"
    parsed = persons.read_number(identity["document_type"], identity["document_number"])
    with django_assert_num_queries(1):
        glance(parsed, Query(parsed.type, parsed.canonical, "钱不见"))


def test_somebody_on_the_list_by_number_by_person_and_by_another_document() -> None:
    person = registry.banned(people.person(name="王小明"))
    identity = hiring.identity_of(person)
    assert seen("王小明", identity["document_type"], identity["document_number"]).near
    assert seen("另一个", identity["document_type"], identity["document_number"]).near
    passport = {"document_type": "passport", "document_number": "E12345678"}
    add_document(person=person, **passport, valid_from=TODAY, actor=people.system(), now=hiring.ASKED)
    assert seen("谁都行", "passport", "E12345678", date(1970, 1, 1)).near


def test_without_a_birth_date_it_takes_more_than_a_look() -> None:
    parsed = persons.read_number("passport", "E99990000")
    assert glance(parsed, Query(parsed.type, parsed.canonical, "王小明")) is None
