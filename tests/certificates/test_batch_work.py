"""``work_on``: a worker's turn at an order. Killed anywhere, or two at once: nobody twice, nobody left out."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.urls import reverse

from certificates import tasks
from certificates.models import BatchState, Certificate, CertificateDocument, IssueBatch, IssueBatchRow
from certificates.services import batches as service
from certificates.services import pause_batch
from certificates.services.batches import HOLD, PRINT_FAILED, progress_of, work_on
from certificates.services.printing_many import NotMade
from lms.audit.models import AuditEvent
from lms.people.models import Message
from tests.factories import people, registry
from tests.factories.batches import (
    LATER,
    approver,
    class_passed,
    met,
    planned_for_course,
    publisher_of,
    running,
    unmet,
    worked,
)
from tests.factories.certificates import NOON, passed_course

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """The worker is no more."""


def outcomes(batch: IssueBatch) -> dict[str, tuple[str, str]]:
    return {row.person.name: (row.outcome, row.code) for row in batch.rows.select_related("person")}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of two, so that few people make several."""
    monkeypatch.setattr(service, "PIECE", 2)


def test_each_gets_the_certificate_or_the_reason() -> None:
    met(name="林小满")
    unmet(name="周未满")
    banned = met(name="吴禁入")
    officer = approver()
    met(name="陈已有")
    registry.banned(banned)
    batch = worked(running(officer))
    assert outcomes(batch) == {
        "林小满": ("issued", ""),
        "周未满": ("refused", "requirement_not_met"),
        "吴禁入": ("refused", "barred"),
        "陈已有": ("held", ""),
    }
    assert (batch.state, batch.ended_at, batch.taken_until) == (BatchState.FINISHED, NOON, None)
    counts = progress_of(batch)
    assert (counts.issued, counts.held, counts.refused, counts.waiting, counts.done) == (1, 1, 2, 0, 4)
    issued = Certificate.objects.get(batch_rows__batch=batch, batch_rows__outcome="issued")
    assert issued.holder_name == "林小满"
    assert issued.states.get().by == officer.username
    assert CertificateDocument.objects.filter(certificate=issued).count() == 1
    assert AuditEvent.objects.filter(verb="certificate.issued", subject_id=issued.pk).count() == 1
    told = Message.objects.get(user=officer, code="issue_batch.finished")
    assert told.url == reverse("certificates:batch", args=[batch.pk])


def test_who_met_it_since_the_dry_run_gets_it_and_who_was_banned_since_does_not() -> None:
    late, banned = unmet(name="周补学"), met(name="吴禁入")
    batch = running()
    registry.banned(banned)
    from tests.factories.ledger import credited

    credited(late, category="ethics", class_hours=40, on=NOON.date())  # brings the certificate by itself
    assert outcomes(worked(batch)) == {"周补学": ("held", ""), "吴禁入": ("refused", "barred")}


@pytest.mark.usefixtures("small")
def test_a_worker_killed_in_a_piece_leaves_whole_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        met()
    batch = running()
    real, calls = service.issue_many, []

    def dies(**asked: Any) -> Any:
        told = real(**asked)
        calls.append(told)
        if len(calls) == 2:
            raise Killed
        return told

    with monkeypatch.context() as patch:
        patch.setattr(service, "issue_many", dies)
        with pytest.raises(Killed):
            work_on(batch_id=batch.pk, now=NOON)
    assert Certificate.objects.count() == batch.rows.exclude(outcome="").count() == 2
    assert not work_on(batch_id=batch.pk, now=NOON)  # still in the dead worker's hands
    assert worked(batch, now=NOON + HOLD).state == BatchState.FINISHED
    assert Certificate.objects.count() == CertificateDocument.objects.count() == 5
    assert set(batch.rows.values_list("outcome", flat=True)) == {"issued"}


@pytest.mark.usefixtures("small")
def test_a_worker_killed_at_the_printer_leaves_what_is_to_be_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        met()
    batch = running()
    real = service.print_many

    def dies(**asked: Any) -> Iterator[Any]:
        for told in real(certificate_ids=asked["certificate_ids"][:1], now=asked["now"]):
            yield told
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(service, "print_many", dies)
        with pytest.raises(Killed):
            work_on(batch_id=batch.pk, now=NOON)
    assert (Certificate.objects.count(), CertificateDocument.objects.count()) == (2, 1)
    worked(batch, now=NOON + HOLD)
    assert Certificate.objects.count() == CertificateDocument.objects.count() == 3


def test_one_at_whom_it_breaks_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    unlucky = met(name="坏数据")
    met(name="林小满")
    batch = running()
    real = service.issue_many

    def breaks(**asked: Any) -> Any:
        if unlucky.pk in asked["person_ids"]:
            raise ValueError("a fact that nobody thought of")
        return real(**asked)

    monkeypatch.setattr(service, "issue_many", breaks)
    assert outcomes(worked(batch)) == {"坏数据": ("refused", "failed"), "林小满": ("issued", "")}


def test_a_database_that_gives_way_is_nobodys_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    met()
    batch = running()

    def gives_way(**_asked: Any) -> Any:
        raise OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr(service, "issue_many", gives_way)
        with pytest.raises(OperationalError):
            work_on(batch_id=batch.pk, now=NOON)
    assert batch.rows.waiting().count() == 1
    assert progress_of(worked(batch, now=NOON + HOLD)).issued == 1


def test_a_paper_that_can_not_be_made_is_told_and_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    met()
    batch = running()

    def spoils(*, certificate_ids: list[Any], now: datetime) -> Iterator[Any]:
        return (NotMade(key, ValueError(f"no ink at {now}")) for key in certificate_ids)

    monkeypatch.setattr(service, "print_many", spoils)
    batch = worked(batch)
    row = batch.rows.get()
    assert (batch.state, row.outcome, row.code) == (BatchState.FINISHED, "issued", PRINT_FAILED)


def test_two_people_of_one_name_are_two() -> None:
    met(name="王芳"), met(name="王芳")
    batch = worked(running())
    assert progress_of(batch).issued == 2
    assert Certificate.objects.filter(holder_name="王芳").values("serial").distinct().count() == 2


def test_who_learned_a_course_twice_has_two() -> None:
    release, [person] = class_passed(people.college(), "林小满")
    again = passed_course(person, release, now=NOON - timedelta(days=400))
    batch = planned_for_course(release)
    assert batch.period == ""
    service.start_batch(batch=batch, actor=publisher_of(release), now=NOON)
    worked(batch)
    periods = Certificate.objects.filter(person=person).values_list("period", flat=True)
    assert set(periods) == set(batch.rows.values_list("period", flat=True))
    assert str(again.pk) in periods


def test_what_is_stopped_is_not_worked_on() -> None:
    met()
    officer = approver()
    batch = running(officer)
    pause_batch(batch=batch, actor=people.acting(officer), now=NOON)
    assert not work_on(batch_id=batch.pk, now=LATER)
    assert not Certificate.objects.exists()


def test_across_midnight_of_the_last_day_of_the_year() -> None:
    eve = datetime.fromisoformat("2026-12-31T23:59:59+08:00")
    met()
    batch = worked(running(now=eve), now=eve + timedelta(seconds=2))
    certificate = Certificate.objects.get(batch_rows__batch=batch)
    assert (certificate.period, certificate.facts["year"]) == ("2026", 2026)
    assert certificate.serial.startswith("ANN-2027-")
    assert certificate.valid_until is not None
    assert certificate.valid_until.isoformat() == "2027-12-31"


def test_a_lost_wake_up_is_found_by_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    met()
    batch = running()
    called: list[str] = []
    monkeypatch.setattr(tasks.run_batch, "delay", called.append)
    tasks.sweep_batches()
    assert called == [str(batch.pk)]
    IssueBatch.objects.update(taken_until=datetime.fromisoformat("2999-01-01T00:00:00+08:00"))
    tasks.sweep_batches()
    assert len(called) == 1


def test_the_task_calls_for_the_turn_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PIECE", 1)
    monkeypatch.setattr(service, "PIECES", 1)
    met(), met()
    batch = running()
    called: list[str] = []
    monkeypatch.setattr(tasks.run_batch, "delay", called.append)
    tasks.run_batch(str(batch.pk))
    assert called == [str(batch.pk)]
    assert batch.rows.waiting().count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_no_second_and_leave_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even when the first is believed dead while it still works: its hold has run out."""
    monkeypatch.setattr(service, "PIECE", 2)
    for _ in range(6):
        met()
    batch = running()
    ready = threading.Barrier(2)

    def work(now: datetime) -> None:
        ready.wait()
        try:
            for _turn in range(4):
                work_on(batch_id=batch.pk, now=now)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work, args=(NOON + HOLD * turn,)) for turn in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    finished = worked(batch, now=NOON + HOLD * 3)
    assert finished.state == BatchState.FINISHED
    assert IssueBatchRow.objects.filter(outcome="issued").count() == Certificate.objects.count() == 6
    assert CertificateDocument.objects.count() == 6
