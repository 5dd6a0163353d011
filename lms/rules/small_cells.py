"""Counts of people that may be published: a small one is not told, nor one that gives it away.

Where a total is told beside the counts, a single hidden one could be had by subtraction. So the next smallest is
hidden with it, until those hidden are together no small number.
"""

from collections.abc import Mapping
from typing import TypeVar

Key = TypeVar("Key")
SMALLEST_SHOWN = 5


def publishable(counts: Mapping[Key, int], *, smallest: int = SMALLEST_SHOWN) -> dict[Key, int | None]:
    """The counts of one table, None for what may not be told. Nought is told: it is about nobody."""
    hidden = {key for key, count in counts.items() if 0 < count < smallest}
    others = sorted((key for key in counts if counts[key] > 0 and key not in hidden), key=lambda key: counts[key])
    while hidden and others and (len(hidden) < 2 or sum(counts[key] for key in hidden) < smallest):
        hidden.add(others.pop(0))
    return {key: None if key in hidden else count for key, count in counts.items()}


def publishable_total(count: int, *, smallest: int = SMALLEST_SHOWN) -> int | None:
    """A total, None where it is a small number itself."""
    return None if 0 < count < smallest else count
