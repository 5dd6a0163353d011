"""What may be published: a table a statistician can read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules.small_cells import publishable, publishable_total


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({}, {}),
        ({"a": 0}, {"a": 0}),
        ({"a": 5}, {"a": 5}),
        ({"a": 4}, {"a": None}),
        ({"a": 9, "b": 4, "c": 7}, {"a": 9, "b": None, "c": None}),  # 4 alone could be had by subtraction
        ({"a": 9, "b": 2, "c": 4}, {"a": 9, "b": None, "c": None}),
        ({"a": 9, "b": 1, "c": 1}, {"a": None, "b": None, "c": None}),  # 1 + 1 are together few
        ({"a": 0, "b": 3, "c": 8}, {"a": 0, "b": None, "c": None}),
    ],
)
def test_small_counts_and_what_gives_them_away(counts: dict[str, int], told: dict[str, int | None]) -> None:
    assert publishable(counts) == told


@given(st.dictionaries(st.integers(0, 20), st.integers(0, 40), max_size=8))
def test_what_is_hidden_can_not_be_had_by_subtraction(counts: dict[int, int]) -> None:
    told = publishable(counts)
    hidden = [key for key, count in told.items() if count is None]
    assert all(count is None or count == counts[key] for key, count in told.items())
    assert all(not 0 < count < 5 for count in told.values() if count is not None)
    shown = any(told[key] for key in told)
    if hidden and shown:
        assert len(hidden) > 1
        assert sum(counts[key] for key in hidden) >= 5


@pytest.mark.parametrize(("count", "told"), [(0, 0), (1, None), (4, None), (5, 5)])
def test_totals(count: int, told: int | None) -> None:
    assert publishable_total(count) == told
