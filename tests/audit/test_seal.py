"""Sealing: every event gets one place in one chain, whoever seals and however often."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from lms.audit import chain, services, tasks
from lms.audit.actors import Actor
from lms.audit.models import AuditEvent, AuditLink
from lms.policy.models import Region
from lms.rules.chain import GENESIS

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
JOB = Actor.system("seal-audit")


def record(at: datetime = NOW, verb: str = "x.done") -> AuditEvent:
    return services.record(verb=verb, actor=JOB, now=at, subject=Region(code="310000", name="上海市"))


def numbers() -> list[int]:
    return list(AuditLink.objects.order_by("number").values_list("number", flat=True))


@pytest.mark.django_db
def test_events_are_linked_in_order_of_time() -> None:
    later, earlier = record(NOW + timedelta(seconds=1)), record(NOW)
    assert services.seal(now=NOW) == 2
    first, second = AuditLink.objects.order_by("number")
    assert (first.event_id, second.event_id) == (earlier.id, later.id)
    assert first.previous_hash == GENESIS
    assert second.previous_hash == first.hash


@pytest.mark.django_db
def test_sealing_again_links_nothing_twice() -> None:
    record()
    assert services.seal(now=NOW) == 1
    assert services.seal(now=NOW) == 0
    assert tasks.seal() == 0
    assert numbers() == [1]


@pytest.mark.django_db
def test_more_than_one_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "BATCH", 3)
    for _ in range(7):
        record()
    assert services.seal(now=NOW) == 7
    assert numbers() == list(range(1, 8))
    assert services.verify() == []


@pytest.mark.django_db
def test_an_event_dated_back_is_linked_behind_what_is_sealed() -> None:
    record(NOW)
    services.seal(now=NOW)
    old = record(NOW - timedelta(days=400))
    assert services.seal(now=NOW) == 1
    assert AuditLink.objects.get(number=2).event_id == old.id
    assert services.verify() == []


@pytest.mark.django_db
def test_the_usual_step_passes_over_old_keys_and_the_thorough_one_does_not() -> None:
    record()
    services.seal(now=NOW)
    stray = AuditEvent.objects.get()
    stray.pk, stray._state.adding = uuid.UUID(int=1 << 80), True
    stray.save()
    assert services.seal(now=NOW) == 0
    assert services.seal(now=NOW, thorough=True) == 1


@pytest.mark.django_db
def test_a_fast_clock_hides_no_later_event() -> None:
    ahead = record()
    ahead.pk, ahead._state.adding = uuid.UUID(int=(1 << 127) + 1), True
    ahead.save()
    services.seal(now=datetime.now(UTC))
    record()
    assert services.seal(now=datetime.now(UTC)) == 1


@pytest.mark.django_db(transaction=True)
def test_writers_and_sealers_at_once_never_fork_the_chain() -> None:
    ready = threading.Barrier(4)

    def run(step: str) -> None:
        ready.wait()
        try:
            for _ in range(12):
                record() if step == "write" else services.seal(now=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(run, ["write", "write", "seal", "seal"]))
    services.seal(now=NOW)
    assert numbers() == list(range(1, 25))
    assert services.verify() == []


@pytest.mark.django_db(transaction=True)
def test_a_sealer_killed_half_way_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    record()

    def die(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(AuditLink.objects, "bulk_create", die)
        with pytest.raises(KeyboardInterrupt):
            services.seal(now=NOW)
    assert numbers() == []
    assert services.seal(now=NOW) == 1
