"""Work to be done is a row; the queue only wakes a worker (``wake_on_commit``, ``wake_soon``). ``claim_due`` lets several workers share such rows: each row goes to one of them.

A row is held until ``taken_until``; a worker that dies lets it go by the passing of time alone.
What may never happen: one row in two hands at the same moment.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic
from typing import TypeVar

from celery import current_app
from django.db import models, transaction
from django.db.models import Q, QuerySet

Work = TypeVar("Work", bound=models.Model)
SOON = timedelta(seconds=1)
# Clocks of two machines, and a commit that is seen a little later than it was made.
MARGIN = timedelta(milliseconds=300)
_on_their_way: dict[str, float] = {}


def wake_on_commit(task: str, *args: str) -> None:
    """Send ``task`` to the queue once the transaction is committed.

    What was committed stands even when the broker is gone: the failure is logged, and a sweep finds the row.
    """

    def send() -> None:
        current_app.send_task(task, list(args))

    transaction.on_commit(send, robust=True)


def wake_soon(task: str) -> None:
    """Have ``task``, which does all that waits, run within ``SOON`` after the commit: one message for many rows.

    For rows that come by the hundred a second, where a message each would cost more than the row. The message that is
    on its way is early enough for whatever is committed until it is due.
    """

    def send() -> None:
        if _on_their_way.get(task, 0.0) > monotonic():
            return
        # Before it is sent: where the broker is gone, not every row waits to be told so. The sweep is behind.
        _on_their_way[task] = monotonic() + SOON.total_seconds() - MARGIN.total_seconds()
        current_app.send_task(task, countdown=SOON.total_seconds())

    transaction.on_commit(send, robust=True)


def going_on(now: datetime) -> Callable[[], datetime]:
    """A clock that shows ``now`` when it is made, and goes on from there: for who takes row after row in one turn.

    Each is held from when it is taken; those before it may have taken their time.
    """
    begun = monotonic()
    return lambda: now + timedelta(seconds=monotonic() - begun)


def claim_due(queryset: QuerySet[Work], *, now: datetime, hold_seconds: int, limit: int) -> list[Work]:
    """Take up to ``limit`` rows of ``queryset``, in its order, that nobody holds, for ``hold_seconds`` from ``now``.

    The model has a nullable time ``taken_until``. The caller says what is due; rows another worker is just taking
    are passed over (PostgreSQL) or waited for (SQLite, where one transaction writes at a time).
    """
    until = now + timedelta(seconds=hold_seconds)
    free = in_no_hands(now)
    with transaction.atomic(using=queryset.db):
        rows = list(queryset.filter(free).select_for_update(skip_locked=True, of=("self",))[:limit])
        keys = [row.pk for row in rows]
        queryset.model._default_manager.using(queryset.db).filter(free, pk__in=keys).update(taken_until=until)
    for row in rows:
        row.taken_until = until  # type: ignore[attr-defined]
    return rows


@contextmanager
def taken(due: QuerySet[Work], *, now: datetime, hold: timedelta) -> Iterator[Work | None]:
    """The first free row of ``due`` in this worker's hands, None when there is none; let go when the block ends well.

    A block that raises, or a worker that dies, keeps the hold until its time is over: what went wrong is not met again
    at once.
    """
    row = next(iter(claim_due(due, now=now, hold_seconds=int(hold.total_seconds()), limit=1)), None)
    yield row
    if row is not None:
        type(row)._default_manager.filter(pk=row.pk).update(taken_until=None)


def in_no_hands(now: datetime) -> Q:
    """Rows that no worker holds at ``now``."""
    return Q(taken_until__isnull=True) | Q(taken_until__lte=now)


def wait_after(attempts: int, *, first: timedelta, longest: timedelta = timedelta(hours=6)) -> timedelta:
    """How long an outbox waits after so many attempts failed: ``first``, then twice as long each time."""
    doublings: int = min(attempts - 1, 16)
    return min(first * (1 << doublings), longest)
