"""``revoke_certificate`` and ``reinstate_certificate``: a state appended, an event, a message, and nothing deleted."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.urls import reverse

from certificates.models import Certificate, CertificateState
from certificates.querysets import Status
from certificates.services import reinstate_certificate, revoke_certificate, validity
from lms.audit.actors import Actor
from lms.audit.models import AuditEvent
from lms.people.models import Message, User
from lms.rules.refusals import NotAllowed
from tests.factories import people, registry
from tests.factories.certificates import NOON, SYSTEM, TODAY, annual_certificate, course_certificate, holder, refused

pytestmark = pytest.mark.django_db


def revoked(certificate: Certificate, actor: Actor = SYSTEM, **more: Any) -> CertificateState:
    facts = {"code": "error", "reason": "学时录入有误", "authority": "浦东开放大学", "now": NOON, **more}
    return revoke_certificate(certificate=certificate, actor=actor, **facts)


def reinstated(certificate: Certificate, actor: Actor = SYSTEM) -> CertificateState:
    later = NOON + timedelta(hours=1)
    return reinstate_certificate(certificate=certificate, reason="复核无误", authority="", actor=actor, now=later)


def test_a_revoked_certificate_says_why_since_when_and_by_whom() -> None:
    certificate = course_certificate()
    revoked(certificate, code="fraud")
    worth = validity(certificate, TODAY)
    assert (worth.status, worth.code, str(worth.reason)) == (Status.REVOKED, "fraud", "弄虚作假取得")
    assert (worth.since, worth.authority) == (NOON, "浦东开放大学")
    assert Certificate.objects.count() == 1


def test_the_holder_is_told_and_the_event_names_the_reason() -> None:
    user = people.practitioner()
    certificate = course_certificate(user.person)
    revoked(certificate)
    message = Message.objects.get(user=user, code="certificate_revoked")
    assert (message.body, message.urgent) == ("学时录入有误", True)
    event = AuditEvent.objects.get(verb="certificate.revoked")
    assert (event.subject_id, event.person_id, event.reason) == (certificate.pk, user.person_id, "学时录入有误")


def test_twice_is_told_and_changes_nothing() -> None:
    certificate = course_certificate()
    revoked(certificate)
    with refused("revoked_already"):
        revoked(certificate)
    assert certificate.states.count() == 2


def test_it_was_valid_on_the_day_before() -> None:
    certificate = course_certificate(now=NOON - timedelta(days=3))
    revoked(certificate)
    assert validity(certificate, TODAY - timedelta(days=1)).is_valid
    assert validity(certificate, TODAY).status is Status.REVOKED


def test_a_reason_and_a_known_code_are_needed() -> None:
    certificate = course_certificate()
    publisher = people.acting(people.manager_of(people.college()))
    with refused("reason_missing"):
        revoked(certificate, reason="  ")
    own = Actor(kind="user", label="x", role="college_publisher", organisation_id=certificate.issuer_id)
    with refused("code_unknown"):
        revoked(certificate, own, code="ban")
    assert publisher.organisation_id != certificate.issuer_id


def test_only_the_issuer_and_the_bureau_of_the_region() -> None:
    certificate = course_certificate(people.person())
    with pytest.raises(NotAllowed):
        revoked(certificate, people.acting(people.practitioner()))
    with pytest.raises(NotAllowed):
        revoked(certificate, people.acting(people.manager_of(people.institution())))
    with refused("certificate_unknown"):
        revoked(certificate, people.acting(people.manager_of(people.college())))
    with refused("certificate_unknown"):
        revoked(certificate, people.acting(people.officer("bureau_approver", people.BEIJING)))
    assert revoked(certificate, people.acting(people.officer("bureau_approver"))).number == 2


def test_reinstated_it_is_valid_again() -> None:
    certificate = course_certificate()
    revoked(certificate)
    reinstated(certificate)
    assert validity(certificate, TODAY).is_valid
    assert [state.state for state in certificate.states.order_by("number")] == ["issued", "revoked", "reinstated"]
    with refused("not_revoked"):
        reinstated(certificate)


def test_what_a_ban_took_no_officer_gives_back() -> None:
    certificate = course_certificate()
    registry.case_in_force(certificate.person)
    with refused("revoked_by_ban"):
        reinstated(certificate, people.acting(people.officer("bureau_approver")))


def test_a_barred_holder_gets_nothing_back() -> None:
    certificate = course_certificate()
    revoked(certificate)
    registry.case_in_force(certificate.person)
    with refused("barred"):
        reinstated(certificate)


def test_hours_taken_back_take_the_years_certificate_and_bring_it_back() -> None:
    from lms.ledger.services import reverse_entry
    from tests.factories.ledger import credited

    someone = holder()
    certificate = annual_certificate(someone)
    auditor = people.acting(people.officer("bureau_auditor"))
    entry = someone.hour_entries.get(category="ethics", kind="credit")
    reverse_entry(entry=entry, reason="签到系代打卡", actor=auditor, now=NOON)
    assert validity(certificate, TODAY).code == "hours_reversed"
    credited(someone, category="ethics", class_hours=39, now=NOON)
    assert not validity(certificate, TODAY).is_valid
    credited(someone, category="ethics", class_hours=1, now=NOON)
    assert validity(certificate, TODAY).is_valid
    assert Certificate.objects.filter(person=someone).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_one_takes_the_step() -> None:
    certificate = course_certificate()
    start, told = threading.Barrier(2, timeout=20), []

    def work() -> None:
        try:
            start.wait()
            told.append(revoked(certificate).state)
        except Exception as error:  # noqa: BLE001
            told.append(getattr(error, "code", repr(error)))
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert certificate.states.filter(state="revoked").count() == 1
    told.remove("revoked")
    assert told[0] in {"changed_meanwhile", "revoked_already"}


def test_the_decision_is_kept_for_the_holder_the_issuer_and_the_bureau(client: Client) -> None:
    user, institution = people.practitioner(), people.institution()
    certificate = course_certificate(user.person)
    people.employed(institution=institution, person=user.person)
    file = SimpleUploadedFile("王芳的决定.pdf", b"%PDF-1.7 decision", "application/pdf")
    state = revoked(certificate, document=file)
    assert state.document is not None
    address = reverse("certificates:decision", args=[certificate.pk, state.number])
    page = reverse("certificates:detail", args=[certificate.pk])
    for reader in (user, people.member(certificate.issuer, "college_author"), people.officer("bureau_auditor")):
        client.force_login(reader)
        assert "学时录入有误" in client.get(page).content.decode()
        answer = client.get(address)
        assert answer.content == b"%PDF-1.7 decision"
        assert "王芳" not in answer["Content-Disposition"]
    client.force_login(people.manager_of(institution))
    assert "学时录入有误" not in client.get(page).content.decode()
    assert client.get(address).status_code == 404


def test_what_is_no_document_is_refused_and_nothing_is_revoked() -> None:
    certificate = course_certificate()
    with refused("upload_wrong_kind"):
        revoked(certificate, document=SimpleUploadedFile("x.pdf", b"MZ program", "application/pdf"))
    assert validity(certificate, TODAY).is_valid


def test_nobody_decides_over_their_own() -> None:
    college = people.college()
    publisher = people.manager_of(college)
    certificate = course_certificate(people.person())
    User.objects.filter(pk=publisher.pk).update(person=certificate.person)
    publisher.refresh_from_db()
    with refused("own_certificate"):
        revoked(certificate, people.acting(publisher))
    revoked(certificate)
    with refused("own_certificate"):
        reinstated(certificate, people.acting(publisher))
