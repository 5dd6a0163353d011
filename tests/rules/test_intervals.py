import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules.intervals import EMPTY, Intervals

stretches = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda pair: (min(pair), max(pair)))
sets = st.lists(stretches, max_size=6).map(lambda pairs: Intervals(tuple(pairs)))


def milliseconds(intervals: Intervals) -> set[int]:
    return {at for start, end in intervals for at in range(start, end)}


def test_touching_stretches_become_one() -> None:
    assert Intervals.of((5, 9), (0, 5)).stretches == ((0, 9),)


def test_empty_stretches_vanish() -> None:
    assert not Intervals.of((4, 4))
    assert Intervals.of((4, 4)) == EMPTY


@pytest.mark.parametrize("stretch", [(-1, 3), (5, 3)])
def test_a_stretch_runs_forward_from_zero(stretch: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="forward"):
        Intervals.of(stretch)


def test_coverage_of_a_recording() -> None:
    assert Intervals.of((0, 95), (300, 400)).coverage(100) == 0.95
    assert EMPTY.coverage(0) == 0.0


def test_pairs_come_back_from_json() -> None:
    intervals = Intervals.of((0, 5), (8, 9))
    assert Intervals.from_pairs(intervals.pairs()) == intervals


@given(sets, sets)
def test_arithmetic_is_that_of_sets(a: Intervals, b: Intervals) -> None:
    assert milliseconds(a.union(b)) == milliseconds(a) | milliseconds(b)
    assert milliseconds(a.subtract(b)) == milliseconds(a) - milliseconds(b)
    assert milliseconds(a.intersect(b)) == milliseconds(a) & milliseconds(b)
    assert a.covered() == len(milliseconds(a))


@given(sets)
def test_sorted_apart_and_never_empty(a: Intervals) -> None:
    assert all(start < end for start, end in a)
    assert all(before[1] < after[0] for before, after in zip(a.stretches, a.stretches[1:], strict=False))


@given(sets, sets)
def test_order_of_building_is_irrelevant(a: Intervals, b: Intervals) -> None:
    assert a.union(b) == b.union(a)


@given(sets, st.integers(0, 80))
def test_first_keeps_the_earliest(a: Intervals, most: int) -> None:
    kept = a.first(most)
    assert kept.covered() == min(most, a.covered())
    assert milliseconds(kept) == set(sorted(milliseconds(a))[:most])


@given(sets, stretches)
def test_add_and_clip(a: Intervals, stretch: tuple[int, int]) -> None:
    inside = set(range(*stretch))
    assert milliseconds(a.add(*stretch)) == milliseconds(a) | inside
    assert milliseconds(a.clip(*stretch)) == milliseconds(a) & inside
