"""Claiming work: a row goes to one worker, and comes back by itself when that worker dies."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from lms.audit.work import claim_due
from lms.xapi.models import Delivery, Statement

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


def deliveries(count: int) -> None:
    for place in range(count):
        statement = Statement.objects.create(
            verb="completed", activity=f"/lessons/{place}", data={}, timestamp=NOW, stored_at=NOW
        )
        Delivery.objects.create(statement=statement, next_attempt_at=NOW + timedelta(seconds=place))


def claim(now: datetime = NOW, limit: int = 10) -> list[uuid.UUID]:
    due = Delivery.objects.filter(state=Delivery.State.PENDING).order_by("next_attempt_at")
    return [row.pk for row in claim_due(due, now=now, hold_seconds=60, limit=limit)]


@pytest.mark.django_db
def test_rows_are_taken_once_in_order_up_to_the_limit() -> None:
    deliveries(3)
    in_order = list(Delivery.objects.order_by("next_attempt_at").values_list("pk", flat=True))
    assert claim(limit=2) == in_order[:2]
    assert claim(limit=2) == in_order[2:]
    assert claim() == []


@pytest.mark.django_db
def test_a_row_comes_back_when_its_time_is_over() -> None:
    deliveries(1)
    assert len(claim()) == 1
    assert claim(NOW + timedelta(seconds=59)) == []
    assert len(claim(NOW + timedelta(seconds=60))) == 1


@pytest.mark.django_db
def test_the_claimed_row_says_until_when() -> None:
    deliveries(1)
    [row] = claim_due(Delivery.objects.all(), now=NOW, hold_seconds=60, limit=1)
    assert row.taken_until == NOW + timedelta(seconds=60)
    assert Delivery.objects.get().taken_until == row.taken_until


@pytest.mark.django_db
def test_nothing_due_is_nothing_taken() -> None:
    assert claim() == []


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_share_and_never_double() -> None:
    deliveries(20)
    ready = threading.Barrier(4)

    def work(_worker: int) -> list[uuid.UUID]:
        ready.wait()
        mine: list[uuid.UUID] = []
        try:
            while rows := claim(limit=3):
                mine.extend(rows)
        finally:
            connection.close()
        return mine

    with ThreadPoolExecutor(4) as threads:
        taken = [row for mine in threads.map(work, range(4)) for row in mine]
    assert len(taken) == len(set(taken))
    # PostgreSQL passes over rows that are just being taken, so a worker may stop early; the next sweep finds them.
    assert set(taken) | set(claim()) == set(Delivery.objects.values_list("pk", flat=True))
