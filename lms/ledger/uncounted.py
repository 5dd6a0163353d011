"""What was learned and did not count, with the reason: told by the rooms above, shown beside the entries.

The ledger holds only what counts. A course passed a second time in one year, or a row of another body that a bureau did
not accept, leaves no entry; whoever knows of it registers a function that tells.
"""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Uncounted:
    """Something learned ``on`` a day that earned nothing; ``reason`` is a sentence in the reader's language."""

    on: date
    title: str
    reason: str
    url: str = ""


Tell = Callable[[uuid.UUID, int], Iterable[Uncounted]]
_tellers: list[Tell] = []


def register(tell: Tell) -> None:
    """Tell of what did not count for (person's key, year); called in ``AppConfig.ready``."""
    if tell not in _tellers:
        _tellers.append(tell)


def of(person_id: uuid.UUID, year: int) -> list[Uncounted]:
    """Everything of a year that earned nothing, the latest first."""
    told = [one for tell in _tellers for one in tell(person_id, year)]
    return sorted(told, key=lambda one: one.on, reverse=True)
