"""Proof of the books: walk every person's chain, derive every entry anew from its evidence, and name what differs.

Findings are returned, not raised: a book with one wrong entry still has all the others to look at. Entries are read and
derived a thousand at a time, so that a million of them take minutes and no more memory than a thousand.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from lms.audit.models import AuditEvent
from lms.ledger.evidence import Derived, derive_all, deriver
from lms.ledger.models import EntryKind, HourEntry
from lms.ledger.services import payload
from lms.people.models import Person
from lms.policy.services import class_hours, pack_by_id
from lms.rules.chain import GENESIS, link

AT_A_TIME = 1000
# Persons from a key (inclusive) to another (exclusive); None is the end of the book.
Share = tuple[uuid.UUID | None, uuid.UUID | None]
SENTENCES = {
    "chain_broken": "the entry was altered, or one before it is missing",
    "entry_missing": "an entry was recorded that is not in the ledger",
    "evidence_unknown": "nobody can derive this kind of evidence",
    "evidence_missing": "the evidence is gone",
    "evidence_changed": "the evidence is not what it was when the hours were credited",
    "minutes_differ": "the evidence is worth a different number of minutes",
    "class_hours_differ": "the class-hours are not those of the pack",
    "year_differs": "the year is not that of the day",
    "reversal_differs": "the reversal is not of the entry it names",
}


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing that does not add up. ``number`` is the entry's place in the person's chain, 0 where it has none."""

    code: str
    entry_id: uuid.UUID | None
    person_id: uuid.UUID | None
    number: int = 0

    def __str__(self) -> str:
        return f"{self.code}: person {self.person_id} entry {self.number} ({self.entry_id}): {SENTENCES[self.code]}"


@dataclass
class Reconciled:
    """How much was looked at, so that an empty list of drift is not mistaken for an empty ledger."""

    entries: int = 0
    persons: int = 0


def verify_chain(*, person: Person) -> Drift | None:
    """The first broken place in one person's chain, or None."""
    return next((drift for drift in _walk(HourEntry.objects.filter(person=person), Reconciled())), None)


def reconcile(seen: Reconciled) -> Iterator[Drift]:
    """Everything that does not add up, one after the other; ``seen`` counts what was looked at."""
    yield from walk(seen)
    yield from vanished()


def walk(seen: Reconciled, *, share: Share = (None, None)) -> Iterator[Drift]:
    """Chains and evidence of the persons in ``share``."""
    first, after = share
    entries = HourEntry.objects.all()
    if first:
        entries = entries.filter(person_id__gte=first)
    if after:
        entries = entries.filter(person_id__lt=after)
    yield from _walk(entries, seen, rederive=True)


def _walk(entries: QuerySet[HourEntry], seen: Reconciled, *, rederive: bool = False) -> Iterator[Drift]:
    """A broken place is named once: what follows it is judged by the hash on record."""
    last: HourEntry | None = None
    rows = entries.order_by("person_id", "number").iterator(chunk_size=AT_A_TIME)
    while batch := list(islice(rows, AT_A_TIME)):
        worth = _worth(batch) if rederive else None
        for entry in batch:
            if last is None or last.person_id != entry.person_id:
                last = None
                seen.persons += 1
            seen.entries += 1
            number, previous_hash = (last.number + 1, last.hash) if last else (1, GENESIS)
            whole = entry.number == number and entry.previous_hash == previous_hash
            if not whole or entry.hash != link(previous_hash, payload(entry)):
                yield _drift("chain_broken", entry)
            if worth is not None:
                yield from (_drift(code, entry) for code in _faults(entry, worth))
            last = entry


@dataclass(frozen=True, slots=True)
class _Worth:
    """What a batch of entries is judged by: what its evidence is worth, and what its reversals name."""

    derived: Mapping[uuid.UUID, Derived]
    reversed: Mapping[uuid.UUID, HourEntry]


def _worth(batch: Sequence[HourEntry]) -> _Worth:
    return _Worth(
        derived=derive_all(entry for entry in batch if entry.kind == EntryKind.CREDIT),
        reversed=HourEntry.objects.in_bulk({entry.reverses_id for entry in batch if entry.reverses_id}),
    )


def _faults(entry: HourEntry, worth: _Worth) -> Iterator[str]:
    if entry.class_hours != class_hours(entry.minutes, pack_by_id(entry.pack_id)):
        yield "class_hours_differ"
    if entry.kind == EntryKind.REVERSAL:
        of = worth.reversed.get(entry.reverses_id) if entry.reverses_id else None
        if of is None or _essence(entry) != _essence(of):
            yield "reversal_differs"
        return
    if entry.year != entry.on.year:
        yield "year_differs"
    derived = worth.derived.get(entry.pk)
    if derived is None:
        yield "evidence_missing" if deriver(entry.evidence_kind) else "evidence_unknown"
        return
    if derived.minutes != entry.minutes:
        yield "minutes_differ"
    if derived.digest != entry.evidence_digest:
        yield "evidence_changed"


def _essence(entry: HourEntry) -> tuple[Any, ...]:
    return (entry.person_id, entry.category, entry.minutes, entry.year, entry.evidence_kind, entry.evidence_id)


def vanished() -> Iterator[Drift]:
    """The end of a chain can be cut off without breaking it; the audit record still remembers the entry."""
    events = AuditEvent.objects.filter(verb__in=["hours.credited", "hours.reversed"]).exclude(
        Exists(HourEntry.objects.filter(pk=OuterRef("subject_id")))
    )
    for event in events.iterator():
        yield Drift("entry_missing", event.subject_id, event.person_id, event.changes.get("number", 0))


def _drift(code: str, entry: HourEntry) -> Drift:
    return Drift(code, entry.pk, entry.person_id, entry.number)
