"""One message for many rows: sent once until it is due, again afterwards, and nobody fails where the broker is gone."""

from typing import Any

import pytest
from django.db import transaction

from lms.audit import work

pytestmark = pytest.mark.django_db(transaction=True)
TASK = "lms.hiring.tasks.issue_receipts"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    messages: list[tuple[Any, ...]] = []
    monkeypatch.setattr(work, "_on_their_way", {})
    monkeypatch.setattr(work.current_app, "send_task", lambda *args, **more: messages.append((*args, more)))
    return messages


def test_one_message_for_what_is_committed_until_it_is_due(
    sent: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [100.0]
    monkeypatch.setattr(work, "monotonic", lambda: moment[0])
    for _ in range(3):
        work.wake_soon(TASK)
    assert sent == [(TASK, {"countdown": work.SOON.total_seconds()})]
    moment[0] += (work.SOON - work.MARGIN).total_seconds() + 0.01
    work.wake_soon(TASK)
    assert len(sent) == 2


def test_not_before_the_commit_and_not_without_one(sent: list[tuple[Any, ...]]) -> None:
    with transaction.atomic():
        work.wake_soon(TASK)
        transaction.set_rollback(True)
    assert sent == []
    with transaction.atomic():
        work.wake_soon(TASK)
        assert sent == []
    assert len(sent) == 1


def test_a_broker_that_is_gone_is_asked_once_and_stops_nobody(
    sent: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def gone(task: str, **_more: Any) -> None:
        tried.append(task)
        raise OSError("connection refused")

    monkeypatch.setattr(work.current_app, "send_task", gone)
    for _ in range(3):
        work.wake_soon(TASK)
    assert tried == [TASK]
