"""``issue_many``: what ``issue_certificate`` would say to each, for many; one refusal keeps nobody else from theirs."""

from typing import Any

import pytest

from certificates.models import Certificate, CertificateState, SerialCounter
from certificates.services import (
    Issued,
    Refused,
    annual_type,
    course_type,
    issue_annual_certificate,
    issue_many,
    issuing_many,
)
from lms.audit.models import AuditEvent
from lms.people.models import Message, Person
from lms.policy.services import pack_in_force
from lms.rules import serials
from lms.xapi.models import Statement
from tests.factories import people, registry
from tests.factories.certificates import NOON, SYSTEM, bureau, holder, passed_course, year_full
from tests.factories.ledger import credited
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture
def met() -> list[Person]:
    """Three people whose year is full, and who hold nothing yet, because their bureau came later."""
    packs_loaded()
    someone = [people.practitioner(name="林小满").person, people.person(name="王芳"), people.person(name="王芳")]
    for person in someone:
        year_full(person)
    bureau()
    assert not Certificate.objects.exists()
    return someone


def issued(persons: list[Person]) -> list[Issued | Refused]:
    kind = annual_type(pack=pack_in_force(region_code=people.SHANGHAI, on=NOON.date()), actor=SYSTEM, now=NOON)
    return issue_many(type=kind, period="2026", person_ids=[one.pk for one in persons], actor=SYSTEM, now=NOON)


def test_each_gets_their_own_in_the_order_asked_for(met: list[Person]) -> None:
    told = issued(met)
    assert [(one.person_id, type(one)) for one in told] == [(person.pk, Issued) for person in met]
    certificates = [one.certificate for one in told if isinstance(one, Issued)]
    assert [int(one.serial.split("-")[3]) for one in certificates] == [1, 2, 3]
    assert all(serials.valid(one.serial) for one in certificates)
    assert len({one.token for one in certificates}) == 3
    assert SerialCounter.objects.get().last == 3


def test_what_goes_with_each(met: list[Person]) -> None:
    told = issued(met)
    for one in told:
        assert isinstance(one, Issued)
        certificate = Certificate.objects.get(pk=one.certificate.pk)
        assert [state.state for state in certificate.states.all()] == ["issued"]
        event = AuditEvent.objects.get(verb="certificate.issued", subject_id=certificate.pk)
        assert (event.person_id, event.changes["serial"]) == (one.person_id, certificate.serial)
        assert Statement.objects.get(verb__endswith="earned", person_id=one.person_id).activity.endswith(
            str(certificate.pk)
        )
    assert Message.objects.filter(code="certificate_issued").count() == 1  # only one of them has an account


def test_twice_is_once(met: list[Person]) -> None:
    first, again = issued(met), issued([*met, met[0]])
    assert [one.certificate for one in again if isinstance(one, Issued)] == [
        one.certificate for one in first if isinstance(one, Issued)
    ]
    assert [one.fresh for one in (*first, *again) if isinstance(one, Issued)] == [True] * 3 + [False] * 3
    assert Certificate.objects.count() == CertificateState.objects.count() == 3


def test_who_is_refused_is_told_why_and_keeps_nobody_from_theirs(met: list[Person]) -> None:
    short, banned, unprintable = holder(), registry.banned(), people.person(name="王\U0003134a")
    credited(short, category="skills", class_hours=72)
    for person in (banned, unprintable):
        year_full(person)
    told = issued([met[0], short, banned, unprintable, met[1]])
    assert [one.refusal.code if isinstance(one, Refused) else "" for one in told] == [
        *("", "requirement_not_met", "barred", "glyph_missing", ""),
    ]
    assert "U+3134A" in str(told[3].refusal)  # type: ignore[union-attr]


def test_a_course_has_a_period_for_each() -> None:
    packs_loaded()
    enrolment = passed_course(people.person())
    other = passed_course(people.person(), enrolment.release)
    stranger = people.person()
    kind = course_type(actor=SYSTEM, now=NOON)
    told = issue_many(
        type=kind,
        period={one.person_id: str(one.pk) for one in (enrolment, other)},
        person_ids=[enrolment.person_id, stranger.pk, other.person_id],
        actor=SYSTEM,
        now=NOON,
    )
    assert [type(one) for one in told] == [Issued, Refused, Issued]
    assert {one.enrolment_id for one in Certificate.objects.all()} == {enrolment.pk, other.pk}


def test_somebody_who_was_issued_theirs_meanwhile_holds_one(met: list[Person], monkeypatch: pytest.MonkeyPatch) -> None:
    """Another worker is first with one of them, between the looking and the writing."""
    look = issuing_many.barred_ids

    def look_slowly(*given: Any) -> Any:
        issue_annual_certificate(person=met[1], year=2026, actor=SYSTEM, now=NOON)
        return look(*given)

    monkeypatch.setattr(issuing_many, "barred_ids", look_slowly)
    told = issued(met)
    assert [one.fresh for one in told if isinstance(one, Issued)] == [True, False, True]
    assert Certificate.objects.count() == CertificateState.objects.count() == SerialCounter.objects.get().last == 3


def test_many_cost_no_more_questions_than_few(met: list[Person], django_assert_max_num_queries: Any) -> None:
    issued(met[:1])
    short = [people.person() for _ in range(20)]
    with django_assert_max_num_queries(40):
        issued([*met, *short])
