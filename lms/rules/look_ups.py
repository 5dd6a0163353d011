"""Whether an institution looks people up as nobody does who is hiring: counting and comparing only, no clock, no list.

One institution's single questions of one day go in, patterns come out. A pattern is no proof of anything: it is a
question that a registrar puts to the institution. Names and families of numbers are compared and counted, and never
stand in what comes out. A list of staff is long, sorted and asked at night by its nature; but no list holds one number
under several names or again and again, nor many people born on one day in one place. So much is asked of lists too.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise


class Pattern(StrEnum):
    MISSES = "misses"
    GUESSED_NAMES = "guessed_names"
    SEQUENCE = "sequence"
    NEIGHBOURING_NUMBERS = "neighbouring_numbers"
    OUTSIDE_HOURS = "outside_hours"
    SAME_PERSON = "same_person"
    BURST = "burst"


@dataclass(frozen=True, slots=True)
class LookUp:
    """One question. ``at`` is local time; ``number`` stands for the document and is never the number itself.

    ``family`` stands for what numbers of people born on one day in one place have in common, "" where a number has no
    such part. ``sound`` is the name as it is sorted. ``held``: somebody here holds the document. ``listed``: a row of a
    list, asked with many others.
    """

    at: datetime
    asker: str
    number: Hashable
    family: Hashable
    sound: str
    name: str
    held: bool
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Bounds:
    """From where on a pattern is one. Shares are of 1; counts are of one day; ends of the hours are exclusive."""

    misses_least: int
    misses_share: float
    names_a_number: int
    run_of_names: int
    numbers_a_family: int
    numbers_a_family_listed: int  # in lists and single questions together
    opens: time
    closes: time
    outside_least: int
    outside_share: float
    same_person: int
    burst: int
    burst_within: timedelta

    @property
    def least(self) -> int:
        """With fewer questions than this there is no pattern."""
        return min(
            *(self.misses_least, self.names_a_number, self.run_of_names, self.numbers_a_family),
            *(self.outside_least, self.same_person, self.burst),
        )


@dataclass(frozen=True, slots=True)
class Found:
    """A pattern and the figures that show it: ``count`` of ``total`` questions, and what else was counted."""

    pattern: Pattern
    count: int
    total: int
    figures: Mapping[str, int]


def patterns(look_ups: Iterable[LookUp], bounds: Bounds) -> tuple[Found, ...]:
    """Every pattern in one institution's questions of one day, whatever their order."""
    everything = sorted(look_ups, key=lambda one: one.at)
    single = [one for one in everything if not one.listed]
    found = []
    for pattern, rule in _RULES.items():
        asked = everything if pattern in _OF_LISTS_TOO else single
        if figures := rule(asked, bounds):
            count = figures.pop("count")
            found.append(Found(pattern, count, len(asked), figures))
    return tuple(found)


def _misses(asked: Sequence[LookUp], bounds: Bounds) -> dict[str, int]:
    """Most of the numbers asked about are held by nobody here: trying numbers out."""
    missed = sum(not one.held for one in asked)
    few = missed < bounds.misses_least or missed < bounds.misses_share * len(asked)
    return {} if few else {"count": missed}


def _guessed_names(asked: Sequence[LookUp], bounds: Bounds) -> dict[str, int]:
    """One number under several names: looking for the name that fits."""
    by_number: dict[Hashable, set[str]] = defaultdict(set)
    for one in asked:
        by_number[one.number].add(one.name)
    guessed = [len(names) for names in by_number.values() if len(names) >= bounds.names_a_number]
    return {"count": sum(guessed), "numbers": len(guessed), "most_names": max(guessed)} if guessed else {}


def _sequence(asked: Sequence[LookUp], bounds: Bounds) -> dict[str, int]:
    """Names in the order of an alphabet, by one asker: working through a list of people."""
    longest = max((_longest_run(one) for one in _by_asker(asked).values()), default=0)
    return {"count": longest} if longest >= bounds.run_of_names else {}


def _longest_run(asked: Sequence[LookUp]) -> int:
    """The most different names one after the other that only go up, or only go down."""
    best = up = down = 1 if asked else 0
    for before, after in pairwise(asked):
        if before.sound == after.sound:  # asked again, or of one name: neither forward nor back
            continue
        up, down = (up + 1, 1) if before.sound < after.sound else (1, down + 1)
        best = max(best, up, down)
    return best


def _neighbouring_numbers(asked: Sequence[LookUp], bounds: Bounds) -> dict[str, int]:
    """Several people born on one day in one place: counting through the last digits."""
    single: dict[Hashable, set[Hashable]] = defaultdict(set)
    every: dict[Hashable, set[Hashable]] = defaultdict(set)
    for one in asked:
        if one.family:
            every[one.family].add(one.number)
            if not one.listed:
                single[one.family].add(one.number)
    near = [
        len(numbers)
        for family, numbers in every.items()
        if len(single[family]) >= bounds.numbers_a_family or len(numbers) >= bounds.numbers_a_family_listed
    ]
    return {"count": sum(near), "days_and_places": len(near), "most": max(near)} if near else {}


def _outside_hours(asked: Sequence[LookUp], bounds: Bounds) -> dict[str, int]:
    """At hours at which nobody hires."""
    late = sum(not bounds.opens <= one.at.time() < bounds.closes for one in asked)
    few = late < bounds.outside_least or late < bounds.outside_share * len(asked)
    return {} if few else {"count": late}


def _same_person(asked: Sequence[LookUp], bounds: Bounds) -> dict[str, int]:
    """One document again and again: watching somebody."""
    often = [times for times in Counter(one.number for one in asked).values() if times >= bounds.same_person]
    return {"count": sum(often), "numbers": len(often), "most": max(often)} if often else {}


def _burst(asked: Sequence[LookUp], bounds: Bounds) -> dict[str, int]:
    """Faster than anybody types, by one asker."""
    most = max((_most_within(one, bounds.burst_within) for one in _by_asker(asked).values()), default=0)
    minutes = int(bounds.burst_within.total_seconds() // 60)
    return {"count": most, "minutes": minutes} if most >= bounds.burst else {}


def _most_within(asked: Sequence[LookUp], length: timedelta) -> int:
    most = first = 0
    for place, one in enumerate(asked):
        while one.at - asked[first].at > length:
            first += 1
        most = max(most, place - first + 1)
    return most


def _by_asker(asked: Sequence[LookUp]) -> dict[str, list[LookUp]]:
    by_asker: dict[str, list[LookUp]] = defaultdict(list)
    for one in asked:
        by_asker[one.asker].append(one)
    return by_asker


_RULES: Mapping[Pattern, Callable[[Sequence[LookUp], Bounds], dict[str, int]]] = {
    Pattern.MISSES: _misses,
    Pattern.GUESSED_NAMES: _guessed_names,
    Pattern.SEQUENCE: _sequence,
    Pattern.NEIGHBOURING_NUMBERS: _neighbouring_numbers,
    Pattern.OUTSIDE_HOURS: _outside_hours,
    Pattern.SAME_PERSON: _same_person,
    Pattern.BURST: _burst,
}
# What the nature of a list does not explain.
_OF_LISTS_TOO = frozenset({Pattern.GUESSED_NAMES, Pattern.NEIGHBOURING_NUMBERS, Pattern.SAME_PERSON})
