"""Alerts reach an institution's own software: signed, once by id, tried again until they arrive."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from lms.audit import work
from lms.hiring import outbound
from lms.hiring.models import BanAlert, WebhookDelivery, WebhookEndpoint
from lms.hiring.services import deliveries, webhooks
from lms.people.models import Message, Organisation
from lms.rules import webhook_signatures
from lms.rules.refusals import Conflict
from tests.factories import hiring, people, registry
from tests.hiring.receiver import Receiver, receiver

State = WebhookDelivery.State
NOW = registry.ENTERED + timedelta(hours=1)


@pytest.fixture
def other_side(settings: Any) -> Iterator[Receiver]:
    settings.DEBUG = True  # http and this machine
    with receiver() as running:
        yield running


def connected(institution: Organisation, other_side: Receiver, url: str = "") -> tuple[WebhookEndpoint, bytes]:
    actor = people.acting(people.manager_of(institution))
    endpoint, secret = webhooks.add_endpoint(
        organisation=institution, url=url or other_side.url, actor=actor, now=people.LONG_AGO
    )
    return endpoint, webhook_signatures.read(secret)


@pytest.fixture
def employer(other_side: Receiver) -> Organisation:
    return people.institution()


def test_an_alert_arrives_signed_and_says_neither_who_nor_why(employer: Organisation, other_side: Receiver) -> None:
    _endpoint, secret = connected(employer, other_side)
    person = people.person()
    employment = hiring.hired(employer, person, now=registry.ENTERED - timedelta(days=1), reference="E-17")
    registry.case_in_force(person)
    assert deliveries.deliver_due(now=NOW) == 1
    (got,) = other_side.received
    said = json.loads(got.body)
    alert, row = BanAlert.objects.get(), WebhookDelivery.objects.get()
    assert said["type"] == "ban.alert"
    assert said["data"]["alert_id"] == str(alert.pk)
    assert said["data"]["employment_id"] == str(employment.pk)
    assert said["data"]["reference"] == "E-17"
    assert said["data"]["confirm_by"] == timezone.localtime(alert.confirm_by).isoformat()
    assert person.name not in got.body.decode()
    assert hiring.identity_of(person)["document_number"] not in got.body.decode()
    assert got.path == "/alerts?from=lms"
    assert got.headers["webhook-id"] == str(row.pk)
    assert webhook_signatures.holds(
        secret,
        got.headers["webhook-signature"],
        message_id=got.headers["webhook-id"],
        timestamp=int(got.headers["webhook-timestamp"]),
        body=got.body,
        now=int(time.time()),
    )
    assert (row.state, row.attempts) == (State.SENT, 1)
    assert deliveries.deliver_due(now=NOW + timedelta(days=1)) == 0


def test_each_address_and_each_employer_once(employer: Organisation, other_side: Receiver) -> None:
    connected(employer, other_side)
    connected(employer, other_side, other_side.url + "&second")
    other = people.institution()
    connected(other, other_side)
    person = people.employed(institution=employer).person
    people.employed(institution=other, person=person)
    case = registry.case_in_force(person)
    assert deliveries.deliver_due(now=NOW) == 3
    registry.annulled(case)
    assert deliveries.deliver_due(now=NOW + timedelta(days=60)) == 3
    kinds = sorted(json.loads(got.body)["type"] for got in other_side.received)
    assert kinds == ["ban.alert"] * 3 + ["ban.annulled"] * 3
    assert len({got.headers["webhook-id"] for got in other_side.received}) == 6


@pytest.mark.parametrize("status", [500, 503, 404, 429, 302])
def test_what_is_not_taken_is_sent_again_under_the_same_id(
    employer: Organisation, other_side: Receiver, status: int
) -> None:
    endpoint, _secret = connected(employer, other_side)
    other_side.statuses = [status, 200]
    other_side.headers = {"Location": other_side.url}
    webhooks.ping(endpoint=endpoint, actor=people.acting(people.manager_of(employer)), now=NOW)
    deliveries.deliver_due(now=NOW)
    row = WebhookDelivery.objects.get()
    assert (row.state, row.last_error) == (State.PENDING, f"HTTP {status}")
    assert deliveries.deliver_due(now=NOW) == 0
    assert deliveries.deliver_due(now=row.next_attempt_at) == 1
    first, second = other_side.received  # a redirect was not followed
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    row.refresh_from_db()
    assert (row.state, row.attempts, row.last_error) == (State.SENT, 2, "")


def test_a_receiver_may_ask_for_patience(employer: Organisation, other_side: Receiver) -> None:
    endpoint, _secret = connected(employer, other_side)
    other_side.statuses, other_side.headers = [503], {"Retry-After": "600"}
    webhooks.ping(endpoint=endpoint, actor=people.acting(people.manager_of(employer)), now=NOW)
    deliveries.deliver_due(now=NOW)
    assert WebhookDelivery.objects.get().next_attempt_at == NOW + timedelta(seconds=600)


@pytest.mark.parametrize("fault", ["slow", "drip", "away"])
def test_who_does_not_answer_is_tried_again(
    employer: Organisation, other_side: Receiver, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    endpoint, _secret = connected(employer, other_side)
    monkeypatch.setattr(outbound, "QUIET_SECONDS", 0.3)
    monkeypatch.setattr(outbound, "TOTAL_SECONDS", 0.6)
    other_side.seconds, other_side.drip = (1.5 if fault == "slow" else 0.0), fault == "drip"
    if fault == "away":
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(url="http://127.0.0.1:1/")
    webhooks.ping(endpoint=endpoint, actor=people.acting(people.manager_of(employer)), now=NOW)
    began = time.monotonic()
    deliveries.deliver_due(now=NOW)
    assert time.monotonic() - began < 1.4
    row = WebhookDelivery.objects.get()
    assert row.state == State.PENDING
    assert row.last_error == ("ConnectionRefusedError" if fault == "away" else "TimeoutError")


def test_one_that_sleeps_holds_up_nobody(
    employer: Organisation, other_side: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "QUIET_SECONDS", 0.5)
    endpoint, _secret = connected(employer, other_side)
    other_side.seconds = 0.3
    for _ in range(deliveries.AT_ONCE):
        webhooks.ping(endpoint=endpoint, actor=people.acting(people.manager_of(employer)), now=NOW)
    began = time.monotonic()
    assert deliveries.deliver_due(now=NOW) == deliveries.AT_ONCE
    assert time.monotonic() - began < 0.3 * deliveries.AT_ONCE / 2


def test_given_up_at_last_and_the_manager_hears_it(employer: Organisation, other_side: Receiver) -> None:
    endpoint, _secret = connected(employer, other_side)
    other_side.statuses = [500]
    actor = people.acting(people.manager_of(employer))
    webhooks.ping(endpoint=endpoint, actor=actor, now=NOW)
    WebhookDelivery.objects.update(attempts=deliveries.ATTEMPTS_AT_MOST - 1)
    deliveries.deliver_due(now=NOW)
    row = WebhookDelivery.objects.get()
    assert row.state == State.GIVEN_UP
    assert Message.objects.filter(user=people.manager_of(employer), code="webhook.given_up").count() == 1
    other_side.statuses = [200]
    webhooks.resend(delivery=row, actor=actor, now=NOW)
    deliveries.deliver_due(now=NOW)
    assert WebhookDelivery.objects.get().state == State.SENT
    assert len({got.headers["webhook-id"] for got in other_side.received}) == 1


def test_an_address_that_says_it_is_gone_is_stopped(employer: Organisation, other_side: Receiver) -> None:
    endpoint, _secret = connected(employer, other_side)
    other_side.statuses = [410]
    webhooks.ping(endpoint=endpoint, actor=people.acting(people.manager_of(employer)), now=NOW)
    deliveries.deliver_due(now=NOW)
    endpoint.refresh_from_db()
    assert endpoint.disabled_at == NOW
    assert WebhookDelivery.objects.get().state == State.GIVEN_UP


def test_a_worker_that_died_lets_the_row_go(employer: Organisation, other_side: Receiver) -> None:
    endpoint, _secret = connected(employer, other_side)
    webhooks.ping(endpoint=endpoint, actor=people.acting(people.manager_of(employer)), now=NOW)
    WebhookDelivery.objects.update(taken_until=NOW + timedelta(seconds=deliveries.HOLD_SECONDS))
    assert deliveries.deliver_due(now=NOW) == 0
    assert deliveries.deliver_due(now=NOW + timedelta(seconds=deliveries.HOLD_SECONDS)) == 1


def test_no_alert_comes_after_the_word_that_the_ban_is_annulled(employer: Organisation, other_side: Receiver) -> None:
    """A receiver that was away would send somebody off of whom it has just heard that nothing holds them."""
    connected(employer, other_side)
    person = people.employed(institution=employer).person
    case = registry.case_in_force(person)
    other_side.statuses = [503, 204]
    assert deliveries.deliver_due(now=NOW) == 1
    registry.annulled(case)
    other_side.received.clear()
    deliveries.deliver_due(now=NOW + timedelta(days=60))
    assert [json.loads(got.body)["type"] for got in other_side.received] == ["ban.annulled"]
    alert = WebhookDelivery.objects.get(kind="ban.alert")
    assert (alert.state, alert.last_error) == (State.GIVEN_UP, "annulled")
    with pytest.raises(Conflict) as refused:
        webhooks.resend(delivery=alert, actor=people.acting(people.manager_of(employer)), now=NOW)
    assert refused.value.code == "ban_annulled"


def test_a_handful_is_held_from_when_it_is_taken(
    employer: Organisation, other_side: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one before took half a minute; nobody else may take up this one while it is on its way."""
    connected(employer, other_side)
    for _number in range(2):
        registry.case_in_force(people.employed(institution=employer).person)
    clock, held = [0.0], []

    def slow(parcel: Any) -> outbound.Reply:
        clock[0] += 30
        held.append(WebhookDelivery.objects.filter(pk=parcel.headers["webhook-id"]).values_list("taken_until").get()[0])
        return outbound.Reply(204)

    class Hands:
        """The handful is sent in the thread of the test, which sees what it has written."""

        def __init__(self, _most: int) -> None: ...
        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_error: object) -> None: ...

        map = staticmethod(map)

    monkeypatch.setattr(work, "monotonic", lambda: clock[0])
    monkeypatch.setattr(deliveries, "ThreadPoolExecutor", Hands)
    monkeypatch.setattr(deliveries, "AT_ONCE", 1)
    monkeypatch.setattr(deliveries, "_send", slow)
    assert deliveries.deliver_due(now=NOW) == 2
    assert held[1] - held[0] == timedelta(seconds=30)


def test_a_secret_that_can_not_be_opened_holds_up_nobody_elses(employer: Organisation, other_side: Receiver) -> None:
    """A key that was dropped too early, or a row that was tampered with."""
    broken, _secret = connected(employer, other_side)
    WebhookEndpoint.objects.filter(pk=broken.pk).update(key_version=9)
    other = people.institution()
    connected(other, other_side)
    person = people.employed(institution=employer).person
    people.employed(institution=other, person=person)
    registry.case_in_force(person)
    assert deliveries.deliver_due(now=NOW) == 2
    assert len(other_side.received) == 1
    row = WebhookDelivery.objects.get(endpoint=broken)
    assert (row.state, row.attempts, row.last_error) == (State.PENDING, 1, "KeyError")
