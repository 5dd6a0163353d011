"""The list: who is barred on a day."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from lms.people import vault
from lms.people.models import IdentityDocument, Person
from lms.registry.models import BanCase, BanSubject, BanSubjectIndex
from lms.registry.querysets import BanSubjectQuerySet
from lms.registry.services.known import agrees
from lms.rules import bans
from lms.rules.bans import BanFact
from lms.rules.identity import IdentityNumber

# So many persons at a time are looked up by index; of many more databases rather read through every document there is.
CHUNK = 500


def is_barred(person: Person, on: date) -> BanFact | None:
    """The strictest ban that acts on the person on ``on`` (inclusive), found by person and by any of their documents.

    One query; no number is opened. The list is found under every document as it is stored (``services.finding``).
    """
    held = IdentityDocument.objects.filter(person=person).values("blind_index")
    known = BanSubjectIndex.objects.filter(blind_index__in=held).values_list("subject_id", flat=True)
    linked = BanSubject.objects.filter(person=person).order_by().values_list("pk", flat=True)
    rows = BanSubject.objects.acting(on).filter(pk__in=known.union(linked))
    return bans.strictest([fact_of(row) for row in rows.only("kind", "from_date", "until")], on)


def barred_ids(person_ids: Iterable[UUID], on: date, *, without: BanCase | None = None) -> set[UUID]:
    """Which of these persons are barred on ``on`` (``without``: if that case were not). A query for five hundred persons."""
    wanted = list(dict.fromkeys(person_ids))
    barred: set[UUID] = set()
    acting = BanSubject.objects.acting(on).order_by()
    if without is not None:
        acting = acting.exclude(case=without)
    # Asked of each document: as a list, every entry there is would be read first.
    listed = Exists(acting.filter(pk=OuterRef("subject_id")))
    entries = BanSubjectIndex.objects.filter(listed, blind_index=OuterRef("blind_index"))
    for start in range(0, len(wanted), CHUNK):
        some = wanted[start : start + CHUNK]
        named = acting.filter(person_id__in=some).values_list("person_id", flat=True)
        held = IdentityDocument.objects.filter(Exists(entries), person_id__in=some)
        barred.update(key for key in named.union(held.values_list("person_id", flat=True)) if key)
    return barred


def subjects_of(person: Person, on: date) -> list[BanSubject]:
    """Subjects acting on ``on`` that the person is linked to, or holds a document of under a name that agrees.

    ``person`` of each is this person, saved or not. A number mistyped in a decision names no stranger.
    """
    held = IdentityDocument.objects.filter(person=person).values("blind_index")
    known = BanSubjectIndex.objects.filter(blind_index__in=held).values("subject_id")
    rows = BanSubject.objects.acting(on).filter(Q(person=person) | Q(person=None, pk__in=known)).order_by("pk")
    found = [row for row in rows if row.person_id or agrees(row, person)]
    for row in found:
        row.person = person
    return found


def began_since(start: date, on: date) -> set[UUID]:
    """Persons whose ban began between ``start`` and ``on`` (both inclusive) and acts on ``on``."""
    begun = BanSubject.objects.acting(on).filter(from_date__gte=start)
    indexes = BanSubjectIndex.objects.filter(subject__in=begun.values("pk")).values("blind_index")
    named = begun.filter(person__isnull=False).order_by().values_list("person_id", flat=True)
    held = IdentityDocument.objects.filter(blind_index__in=indexes).values_list("person_id", flat=True)
    return {key for key in named.union(held) if key}


def acting_subjects(numbers: Iterable[IdentityNumber], on: date) -> BanSubjectQuerySet:
    """Subjects whose ban acts on ``on`` and who are known under one of these documents."""
    indexes = [index for number in numbers for index in vault.blind_indexes(number)]
    found: BanSubjectQuerySet = BanSubject.objects.acting(on).found_under(indexes)
    return found


def fact_of(subject: BanSubject) -> BanFact:
    """A subject of a case in force, as the rules see it."""
    return BanFact(kind=bans.BanKind(subject.kind), from_date=subject.from_date, until=subject.until)
