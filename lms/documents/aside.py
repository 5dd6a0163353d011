"""Papers that can't be made step aside: each is tried again later and later, and holds up none that can.

A sweep takes what is oldest first. Without this, as many papers that never come out as it takes at once would be all
that it ever tries.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from lms.audit.work import wait_after
from lms.documents.models import Unprinted

FIRST_WAIT = timedelta(minutes=1)
# After so many failures it is no passing trouble: somebody has to look.
HOPELESS = 3


@transaction.atomic
def set_aside(kind: str, failed: Mapping[UUID, BaseException | None], *, now: datetime) -> set[UUID]:
    """Note that these could not be made. Returns those that have now failed ``HOPELESS`` times."""
    rows = {row.subject_id: row for row in Unprinted.objects.filter(kind=kind, subject_id__in=list(failed))}
    for key, error in failed.items():
        row = rows.setdefault(key, Unprinted(kind=kind, subject_id=key, first_at=now))
        row.attempts += 1
        row.error = type(error).__name__[:100] if error else ""
        row.next_at = now + wait_after(row.attempts, first=FIRST_WAIT)
    Unprinted.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["kind", "subject_id"],
        update_fields=["attempts", "error", "next_at"],
    )
    return {key for key, row in rows.items() if row.attempts == HOPELESS}


def resting(kind: str, now: datetime) -> "QuerySet[Unprinted, UUID]":
    """Keys of what is not to be tried yet."""
    return Unprinted.objects.filter(kind=kind, next_at__gt=now).values_list("subject_id", flat=True)


def forget_made(kind: str, waiting: "QuerySet[Any]") -> int:
    """Strike out what has been made meanwhile, by whoever: what is not among ``waiting`` any more."""
    keys = list(Unprinted.objects.filter(kind=kind).values_list("subject_id", flat=True))
    if not keys:
        return 0
    still = set(waiting.filter(pk__in=keys).values_list("pk", flat=True))
    gone, _rows = Unprinted.objects.filter(kind=kind, subject_id__in=set(keys) - still).delete()
    return gone
