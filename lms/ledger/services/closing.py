"""The close of a year: what stands when its grace is over is frozen for every person, and hours no longer enter it.

Work in batches: each is a transaction that freezes some persons and remembers the last one, so a worker killed half-way,
or a second one, goes on where the books are. Freezing a person and crediting hours take the same lock.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.audit.work import taken, wake_on_commit
from lms.ledger.models import HourEntry, YearClosing, YearStanding
from lms.ledger.services.days import last_day, local_day
from lms.ledger.services.standings import judge
from lms.people.access import require
from lms.people.models import Person, Role
from lms.people.querysets import in_region
from lms.policy.models import PolicyPack
from lms.policy.services import pack_in_force, packs_in_force
from lms.rules.chain import GENESIS
from lms.rules.refusals import Conflict
from lms.rules.regions import ancestors
from lms.rules.standing import Standing

AT_A_TIME = 500
HOLD = timedelta(minutes=5)
JOB = "close-year"


def close_year(*, year: int, region_code: str, actor: Actor, now: datetime) -> YearClosing:
    """Begin to close ``year`` in the region of a pack; a worker does the rest. Closed twice is closed once.

    Refuses ``no_policy`` where there was none, and ``year_open`` while the pack's grace lasts.
    """
    require(actor, Role.ADMINISTRATOR)
    closes_on = closing_day(region_code, year)
    if local_day(now) <= closes_on:
        raise Conflict(
            "year_open", _("%(year)s 年度到 %(day)s 才结账。"), year=year, day=closes_on.isoformat(), field="year"
        )
    with transaction.atomic():
        closing, created = YearClosing.objects.get_or_create(
            region_code=region_code, year=year, defaults={"started_at": now}
        )
        if created:
            changes = {"year": year, "region": region_code}
            record(verb="year.closing", actor=actor, now=now, subject=closing, changes=changes)
        if closing.finished_at is None:
            wake_on_commit("lms.ledger.tasks.close_year", str(closing.pk))
    return closing


def closing_day(region_code: str, year: int) -> date:
    """The last day on which hours of ``year`` may be booked: 31 December and the grace of the pack in force then."""
    return last_day(year) + timedelta(days=pack_in_force(region_code, last_day(year)).year.grace_days)


def due_closings(year: int, on: date) -> list[str]:
    """Regions with a pack whose ``year`` is past its grace and not begun to be closed."""
    begun = YearClosing.objects.filter(year=year).values("region_code")
    governed = _packs_of(year).exclude(region_code__in=begun).order_by("region_code")
    codes = governed.values_list("region_code", flat=True).distinct()
    return [code for code in codes if on > closing_day(code, year)]


def work_on(*, closing_id: uuid.UUID, now: datetime) -> bool:
    """Freeze the next persons of a closing that nobody holds. True while some are left for another turn."""
    with taken(YearClosing.objects.filter(pk=closing_id, finished_at=None), now=now, hold=HOLD) as closing:
        if closing is None:
            return False
        frozen = _freeze_next(closing, now)
        if not frozen:
            _finish(closing, now)
    return frozen


def refuse_closed(*, person: Person, year: int, now: datetime) -> None:
    """Refuse ``year_closed`` when the year is frozen for the person, or was closed where they live."""
    if year >= local_day(now).year:
        return
    closed = YearClosing.objects.filter(region_code=_governed_from(person.region_code, year), year=year)
    if YearStanding.objects.filter(person=person, year=year).exists() or closed.exclude(finished_at=None).exists():
        raise Conflict("year_closed", _("%(year)s 年度已经结账，不能再计入学时。"), year=year)


def freeze_again(*, person: Person, year: int, why: str, actor: Actor, now: datetime) -> list[YearStanding]:
    """Append how a closed year stands now, and the later closed years that it changes (what is brought over).

    Nothing happens while these years are open. Called inside the verb that changed it, under the person's lock.
    """
    last = {row.year: row for row in YearStanding.objects.filter(person=person, year__gte=year).order_by("version")}
    written = []
    for of, before in sorted(last.items()):
        row = next(iter(_rows([person.pk], of, now, why=why, version=before.version + 1)))
        if of != year and row.lines == before.lines:
            continue
        row.save()
        changes = {"year": of, "version": row.version, "met": row.met}
        record(
            verb="year.frozen_again",
            actor=actor,
            now=now,
            subject=row,
            person_id=person.pk,
            changes=changes,
            reason=why,
        )
        written.append(row)
    return written


@transaction.atomic
def _freeze_next(closing: YearClosing, now: datetime) -> bool:
    after = _persons(closing.region_code, closing.year)
    if closing.cursor:
        after = after.filter(pk__gt=closing.cursor)
    ids = list(after.order_by("pk").values_list("pk", flat=True)[:AT_A_TIME])
    if not ids:
        return False
    list(Person.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    known = set(YearStanding.objects.filter(person__in=ids, year=closing.year).values_list("person_id", flat=True))
    rows = list(_rows([pk for pk in ids if pk not in known], closing.year, now))
    YearStanding.objects.bulk_create(rows)
    closing.persons += len(rows)
    closing.cursor = ids[-1]
    closing.save(update_fields=["persons", "cursor"])
    changes = {"year": closing.year, "persons": len(rows), "met": sum(row.met for row in rows)}
    record(verb="year.frozen", actor=Actor.system(JOB), now=now, subject=closing, changes=changes)
    return True


def _finish(closing: YearClosing, now: datetime) -> None:
    with transaction.atomic():
        if YearClosing.objects.filter(pk=closing.pk, finished_at=None).update(finished_at=now):
            changes = {"year": closing.year, "region": closing.region_code, "persons": closing.persons}
            record(verb="year.closed", actor=Actor.system(JOB), now=now, subject=closing, changes=changes)


def _persons(region_code: str, year: int) -> QuerySet[Person]:
    """Whom the pack of this region governed: all within it, but those whom a nearer region's pack governed then."""
    found = Person.objects.filter(in_region("region_code", region_code))
    for code in _packs_of(year).values_list("region_code", flat=True).distinct():
        if region_code in ancestors(code):
            found = found.exclude(in_region("region_code", code))
    return found


def _governed_from(region_code: str, year: int) -> str:
    """The nearest region with a pack of the year: its closing is the one that freezes who lives here."""
    places = [region_code, *reversed(ancestors(region_code))]
    known = set(_packs_of(year).filter(region_code__in=places).values_list("region_code", flat=True))
    return next((place for place in places if place in known), region_code)


def _packs_of(year: int) -> QuerySet[PolicyPack]:
    return PolicyPack.objects.filter(valid_from__lte=last_day(year))


def _rows(
    ids: Sequence[uuid.UUID], year: int, now: datetime, *, why: str = "", version: int = 1
) -> Iterable[YearStanding]:
    latest = HourEntry.objects.filter(person=OuterRef("pk")).order_by("-number")
    people = Person.objects.filter(pk__in=ids).annotate(
        head_number=Subquery(latest.values("number")[:1]), head_hash=Subquery(latest.values("hash")[:1])
    )
    persons = list(people.values_list("pk", "region_code", "head_number", "head_hash"))
    packs = packs_in_force({region for _pk, region, _number, _hash in persons}, last_day(year))
    verdicts = judge({pk: region for pk, region, _number, _hash in persons}, year, last_day(year))
    for pk, region, number, head in persons:
        pack = packs.get(region)
        yield YearStanding(
            person_id=pk,
            year=year,
            version=version,
            region_code=region,
            pack_id=pack.id if pack else None,
            head_number=number or 0,
            head_hash=head or GENESIS,
            why=why[:300],
            at=now,
            **_frozen(verdicts[pk]),
        )


def _frozen(standing: Standing) -> dict[str, Any]:
    """A verdict as it is kept; class-hours as text, so that they stay what they were."""
    return {
        "met": standing.met,
        "lines": [
            {
                "category": line.category,
                "required": line.required_minutes,
                "earned": line.earned_minutes,
                "left": line.left_minutes,
                "surplus": line.surplus_to_carry_minutes,
                "required_class_hours": str(line.required_class_hours),
                "earned_class_hours": str(line.earned_class_hours),
                "left_class_hours": str(line.left_class_hours),
                "met": line.met,
            }
            for line in standing.lines
        ],
        "reasons": [
            {
                "code": reason.code,
                "category": reason.category,
                "params": {
                    name: value if isinstance(value, int) else str(value) for name, value in reason.params.items()
                },
            }
            for reason in standing.reasons
        ],
    }
