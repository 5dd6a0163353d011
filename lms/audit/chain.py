"""The chain over the audit events: who links what, in which order, and how it is proved.

A link's hash covers the link before it and the whole event, so that an altered, missing or slipped-in event shows.
What may never happen: two links with one number, or a chain with two ends. One sealer works at a time.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from lms.audit.models import AuditEvent, AuditLink
from lms.rules import chain

# PostgreSQL's advisory locks are numbers; this one is the audit chain's.
SEALER_LOCK = 0x61756469745F6C6B
BATCH = 500
# A sealing step looks back this far for events whose transaction was slow to commit; a thorough one at all events.
LATECOMERS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """The place where the chain does not hold.

    ``kind`` is ``missing_link`` (a number is skipped), ``wrong_order`` (it does not follow the link before it),
    ``altered_event`` (the event is not the one that was sealed) or ``missing_event``.
    """

    number: int
    kind: str
    event_id: uuid.UUID | None = None


def payload(event: AuditEvent) -> dict[str, Any]:
    """Everything of an event that its link protects: every column."""
    return {field.attname: getattr(event, field.attname) for field in event._meta.concrete_fields}


def head() -> AuditLink | None:
    """The newest link."""
    return AuditLink.objects.order_by("-number").first()


def seal(*, now: datetime, thorough: bool = False) -> int:
    """Link events that have no link yet, in order of time, and return how many were linked.

    The usual step looks at what was made since an hour before the newest link, which the key's index finds;
    ``thorough`` looks at all events. Sealing again, or twice at once, links nothing twice.
    """
    unlinked = AuditEvent.objects.filter(link__isnull=True).order_by("at", "id")
    if not thorough and (last := head()):
        unlinked = unlinked.filter(id__gte=_horizon(last.event_id, now))
    linked = 0
    while batch := _seal_batch(unlinked):
        linked += batch
    return linked


def verify() -> Iterator[BrokenLink]:
    """Walk the chain from its first link and yield each place where it does not hold, the first one first."""
    expected_number, previous_hash = 1, chain.GENESIS
    for link, event in _walk():
        if link.number != expected_number:
            yield BrokenLink(expected_number, "missing_link")
        elif link.previous_hash != previous_hash:
            yield BrokenLink(link.number, "wrong_order", link.event_id)
        if event is None:
            yield BrokenLink(link.number, "missing_event", link.event_id)
        elif link.hash != chain.link(link.previous_hash, payload(event)):
            yield BrokenLink(link.number, "altered_event", link.event_id)
        expected_number, previous_hash = link.number + 1, link.hash


def _seal_batch(unlinked: QuerySet[AuditEvent]) -> int:
    with transaction.atomic():
        _wait_for_other_sealers()
        last = head()
        number, previous_hash = (last.number, last.hash) if last else (0, chain.GENESIS)
        links = []
        for number, event in enumerate(unlinked[:BATCH], start=number + 1):  # noqa: B020
            fresh = chain.link(previous_hash, payload(event))
            links.append(AuditLink(number=number, event=event, previous_hash=previous_hash, hash=fresh))
            previous_hash = fresh
        AuditLink.objects.bulk_create(links)
    return len(links)


def _wait_for_other_sealers() -> None:
    """SQLite needs nothing: a transaction there begins as the only writer."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEALER_LOCK])


def _walk() -> Iterator[tuple[AuditLink, AuditEvent | None]]:
    """Links in order with their events, a batch at a time, so that a long chain needs little memory."""
    number = 0
    while links := list(AuditLink.objects.filter(number__gt=number).order_by("number")[:BATCH]):
        events = AuditEvent.objects.in_bulk([link.event_id for link in links])
        for link in links:
            yield link, events.get(link.event_id)
        number = links[-1].number


def _horizon(newest: uuid.UUID, now: datetime) -> uuid.UUID:
    """The key from which on events may still lack their link. Keys begin with their time in milliseconds.

    ``now`` bounds it: one event of a machine whose clock runs fast must not hide those of all others.
    """
    moment = min(newest.int >> 80, int(now.timestamp() * 1000)) - LATECOMERS // timedelta(milliseconds=1)
    return uuid.UUID(int=max(moment, 0) << 80)
