"""``issue_certificate``: what the evidence says, once, under a serial of its own, and everything that goes with it."""

import threading
from datetime import date, datetime
from typing import Any

import pytest
from django.db import connections

from certificates.models import Certificate, CertificateState, CertificateType, SerialCounter
from certificates.services import ensure_types, issue_annual_certificate, issue_certificate, issue_course_certificate
from certificates.services.issuing import last_valid_day
from lms.audit.models import AuditEvent
from lms.people.models import Message, Person
from lms.rules import serials
from lms.rules.refusals import Conflict, Invalid, NotAllowed
from lms.xapi.models import Statement
from tests.factories import learning, people, registry
from tests.factories.catalogue import reading, released_course
from tests.factories.certificates import (
    NOON,
    SYSTEM,
    annual_certificate,
    bureau,
    course_certificate,
    holder,
    passed_course,
    refused,
    year_full,
)
from tests.factories.ledger import credited
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


def test_one_type_for_courses_and_one_for_each_city_with_a_requirement() -> None:
    packs_loaded()
    ensure_types(actor=SYSTEM, now=NOON)
    ensure_types(actor=SYSTEM, now=NOON)
    assert set(CertificateType.objects.values_list("key", flat=True)) == {"course", "annual-310000"}
    assert AuditEvent.objects.filter(verb="certificate_type.added").count() == 2


def test_a_course_certificate_says_what_was_learned_and_where() -> None:
    college = people.college(name="浦东开放大学")
    release = released_course(college=college, title="气道异物急救", class_hours="4.0")
    someone = people.person(name="林小满")
    certificate = course_certificate(someone, release)
    assert (certificate.title, certificate.holder_name) == ("《气道异物急救》课程结业证书", "林小满")
    assert (certificate.issuer, certificate.issuer_name) == (college, "浦东开放大学")
    assert certificate.facts["lines"] == [{"category": "skills", "earned": "4"}]
    assert certificate.facts["passed_on"] == "2026-11-21"
    assert certificate.valid_until == date(2028, 11, 20)


def test_the_annual_certificate_freezes_the_year() -> None:
    certificate = annual_certificate(holder(name="林小满"))
    assert certificate.title == "2026年度托育从业人员年度培训合格证书"
    assert certificate.facts["lines"] == [
        {"category": "skills", "title": "综合技能培训", "earned": "72", "required": "72"},
        {"category": "ethics", "title": "职业道德教育", "earned": "40", "required": "40"},
    ]
    assert certificate.facts["pack"] == {"region": "310000", "version": "2020.1"}
    assert certificate.issuer == bureau()
    assert certificate.valid_until == date(2027, 11, 20)


def test_the_document_on_it_is_masked() -> None:
    someone = people.person(document_number="11010519491231002X")
    certificate = course_certificate(someone)
    assert certificate.facts["document"] == {"type": "resident_id", "masked": "110***********002X"}
    assert "11010519491231002X" not in str(certificate.facts)


def test_serials_count_up_and_check_themselves() -> None:
    first, second = course_certificate(), course_certificate()
    assert serials.valid(first.serial)
    assert first.serial.startswith("CRS-2026-310115-0000001-")
    assert second.serial.startswith("CRS-2026-310115-0000002-")
    assert len(first.token) == 43
    assert first.token != second.token


def test_series_are_counted_by_type_year_and_region() -> None:
    course_certificate(now=NOON)
    course_certificate(now=NOON.replace(year=2027))
    annual_certificate()
    assert SerialCounter.objects.values_list("last", flat=True).order_by("pk").distinct().get() == 1
    assert SerialCounter.objects.count() == 3


def test_what_goes_with_it() -> None:
    user = people.practitioner()
    certificate = course_certificate(user.person)
    assert [state.state for state in certificate.states.all()] == ["issued"]
    event = AuditEvent.objects.get(verb="certificate.issued")
    assert (event.subject_id, event.person_id) == (certificate.pk, certificate.person_id)
    assert event.changes["serial"] == certificate.serial
    assert Message.objects.get(user=user, code="certificate_issued").title == f"您获得了“{certificate.title}”"
    assert Statement.objects.get(verb__endswith="earned").person_id == certificate.person_id


def test_twice_is_once() -> None:
    first = annual_certificate()
    again = issue_annual_certificate(person=first.person, year=2026, actor=SYSTEM, now=NOON)
    assert again == first
    assert Certificate.objects.count() == CertificateState.objects.count() == 1
    assert AuditEvent.objects.filter(verb="certificate.issued").count() == 1


def test_the_hour_that_completes_the_year_brings_the_certificate() -> None:
    someone = holder()
    year_full(someone, categories=["skills"])
    assert not Certificate.objects.exists()
    year_full(someone, categories=["ethics"])
    certificate = Certificate.objects.get(person=someone)
    assert (certificate.period, certificate.type.key) == ("2026", "annual-310000")
    assert AuditEvent.objects.get(verb="certificate.issued").actor_label == "issue-certificates"


def test_a_course_honestly_learned_to_its_end_is_certified_by_its_college() -> None:
    enrolment = learning.passed(release=released_course(lessons=[reading(minutes=2)], class_hours="0.5"), now=NOON)
    certificate = Certificate.objects.get(person=enrolment.person)
    assert (certificate.enrolment_id, certificate.issuer) == (enrolment.pk, enrolment.release.course.college)
    assert AuditEvent.objects.get(verb="certificate.issued").actor_kind == "system"


def test_a_requirement_not_met_says_what_is_left() -> None:
    someone = holder()
    year_full(someone, categories=["skills"])
    credited(someone, category="ethics", class_hours=38)
    with pytest.raises(Conflict) as refusal:
        issue_annual_certificate(person=someone, year=2026, actor=SYSTEM, now=NOON)
    assert refusal.value.code == "requirement_not_met"
    assert "职业道德教育还差 2 学时" in str(refusal.value)
    assert "综合技能" not in str(refusal.value)


def test_a_city_that_asks_for_no_hours_has_no_annual_certificate() -> None:
    packs_loaded()
    someone = people.person(region="330281")
    with refused("no_requirement"):
        issue_annual_certificate(person=someone, year=2026, actor=SYSTEM, now=NOON)


def test_a_city_without_its_bureau_waits_and_loses_no_hours() -> None:
    packs_loaded()
    someone = people.person()
    year_full(someone)
    assert not Certificate.objects.exists()
    with refused("no_issuer"):
        issue_annual_certificate(person=someone, year=2026, actor=SYSTEM, now=NOON)
    bureau()
    assert issue_annual_certificate(person=someone, year=2026, actor=SYSTEM, now=NOON).issuer == bureau()


def test_a_course_not_passed_is_refused() -> None:
    packs_loaded()
    enrolment = passed_course(people.person())
    enrolment.state = "in_progress"
    enrolment.save()
    with refused("course_not_passed"):
        issue_course_certificate(enrolment=enrolment, actor=SYSTEM, now=NOON)


def test_somebody_elses_enrolment_is_unknown() -> None:
    packs_loaded()
    enrolment = passed_course(people.person())
    kind = ensure_types(actor=SYSTEM, now=NOON)[0]
    with refused("enrolment_unknown"):
        issue_certificate(person=people.person(), type=kind, period=str(enrolment.pk), actor=SYSTEM, now=NOON)


def test_a_barred_person_gets_none() -> None:
    packs_loaded()
    someone = registry.banned()
    enrolment = passed_course(someone)
    with refused("barred"):
        issue_course_certificate(enrolment=enrolment, actor=SYSTEM, now=NOON)
    year_full(someone)
    assert not Certificate.objects.exists()


def test_a_character_no_face_draws_is_named_before_issue() -> None:
    packs_loaded()
    enrolment = passed_course(people.person(name="王\U0003134a"))
    with pytest.raises(Invalid) as refusal:
        issue_course_certificate(enrolment=enrolment, actor=SYSTEM, now=NOON)
    assert refusal.value.code == "glyph_missing"
    assert "U+3134A" in str(refusal.value)
    assert not Certificate.objects.exists()


def test_a_missing_character_costs_no_hours_and_the_holder_is_told() -> None:
    packs_loaded()
    bureau()
    user = people.practitioner(name="王\U0003134a")
    year_full(user.person)
    assert user.person.hour_entries.count() == 2
    message = Message.objects.get(user=user)
    assert message.code == "certificate_waits"
    assert "U+3134A" in message.body


@pytest.mark.parametrize("name", ["㛃", "〇", "阿依古丽·买买提", "O’Neill Søren"])
def test_rare_names_are_certified(name: str) -> None:
    packs_loaded()
    enrolment = passed_course(people.person(name=f"王{name}" if len(name) == 1 else name))
    assert issue_course_certificate(enrolment=enrolment, actor=SYSTEM, now=NOON).holder_name.endswith(name)


def test_two_people_of_one_name_hold_two_certificates() -> None:
    first, second = annual_certificate(holder(name="王芳")), annual_certificate(holder(name="王芳"))
    assert first.person != second.person
    assert first.serial != second.serial


def test_who_may_ask() -> None:
    packs_loaded()
    user = people.practitioner()
    enrolment = passed_course(user.person)
    college = enrolment.release.course.college
    stranger = people.acting(people.practitioner())
    other = people.acting(people.manager_of(people.college()))
    for actor in (stranger, other, people.acting(people.officer("bureau_approver", people.BEIJING))):
        with pytest.raises(NotAllowed):
            issue_course_certificate(enrolment=enrolment, actor=actor, now=NOON)
    assert issue_course_certificate(enrolment=enrolment, actor=people.acting(user), now=NOON).issuer == college


@pytest.mark.parametrize(
    ("issued_on", "months", "last"),
    [
        (date(2026, 11, 21), 12, date(2027, 11, 20)),
        (date(2026, 12, 31), 12, date(2027, 12, 30)),
        (date(2027, 1, 1), 12, date(2027, 12, 31)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 11, 21), None, None),
    ],
)
def test_validity_is_whole_months(issued_on: date, months: int | None, last: date | None) -> None:
    assert last_valid_day(issued_on, months) == last


def test_the_last_minute_of_the_year_belongs_to_it() -> None:
    eve = datetime.fromisoformat("2026-12-31T23:59:30+08:00")
    certificate = annual_certificate(now=eve)
    assert certificate.serial.startswith("ANN-2026-310000-0000001-")
    assert certificate.valid_until == date(2027, 12, 30)
    after = datetime.fromisoformat("2027-01-01T00:00:30+08:00")
    assert issue_annual_certificate(person=certificate.person, year=2026, actor=SYSTEM, now=after) == certificate
    with refused("requirement_not_met"):
        issue_annual_certificate(person=certificate.person, year=2027, actor=SYSTEM, now=after)


@pytest.mark.django_db(transaction=True)
def test_two_workers_issue_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both look before either has written; the database lets one through and the other is given the same."""
    packs_loaded()
    enrolment = passed_course(people.person())
    ensure_types(actor=SYSTEM, now=NOON)
    both_looked = threading.Barrier(2, timeout=20)
    from certificates.services import issuing

    looked = threading.local()
    look = issuing.newest

    def look_together(**period: Any) -> Certificate | None:
        found = look(**period)
        if not getattr(looked, "once", False):
            looked.once = True
            both_looked.wait()
        return found

    monkeypatch.setattr(issuing, "newest", look_together)
    given: list[Any] = []

    def work() -> None:
        try:
            given.append(issue_course_certificate(enrolment=enrolment, actor=SYSTEM, now=NOON).serial)
        except Exception as error:  # noqa: BLE001
            given.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    certificate = Certificate.objects.get()
    assert given == [certificate.serial, certificate.serial]
    assert CertificateState.objects.count() == 1
    assert Person.objects.count() == 1
