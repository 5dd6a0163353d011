"""The peer: what a general name matcher does on the same questions.

The number is compared letter by letter after the usual tidying (NFKC, capitals, nothing but letters and digits). A name becomes pinyin (``lazy_pinyin``), as one would do
before giving it to a matcher made for Latin letters; ``rapidfuzz`` compares it by ``WRatio`` with everybody on the list
of that birth date, which is how such matchers are kept from comparing everybody with everybody. The same number and a
name that is near enough bars; a name that is near enough and the birth date, or the number alone, are reviewed.

Its threshold is the one that finds most of those who are meant while it troubles no more innocents than is allowed;
where no threshold troubles so few, the strictest. It is chosen on people of another seed.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from pypinyin import lazy_pinyin
from rapidfuzz import fuzz

from lms.bench.likeness.kinds import Written
from lms.bench.likeness.persons import MadeUp
from lms.rules.screening import Outcome, birth_dates

THRESHOLDS = (80, 85, 88, 90, 92, 94, 95, 96, 97, 98, 99, 100)


def tidy(number: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFKC", number).upper() if one.isalnum())


@lru_cache(maxsize=500_000)
def spelled(name: str) -> str:
    return " ".join(lazy_pinyin(name)).upper()


@dataclass(frozen=True, slots=True)
class Scores:
    """How near the nearest is: under the same number, and under the same birth date."""

    same_number: float | None
    same_day: float

    def outcome(self, threshold: float) -> Outcome:
        if self.same_number is not None:
            return Outcome.BARRED if self.same_number >= threshold else Outcome.REVIEW
        return Outcome.REVIEW if self.same_day >= threshold else Outcome.CLEAR


class Peer:
    """The list, as the matcher keeps it."""

    def __init__(self, listed: Iterable[MadeUp]) -> None:
        self._by_number: dict[str, list[str]] = defaultdict(list)
        self._by_day: dict[date, list[str]] = defaultdict(list)
        for person in listed:
            names = [spelled(name) for name in (person.name, *person.previous_names)]
            for number in (person.number, *(number for _kind, number in person.also)):
                self._by_number[number] += names
            self._by_day[person.born] += names

    def scores(self, written: Written) -> Scores:
        asked = spelled(written.name)
        under = self._by_number.get(tidy(written.number))
        near = [name for day in birth_dates(written.query()) for name in self._by_day.get(day, ())]
        return Scores(_best(asked, under) if under else None, _best(asked, near))


def threshold(innocent: Sequence[Scores], *, allowed: float) -> int:
    """The lowest threshold that reviews at most that share of ``innocent``; else the strictest."""
    return min((at for at in THRESHOLDS if share_reviewed(innocent, at) <= allowed), default=THRESHOLDS[-1])


def share_reviewed(scores: Sequence[Scores], at: float) -> float:
    return sum(one.outcome(at) is not Outcome.CLEAR for one in scores) / len(scores)


def _best(asked: str, names: Iterable[str]) -> float:
    return max((fuzz.WRatio(asked, name) for name in names), default=0.0)
