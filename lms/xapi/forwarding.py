"""The outbox: statements leave for the external LRS until it has them, exactly once by statement id.

A delivery is taken by one worker for a while. A worker that dies between sending and noting it lets the row go by the
passing of time; the next one sends the same id again, and the other side recognises it. tincan builds statements but
does not send them: its client waits for ever, and reads every id again with a pattern that refuses newer UUIDs.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urljoin

import requests
from django.conf import settings
from django.db.models import F, QuerySet

from lms.audit import work
from lms.audit.work import claim_due, going_on
from lms.xapi.building import VERSION
from lms.xapi.models import Delivery

CONNECT_SECONDS, READ_SECONDS = 5, 15
BATCH = 100
# Longer than one sending can take, so that no row is in two hands.
HOLD_SECONDS = 3 * (CONNECT_SECONDS + READ_SECONDS)
FIRST_WAIT = timedelta(seconds=30)
# 409: it holds this id already. The others say nothing about the statement, only about the way to the other side.
DELIVERED = frozenset({200, 204, 409})
NOT_ABOUT_THE_STATEMENT = frozenset({401, 403, 404, 407, 408, 425, 429})


@dataclass(frozen=True, slots=True)
class Answer:
    state: Delivery.State
    error: str = ""


def forward_due(*, now: datetime, limit: int = BATCH) -> int:
    """Send up to ``limit`` deliveries that are due; how many arrived. Stops at the first that finds nobody there."""
    sent, clock = 0, going_on(now)
    with requests.Session() as session:
        while sent < limit and settings.EXTERNAL_LRS_URL:
            taken = claim_due(_due(now), now=clock(), hold_seconds=HOLD_SECONDS, limit=1)
            if not taken:
                break
            answer = send(session, taken[0])
            _note(taken[0], answer, now)
            if answer.state == Delivery.State.PENDING:
                break
            sent += answer.state == Delivery.State.SENT
    return sent


def _due(now: datetime) -> QuerySet[Delivery]:
    pending = Delivery.objects.filter(state=Delivery.State.PENDING, next_attempt_at__lte=now)
    return pending.select_related("statement").order_by("next_attempt_at", "pk")


def send(session: requests.Session, delivery: Delivery) -> Answer:
    """PUT one statement to the external LRS."""
    try:
        response = session.put(
            urljoin(settings.EXTERNAL_LRS_URL.rstrip("/") + "/", "statements"),
            params={"statementId": str(delivery.statement_id)},
            data=json.dumps(delivery.statement.data, ensure_ascii=False).encode(),
            headers={"Content-Type": "application/json", "X-Experience-API-Version": VERSION},
            auth=(settings.EXTERNAL_LRS_KEY, settings.EXTERNAL_LRS_SECRET) if settings.EXTERNAL_LRS_KEY else None,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
        )
    except requests.RequestException as error:
        # Only the kind of failure: its text may carry addresses and credentials.
        return Answer(Delivery.State.PENDING, type(error).__name__)
    status = response.status_code
    if status in DELIVERED:
        return Answer(Delivery.State.SENT)
    if 400 <= status < 500 and status not in NOT_ABOUT_THE_STATEMENT:
        return Answer(Delivery.State.REFUSED, f"HTTP {status}: {response.text[:200]}")
    return Answer(Delivery.State.PENDING, f"HTTP {status}")


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts failed: twice as long each time, six hours at most."""
    return work.wait_after(attempts, first=FIRST_WAIT)


def _note(delivery: Delivery, answer: Answer, now: datetime) -> None:
    """Write down how it went, unless another worker took the row over and noted it already."""
    attempts = delivery.attempts + 1
    pending = answer.state == Delivery.State.PENDING
    Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.PENDING).update(
        state=answer.state,
        attempts=F("attempts") + 1,
        last_error=answer.error[:300],
        taken_until=None,
        sent_at=now if answer.state == Delivery.State.SENT else None,
        next_attempt_at=now + wait_after(attempts) if pending else F("next_attempt_at"),
    )
