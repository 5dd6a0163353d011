"""Bans as facts: which one acts on a day, and which is the strictest.

One value is one ban decided about one person.  A lifetime ban has no end: it
can be annulled, never expire.  Several may overlap; the strictest acts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class BanKind(StrEnum):
    LIFETIME = "lifetime"
    DATED = "dated"


@dataclass(frozen=True, slots=True)
class BanFact:
    """One ban.  ``until`` is the last day of a dated one (inclusive).

    ``in_force`` stays true while an appeal runs; ``annulled`` only with the
    overturning document.
    """

    kind: BanKind
    from_date: date
    until: date | None = None
    in_force: bool = True
    annulled: bool = False

    def __post_init__(self) -> None:
        if self.kind == BanKind.LIFETIME and self.until is not None:
            raise ValueError("a lifetime ban has no end")
        if self.kind == BanKind.DATED and (self.until is None or self.until < self.from_date):
            raise ValueError("a dated ban ends on a day, not before it starts")


def acts_on(ban: BanFact, on: date) -> bool:
    """Whether the ban keeps its subject away from children on that day."""
    if not ban.in_force or ban.annulled or on < ban.from_date:
        return False
    return ban.until is None or on <= ban.until


def strictest(bans: Iterable[BanFact], on: date) -> BanFact | None:
    """Return the ban that acts hardest on that day: lifetime first, then the one that ends last."""
    acting = [ban for ban in bans if acts_on(ban, on)]
    return max(acting, key=lambda ban: (ban.until or date.max, -ban.from_date.toordinal()), default=None)
