"""Arithmetic of a report, and rounds that take turns and end in time."""

from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

import pytest

from lms.bench import report, runner
from lms.bench.client import Timings
from lms.bench.plans import Ask, Plan

BARE, OWN = Ask("/bare"), Ask("/own")


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([7.0], 50, 7.0),
        ([7.0], 99, 7.0),
        ([4.0, 1.0, 3.0, 2.0], 50, 2.0),
        ([float(n) for n in range(1, 101)], 50, 50.0),
        ([float(n) for n in range(1, 101)], 99, 99.0),
        ([float(n) for n in range(1, 201)], 99, 198.0),
    ],
)
def test_percentile_by_nearest_rank(values: list[float], percent: int, expected: float) -> None:
    assert report.percentile(values, percent) == expected


def test_figures() -> None:
    told = report.figures(Timings([1.0, 2.0, 9.0], 1.5))
    assert told == {"n": 3, "seconds": 1.5, "per_second": 2.0, "p50_ms": 2.0, "p99_ms": 9.0}


def test_a_plan_is_read_as_it_was_written(tmp_path: Path) -> None:
    asks = (Ask("/一", "POST", {"A": "b"}, "{}", 201, "好"), OWN)
    plan = Plan(asks, BARE, {"people": 2})
    plan.write(tmp_path / "plan.json")
    assert Plan.read(tmp_path / "plan.json") == plan


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What was sent, as path and number, without a server."""
    rounds: list[tuple[str, int]] = []

    def send(port: int, asks: Sequence[Ask], *, clients: int) -> Timings:
        rounds.append((asks[0].path, len(asks)))
        return Timings([1.0] * len(asks), 0.001 * len(asks))

    monkeypatch.setattr(runner, "send", send)
    return rounds


def test_both_sides_take_turns_in_small_rounds(sent: list[tuple[str, int]]) -> None:
    own, bare, rounds = runner._in_turns(1, cycle([OWN]), BARE, 120)
    assert rounds == 6
    assert len(own.milliseconds) == len(bare.milliseconds) == 120
    assert sent[:4] == [("/own", 20), ("/bare", 20), ("/bare", 20), ("/own", 20)]


def test_the_last_round_is_no_larger_than_what_is_left(sent: list[tuple[str, int]]) -> None:
    own, bare, rounds = runner._in_turns(1, cycle([OWN]), BARE, 7)
    assert (len(own.milliseconds), len(bare.milliseconds), rounds) == (7, 7, 4)


def test_it_ends_when_the_time_is_over(sent: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 10_000, 50))
    monkeypatch.setattr(runner, "monotonic", lambda: next(clock))
    own, bare, rounds = runner._in_turns(1, cycle([OWN]), BARE, 20_000)
    assert rounds == 2
    assert len(own.milliseconds) == len(bare.milliseconds) == 100
