"""Forwarding to a real HTTP server: until it has the statement, exactly once by id, whatever the weather."""

import base64
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections

from lms.audit import work
from lms.xapi import forwarding, services, tasks
from lms.xapi.forwarding import HOLD_SECONDS, forward_due, wait_after
from lms.xapi.models import Delivery, Statement
from lms.xapi.services import Fact, record_statement
from tests.factories.ledger import NOON, learner
from tests.xapi.conftest import ExternalLrs

pytestmark = pytest.mark.django_db
State = Delivery.State


def told(key: str = "completed:1") -> Statement:
    fact = Fact(verb="completed", person=learner(), activity_id="/releases/1", activity_name="急救 🫀", key=key)
    return record_statement(fact=fact, now=NOON)


def delivery() -> Delivery:
    return Delivery.objects.get()


def test_a_statement_arrives_as_it_was_stored(external_lrs: ExternalLrs) -> None:
    statement = told()
    assert forward_due(now=NOON) == 1
    (request,) = external_lrs.requests
    assert (request["path"], request["id"]) == ("/xapi/statements", str(statement.pk))
    assert request["headers"]["X-Experience-API-Version"] == "1.0.3"
    assert request["headers"]["Authorization"] == "Basic " + base64.b64encode(b"key:secret").decode()
    assert request["body"] == Statement.objects.get().data
    row = delivery()
    assert (row.state, row.attempts, row.sent_at, row.taken_until) == (State.SENT, 1, NOON, None)


def test_what_arrived_is_not_sent_again(external_lrs: ExternalLrs) -> None:
    told()
    forward_due(now=NOON)
    assert forward_due(now=NOON + timedelta(days=1)) == 0
    assert len(external_lrs.requests) == 1


def test_an_endpoint_without_a_slash_at_its_end(external_lrs: ExternalLrs, settings: Any) -> None:
    settings.EXTERNAL_LRS_URL = external_lrs.url.rstrip("/")
    told()
    assert forward_due(now=NOON) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 429, 401, 403, 404, 408, 302])
def test_it_tries_again_later_when_the_way_is_the_trouble(external_lrs: ExternalLrs, status: int) -> None:
    external_lrs.answers = [status]
    told()
    assert forward_due(now=NOON) == 0
    row = delivery()
    assert (row.state, row.attempts, row.last_error) == (State.PENDING, 1, f"HTTP {status}")
    assert row.next_attempt_at == NOON + timedelta(seconds=30)
    assert forward_due(now=NOON + timedelta(seconds=29)) == 0
    assert forward_due(now=NOON + timedelta(seconds=30)) == 1
    row = delivery()
    assert (row.state, row.attempts, row.last_error) == (State.SENT, 2, "")


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_statement_the_other_side_refuses_is_not_pressed_on_it(external_lrs: ExternalLrs, status: int) -> None:
    external_lrs.answers = [status]
    told()
    forward_due(now=NOON)
    assert delivery().state == State.REFUSED
    assert delivery().last_error.startswith(f"HTTP {status}")
    forward_due(now=NOON + timedelta(days=30))
    assert len(external_lrs.requests) == 1


def test_one_refused_statement_does_not_hold_up_the_others(external_lrs: ExternalLrs) -> None:
    external_lrs.answers = [400]
    told("1")
    told("2")
    assert forward_due(now=NOON) == 1
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.REFUSED, State.SENT}


def test_waiting_doubles_up_to_six_hours() -> None:
    waits = [wait_after(attempts).total_seconds() for attempts in (1, 2, 3, 10, 11, 1000)]
    assert waits == [30, 60, 120, 15360, 21600, 21600]


def test_a_silent_server_is_left_and_found_to_have_it(
    external_lrs: ExternalLrs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarding, "READ_SECONDS", 0.2)
    external_lrs.answers = [1.0]
    told()
    assert forward_due(now=NOON) == 0
    assert (delivery().state, delivery().last_error) == (State.PENDING, "ReadTimeout")
    assert forward_due(now=NOON + timedelta(minutes=1)) == 1
    assert len(external_lrs.requests) == 2
    assert len(external_lrs.statements) == 1


def test_nobody_there(external_lrs: ExternalLrs, settings: Any) -> None:
    settings.EXTERNAL_LRS_URL = "http://127.0.0.1:9/xapi/"
    told("1")
    told("2")
    assert forward_due(now=NOON) == 0
    assert sorted(Delivery.objects.values_list("attempts", flat=True)) == [0, 1]  # the second waits for its turn
    assert "ConnectionError" in Delivery.objects.values_list("last_error", flat=True)


def test_it_is_there_already(external_lrs: ExternalLrs) -> None:
    statement = told()
    external_lrs.statements[str(statement.pk)] = {"id": str(statement.pk), "from": "an earlier life"}
    assert forward_due(now=NOON) == 1
    assert delivery().state == State.SENT
    assert external_lrs.statements[str(statement.pk)]["from"] == "an earlier life"


def test_a_worker_killed_between_sending_and_noting(external_lrs: ExternalLrs, monkeypatch: pytest.MonkeyPatch) -> None:
    told()

    def killed(*args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(forwarding, "_note", killed)
        with pytest.raises(KeyboardInterrupt):
            forward_due(now=NOON)
    assert delivery().state == State.PENDING
    assert forward_due(now=NOON + timedelta(seconds=1)) == 0  # still in the dead worker's hands
    assert forward_due(now=NOON + timedelta(seconds=HOLD_SECONDS + 1)) == 1
    assert [request["id"] for request in external_lrs.requests] == [str(Statement.objects.get().pk)] * 2
    assert len(external_lrs.statements) == 1


def test_without_an_external_lrs_nothing_leaves(external_lrs: ExternalLrs, settings: Any) -> None:
    told()
    settings.EXTERNAL_LRS_URL = ""
    assert forward_due(now=NOON) == 0
    assert delivery().state == State.PENDING


def test_the_sweep_sends_what_a_lost_wake_up_left(external_lrs: ExternalLrs) -> None:
    told()  # within a test's transaction nothing commits, so nobody was woken
    assert tasks.sweep() == 1
    assert delivery().state == State.SENT


@pytest.mark.django_db(transaction=True)
def test_the_worker_is_woken_on_commit(external_lrs: ExternalLrs, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[int] = []
    monkeypatch.setattr(work.current_app, "send_task", lambda name, args: woken.append(Delivery.objects.count()))
    told()
    assert woken == [1]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_gone_loses_nothing(external_lrs: ExternalLrs, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(name: str, args: list[str]) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr(work.current_app, "send_task", gone)
    told()
    assert tasks.sweep() == 1
    assert services.Statement.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_workers_send_each_statement_once(external_lrs: ExternalLrs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.forward, "delay", lambda: None)
    for number in range(6):
        told(str(number))
    barrier, sent = threading.Barrier(3), []

    def work() -> None:
        barrier.wait()
        try:
            sent.append(forward_due(now=datetime.fromisoformat("2026-06-15T12:00:01+08:00")))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(sent) == 6
    assert len(external_lrs.requests) == len(external_lrs.statements) == 6
