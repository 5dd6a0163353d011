"""Verbs of learning records: keep what was learned as a statement, and queue it for the external LRS where there is one."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction

from lms.audit.work import wake_on_commit
from lms.xapi.building import Fact, build, statement_id
from lms.xapi.models import Delivery, Statement

__all__ = ["Fact", "record_statement", "record_statements", "statement_id", "store"]


def record_statement(*, fact: Fact, now: datetime) -> Statement:
    """Keep one fact as a statement, in the caller's transaction. The same key again returns the statement there is."""
    return record_statements(facts=[fact], now=now)[0]


@transaction.atomic
def record_statements(*, facts: Sequence[Fact], now: datetime) -> list[Statement]:
    """Keep several facts at once; in their order, one statement each."""
    rows = []
    for fact in facts:
        data = build(fact, now=now)
        rows.append(
            Statement(
                id=uuid.UUID(data["id"]),
                person_id=fact.person.pk,
                verb=data["verb"]["id"],
                activity=data["object"]["id"],
                registration=fact.registration,
                data=data,
                timestamp=now,
                stored_at=now,
            )
        )
    known = store(rows, now=now)
    return [known[row.pk] for row in rows]


def store(rows: Iterable[Statement], *, now: datetime) -> dict[uuid.UUID, Statement]:
    """Insert statements whose id is new and queue them for forwarding; what is there already stays as it is.

    Returns every one of them by id, as stored. Called inside a transaction.
    """
    wanted = {row.pk: row for row in rows}
    known = Statement.objects.in_bulk(list(wanted))
    missing = [row for key, row in wanted.items() if key not in known]
    if not missing:
        return known
    # Another worker may insert the same id right now; the one that comes second adds nothing.
    Statement.objects.bulk_create(missing, ignore_conflicts=True)
    if settings.EXTERNAL_LRS_URL:
        deliveries = [Delivery(statement=row, next_attempt_at=now) for row in missing]
        Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
        wake_on_commit("lms.xapi.tasks.forward")
    return known | Statement.objects.in_bulk([row.pk for row in missing])
