"""Rows behind the figures, read set by set: the number of questions does not grow with districts or people.

Each function answers for every place within a region at once, keyed by GB/T 2260 code; ``areas.py`` adds them up. A
region code of "" or 000000 means the whole country.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from certificates.models import Certificate, Rule
from courses.learning.models import CourseCompletion
from lms.hiring.models import BanAlert, Check
from lms.ledger.models import HourEntry
from lms.ledger.querysets import SIGNED_MINUTES
from lms.people.models import Employment, IdentityDocument, Qualification
from lms.registry.models import BanSubject, BanSubjectIndex
from lms.rules.regions import prefix
from lms.subsidies.models import ClaimState, ClaimStep, Scheme


@dataclass(frozen=True, slots=True)
class OnPost:
    """Somebody on a post on the day. ``certified``: by anything that counts; ``kinds``: by each set of kinds asked for.

    ``home`` is the person's own region, whose policy asks hours of them; ``region_code`` the institution's.
    """

    person_id: UUID
    home: str
    region_code: str
    post: str
    certified: bool
    kinds: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Trained:
    """One course completed by somebody: a person-time."""

    person_id: UUID
    region_code: str
    on: date


def on_post(region_code: str, on: date, kind_sets: Sequence[Sequence[str]] = ()) -> list[OnPost]:
    """Everybody employed in the region on ``on`` (inclusive), by institution's place. One query.

    Certified is who holds a verified qualification or a valid annual certificate; nobody barred is certified. For each
    of ``kind_sets``, a qualification of one of those kinds alone counts.
    """
    held = (
        Qualification.objects.filter(Q(valid_to=None) | Q(valid_to__gte=on), person=OuterRef("person"))
        .filter(verified_at__lt=end_of(on), issued_on__lte=on)
        .order_by()
    )
    annual = Certificate.objects.valid_on(on).filter(person=OuterRef("person"), type__rule=Rule.ANNUAL_REQUIREMENT)
    of_kinds = {f"kinds_{place}": Exists(held.filter(kind__in=kinds)) for place, kinds in enumerate(kind_sets)}
    rows: Any = Employment.objects.on(on).filter(within("institution__region_code", region_code))
    rows = rows.annotate(holds=Exists(held) | Exists(annual), barred=_barred(on), **of_kinds)
    columns = ("person_id", "person__region_code", "institution__region_code", "post", "holds", "barred", *of_kinds)
    return [
        OnPost(person_id, home, code, post, holds and not barred, tuple(one and not barred for one in kinds))
        for person_id, home, code, post, holds, barred, *kinds in rows.order_by("pk").values_list(*columns)
    ]


def _barred(on: date) -> Any:
    """Whether a ban acts on the person, found as the registry finds it: by person and by every document."""
    acting = BanSubject.objects.acting(on)
    listed = BanSubjectIndex.objects.filter(subject__in=acting.values("pk")).values("blind_index")
    documents = IdentityDocument.objects.filter(person=OuterRef("person"), blind_index__in=listed)
    return Exists(acting.filter(person=OuterRef("person"))) | Exists(documents)


def trained(region_code: str, since: date, on: date) -> list[Trained]:
    """Courses completed from ``since`` to ``on`` (both inclusive), by the learner's place. One query."""
    rows = CourseCompletion.objects.filter(
        within("enrolment__person__region_code", region_code), at__gte=start_of(since), at__lt=end_of(on)
    )
    columns = rows.values_list("enrolment__person_id", "enrolment__person__region_code", "at")
    return [Trained(person_id, code, timezone.localdate(at)) for person_id, code, at in columns]


def minutes_by_category(region_code: str, year: int, on: date) -> dict[tuple[str, str], int]:
    """Minutes that stand in the ledger, by (place, category). One query."""
    rows = HourEntry.objects.filter(within("person__region_code", region_code), year=year, on__lte=on)
    totals = rows.order_by().values("person__region_code", "category").annotate(total=Sum(SIGNED_MINUTES))
    return {(row["person__region_code"], row["category"]): row["total"] for row in totals}


def checks_by_outcome(region_code: str, since: date, on: date) -> dict[tuple[str, str], int]:
    """Hiring checks by (institution's place, outcome); a reviewed one by what the registrar decided. One query."""
    rows = Check.objects.filter(
        within("institution__region_code", region_code), checked_at__gte=start_of(since), checked_at__lt=end_of(on)
    )
    counted = (
        rows.order_by()
        .annotate(answer=Coalesce(F("decision__outcome"), F("outcome")))
        .values("institution__region_code", "answer")
        .annotate(count=Count("pk"))
    )
    return {(row["institution__region_code"], row["answer"]): row["count"] for row in counted}


def open_alerts(region_code: str) -> dict[str, int]:
    """Ban alerts whose employer has not confirmed the removal yet, by institution's place. One query."""
    rows = BanAlert.objects.open().filter(within("institution__region_code", region_code)).order_by()
    counted = rows.values("institution__region_code").annotate(count=Count("pk"))
    return {row["institution__region_code"]: row["count"] for row in counted}


def money(region_code: str, on: date) -> dict[str, tuple[int, int]]:
    """(budget, granted) in fen of the schemes open at some time in the year of ``on``, by bureau's place. One query."""
    granted = (
        ClaimStep.objects.filter(claim__scheme=OuterRef("pk"), state=F("claim__state"))
        .filter(state__in=[ClaimState.APPROVED, ClaimState.PAID])
        .order_by()
        .values("claim__scheme")
        .annotate(total=Sum("amount_fen"))
        .values("total")
    )
    rows = Scheme.objects.filter(
        within("bureau__region_code", region_code), opens_on__lte=on, closes_on__gte=date(on.year, 1, 1)
    ).annotate(granted=Coalesce(Subquery(granted), 0))
    found: dict[str, tuple[int, int]] = {}
    for code, budget, spent in rows.values_list("bureau__region_code", "budget_fen", "granted"):
        before = found.get(code, (0, 0))
        found[code] = (before[0] + budget, before[1] + spent)
    return found


def within(field: str, region_code: str) -> Q:
    """Rows in the region; "" or 000000 is everywhere."""
    return Q(**{f"{field}__startswith": prefix(region_code)})


def start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def end_of(day: date) -> datetime:
    """The first moment after the day, in Shanghai."""
    return start_of(day + timedelta(days=1))


def summed(counts: Mapping[Any, int], codes: set[str]) -> int:
    """The total over some places of what is keyed by place, or by (place, something)."""
    return sum(count for key, count in counts.items() if (key[0] if isinstance(key, tuple) else key) in codes)
