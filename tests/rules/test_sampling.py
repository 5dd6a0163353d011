from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules.sampling import sample, seeded_order

ids = st.lists(st.text(max_size=5), max_size=20)


def test_the_order_never_changes_between_releases() -> None:
    assert seeded_order(["a", "b", "c", "d", "e"], "2026-audit") == ("c", "a", "b", "e", "d")


@given(ids, st.text(max_size=8))
def test_order_in_is_irrelevant_and_nothing_is_lost(several: list[str], seed: str) -> None:
    order = seeded_order(several, seed)
    assert order == seeded_order(several[::-1], seed)
    assert set(order) == set(several)
    assert len(order) == len(set(several))


@pytest.mark.parametrize(
    ("share", "size"), [("0", 0), ("0.001", 1), ("0.1", 1), ("0.11", 2), ("0.5", 5), ("0.99", 10), ("1", 10)]
)
def test_share_is_rounded_up(share: str, size: int) -> None:
    assert len(sample([str(one) for one in range(10)], "seed", Decimal(share))) == size


def test_of_nothing_nothing() -> None:
    assert sample([], "seed", Decimal(1)) == ()


@pytest.mark.parametrize("share", ["-0.1", "1.1"])
def test_share_lies_between_nought_and_one(share: str) -> None:
    with pytest.raises(ValueError, match="share"):
        sample(["a"], "seed", Decimal(share))


def test_another_seed_is_another_sample() -> None:
    several = [str(one) for one in range(100)]
    assert sample(several, "a", Decimal("0.1")) != sample(several, "b", Decimal("0.1"))
