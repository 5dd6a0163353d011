"""Examining rows of hours learned elsewhere: is this person ours, is the year open, was it handed in before.

Each call is a fixed number of queries however many rows. Somebody whose number and name do not belong together, who is
unknown or works elsewhere, gives one and the same answer: nobody can find out who is registered here.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from lms.ledger.models import OutsideBatch, OutsideRow, YearStanding
from lms.people import vault
from lms.people.models import Employment, IdentityDocument, Organisation, Person, PreviousName
from lms.rules import names
from lms.rules.chain import digest
from lms.rules.identity import IdentityNumber

Numbers = Mapping[int, IdentityNumber]


def match(rows: Sequence[OutsideRow], numbers: Numbers, institution: Organisation, now: datetime) -> None:
    """Give each row its person, or the error ``person_unknown``. Rows that are wrong already are left alone."""
    right = [row for row in rows if not row.error_code and row.number in numbers]
    holders = _holders({row.number: numbers[row.number] for row in right})
    staff = _staff({person.pk for person in holders.values()}, institution, now)
    former = _former_names(staff)
    for row in right:
        person = holders.get(row.number)
        if person is None or person.pk not in staff or names.normalise(row.name) not in former[person.pk]:
            wrong(
                row,
                "person_unknown",
                "document_number",
                gettext("没有找到本机构在职的这位人员，请核对姓名和证件号码。"),
            )
        else:
            row.person = person


def check_learning(rows: Sequence[OutsideRow], now: datetime, seen: dict[str, OutsideRow] | None = None) -> None:
    """Refuse what was handed in before, here (``seen``) or in another batch, and years that are closed."""
    seen = {} if seen is None else seen
    right = [row for row in rows if not row.error_code and row.person_id]
    for row in right:
        row.fingerprint = fingerprint(row)
    closed = _closed(right)
    prints = [row.fingerprint for row in right]
    others = OutsideRow.objects.filter(fingerprint__in=prints).exclude(pk__in=[row.pk for row in right])
    known = {row.fingerprint: row for row in others.select_related("batch")}
    for row in right:
        assert row.fingerprint is not None
        assert row.on is not None
        earlier = seen.get(row.fingerprint)
        if (row.person_id, row.on.year) in closed:
            told = gettext("%(year)s 年度已经结账，不能再计入学时。") % {"year": row.on.year}
            wrong(row, "year_closed", "on", told)
        elif earlier is not None:
            wrong(row, "duplicate", "title", gettext("与本表第 %(number)s 行重复。") % {"number": earlier.number})
        elif other := known.get(row.fingerprint):
            wrong(row, "duplicate", "title", _handed_in_before(other.batch, other.number))
        else:
            seen[row.fingerprint] = row


def fingerprint(row: OutsideRow) -> str:
    """Two rows with the same fingerprint are the same learning: person, category, day, title and provider."""
    told = [names.normalise(text).casefold() for text in (row.title, row.provider)]
    return digest({"person": row.person_id, "category": row.category, "on": row.on, "told": told})


def wrong(row: OutsideRow, code: str, field: str, sentence: str) -> None:
    """Note what is wrong with a row. A row that can't count holds no fingerprint."""
    row.error_code, row.error_field, row.error, row.fingerprint = code, field, sentence[:300], None


def _handed_in_before(batch: OutsideBatch, number: int) -> str:
    day = timezone.localdate(batch.created_at)
    return gettext("与 %(day)s 提交的第 %(number)s 行重复。") % {"day": day, "number": number}


def _holders(numbers: Numbers) -> dict[int, Person]:
    """Who holds each document; the valid one goes before one that was replaced."""
    indexes = {row: vault.blind_indexes(number) for row, number in numbers.items()}
    wanted = {index for found in indexes.values() for index in found}
    documents = IdentityDocument.objects.filter(blind_index__in=wanted).select_related("person")
    by_index = {row.blind_index: row.person for row in documents.order_by(F("valid_to").asc(nulls_last=True))}
    holders = {
        row: next((by_index[index] for index in found if index in by_index), None) for row, found in indexes.items()
    }
    return {row: person for row, person in holders.items() if person}


def _staff(ids: Iterable[uuid.UUID], institution: Organisation, now: datetime) -> set[uuid.UUID]:
    here = Employment.objects.on(timezone.localdate(now)).filter(institution=institution, person__in=list(ids))
    return set(here.values_list("person_id", flat=True))


def _former_names(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, set[str]]:
    """Every name a person goes or went by."""
    known: dict[uuid.UUID, set[str]] = {}
    for rows in (
        Person.objects.filter(pk__in=list(ids)).values_list("pk", "name"),
        PreviousName.objects.filter(person__in=list(ids)).values_list("person_id", "name"),
    ):
        for person_id, name in rows:
            known.setdefault(person_id, set()).add(names.normalise(name))
    return known


def _closed(rows: Sequence[OutsideRow]) -> set[tuple[uuid.UUID, int]]:
    frozen = YearStanding.objects.filter(
        person__in={row.person_id for row in rows if row.person_id}, year__in={row.on.year for row in rows if row.on}
    )
    return set(frozen.values_list("person_id", "year"))
