"""The list: who is barred on a day, and which version of it is current.

A version covers every subject of a case in force and not annulled. What may never happen: a change of the list without
a new version, or two versions with one number.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people import vault
from lms.people.models import IdentityDocument, Person
from lms.people.services import identity_numbers
from lms.registry.models import BanState, BanSubject, BanSubjectIndex, ListVersion
from lms.registry.querysets import BanSubjectQuerySet
from lms.registry.services.subjects import index_rows, number_of
from lms.rules import bans, chain
from lms.rules.bans import BanFact
from lms.rules.identity import IdentityNumber

# Databases bound the number of parameters of one query.
CHUNK = 2000


def is_barred(person: Person, on: date) -> BanFact | None:
    """The strictest ban that acts on the person on ``on`` (inclusive), found by person and by any of their documents."""
    indexes = [index for number in identity_numbers(person) for index in vault.blind_indexes(number)]
    found = BanSubject.objects.acting(on)
    rows = list(found.filter(person=person)) + list(found.found_under(indexes))
    return bans.strictest([fact_of(row) for row in rows], on)


def barred_ids(person_ids: Iterable[UUID], on: date) -> set[UUID]:
    """Which of these persons are barred on ``on``. One query for every two thousand persons."""
    wanted = list(dict.fromkeys(person_ids))
    barred: set[UUID] = set()
    acting = BanSubject.objects.acting(on).order_by()
    indexes = BanSubjectIndex.objects.filter(subject__in=acting.values("pk")).values("blind_index")
    for start in range(0, len(wanted), CHUNK):
        some = wanted[start : start + CHUNK]
        named = acting.filter(person_id__in=some).values_list("person_id", flat=True)
        held = IdentityDocument.objects.filter(person_id__in=some, blind_index__in=indexes)
        barred.update(key for key in named.union(held.values_list("person_id", flat=True)) if key)
    return barred


def acting_subjects(numbers: Iterable[IdentityNumber], on: date) -> BanSubjectQuerySet:
    """Subjects whose ban acts on ``on`` and who are known under one of these documents."""
    indexes = [index for number in numbers for index in vault.blind_indexes(number)]
    found: BanSubjectQuerySet = BanSubject.objects.acting(on).found_under(indexes)
    return found


def fact_of(subject: BanSubject) -> BanFact:
    """A subject of a case in force, as the rules see it."""
    return BanFact(kind=bans.BanKind(subject.kind), from_date=subject.from_date, until=subject.until)


def current_list_version() -> ListVersion:
    """The newest version; number 0 is the empty list there was before the first ban."""
    newest = ListVersion.objects.order_by("-number").first()
    return newest or _first_version()


def new_version(state: BanState, *, now: datetime) -> ListVersion:
    """The version that ``state`` makes, inside its transaction. List changes wait for each other."""
    first = _first_version()
    ListVersion.objects.select_for_update().get(pk=first.pk)
    previous = current_list_version()
    entries = {str(subject.pk): entry_of(subject) for subject in BanSubject.objects.listed().iterator()}
    number = previous.number + 1
    return ListVersion.objects.create(
        number=number, hash=version_hash(previous.hash, number, entries), entries=len(entries), state=state, at=now
    )


def entry_of(subject: BanSubject) -> dict[str, Any]:
    """What a list version covers of one subject. The number only as its keyed digest."""
    return {
        "case": subject.case_id,
        "role": subject.role,
        "kind": subject.kind,
        "from": subject.from_date,
        "until": subject.until,
        "name": subject.name,
        "birth_date": subject.birth_date,
        "document_type": subject.document_type,
        "number": subject.number_digest,
    }


def version_hash(previous: str, number: int, entries: dict[str, dict[str, Any]]) -> str:
    """The hash of one version: over the version before, its number and the whole list."""
    return chain.link(previous, {"number": number, "list": chain.list_version(entries)})


def reindex_subjects(*, actor: Actor, now: datetime) -> int:
    """Find every subject also under identity keys added since, and under documents their person got since.

    Run after a new identity key, before documents are resealed. Returns how many subjects gained an index; run twice
    it changes nothing.
    """
    changed = 0
    for subject in BanSubject.objects.select_related("person").order_by("pk").iterator():
        numbers = [number_of(subject), *(identity_numbers(subject.person) if subject.person else [])]
        known = set(subject.indexes.values_list("blind_index", flat=True))
        missing = [row for row in index_rows(subject, numbers) if row.blind_index not in known]
        if not missing:
            continue
        with transaction.atomic():
            BanSubjectIndex.objects.bulk_create(missing, ignore_conflicts=True)
            record(verb="ban_subject.reindexed", actor=actor, now=now, subject=subject, person_id=subject.person_id)
        changed += 1
    return changed


def _first_version() -> ListVersion:
    """Version 0. Two who need it at once make it once."""
    version, _created = ListVersion.objects.get_or_create(
        number=0, defaults={"hash": chain.GENESIS, "entries": 0, "at": timezone.now()}
    )
    return version
