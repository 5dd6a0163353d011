"""The list: who is barred on a day."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people import vault
from lms.people.models import IdentityDocument, Person
from lms.people.services import identity_numbers
from lms.registry.models import BanCase, BanSubject, BanSubjectIndex
from lms.registry.querysets import BanSubjectQuerySet
from lms.registry.services.subjects import index_rows, number_of
from lms.rules import bans
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


def barred_ids(person_ids: Iterable[UUID], on: date, *, without: BanCase | None = None) -> set[UUID]:
    """Which of these persons are barred on ``on`` (``without``: if that case were not). A query for two thousand persons."""
    wanted = list(dict.fromkeys(person_ids))
    barred: set[UUID] = set()
    acting = BanSubject.objects.acting(on).order_by()
    if without is not None:
        acting = acting.exclude(case=without)
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
