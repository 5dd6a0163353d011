"""The outbox of webhooks: a delivery is a row until the other side has taken it.

A row is queued in the transaction of the alert it tells of. Workers take some at a time and send them side by side:
one receiver that sleeps holds up nobody. A worker that dies between sending and noting it lets the row go by the
passing of time; the next one sends the same id again, and the receiver knows it (``webhook-id``).
"""

import json
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.work import claim_due, going_on, wait_after, wake_on_commit
from lms.hiring import outbound
from lms.hiring.models import BanAlert, Check, WebhookDelivery, WebhookEndpoint
from lms.hiring.services import webhooks
from lms.people import vault
from lms.people.models import Role
from lms.people.services import tell_members
from lms.rules import webhook_signatures

log = logging.getLogger(__name__)

AT_ONCE, TURN = 20, 100
# Longer than one sending can take, so that no row is in two hands.
HOLD_SECONDS = 3 * outbound.TOTAL_SECONDS
FIRST_WAIT = timedelta(seconds=10)
# Some two days of trying.
ATTEMPTS_AT_MOST = 18
LONGEST_ASKED_WAIT = 6 * 3600  # seconds; a receiver may ask for patience, not for silence
GONE = 410
JOB = Actor.system("webhooks")


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a thread needs to send one delivery; it never touches the database."""

    url: str
    headers: dict[str, str]
    body: bytes


def queue(kind: str, alerts: Sequence[BanAlert], now: datetime) -> int:
    """One delivery for each of these alerts and each address of its institution, inside the caller's transaction."""
    institutions = {alert.institution_id for alert in alerts}
    endpoints: dict[UUID, list[WebhookEndpoint]] = {}
    for endpoint in WebhookEndpoint.objects.filter(organisation__in=institutions, disabled_at=None):
        endpoints.setdefault(endpoint.organisation_id, []).append(endpoint)
    concerned = [alert for alert in alerts if alert.institution_id in endpoints]
    references = _references(concerned)
    rows = [
        WebhookDelivery(
            endpoint=endpoint,
            kind=kind,
            alert=alert,
            body=json.dumps(_payload(kind, alert, references, now), ensure_ascii=False),
            next_attempt_at=now,
            created_at=now,
        )
        for alert in concerned
        for endpoint in endpoints[alert.institution_id]
    ]
    if rows:
        WebhookDelivery.objects.bulk_create(rows, ignore_conflicts=True)
        wake_on_commit("lms.hiring.tasks.deliver_webhooks")
    return len(rows)


def call_off(alerts: Sequence[BanAlert]) -> int:
    """What has not arrived of these alerts is not sent any more: their ban was annulled, and an alert that comes after
    that word would have somebody sent away. Inside the caller's transaction.
    """
    waiting = WebhookDelivery.objects.filter(
        alert__in=[alert.pk for alert in alerts],
        kind=WebhookDelivery.Kind.ALERT,
        state=WebhookDelivery.State.PENDING,
    )
    return waiting.update(state=WebhookDelivery.State.GIVEN_UP, last_error="annulled", taken_until=None)


def deliver_due(*, now: datetime, limit: int = TURN) -> int:
    """Send up to ``limit`` deliveries that are due, some side by side; how many were tried."""
    tried, clock = 0, going_on(now)
    with ThreadPoolExecutor(AT_ONCE) as hands:
        while tried < limit:
            taken = claim_due(_due(now), now=clock(), hold_seconds=HOLD_SECONDS, limit=min(AT_ONCE, limit - tried))
            if not taken:
                break
            parcels = [_packed(row) for row in taken]
            for row, reply in zip(taken, hands.map(_send, parcels), strict=True):
                _note(row, reply, now)
            tried += len(taken)
    return tried


def _due(now: datetime) -> "QuerySet[WebhookDelivery]":
    pending = WebhookDelivery.objects.filter(state=WebhookDelivery.State.PENDING, next_attempt_at__lte=now)
    return pending.select_related("endpoint__organisation").order_by("next_attempt_at", "pk")


def _packed(row: WebhookDelivery) -> Parcel | outbound.Reply:
    """The parcel, or why there is none: an address whose secret can't be opened holds up nobody else's."""
    try:
        return _parcel(row, timezone.now())
    except Exception as error:
        log.exception("delivery %s could not be signed", row.pk)
        return outbound.Reply(0, type(error).__name__)


def _parcel(row: WebhookDelivery, now: datetime) -> Parcel:
    body, timestamp = row.body.encode(), int(now.timestamp())
    secret = webhook_signatures.read(vault.unseal(row.endpoint.ciphertext, row.endpoint.key_version))
    signature = webhook_signatures.sign(secret, message_id=str(row.pk), timestamp=timestamp, body=body)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "childcare-workforce-webhooks/1",
        "webhook-id": str(row.pk),
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature,
    }
    return Parcel(row.endpoint.url, headers, body)


def _send(parcel: Parcel | outbound.Reply) -> outbound.Reply:
    if isinstance(parcel, outbound.Reply):
        return parcel
    return outbound.post(parcel.url, body=parcel.body, headers=parcel.headers)


def _note(row: WebhookDelivery, reply: outbound.Reply, now: datetime) -> None:
    """Write down how it went, unless another worker took the row over and noted it already."""
    attempts = row.attempts + 1
    sent = 200 <= reply.status < 300
    over = reply.status == GONE or attempts >= ATTEMPTS_AT_MOST
    state = WebhookDelivery.State.PENDING
    if sent or over:
        state = WebhookDelivery.State.SENT if sent else WebhookDelivery.State.GIVEN_UP
    with transaction.atomic():
        noted = WebhookDelivery.objects.filter(pk=row.pk, state=WebhookDelivery.State.PENDING).update(
            state=state,
            attempts=F("attempts") + 1,
            last_error="" if sent else (reply.error or f"HTTP {reply.status}")[:100],
            taken_until=None,
            sent_at=now if sent else None,
            next_attempt_at=F("next_attempt_at") if sent or over else now + _wait(attempts, reply),
        )
        if noted and over and not sent:
            _give_up(row, reply, now)


def _wait(attempts: int, reply: outbound.Reply) -> timedelta:
    """Twice as long each time; longer where the receiver asked for it."""
    asked = int(reply.retry_after) if reply.retry_after.isascii() and reply.retry_after.isdigit() else 0
    return max(wait_after(attempts, first=FIRST_WAIT), timedelta(seconds=min(asked, LONGEST_ASKED_WAIT)))


def _give_up(row: WebhookDelivery, reply: outbound.Reply, now: datetime) -> None:
    """The managers hear it; an address that says it is gone is not tried again."""
    if reply.status == GONE:
        webhooks.disable_endpoint(endpoint=row.endpoint, actor=JOB, now=now, reason="HTTP 410")
    tell_members(
        organisation=row.endpoint.organisation,
        roles=[Role.INSTITUTION_MANAGER],
        code="webhook.given_up",
        title=_("一条警报没能推送到贵机构的系统"),
        body=_("多次尝试后仍无法送达，请检查接收地址后重新发送。警报本身仍在“警报”中。"),
        url=reverse("hiring:webhook", args=[row.endpoint_id]),
        dedupe_key=f"webhook:{row.pk}",
        now=now,
    )


def _references(alerts: Sequence[BanAlert]) -> dict[Any, str]:
    """The institution's own reference of each employment: that of the check it started on."""
    checks = [alert.employment.check_id for alert in alerts if alert.employment.check_id]
    return dict(Check.objects.filter(pk__in=checks).values_list("pk", "reference"))


def _payload(kind: str, alert: BanAlert, references: dict[Any, str], now: datetime) -> dict[str, Any]:
    """Keys and days only: no name, no number, and not why."""
    return {
        "type": str(kind),
        "timestamp": timezone.localtime(now).isoformat(),
        "data": {
            "alert_id": str(alert.pk),
            "employment_id": str(alert.employment_id),
            "reference": references.get(alert.employment.check_id, ""),
            "raised_at": timezone.localtime(alert.at).isoformat(),
            "confirm_by": timezone.localtime(alert.confirm_by).isoformat(),
            "url": f"{settings.PUBLIC_BASE_URL}{reverse('hiring:alerts')}",
        },
    }
