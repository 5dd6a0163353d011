"""Recalls: what is in scope is fixed, two officers, piece by piece, once, whatever interrupts it."""

import io
import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from certificates import tasks
from certificates.models import Certificate, IssueBatch, Recall
from certificates.services import recalls, revoke_certificate, start_batch, supersede_certificate, validity
from certificates.services.recalls import (
    carry_out_recall,
    confirm_recall,
    consequences_of,
    decline_recall,
    propose_recall,
)
from certificates.services.scopes import Scope, in_scope
from courses.catalogue.models import Release
from lms.audit.actors import Actor
from lms.audit.models import AuditEvent
from lms.people.models import Message, Organisation, Person, User
from tests.factories import people
from tests.factories.batches import class_passed, planned_for_course, publisher_of, worked
from tests.factories.catalogue import released_course
from tests.factories.certificates import NOON, SYSTEM, TODAY, course_certificate, holder, refused

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def college() -> Organisation:
    return people.college(name="浦东开放大学")


@pytest.fixture
def release(college: Organisation) -> Release:
    return released_course(college=college)


@pytest.fixture
def auditor() -> User:
    return people.officer("bureau_auditor")


@pytest.fixture
def approver() -> User:
    return people.officer("bureau_approver")


def proposed(issuer: Organisation, actor: User, **scope: Any) -> Recall:
    return propose_recall(
        issuer=issuer,
        scope=Scope(**scope),
        code="fraud",
        authority="",
        reason="代学代考",
        actor=people.acting(actor),
        now=LATER,
    )


def confirmed(recall: Recall, actor: User) -> Recall:
    return confirm_recall(recall=recall, actor=people.acting(actor), now=LATER)


def done(recall: Recall) -> None:
    while carry_out_recall(recall_id=recall.pk, now=LATER):
        pass


def statuses(*certificates: Certificate, on: date = TODAY) -> set[str]:
    return {validity(certificate, on).status.value for certificate in certificates}


def test_what_was_proposed_is_revoked_and_nothing_else(
    college: Organisation, release: Release, auditor: User, approver: User
) -> None:
    users = [people.practitioner(), people.practitioner(region="330281")]  # wherever the holder lives
    mine = [course_certificate(user.person, release) for user in users]
    other = course_certificate(None, released_course(college=college))
    recall = proposed(college, auditor, release=release)
    late = course_certificate(None, release, now=LATER + timedelta(minutes=1))
    assert statuses(*mine, other, late) == {"valid"}
    effect = consequences_of(recall)
    assert (effect.certificates, effect.people, effect.since) == (2, 2, 1)
    confirmed(recall, approver)
    done(recall)
    assert statuses(*mine) == {"revoked"}
    assert statuses(other, late) == {"valid"}
    worth = validity(mine[0], TODAY)
    assert (worth.code, worth.authority) == ("fraud", people.acting(auditor).organisation_name)
    for user in users:
        assert Message.objects.get(user=user, code="certificate_revoked").body == "代学代考"
    assert AuditEvent.objects.filter(verb="certificate.revoked", reason="代学代考").count() == 2
    recall.refresh_from_db()
    assert [step.state for step in recall.states.order_by("number")] == ["proposed", "confirmed", "done"]


def test_two_officers(college: Organisation, release: Release, approver: User) -> None:
    course_certificate(None, release)
    recall = proposed(college, approver, release=release)
    with refused("same_officer"):
        confirmed(recall, approver)
    with refused("role_required"):
        confirmed(recall, people.manager_of(college))
    with refused("recall_unknown"):
        confirmed(recall, people.officer("bureau_approver", people.BEIJING))
    with refused("officer_required"):
        confirm_recall(recall=recall, actor=SYSTEM, now=LATER)
    other = people.officer("confirming_registrar")
    confirmed(recall, other)
    with refused("decided_already"):
        confirmed(recall, other)


def test_declined_nothing_happens(college: Organisation, release: Release, auditor: User, approver: User) -> None:
    certificate = course_certificate(None, release)
    recall = proposed(college, auditor, release=release)
    with refused("reason_missing"):
        decline_recall(recall=recall, reason=" ", actor=people.acting(approver), now=LATER)
    decline_recall(recall=recall, reason="证据不足", actor=people.acting(approver), now=LATER)
    done(recall)
    assert statuses(certificate) == {"valid"}
    with refused("decided_already"):
        confirmed(recall, approver)


def test_killed_between_pieces_it_goes_on_and_nothing_is_done_twice(
    college: Organisation, release: Release, auditor: User, approver: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recalls, "PIECE", 2)
    held = [course_certificate(None, release) for _ in range(5)]
    recall = confirmed(proposed(college, auditor, release=release), approver)
    assert carry_out_recall(recall_id=recall.pk, now=LATER) == 2

    with monkeypatch.context() as dying:

        def die(*_facts: Any) -> None:
            raise RuntimeError("killed")

        dying.setattr(recalls, "_tell", die)
        tasks.sweep_recalls()  # one that fails is logged
    assert recall.items.filter(outcome="").count() == 3
    tasks.sweep_recalls()
    tasks.recall(str(recall.pk))
    assert statuses(*held, on=timezone.localdate()) == {"revoked"}
    assert [certificate.states.count() for certificate in held] == [2] * 5


def test_a_corrected_name_does_not_save_it_and_a_revoked_one_is_passed_over(
    college: Organisation, release: Release, auditor: User, approver: User
) -> None:
    renamed, early, gone = (course_certificate(holder(), release) for _ in range(3))

    def corrected(certificate: Certificate) -> Certificate:
        Person.objects.filter(pk=certificate.person_id).update(name="王昕怡")
        certificate.person.refresh_from_db()
        return supersede_certificate(certificate=certificate, reason="更正", actor=SYSTEM, now=LATER)

    edition = corrected(early)
    recall = proposed(college, auditor, issued_from=date(2026, 11, 1), issued_to=TODAY)
    assert set(recall.items.values_list("certificate_id", flat=True)) == {renamed.pk, edition.pk, gone.pk}
    later_edition = corrected(renamed)
    revoke_certificate(certificate=gone, code="error", reason="x", authority="x", actor=SYSTEM, now=LATER)
    confirmed(recall, approver)
    done(recall)
    assert statuses(edition, later_edition, gone) == {"revoked"}
    assert statuses(renamed, early) == {"superseded"}
    assert set(recall.items.values_list("outcome", flat=True)) == {"revoked", "successor", "already"}
    assert gone.states.count() == 2


def test_the_bounds_of_a_scope(college: Organisation, release: Release) -> None:
    midnight = course_certificate(None, release, now=NOON.replace(hour=0, minute=0))
    last_minute = course_certificate(None, release, now=NOON.replace(hour=23, minute=59))
    next_day = course_certificate(None, release, now=NOON.replace(hour=0, minute=0) + timedelta(days=1))
    found = in_scope(college, Scope(issued_from=TODAY, issued_to=TODAY))
    assert set(found) == {midnight, last_minute}
    assert next_day not in found
    assert not in_scope(people.college(), Scope(release=release)).exists()
    with refused("nothing_asked"):
        in_scope(college, Scope())
    with refused("dates_reversed"):
        in_scope(college, Scope(issued_from=TODAY, issued_to=TODAY - timedelta(days=1)))


def ordered(college: Organisation, *names: str) -> tuple[IssueBatch, Release]:
    """An order of a college that was carried out."""
    release, _people = class_passed(college, *names)
    batch = planned_for_course(release)
    start_batch(batch=batch, actor=publisher_of(release), now=NOON)
    return worked(batch), release


def test_a_batch_is_what_it_issued_and_not_what_was_there_before(college: Organisation, auditor: User) -> None:
    batch, release = ordered(college, "林小满", "王小满")
    issued = list(Certificate.objects.filter(batch_rows__batch=batch))
    alone = course_certificate(people.person(name="陈单发"), release)
    again = planned_for_course(release)
    assert set(in_scope(college, Scope(batch=batch))) == set(issued)
    assert alone not in in_scope(college, Scope(batch=batch))
    assert not in_scope(college, Scope(batch=again)).exists()  # everybody in it held one already
    assert not in_scope(people.college(), Scope(batch=batch)).exists()
    assert len(in_scope(college, Scope(batch=batch, release=release))) == 2
    assert not in_scope(college, Scope(batch=batch, release=released_course(college=college))).exists()


def test_a_whole_batch_found_fraudulent(college: Organisation, auditor: User, approver: User) -> None:
    batch, release = ordered(college, "林小满", "王小满", "张小满")
    renamed = Certificate.objects.get(holder_name="张小满")
    Person.objects.filter(pk=renamed.person_id).update(name="张晓满")
    renamed.person.refresh_from_db()
    edition = supersede_certificate(certificate=renamed, reason="更正", actor=SYSTEM, now=LATER)
    spared = course_certificate(None, release)
    recall = proposed(college, auditor, batch=batch)
    assert recall.scope == {"batch": str(batch.pk)}
    assert consequences_of(recall).certificates == 3
    confirmed(recall, approver)
    done(recall)
    mine = Certificate.objects.filter(batch_rows__batch=batch)
    assert statuses(*mine.exclude(pk=renamed.pk), edition) == {"revoked"}
    assert statuses(spared) == {"valid"}


@pytest.mark.django_db(transaction=True)
def test_two_officers_confirming_at_once_one_takes_the_step(college: Organisation, release: Release) -> None:
    held = [course_certificate(None, release) for _ in range(3)]
    recall = proposed(college, people.officer("bureau_auditor"), release=release)
    officers = [people.officer("bureau_approver"), people.officer("confirming_registrar")]
    start, told = threading.Barrier(2, timeout=20), []

    def work(officer: User) -> None:
        try:
            actor = people.acting(officer)
            start.wait()
            told.append(confirm_recall(recall=recall, actor=actor, now=LATER).state)
            done(recall)
        except Exception as error:  # noqa: BLE001
            told.append(getattr(error, "code", repr(error)))
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work, args=(officer,)) for officer in officers]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert sorted(told) == ["confirmed", "decided_already"]
    assert list(recall.states.order_by("number").values_list("number", "state")) == [
        (1, "proposed"),
        (2, "confirmed"),
        (3, "done"),
    ]
    assert [certificate.states.filter(state="revoked").count() for certificate in held] == [1] * 3
    assert AuditEvent.objects.filter(verb="certificate.revoked").count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_one_recall_do_each_piece_once(
    college: Organisation, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recalls, "PIECE", 2)
    held = [course_certificate(None, release) for _ in range(6)]
    recall = proposed(college, people.officer("bureau_auditor"), release=release)
    confirmed(recall, people.officer("bureau_approver"))
    start, broken = threading.Barrier(2, timeout=20), []

    def work() -> None:
        try:
            start.wait()
            done(recall)
        except Exception as error:  # noqa: BLE001
            broken.append(repr(error))
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert broken == []
    assert [certificate.states.count() for certificate in held] == [2] * 6
    assert recall.states.filter(state="done").count() == 1


def test_who_may_not_propose(college: Organisation, release: Release, auditor: User) -> None:
    certificate = course_certificate(None, release)
    for user, code in (
        (people.manager_of(people.college()), "issuer_unknown"),
        (people.officer("bureau_auditor", people.BEIJING), "issuer_unknown"),
        (people.member(college, "college_teacher"), "role_required"),
    ):
        with refused(code):
            proposed(college, user, release=release)
    with refused("nothing_selected"):
        proposed(college, auditor, issued_to=date(2020, 1, 1))
    own = people.acting(auditor)
    own = Actor(**{**{name: getattr(own, name) for name in own.__slots__}, "person_id": certificate.person_id})
    with refused("own_certificate"):
        propose_recall(
            issuer=college,
            scope=Scope(release=release),
            code="error",
            authority="",
            reason="x",
            actor=own,
            now=LATER,
        )
    assert not Recall.objects.exists()


def test_on_screen_what_will_happen_stands_before_it_does(
    client: Client, college: Organisation, release: Release, auditor: User, approver: User
) -> None:
    certificate = course_certificate(holder(name="欧阳秋月"), release)
    client.force_login(people.manager_of(college))
    address = reverse("certificates:propose_recall")
    asked = f"{address}?issuer={college.pk}&release={release.pk}"
    page = client.get(asked).content.decode()
    assert "选中 1 份" in page
    assert certificate.serial in page
    assert "欧阳秋月" not in page
    file = SimpleUploadedFile("决定.pdf", b"%PDF-1.7 decision", "application/pdf")
    sent = {"code": "fraud", "authority": "浦东新区人社局", "reason": "代学代考", "document": file}
    assert client.post(asked, sent).status_code == 302
    recall = Recall.objects.get()
    own = client.get(reverse("certificates:recall", args=[recall.pk])).content.decode()
    assert "须由主管部门另一位工作人员复核" in own
    assert client.get(reverse("certificates:confirm_recall", args=[recall.pk])).status_code == 403
    client.force_login(approver)
    confirm = reverse("certificates:confirm_recall", args=[recall.pk])
    assert "1 份证书被撤销" in client.get(confirm).content.decode()
    assert statuses(certificate) == {"valid"}
    page = client.post(confirm, follow=True).content.decode()
    assert "已完成" in page
    assert statuses(certificate, on=timezone.localdate()) == {"revoked"}
    assert "已经办理过" in client.post(confirm).content.decode()
    document = client.get(reverse("certificates:recall_document", args=[recall.pk]))
    assert document.content == b"%PDF-1.7 decision"
    assert "决定" not in document["Content-Disposition"]


def test_whose_is_asked_first_and_then_which_of_theirs(client: Client, college: Organisation, auditor: User) -> None:
    batch, _release = ordered(college, "林小满")
    course_certificate(None, released_course(college=people.college(name="徐汇开放大学"), title="别人的课"))
    client.force_login(auditor)
    address = reverse("certificates:propose_recall")
    first = client.get(address).content.decode()
    assert college.name in first
    assert 'name="batch"' not in first
    second = client.get(address, {"issuer": college.pk}).content.decode()
    assert f'value="{batch.pk}"' in second
    assert "别人的课" not in second
    assert "verdict" not in second
    third = client.get(address, {"issuer": college.pk, "batch": batch.pk}).content.decode()
    assert "选中 1 份" in third
    garbled = client.get(address, {"issuer": "x", "batch": "y"})
    assert garbled.status_code == 200
    client.force_login(people.manager_of(college))  # has one issuer, and is not asked which
    assert 'name="batch"' in client.get(address).content.decode()


def test_from_the_page_of_a_batch(client: Client, college: Organisation) -> None:
    batch, release = ordered(college, "林小满")
    page = reverse("certificates:batch", args=[batch.pk])
    client.force_login(people.manager_of(college))
    text = client.get(page).content.decode()
    link = f"{reverse('certificates:propose_recall')}?issuer={college.pk}&amp;batch={batch.pk}"
    assert link in text
    assert "选中 1 份" in client.get(link.replace("&amp;", "&")).content.decode()
    untouched = planned_for_course(release)
    assert "propose_recall" not in client.get(reverse("certificates:batch", args=[untouched.pk])).content.decode()
    client.force_login(people.officer("confirming_registrar"))  # confirms, and does not propose
    assert "recalls/new" not in client.get(page).content.decode()


def test_found_by_issuer_serial_and_state_and_taken_away(client: Client, college: Organisation, auditor: User) -> None:
    mine = course_certificate(None, released_course(college=college))
    others = people.college(name="徐汇开放大学")
    theirs = course_certificate(None, released_course(college=others))
    one, two = (proposed(issuer, auditor, issued_to=TODAY) for issuer in (college, others))
    decline_recall(recall=two, reason="证据不足", actor=people.acting(people.officer("bureau_approver")), now=LATER)
    client.force_login(auditor)
    address = reverse("certificates:recalls")

    def shown(**asked: str) -> set[Any]:
        text = client.get(address, asked).content.decode()
        return {recall for recall in (one, two) if str(recall.pk) in text}

    assert shown() == {one, two}
    assert shown(q="浦东") == shown(q=mine.serial.lower()) == shown(state="proposed") == {one}
    assert shown(q=theirs.serial, state="declined") == {two}
    assert shown(q="没有这个") == set()
    assert shown(state="nonsense") == {one, two}
    book = client.get(address, {"format": "xlsx", "state": "declined"})
    [sheet] = workbook_of(book.content)
    assert [row[1] for row in sheet[1:]] == ["徐汇开放大学"]
    items = client.get(reverse("certificates:recall", args=[one.pk]), {"format": "xlsx"})
    [sheet] = workbook_of(items.content)
    assert [row[0] for row in sheet[1:]] == [mine.serial]
    assert mine.holder_name not in str(sheet)
    client.force_login(people.manager_of(others))
    assert shown() == {two}


def workbook_of(content: bytes) -> list[list[tuple[Any, ...]]]:
    return [list(sheet.iter_rows(values_only=True)) for sheet in load_workbook(io.BytesIO(content))]
