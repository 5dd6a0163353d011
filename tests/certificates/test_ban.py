"""A ban takes every certificate of its subjects in its own commit; its annulment gives back what it took."""

from datetime import date, timedelta

import pytest
from django.db import transaction

from certificates.models import Certificate, CertificateState
from certificates.querysets import Status
from certificates.services import validity
from lms.audit.models import AuditEvent
from lms.people.services import register_person
from lms.registry.models import BanState
from lms.registry.services import confirm_case, consequences
from tests.factories import people, registry
from tests.factories.certificates import NOON, SYSTEM, TODAY, annual_certificate, course_certificate, holder, refused

pytestmark = pytest.mark.django_db


def test_perpetrator_and_manager_lose_everything_and_nobody_else_does() -> None:
    perpetrator, manager = holder(), holder()
    theirs = [annual_certificate(perpetrator), course_certificate(perpetrator), course_certificate(manager)]
    other = course_certificate(holder())
    case = registry.case_in_force(perpetrator, managers=[manager])
    for certificate in theirs:
        worth = validity(certificate, TODAY)
        assert (worth.status, worth.code, worth.authority) == (Status.REVOKED, "ban", case.authority)
    assert validity(other, TODAY).is_valid
    event = AuditEvent.objects.get(verb="certificates.revoked", person_id=perpetrator.pk)
    assert event.changes["serials"] == sorted(certificate.serial for certificate in theirs[:2])


def test_expired_ones_are_revoked_too_and_revoked_ones_only_once() -> None:
    someone = holder()
    old = course_certificate(someone, now=NOON.replace(year=2022))
    registry.case_in_force(someone)
    assert validity(old, TODAY).status is Status.REVOKED
    registry.case_in_force(someone)
    assert old.states.count() == 2


def test_the_second_officer_reads_how_many() -> None:
    someone = holder()
    course_certificate(someone)
    course_certificate(someone)
    case = registry.submitted_case(someone)
    counted = {row.code: row.count for row in consequences(case)}
    assert counted["certificates_revoked"] == 2
    assert not CertificateState.objects.filter(state="revoked").exists()


def test_it_is_one_commit_with_the_ban() -> None:
    someone = holder()
    certificate = course_certificate(someone)
    case = registry.submitted_case(someone)
    officer = people.acting(registry.confirming())

    def killed_before_commit() -> None:
        with transaction.atomic():
            confirm_case(case=case, actor=officer, now=NOON)
            raise SystemExit

    with pytest.raises(SystemExit):
        killed_before_commit()
    assert not BanState.objects.filter(state="in_force").exists()
    assert validity(certificate, TODAY).is_valid


def test_annulled_it_comes_back() -> None:
    someone = holder()
    kept = course_certificate(someone)
    case = registry.case_in_force(someone)
    registry.annulled(case)
    assert validity(kept, TODAY).is_valid
    assert kept.states.order_by("number").last().code == "ban_annulled"


def test_what_was_revoked_for_another_reason_does_not_come_back() -> None:
    from certificates.services import revoke_certificate

    someone = holder()
    certificate = course_certificate(someone)
    revoke_certificate(certificate=certificate, code="fraud", reason="替考", authority="x", actor=SYSTEM, now=NOON)
    registry.annulled(registry.case_in_force(someone))
    assert validity(certificate, TODAY).code == "fraud"


def test_of_two_bans_both_must_be_annulled() -> None:
    someone = holder()
    certificate = course_certificate(someone)
    first = registry.case_in_force(someone)
    second = registry.case_in_force(someone)
    registry.annulled(first)
    assert validity(certificate, TODAY).status is Status.REVOKED
    registry.annulled(second)
    assert validity(certificate, TODAY).is_valid


def test_a_dated_ban_that_ended_gives_nothing_back() -> None:
    someone = holder()
    certificate = course_certificate(someone)
    registry.case_in_force(someone, until=date(2026, 6, 30))
    assert validity(certificate, TODAY).status is Status.REVOKED
    registry.annulled(registry.case_in_force(someone), now=NOON)
    assert validity(certificate, TODAY).status is Status.REVOKED


def test_a_lost_signal_cannot_leave_a_banned_person_certified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("certificates.receivers.revoke_for_ban", lambda **_: 0)
    someone = holder()
    certificate = course_certificate(someone)
    registry.case_in_force(someone)
    assert [state.state for state in certificate.states.all()] == ["issued"]
    worth = validity(certificate, TODAY)
    assert (worth.status, worth.code) == (Status.REVOKED, "ban")
    assert not Certificate.objects.valid_on(TODAY).exists()


def test_somebody_banned_before_they_were_known_here_is_found_by_document() -> None:
    number = people.resident_number()
    registry.case_in_force(unknown=[{"name": "周某", "document_type": "resident_id", "document_number": number}])
    someone = register_person(
        name="周某", document_type="resident_id", document_number=number, region_code="310115", actor=SYSTEM, now=NOON
    )
    with refused("barred"):
        course_certificate(someone)


def test_a_ban_found_only_by_document_revokes_when_read() -> None:
    """The certificate was there before the case, and the case names only a document."""
    number = people.resident_number()
    someone = people.person(document_number=number)
    certificate = course_certificate(someone)
    assert validity(certificate, TODAY).is_valid
    registry.case_in_force(unknown=[{"name": someone.name, "document_type": "resident_id", "document_number": number}])
    assert validity(certificate, TODAY).status is Status.REVOKED


def test_a_ban_acts_from_its_first_day() -> None:
    someone = holder()
    certificate = course_certificate(someone, now=registry.ENTERED - timedelta(days=30))
    registry.case_in_force(someone)
    assert validity(certificate, registry.DECIDED - timedelta(days=1)).is_valid
