"""Rows of the ledger as ``credit_hours`` and ``reverse_entry`` write them: numbered within the person, linked by hash.

The hash is worked out from a text that is laid out beforehand, for millions of rows; a test walks the chains.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.utils import timezone

from lms.policy.pack import Pack
from lms.policy.services import class_hours
from lms.rules.chain import GENESIS

TITLE, DELIVERY, TAKEN_BACK = "婴幼儿照护实务", "online", "重复"
FIELDS = (
    *("id", "person", "number", "kind", "category", "minutes", "class_hours", "year", "on", "title", "delivery"),
    *("course_id", "release_id", "evidence_kind", "evidence_id", "evidence_digest", "pack", "reverses", "reason"),
    *("recorded_at", "previous_hash", "hash"),
)


def key(kind: int, number: int) -> str:
    """The key of the ``number``-th row of a kind, beside its neighbours in the index as those that verbs make are."""
    return f"01970000-0000-7000-8{kind:03x}-{number:012x}"


@dataclass(frozen=True, slots=True)
class Written:
    """What an entry says, but for its place in the chain."""

    id: str
    person: str
    category: str
    minutes: int
    at: datetime
    course: str
    release: str
    evidence: tuple[str, str, str]  # kind, key, digest
    kind: str = "credit"
    reverses: str | None = None
    reason: str = ""

    def taken_back(self, *, id: str, at: datetime) -> "Written":
        return replace(self, id=id, at=at, kind="reversal", reverses=self.id, reason=TAKEN_BACK)


class Book:
    """Every person's chain as it grows."""

    def __init__(self, pack: Pack) -> None:
        self._pack = str(pack.id)
        self._ends: dict[str, tuple[int, str]] = {}
        self._class_hours = cache(lambda minutes: class_hours(minutes, pack).quantize(Decimal("0.01")))
        self._moment = cache(_moment)

    def row(self, of: Written, year: int) -> tuple[Any, ...]:
        """The next row of the person's chain, by ``FIELDS``."""
        number, previous = self._ends.get(of.person, (0, GENESIS))
        number += 1
        hours = self._class_hours(of.minutes)
        day, stamp = self._moment(of.at)
        kind, evidence, digest = of.evidence
        reverses = f'"{of.reverses}"' if of.reverses else "null"
        text = (
            f'{previous}\n{{"category":"{of.category}","class_hours":"{hours}","course":"{of.course}",'
            f'"delivery":"{DELIVERY}","evidence":["{kind}","{evidence}","{digest}"],"id":"{of.id}","kind":"{of.kind}",'
            f'"minutes":{of.minutes},"number":{number},"on":"{day}","pack":"{self._pack}","person":"{of.person}",'
            f'"reason":"{of.reason}","recorded_at":"{stamp}","release":"{of.release}","reverses":{reverses},'
            f'"title":"{TITLE}","year":{year}}}'
        )
        link = hashlib.sha256(text.encode()).hexdigest()
        self._ends[of.person] = (number, link)
        return (
            *(of.id, of.person, number, of.kind, of.category, of.minutes, hours, year, day, TITLE, DELIVERY),
            *(of.course, of.release, kind, evidence, digest, self._pack, of.reverses, of.reason),
            *(of.at, previous, link),
        )


def _moment(at: datetime) -> tuple[str, str]:
    """The day in Shanghai, and the moment as the chain writes it."""
    return timezone.localdate(at).isoformat(), at.astimezone(UTC).isoformat(timespec="microseconds")
