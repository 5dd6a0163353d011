"""Start, pause, resume, cancel: one step at a time, by whoever may order for the same body."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from certificates.models import BatchState, Certificate, IssueBatch
from certificates.services import batches as service
from certificates.services import cancel_batch, pause_batch, resume_batch, start_batch
from certificates.services.batches import progress_of, work_on
from lms.audit.models import AuditEvent
from lms.people.models import Role
from lms.rules.refusals import NotAllowed, NotFound
from tests.factories import people, registry
from tests.factories.batches import approver, met, planned, running, unmet, worked
from tests.factories.certificates import NOON, refused

pytestmark = pytest.mark.django_db

Verb = Callable[..., IssueBatch]


def test_started_once_and_a_worker_is_woken(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    met()
    officer = approver()
    batch, actor = planned(officer), people.acting(officer)
    sent: list[Any] = []
    monkeypatch.setattr("lms.audit.work.current_app.send_task", lambda *args: sent.append(args))
    with django_capture_on_commit_callbacks(execute=True):
        started = start_batch(batch=batch, actor=actor, now=NOON)
    assert (started.state, started.started_at) == (BatchState.RUNNING, NOON)
    assert sent == [(service.TASK, [str(batch.pk)])]
    with refused("changed_meanwhile"):
        start_batch(batch=batch, actor=actor, now=NOON)
    assert AuditEvent.objects.filter(verb="issue_batch.running").count() == 1


def test_nobody_who_would_get_one_is_nothing_to_start() -> None:
    unmet()
    registry.banned(met())
    officer = approver()
    batch = planned(officer)
    with refused("nobody_eligible"):
        start_batch(batch=batch, actor=people.acting(officer), now=NOON)
    assert batch.rows.waiting().count() == 2


def test_paused_after_a_piece_and_gone_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PIECE", 1)
    monkeypatch.setattr(service, "PIECES", 1)
    for _ in range(3):
        met()
    officer = approver()
    batch, actor = running(officer), people.acting(officer)
    assert work_on(batch_id=batch.pk, now=NOON)
    pause_batch(batch=batch, actor=actor, now=NOON)
    assert not work_on(batch_id=batch.pk, now=NOON)
    assert Certificate.objects.count() == 1
    resume_batch(batch=batch, actor=actor, now=NOON)
    assert progress_of(worked(batch)).issued == Certificate.objects.count() == 3


def test_paused_while_a_worker_is_at_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pause comes between two pieces of one turn: the second is not begun."""
    monkeypatch.setattr(service, "PIECE", 1)
    met(), met()
    officer = approver()
    batch, real = running(officer), service.print_many

    def pauses(**asked: Any) -> Any:
        if asked["certificate_ids"]:
            pause_batch(batch=batch, actor=people.acting(officer), now=NOON)
        return real(**asked)

    monkeypatch.setattr(service, "print_many", pauses)
    assert not work_on(batch_id=batch.pk, now=NOON)
    assert batch.rows.waiting().count() == 1
    assert IssueBatch.objects.get().state == BatchState.PAUSED


def test_cancelled_for_good_and_what_was_issued_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PIECE", 1)
    monkeypatch.setattr(service, "PIECES", 1)
    met(), met()
    officer = approver()
    batch, actor = running(officer), people.acting(officer)
    work_on(batch_id=batch.pk, now=NOON)
    cancelled = cancel_batch(batch=batch, actor=actor, now=NOON)
    assert (cancelled.state, cancelled.ended_at) == (BatchState.CANCELLED, NOON)
    assert not work_on(batch_id=batch.pk, now=NOON)
    assert Certificate.objects.valid_on(NOON.date()).count() == 1
    for verb in (start_batch, pause_batch, resume_batch, cancel_batch):
        with refused("changed_meanwhile"):
            verb(batch=batch, actor=actor, now=NOON)


@pytest.mark.parametrize(
    ("verb", "state"),
    [
        (start_batch, BatchState.PAUSED),
        (pause_batch, BatchState.DRAFTED),
        (pause_batch, BatchState.FINISHED),
        (resume_batch, BatchState.RUNNING),
        (resume_batch, BatchState.FINISHED),
        (cancel_batch, BatchState.FINISHED),
    ],
)
def test_a_step_that_does_not_follow_is_refused(verb: Verb, state: BatchState) -> None:
    met()
    officer = approver()
    batch = planned(officer)
    IssueBatch.objects.update(state=state)
    with refused("changed_meanwhile"):
        verb(batch=batch, actor=people.acting(officer), now=NOON)


@pytest.mark.parametrize("verb", [start_batch, pause_batch, resume_batch, cancel_batch])
def test_only_for_ones_own_body(verb: Verb) -> None:
    met()
    officer = approver()
    batch = planned(officer)
    with pytest.raises(NotFound):
        verb(batch=batch, actor=people.acting(approver(people.PUDONG)), now=NOON)
    with pytest.raises(NotFound):
        verb(batch=batch, actor=people.acting(people.manager_of(people.college())), now=NOON)
    with pytest.raises(NotAllowed):
        verb(batch=batch, actor=people.acting(people.officer(Role.BUREAU_AUDITOR)), now=NOON)


def test_a_colleague_goes_on_with_it() -> None:
    met()
    batch = planned(approver())
    colleague = people.acting(approver())
    assert start_batch(batch=batch, actor=colleague, now=NOON).state == BatchState.RUNNING
