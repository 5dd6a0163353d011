"""A ban is felt by every employer exactly once, whatever dies on the way: a worker, the database, the queue."""

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerGone

from lms.audit import services as audit
from lms.audit import work
from lms.audit.models import AuditEvent
from lms.hiring.models import BanAlert, WebhookDelivery
from lms.hiring.services import alerts, deliveries, webhooks
from lms.people.letters import post_due
from lms.people.models import Letter, Message, Organisation, Person, User
from lms.registry import services as registry_services
from lms.registry.models import BanState
from tests.factories import people, registry
from tests.factories.policy import packs_loaded
from tests.faults import processes
from tests.faults.proxy import Proxy
from tests.hiring.receiver import Receiver, receiver

EMPLOYERS = 6
DELIVER = "lms.hiring.tasks.deliver_webhooks"
State = WebhookDelivery.State


@pytest.fixture
def other_side(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Receiver]:
    settings.DEBUG = True  # http and this machine
    with receiver() as running:
        yield running


def employed_everywhere(other_side: Receiver) -> Person:
    """Somebody whom several institutions employ; each has a manager with an address, and software of its own."""
    packs_loaded()
    person = people.person()
    for number in range(EMPLOYERS):
        institution = people.institution()
        people.employed(institution=institution, person=person)
        manager = people.manager_of(institution)
        User.objects.filter(pk=manager.pk).update(email=f"manager{number}@example.org")
        actor = people.acting(manager)
        webhooks.add_endpoint(organisation=institution, url=other_side.url, actor=actor, now=people.LONG_AGO)
    return person


def told_once(other_side: Receiver) -> None:
    """Nothing is lost and nothing there twice; what a receiver got again, it knows by its id."""
    assert BanAlert.objects.count() == EMPLOYERS
    assert AuditEvent.objects.filter(verb="ban_alert.raised").count() == EMPLOYERS
    assert Message.objects.filter(code="ban.alert").values("user").distinct().count() == EMPLOYERS
    assert Message.objects.filter(code="ban.alert").count() == EMPLOYERS
    assert Letter.objects.filter(message__code="ban.alert").count() == EMPLOYERS
    rows = WebhookDelivery.objects.all()
    assert {(row.state, row.endpoint.organisation_id == row.alert.institution_id) for row in rows} == {  # type: ignore[union-attr]
        (State.SENT, True)
    }
    assert {got.headers["webhook-id"] for got in other_side.received} == {str(row.pk) for row in rows}
    assert rows.count() == EMPLOYERS
    audit.seal(now=timezone.now())
    assert audit.verify() == []


def let_go() -> None:
    """The time for which a dead worker holds its rows is over, and that until the next try."""
    WebhookDelivery.objects.filter(state=State.PENDING).update(
        taken_until=None, next_attempt_at=timezone.now() - timedelta(seconds=1)
    )


def sent() -> int:
    return WebhookDelivery.objects.filter(state=State.SENT).count()


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_killed_while_it_tells(tmp_path: Path, other_side: Receiver) -> None:
    registry.case_in_force(employed_everywhere(other_side))
    WebhookDelivery.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    given, log = processes.environment(tmp_path) | {"DEBUG": "true"}, tmp_path / "worker.log"
    other_side.seconds = 1.0
    processes.wake(given, "screening", DELIVER)
    with processes.worker(given, log) as first:
        processes.wait_until(other_side.answering.is_set, seconds=60, log=log)
        processes.kill(first)
    assert sent() < EMPLOYERS
    other_side.seconds = 0.0
    let_go()
    # The next worker finds what the queue still holds, the same once more, and a sweep.
    for task in (DELIVER, DELIVER, "lms.hiring.tasks.sweep"):
        processes.wake(given, "screening", task)
    processes.wake(given, "default", "lms.people.tasks.post")
    with processes.worker(given, log):
        processes.wait_until(lambda: sent() == EMPLOYERS, seconds=60, log=log)
        letters = Letter.objects.filter(state=Letter.State.SENT)
        processes.wait_until(lambda: letters.count() == EMPLOYERS, seconds=60, log=log)
    told_once(other_side)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL: a database in this very process can not go away")
    address = urlsplit(settings.DATABASE_URL)
    door = Proxy((address.hostname or "127.0.0.1", address.port or 5432))
    yield door
    door.close()


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_the_database_goes_away_while_a_worker_tells(tmp_path: Path, proxy: Proxy, other_side: Receiver) -> None:
    registry.case_in_force(employed_everywhere(other_side))
    WebhookDelivery.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    given = processes.environment(tmp_path, database_port=proxy.port) | {"DEBUG": "true"}
    log = tmp_path / "worker.log"
    other_side.seconds = 1.0
    processes.wake(given, "screening", DELIVER)
    with processes.worker(given, log, hands=1):
        processes.wait_until(other_side.answering.is_set, seconds=60, log=log)
        proxy.cut()
        time.sleep(float(os.environ.get("SECONDS_AWAY", "3")))
        assert sent() < EMPLOYERS  # they arrived, but nobody could note it
        proxy.restore()
        other_side.seconds = 0.0
        let_go()
        processes.wake(given, "screening", DELIVER)
        processes.wait_until(lambda: sent() == EMPLOYERS, seconds=60, log=log)
    told_once(other_side)


@pytest.mark.django_db(transaction=True)
def test_the_database_goes_away_in_the_middle_of_the_ban(monkeypatch: pytest.MonkeyPatch, other_side: Receiver) -> None:
    """All of it happens, or none: the officer confirms again, and it is told once."""
    case = registry.submitted_case(employed_everywhere(other_side))
    officer = people.acting(registry.confirming())

    def gone(*_: Any, **__: Any) -> None:
        raise OperationalError("server closed the connection")

    with monkeypatch.context() as broken:
        broken.setattr(alerts.deliveries, "queue", gone)
        with pytest.raises(OperationalError):
            registry_services.confirm_case(case=case, actor=officer, now=registry.ENTERED)
    for model in (BanAlert, WebhookDelivery, Letter):
        assert not model._default_manager.exists()
    assert not BanState.objects.filter(state="in_force").exists()
    registry_services.confirm_case(case=case, actor=officer, now=registry.ENTERED)
    deliveries.deliver_due(now=timezone.now())
    post_due(now=timezone.now())
    told_once(other_side)


@pytest.mark.django_db(transaction=True)
def test_the_queue_is_gone(monkeypatch: pytest.MonkeyPatch, other_side: Receiver) -> None:
    """The ban stands, everybody's inbox has it at once, and the sweeps send the rest."""
    person = employed_everywhere(other_side)

    def gone(*_: Any, **__: Any) -> None:
        raise BrokerGone("no broker")

    monkeypatch.setattr(work.current_app, "send_task", gone)
    registry.case_in_force(person)
    assert Message.objects.filter(code="ban.alert").count() == EMPLOYERS
    assert other_side.received == []
    for _twice in range(2):
        deliveries.deliver_due(now=timezone.now())
        post_due(now=timezone.now())
    assert len(other_side.received) == EMPLOYERS
    assert set(Letter.objects.values_list("state", flat=True)) == {Letter.State.SENT}
    told_once(other_side)
    assert Organisation.objects.filter(ban_alerts__isnull=False).distinct().count() == EMPLOYERS
