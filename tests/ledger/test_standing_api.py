"""``GET /api/v1/persons/{id}/standing/``: for the person, the employer and the bureau; for others there is no such person."""

import uuid
from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from lms.audit.actors import Actor
from lms.audit.models import AuditEvent
from lms.people.models import Employment, Organisation, Person
from lms.people.services import create_api_key
from tests.factories.ledger import NOON, credited, year_met
from tests.factories.people import institution, officer, practitioner
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_a_day_in_june() -> Any:
    packs_loaded()
    with time_machine.travel(NOON, tick=False):
        yield


def address(person: Person | None, query: str = "") -> str:
    return f"/api/v1/persons/{person.pk if person else uuid.uuid4()}/standing/{query}"


def key(organisation: Organisation, scope: str = "standing") -> dict[str, Any]:
    token = create_api_key(organisation=organisation, scope=scope, actor=Actor.system("test"), now=timezone.now())
    return {"headers": {"Authorization": f"Bearer {token}"}}


def test_the_person_reads_the_year_with_reasons(client: Client) -> None:
    user = practitioner()
    assert user.person
    credited(user.person, minutes=2318)
    client.force_login(user)
    body = client.get(address(user.person)).json()
    assert (body["person"], body["year"], body["as_of"], body["met"]) == (
        str(user.person.pk),
        2026,
        "2026-06-15",
        False,
    )
    assert (body["closes_on"], body["days_left"]) == ("2027-01-31", 230)
    assert body["lines"][0] == {
        "category": "skills",
        "title": "综合技能培训",
        "required_class_hours": 72.0,
        "earned_class_hours": 51.5,
        "left_class_hours": 20.5,
        "met": False,
    }
    assert body["reasons"][0] == {
        "code": "short",
        "category": "skills",
        "message": "综合技能培训：还差 20.5 学时。",
    }
    assert not AuditEvent.objects.filter(verb="person.looked_up").exists()


def test_another_year(client: Client) -> None:
    user = practitioner()
    assert user.person
    year_met(user.person, year=2025)
    client.force_login(user)
    assert client.get(address(user.person, "?year=2025")).json()["met"] is True


@pytest.mark.parametrize("year", ["", "abc", "1999", "2101", "20260", "-1", "２０２６", "9" * 400])
def test_a_year_that_is_none(client: Client, year: str) -> None:
    user = practitioner()
    client.force_login(user)
    response = client.get(address(user.person, f"?year={year}"))
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "year_invalid"


def test_the_employer_asks_by_key_and_the_person_can_see_it(client: Client) -> None:
    person, employer = practitioner().person, institution()
    assert person
    Employment.objects.create(person=person, institution=employer, post="caregiver", from_date=date(2025, 1, 1))
    response = client.get(address(person), **key(employer))
    assert response.status_code == 200
    event = AuditEvent.objects.get(verb="person.looked_up")
    assert event.person_id == person.pk
    assert event.changes == {"purpose": "standing", "institution": employer.name, "outcome": "short"}


def test_the_bureau_of_the_region(client: Client) -> None:
    person = practitioner(region="310115").person
    for region, status in (("310000", 200), ("110000", 404)):
        client.force_login(officer("bureau_auditor", region))
        assert client.get(address(person)).status_code == status
    assert AuditEvent.objects.filter(verb="person.looked_up").count() == 1


def test_to_others_the_person_does_not_exist(client: Client) -> None:
    person, stranger = practitioner().person, institution()
    answers = [client.get(address(someone), **key(stranger)) for someone in (person, None)]
    client.force_login(practitioner())
    answers += [client.get(address(someone)) for someone in (person, None)]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert answers[0].json() == answers[1].json()


def test_no_key_wrong_key_and_wrong_scope(client: Client) -> None:
    person = practitioner().person
    assert client.get(address(person)).status_code in {401, 403}
    assert client.get(address(person), headers={"Authorization": "Bearer nonsense"}).status_code == 401
    assert client.get(address(person), **key(institution(), "hiring-checks")).status_code == 403
