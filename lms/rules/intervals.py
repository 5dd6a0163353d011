"""Which stretches of a recording were played: arithmetic on integer milliseconds.

One value is a set of half-open stretches ``[start, end)``, sorted, apart and
never empty.  Two values that cover the same milliseconds are equal, whatever
order they were put together in.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

Stretch = tuple[int, int]


def _normalised(stretches: Sequence[Stretch]) -> tuple[Stretch, ...]:
    if not stretches:
        return ()
    if len(stretches) == 1 and 0 <= stretches[0][0] < stretches[0][1]:
        return tuple(stretches)  # by far the most
    merged: list[Stretch] = []
    for start, end in sorted(stretches):
        if start < 0 or end < start:
            raise ValueError("a stretch runs forward from zero")
        if start == end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


@dataclass(frozen=True, slots=True)
class Intervals:
    """An immutable set of milliseconds; build it with :meth:`of` or :meth:`from_pairs`."""

    stretches: tuple[Stretch, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "stretches", _normalised(self.stretches))

    @classmethod
    def of(cls, *stretches: Stretch) -> "Intervals":
        return cls(tuple(stretches))

    @classmethod
    def from_pairs(cls, pairs: Iterable[Iterable[int]]) -> "Intervals":
        """Read what :meth:`pairs` wrote (lists of two, as JSON keeps them)."""
        return cls(tuple((start, end) for start, end in (tuple(pair) for pair in pairs)))

    def pairs(self) -> list[list[int]]:
        """Return lists of two, ready for JSON."""
        return [[start, end] for start, end in self.stretches]

    def __iter__(self) -> Iterator[Stretch]:
        return iter(self.stretches)

    def __bool__(self) -> bool:
        return bool(self.stretches)

    def covered(self) -> int:
        """Milliseconds covered, each counted once."""
        return sum(end - start for start, end in self.stretches)

    def add(self, start: int, end: int) -> "Intervals":
        return Intervals((*self.stretches, (start, end)))

    def union(self, other: "Intervals") -> "Intervals":
        if not other.stretches:
            return self
        return Intervals(self.stretches + other.stretches) if self.stretches else other

    def subtract(self, other: "Intervals") -> "Intervals":
        """Return what is here and not in ``other``."""
        cuts = other.stretches
        if not cuts or not self.stretches:
            return self
        left: list[Stretch] = []
        first = 0
        for start, end in self.stretches:
            while first < len(cuts) and cuts[first][1] <= start:
                first += 1
            at = start
            for cut_start, cut_end in cuts[first:]:
                if cut_start >= end:
                    break
                if cut_start > at:
                    left.append((at, cut_start))
                at = max(at, cut_end)
            if at < end:
                left.append((at, end))
        return _tidy(left)

    def intersect(self, other: "Intervals") -> "Intervals":
        return self.subtract(self.subtract(other))

    def clip(self, start: int, end: int) -> "Intervals":
        """Return the part inside ``[start, end)``."""
        if not self.stretches or (self.stretches[0][0] >= start and self.stretches[-1][1] <= end):
            return self
        return self.intersect(Intervals.of((start, end)))

    def first(self, milliseconds: int) -> "Intervals":
        """Return the earliest stretches of at most this many milliseconds in all."""
        if self.covered() <= milliseconds:
            return self
        kept: list[Stretch] = []
        left = milliseconds
        for start, end in self.stretches:
            if left <= 0:
                break
            kept.append((start, min(end, start + left)))
            left -= end - start
        return _tidy(kept)

    def coverage(self, length: int) -> float:
        """Share (0–1) of a recording of ``length`` milliseconds that is covered; 0 for an empty one."""
        return self.clip(0, length).covered() / length if length > 0 else 0.0


def _tidy(stretches: Iterable[Stretch]) -> Intervals:
    """Of stretches that are sorted, apart and never empty already: millions are made so, and need no second look."""
    made = object.__new__(Intervals)
    object.__setattr__(made, "stretches", tuple(stretches))
    return made


EMPTY = Intervals()
