"""Verbs of audit: record what was done, seal events into the chain, walk the chain."""

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import QuerySet

from lms.audit import chain
from lms.audit.actors import Actor
from lms.audit.chain import BrokenLink
from lms.audit.models import AuditEvent
from lms.rules.chain import canonical


@dataclass(frozen=True, slots=True)
class About:
    """What one event of many is about; the words mean what they mean in ``record``."""

    subject: models.Model
    person_id: uuid.UUID | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


def record(
    *,
    verb: str,
    actor: Actor,
    now: datetime,
    subject: models.Model,
    person_id: uuid.UUID | None = None,
    changes: Mapping[str, Any] | None = None,
    reason: str = "",
) -> AuditEvent:
    """Append what ``actor`` did to ``subject``. Called inside the verb's own transaction.

    ``verb`` reads ``noun.did`` (``certificate.issued``); ``person_id`` is the human being it is about, who may read it.
    ``changes`` may never hold an identity number. Times, decimals and UUIDs in it become text as the chain hashes
    them; what has no one text (a float, a set) is refused here rather than when it is sealed.
    """
    event = unrecorded(verb=verb, actor=actor, now=now, about=About(subject, person_id, changes or {}, reason))
    event.save()
    return event


def record_many(*, verb: str, actor: Actor, now: datetime, about: Iterable[About]) -> list[AuditEvent]:
    """``record`` for many subjects of one verb, in one insert: an event each, in their order."""
    return AuditEvent.objects.bulk_create([unrecorded(verb=verb, actor=actor, now=now, about=each) for each in about])


def unrecorded(*, verb: str, actor: Actor, now: datetime, about: About) -> AuditEvent:
    """The event of ``record``, for a verb that writes it together with its own row (``lms.audit.rows``)."""
    if not isinstance(actor, Actor):
        raise TypeError("no write without an actor or a named system job")
    return AuditEvent(
        at=now,
        verb=verb,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor.label,
        organisation_id=actor.organisation_id,
        organisation_name=actor.organisation_name,
        role=actor.role,
        subject_type=about.subject._meta.label_lower,
        subject_id=about.subject.pk if isinstance(about.subject.pk, uuid.UUID) else None,
        person_id=about.person_id,
        changes=json.loads(canonical(about.changes)),
        reason=about.reason,
        request_id=actor.request_id,
    )


def seal(*, now: datetime, thorough: bool = False) -> int:
    """Link the events that have no link yet, in order of time; return how many. See ``lms.audit.chain.seal``."""
    return chain.seal(now=now, thorough=thorough)


def verify() -> list[BrokenLink]:
    """Walk the whole chain; every place where it does not hold, the first one first. Empty when it holds."""
    return list(chain.verify())


def events_about(person_id: uuid.UUID) -> QuerySet[AuditEvent]:
    """Everything done about one human being, newest first: what that person may read."""
    return AuditEvent.objects.filter(person_id=person_id).order_by("-at", "-id")
