"""What is known of persons' year beside their entries: hired in its middle, on leave, minutes brought over.

Two queries however many persons, and none for what no pack in force asks about.
"""

import uuid
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import DateField, Min, Q, QuerySet, Value

from lms.ledger.models import Leave, LeaveStateName, YearStanding
from lms.ledger.services.days import last_day
from lms.people.models import Employment, Person
from lms.policy.pack import Pack
from lms.rules.leave import Span, whole_months
from lms.rules.standing import Service

# Persons by their keys, or the query that finds these keys.
PersonKeys = Collection[uuid.UUID] | QuerySet[Person, Any]


def circumstances(
    ids: PersonKeys, year: int, packs: Iterable[Pack], before: datetime | None = None
) -> dict[uuid.UUID, Service]:
    """The ``Service`` of everybody whose year is not an ordinary one; leave and closings as recorded ``before``."""
    asked = [pack.year for pack in packs]
    shrinks = any(each.pro_rata or each.leave_reduces for each in asked)
    hired, leave = _hired_and_on_leave(ids, year, before) if shrinks else ({}, {})
    carried = _carried(ids, year, before) if any(each.carry_over_class_hours_max for each in asked) else {}
    return {
        person_id: Service(
            hired_on=hired.get(person_id),
            leave_months=whole_months(
                leave.get(person_id, ()), first=hired.get(person_id, date(year, 1, 1)), last=last_day(year)
            ),
            carried_minutes=carried.get(person_id, {}),
        )
        for person_id in hired.keys() | leave.keys() | carried.keys()
    }


def _hired_and_on_leave(
    ids: PersonKeys, year: int, before: datetime | None
) -> tuple[dict[uuid.UUID, date], dict[uuid.UUID, list[Span]]]:
    """The first day on any post of the year, of those who had none on 1 January; and everybody's confirmed leaves.

    Somebody without a post all year is not among the first: nothing is known that would make the year shorter.
    """
    new_year, until = date(year, 1, 1), last_day(year)
    of_the_year = Employment.objects.filter(
        Q(to_date=None) | Q(to_date__gte=new_year), person__in=ids, from_date__lte=until
    )
    first = of_the_year.order_by().values("person_id").annotate(first=Min("from_date")).filter(first__gt=new_year)
    begun = first.annotate(last=Value(None, output_field=DateField())).values_list("person_id", "first", "last")
    within = Leave.objects.filter(person__in=ids, from_date__lte=until, to_date__gte=new_year)
    confirmed = within.in_state(LeaveStateName.CONFIRMED, before=before).order_by()
    hired: dict[uuid.UUID, date] = {}
    leave: dict[uuid.UUID, list[Span]] = {}
    for person_id, start, end in begun.union(confirmed.values_list("person_id", "from_date", "to_date"), all=True):
        if end is None:
            hired[person_id] = start
        else:
            leave.setdefault(person_id, []).append((start, end))
    return hired, leave


def _carried(ids: PersonKeys, year: int, before: datetime | None) -> dict[uuid.UUID, dict[str, int]]:
    """Surplus of the year before, by the last word on it; nothing until that year is closed."""
    frozen = YearStanding.objects.filter(person__in=ids, year=year - 1)
    if before is not None:
        frozen = frozen.filter(at__lt=before)
    surplus = {
        person_id: {line["category"]: line["surplus"] for line in lines if line["surplus"]}
        for person_id, lines in frozen.order_by("version").values_list("person_id", "lines")
    }
    return {person_id: minutes for person_id, minutes in surplus.items() if minutes}
