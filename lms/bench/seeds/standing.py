"""A city's practitioners with sixty entries each, and how long it takes to tell how the year of every one of them stands.

The entries lie in the table in the order of time, as they would in life: nobody's stand side by side. Some people were
hired in the middle of the year, and some had an entry taken back.
"""

import resource
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from time import perf_counter
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from lms.bench.seeds import ground
from lms.bench.seeds.books import FIELDS, Book, Written, key
from lms.bench.seeds.bulk import load, settled, unburdened
from lms.bench.seeds.honest_time import KIB, Figures
from lms.ledger.models import HourEntry
from lms.ledger.services import standing, standings_in_region
from lms.people.models import Employment, OrganisationKind, Person, Post
from lms.policy.services import pack_in_force, regions_within

ENTRIES, COURSES, ROUNDS, SINGLY = 60, 240, 3, 100
# One in so many: hired in the middle of the year; an entry taken back.
HIRED_LATE, TAKEN_BACK = 10, 50
PERSON, ENTRY, REVERSAL, COURSE, EVIDENCE, EMPLOYMENT = range(1, 7)
CATEGORIES = ("skills", "ethics", "skills")
MINUTES = (45, 75, 135, 90, 120)


def seed(*, requests: int, now: datetime) -> Figures:
    """Measure ``requests`` persons, as of the end of last year."""
    started = perf_counter()
    ground.city(now)
    last_day = date(timezone.localdate(now).year - 1, 12, 31)
    with unburdened(HourEntry, Employment):
        _people(requests, last_day.year, now)
        # Asked for beforehand: while rows are copied nothing else can be asked.
        book = Book(pack_in_force(ground.CITY, last_day))
        entries = load(HourEntry, FIELDS, _entries(book, requests, last_day))
    settled()
    seeded = perf_counter() - started
    return Figures(_measured(requests, last_day, {"entries": entries, "seeding_seconds": round(seeded, 1)}))


def _people(persons: int, year: int, now: datetime) -> None:
    districts = [region.code for region in regions_within(ground.CITY)]
    people = ((key(PERSON, one), ground.full_name(one), districts[one % len(districts)], now) for one in range(persons))
    load(Person, ("id", "name", "region_code", "created_at"), people)
    institution = ground.organisation(OrganisationKind.INSTITUTION, 0, now).pk
    early, late = date(year - 1, 3, 1), date(year, 7, 1)
    posts = (
        (key(EMPLOYMENT, one), key(PERSON, one), institution, Post.CAREGIVER, early if one % HIRED_LATE else late)
        for one in range(persons)
    )
    load(Employment, ("id", "person", "institution", "post", "from_date"), posts)


def _entries(book: Book, persons: int, last_day: date) -> Iterator[tuple[Any, ...]]:
    """The first entry of everybody, the second of everybody, and so on; at the end what was taken back."""
    year = last_day.year
    first = timezone.make_aware(datetime.combine(date(year, 1, 4), time(12)))
    taken_back: list[Written] = []
    for number in range(ENTRIES):
        at = first + timedelta(days=6 * number)
        for person in range(persons):
            course = key(COURSE, (person + number) % COURSES)
            place = number * persons + person
            written = Written(
                id=key(ENTRY, place),
                person=key(PERSON, person),
                category=CATEGORIES[number % 3],
                minutes=MINUTES[(person + number) % 5],
                at=at,
                course=course,
                release=course,
                evidence=("bench", key(EVIDENCE, place), f"{place:064x}"),
            )
            if number == 0 and person % TAKEN_BACK == 0:
                taken_back.append(written)
            yield book.row(written, year)
    for written in taken_back:
        yield book.row(written.taken_back(id=written.id.replace("-8002-", "-8003-"), at=at), year)


def _measured(persons: int, last_day: date, extra: dict[str, Any]) -> dict[str, Any]:
    asked = list(Person.objects.order_by("pk")[:SINGLY])
    sides: dict[str, tuple[int, Callable[[], Any]]] = {
        "by_region": (persons, lambda: _by_district(last_day)),
        "bare_sum": (persons, lambda: _bare_sum(last_day)),
        "one_by_one": (len(asked), lambda: [standing(person=one, year=last_day.year, on=last_day) for one in asked]),
    }
    seconds: dict[str, list[float]] = {side: [] for side in sides}
    answers: dict[str, Any] = {}
    for turn in range(ROUNDS):
        # Each side goes first at times: whatever else the machine does hits all alike.
        for side in sorted(sides, key=lambda name: (list(sides).index(name) + turn) % len(sides)):
            began = perf_counter()
            answers[side] = sides[side][1]()
            seconds[side].append(perf_counter() - began)
    own, *peers = ({"n": n, **_speed(n, seconds[side])} for side, (n, _ask) in sides.items())
    districts: dict[str, Counter[bool]] = answers["by_region"]
    assert sum(told.total() for told in districts.values()) == persons
    return {
        **own,
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB, 1),
        "peers": dict(zip(("bare_sum", "one_by_one"), peers, strict=True)),
        "extra": {
            **extra,
            "districts": len(districts),
            "met": sum(told[True] for told in districts.values()),
            "rounds": [round(each, 3) for each in seconds["by_region"]],
        },
    }


def _speed(count: int, seconds: list[float]) -> dict[str, float]:
    """By the middle one of the rounds."""
    middle = sorted(seconds)[len(seconds) // 2]
    return {"seconds": round(middle, 3), "per_second": round(count / middle, 1)}


def _by_district(last_day: date) -> dict[str, Counter[bool]]:
    """How many of each district have met the year."""
    met: dict[str, Counter[bool]] = {}
    for _person, region_code, found in standings_in_region(region_code=ground.CITY, year=last_day.year, on=last_day):
        met.setdefault(region_code, Counter())[found.met] += 1
    return met


def _bare_sum(last_day: date) -> int:
    """The least anybody could do: one sum a person and category, without a policy, a reversal or a reason."""
    rows = HourEntry.objects.filter(year=last_day.year).order_by().values_list("person_id", "category")
    return sum(1 for _row in rows.annotate(total=Sum("minutes")).iterator())
