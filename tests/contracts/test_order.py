"""Several processes run the same tests as one does, each of them first what takes long."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import order

ROOT = Path(__file__).parents[2]
QUICK = [f"tests/rules/test_names.py::test_{number}" for number in range(100)]
LONG = [
    "tests/faults/test_alerts.py::test_a",
    "tests/test_journey.py::test_b",
    "tests/journeys/test_college.py::test_c",
]


@pytest.mark.parametrize("hands", [1, 2, 3, 8])
def test_nothing_is_lost_and_the_long_ones_come_first(hands: int) -> None:
    items = [SimpleNamespace(nodeid=name) for name in (*QUICK[:50], *LONG, *QUICK[50:])]
    dealt = [item.nodeid for item in order.dealt(items, hands)]
    assert sorted(dealt) == sorted(QUICK + LONG)
    if hands == 3:
        size = len(dealt) // 3
        assert {dealt[0], dealt[size], dealt[2 * size]} == set(LONG)


@pytest.mark.parametrize("begins", order.LONG)
def test_what_is_called_long_is_there(begins: str) -> None:
    path, _colons, test = begins.partition("::")
    assert (ROOT / path).exists()
    assert not test or f"def {test}" in (ROOT / path).read_text(encoding="utf-8")
