"""Standing: how a person's year stands, by the policy in force and the entries that stand; for one, and for very many."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice

from django.db.models import Case, Count, F, Q, Sum, Value, When

from lms.ledger.models import EntryKind, HourEntry
from lms.ledger.querysets import HourEntryQuerySet
from lms.ledger.services.circumstances import PersonKeys, circumstances
from lms.ledger.services.days import end_of, within
from lms.people.models import Person
from lms.people.querysets import in_region
from lms.policy.pack import Pack
from lms.policy.services import class_hours, packs_in_force
from lms.rules import standing as rules
from lms.rules.class_hours import class_hours_to_minutes

BATCH = 5_000  # persons asked for in one query
_Sum = tuple[str, int, int]  # category, minutes, those of them learned online; negative where taken back


def standing(*, person: Person, year: int, on: date, recorded_by: date | None = None) -> rules.Standing:
    """How ``year`` stands for a person as of ``on`` (inclusive), by the pack in force then in that year.

    ``recorded_by`` asks what the books said on the evening of a day in Shanghai: what was recorded or taken back
    later is left out. Where no policy, or one without yearly class-hours, governs the person, the verdict says so.
    """
    before = end_of(recorded_by) if recorded_by else None
    return judge({person.pk: person.region_code}, year, on, before)[person.pk]


def standings(person_ids: Iterable[uuid.UUID], year: int, on: date) -> dict[uuid.UUID, rules.Standing]:
    """``standing`` of many, in a fixed number of queries for every five thousand persons. Unknown ids are left out."""
    result: dict[uuid.UUID, rules.Standing] = {}
    for ids in _batches(person_ids):
        regions = dict(Person.objects.filter(pk__in=ids).values_list("pk", "region_code"))
        result |= judge(regions, year, on)
    return result


def standings_of(regions: Mapping[uuid.UUID, str], year: int, on: date) -> dict[uuid.UUID, rules.Standing]:
    """``standings`` of persons whose region is at hand already."""
    result: dict[uuid.UUID, rules.Standing] = {}
    for ids in _batches(regions):
        result |= judge({person_id: regions[person_id] for person_id in ids}, year, on)
    return result


def standings_in_region(*, region_code: str, year: int, on: date) -> Iterator[tuple[uuid.UUID, str, rules.Standing]]:
    """``standing`` of everybody who lives in a region, with their own region's code; as few in memory as in one query."""
    everybody = Person.objects.filter(in_region("region_code", region_code)).order_by("pk")
    rows = everybody.values_list("pk", "region_code").iterator(chunk_size=BATCH)
    while regions := dict(islice(rows, BATCH)):
        # Told to the database by its ends: thousands of keys would cost it and us more than their entries.
        ends = (next(iter(regions)), next(reversed(regions)))
        these = everybody.filter(pk__range=ends).order_by().values("pk")
        for person_id, verdict in judge(regions, year, on, persons=these, between=ends).items():
            yield person_id, regions[person_id], verdict


def balances(*, person: Person, year: int, on: date, recorded_by: date | None = None) -> dict[str, int]:
    """Minutes by category that stand in ``year`` as of ``on``; as the books said that evening, with ``recorded_by``."""
    before = end_of(recorded_by) if recorded_by else None
    rows = HourEntry.objects.standing_credits(before).filter(person=person, year=year, on__lte=on)
    return {category: minutes for (_year, category), minutes in rows.balances().items()}


def class_hours_so_far(*, person: Person, year: int, on: date, recorded_by: date | None = None) -> dict[str, Decimal]:
    """Class-hours by category that stand in ``year``, whether or not a policy asks for any."""
    pack = packs_in_force([person.region_code], within(year, on)).get(person.region_code)
    if pack is None:
        return {}
    totals = balances(person=person, year=year, on=on, recorded_by=recorded_by)
    return {category: class_hours(minutes, pack) for category, minutes in totals.items()}


def judge(
    regions: Mapping[uuid.UUID, str],
    year: int,
    on: date,
    before: datetime | None = None,
    *,
    persons: PersonKeys | None = None,
    between: tuple[uuid.UUID, uuid.UUID] | None = None,
) -> dict[uuid.UUID, rules.Standing]:
    """The standing of persons whose region is known already; the entries as they were recorded ``before`` a moment.

    ``persons``: the same persons as the database finds them by itself; ``between``: the first and the last of their keys.
    """
    of = list(regions) if persons is None else persons
    packs = packs_in_force(regions.values(), within(year, on))
    counting = {pack.id: _counting(pack) for pack in packs.values()}
    learned, singly = _learned(of, year, on, before, between)
    known = circumstances(of, year, packs.values(), before)
    result: dict[uuid.UUID, rules.Standing] = {}
    # Nothing else goes into a verdict: whoever is alike in all of it has the same one.
    alike: dict[Hashable, rules.Standing] = {}
    for person_id, code in regions.items():
        pack, service = packs.get(code), known.get(person_id)
        asked = counting[pack.id] if pack else NOTHING
        if person_id in singly:
            result[person_id] = asked.verdict(singly[person_id], year, on, service)
            continue
        sums = tuple(sorted(learned.get(person_id, ())))
        inputs = (pack and pack.id, sums, service and service.key)
        verdict = alike.get(inputs)
        if verdict is None:
            verdict = alike[inputs] = asked.verdict(_entries(sums, year, on), year, on, service)
        result[person_id] = verdict
    return result


@dataclass(frozen=True, slots=True)
class _Counting:
    """What a pack asks, in the words of the rule."""

    requirements: Sequence[rules.Requirement]
    terms: rules.Terms

    def verdict(
        self, entries: Iterable[rules.Entry], year: int, on: date, service: rules.Service | None
    ) -> rules.Standing:
        return rules.evaluate(self.requirements, entries, on, year=year, terms=self.terms, service=service)


# Where there is no pack nothing is asked, so nothing is converted.
NOTHING = _Counting((), rules.Terms(minutes_per_class_hour=1))


def _counting(pack: Pack) -> _Counting:
    length, carried = pack.class_hour.minutes, pack.year.carry_over_class_hours_max
    requirements = [
        rules.Requirement(
            category=requirement.category,
            required_minutes=class_hours_to_minutes(requirement.class_hours, minutes_per_class_hour=length),
            online_share_at_most=pack.limits.online_share_max,
            carry_over_minutes_at_most=class_hours_to_minutes(carried, minutes_per_class_hour=length)
            if carried
            else None,
        )
        for requirement in pack.annual_requirements
    ]
    terms = rules.Terms(
        minutes_per_class_hour=length,
        rounding=pack.class_hour.rounding,
        one_release_once_a_year=pack.limits.one_course_once_a_year,
        pro_rata=rules.ProRata(pack.year.pro_rata) if pack.year.pro_rata else None,
        leave_reduces=pack.year.leave_reduces,
        grace_days=pack.year.grace_days,
    )
    return _Counting(requirements, terms)


def _batches(ids: Iterable[uuid.UUID]) -> Iterator[list[uuid.UUID]]:
    remaining = iter(ids)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def _learned(
    of: PersonKeys, year: int, on: date, before: datetime | None, between: tuple[uuid.UUID, uuid.UUID] | None
) -> tuple[dict[uuid.UUID, list[_Sum]], dict[uuid.UUID, list[rules.Entry]]]:
    """Everybody's sums; and entry by entry what those learned whom sums don't do justice."""
    rows = HourEntry.objects.recorded(before).filter(person__in=of, year=year)
    if between:
        # The index begins at the first of these keys, not at the first of all.
        rows = rows.filter(person__pk__range=between)
    sums, closer = _summed(rows, on)
    if not closer:
        return sums, {}
    standing_still = HourEntry.objects.standing_credits(before).filter(year=year, on__lte=on, person__in=closer)
    return sums, {person_id: [] for person_id in closer} | _one_by_one(standing_still, year)


def _summed(rows: HourEntryQuerySet, on: date) -> tuple[dict[uuid.UUID, list[_Sum]], set[uuid.UUID]]:
    """A category's minutes and those learned online, added up by the database; what was taken back comes as less.

    Nothing is joined and, but for what was taken back, no row but the index is read. Where a course was credited twice,
    each entry is looked at: those persons are returned too, for ``_one_by_one``.
    """
    at_home = Q(delivery="online")
    credited = rows.filter(kind=EntryKind.CREDIT, on__lte=on).order_by().values_list("person_id", "category")
    sums = credited.annotate(
        total=Sum("minutes"),
        online=Sum("minutes", filter=at_home, default=0),
        repeated=Count("course_id") - Count("course_id", distinct=True),
    )
    # On whatever day. A reversal is found by the entry it names: few have one.
    reversals = rows.filter(reverses__isnull=False, reverses__on__lte=on).order_by()
    less = reversals.annotate(
        total=-F("minutes"),
        online=Case(When(at_home, then=-F("minutes")), default=0),
        repeated=Value(0),
    ).values_list("person_id", "category", "total", "online", "repeated")
    found: dict[uuid.UUID, list[_Sum]] = defaultdict(list)
    closer: set[uuid.UUID] = set()
    for person_id, category, total, online, repeated in sums.union(less, all=True):
        found[person_id].append((category, total, online))
        if repeated:
            closer.add(person_id)
    return found, closer


def _entries(sums: Iterable[_Sum], year: int, on: date) -> list[rules.Entry]:
    """Sums as the rule takes them: one entry a category for what was learned online, one for what was not."""
    minutes: Counter[tuple[str, bool]] = Counter()
    for category, total, online in sums:
        minutes[category, True] += online
        minutes[category, False] += total - online
    return [
        rules.Entry(category, left, year, on, online=online) for (category, online), left in minutes.items() if left
    ]


def _one_by_one(rows: HourEntryQuerySet, year: int) -> dict[uuid.UUID, list[rules.Entry]]:
    """Every entry for itself, in the order of the ledger."""
    entries: dict[uuid.UUID, list[rules.Entry]] = {}
    columns = ("person_id", "category", "minutes", "on", "course_id", "delivery")
    for person_id, category, minutes, day, course_id, delivery in rows.order_by("number").values_list(*columns):
        course = str(course_id) if course_id else None
        entry = rules.Entry(category, minutes, year, day, release_id=course, online=delivery == "online")
        entries.setdefault(person_id, []).append(entry)
    return entries
