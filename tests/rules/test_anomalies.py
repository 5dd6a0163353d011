from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules.anomalies import (
    DEFAULT_LIMITS,
    Opening,
    begun_together,
    challenges_failed,
    classroom_overlap,
    identical_spacing,
    in_step,
    overnight_run,
    shared,
)


def every(start: datetime, seconds: int, times: int) -> list[datetime]:
    return [start + timedelta(seconds=seconds * one) for one in range(times)]


@pytest.mark.parametrize(
    ("start", "minutes", "flagged"),
    [
        (datetime(2026, 5, 1, 0, 0), 181, True),
        (datetime(2026, 5, 1, 0, 0), 179, False),
        (datetime(2026, 5, 1, 20, 0), 200, False),
        (datetime(2026, 4, 30, 22, 0), 400, True),
        (datetime(2026, 5, 1, 4, 0), 300, False),
    ],
)
def test_overnight_run(start: datetime, minutes: int, flagged: bool) -> None:
    finding = overnight_run(every(start, 60, minutes + 1))
    assert (finding is not None) is flagged


def test_an_overnight_run_names_its_minutes() -> None:
    finding = overnight_run(every(datetime(2026, 5, 1, 1, 0), 60, 200))
    assert finding
    assert finding.params == {"minutes": 199}
    assert finding.message % finding.params == "深夜连续学习 199 分钟。"


def test_sleep_in_between_breaks_the_run() -> None:
    evening = every(datetime(2026, 5, 1, 0, 0), 60, 100)
    morning = every(datetime(2026, 5, 1, 3, 0), 60, 100)
    assert overnight_run(evening + morning) is None


def test_a_night_may_cross_midnight() -> None:
    limits = replace(DEFAULT_LIMITS, night=(time(22, 0), time(4, 0)))
    assert overnight_run(every(datetime(2026, 4, 30, 22, 0), 60, 200), limits)


def test_identical_spacing_of_a_machine() -> None:
    finding = identical_spacing([15_000 * one for one in range(40)])
    assert finding
    assert finding.params == {"heartbeats": 40, "median_ms": 15_000}


def test_a_real_network_is_not_flagged() -> None:
    assert identical_spacing([15_000 * one + (one * 7919) % 180 for one in range(40)]) is None


@pytest.mark.parametrize("times", [[], [0], [15_000 * one for one in range(29)], [0] * 40])
def test_too_little_to_tell(times: list[int]) -> None:
    assert identical_spacing(times) is None


@given(st.lists(st.integers(0, 10**9), max_size=50))
def test_spacing_ignores_the_order_of_rows(times: list[int]) -> None:
    assert identical_spacing(times) == identical_spacing(times[::-1])


def test_shared_device() -> None:
    uses = [("phone", "wang"), ("phone", "wang"), ("phone", "li"), ("tablet", "li"), ("", "zhao"), ("", "qian")]
    found = shared(uses)
    assert set(found) == {"phone"}
    finding, persons = found["phone"]
    assert (finding.code, finding.params, persons) == ("shared_device", {"persons": 2}, {"wang", "li"})
    assert shared(uses, persons_at_most=2) == {}


def test_shared_address_has_its_own_sentence() -> None:
    finding, _ = shared([("ip", "a"), ("ip", "b")], code="shared_address")["ip"]
    assert finding.message % finding.params == "同一网络地址有 2 人使用。"


@pytest.mark.parametrize(
    ("online", "minutes"), [((9, 0, 10, 0), 30), ((8, 0, 9, 30), 0), ((9, 30, 9, 31), 1), ((12, 0, 13, 0), 0)]
)
def test_classroom_overlap(online: tuple[int, int, int, int], minutes: int) -> None:
    day = datetime(2026, 5, 1)
    learning = [(day.replace(hour=online[0], minute=online[1]), day.replace(hour=online[2], minute=online[3]))]
    room = [(day.replace(hour=9, minute=30), day.replace(hour=12))]
    finding = classroom_overlap(learning, room)
    assert (finding.params["minutes"] if finding else 0) == minutes


@pytest.mark.parametrize(
    ("answers", "failed"),
    [
        ("", None),
        ("++++", None),
        ("-+-+-+", None),
        ("--+--", None),
        ("+---", 3),
        ("---+++++", 3),
        ("--+--+-+-", 6),
        ("-+-+-+-+", None),
    ],
)
def test_challenges_failed(answers: str, failed: int | None) -> None:
    finding = challenges_failed([one == "+" for one in answers])
    assert (finding.params["failed"] if finding else None) == failed


def rooms(apart_ms: int, lessons: int, *, address: str = "here") -> tuple[list[Opening], dict[str, list[int]]]:
    """Wang and Li, lesson after lesson; Li so much later."""
    openings, received = [], {}
    for lesson in range(lessons):
        for person, late in (("wang", 0), ("li", apart_ms)):
            start = 3_600_000 * lesson + late
            openings.append(Opening(f"{person}{lesson}", person, address, start))
            received[f"{person}{lesson}"] = [start + 15_000 * beat + beat * 7919 % 180 for beat in range(20)]
    return openings, received


@pytest.mark.parametrize(
    ("apart_ms", "lessons", "flagged"),
    [(0, 3, True), (100, 3, True), (101, 3, False), (0, 2, False), (2_001, 5, False), (50, 9, True)],
)
def test_in_step(apart_ms: int, lessons: int, flagged: bool) -> None:
    openings, received = rooms(apart_ms, lessons)
    findings = in_step(begun_together(openings), received)
    assert bool(findings) is flagged
    if flagged:
        assert len(findings) == 2 * lessons
        assert findings["wang0"].params == {"persons": 2, "lessons": lessons}


def test_in_step_once_in_a_while_is_chance() -> None:
    openings, received = rooms(0, 10)
    for lesson in range(2, 10):
        received[f"li{lesson}"] = [moment + 900 for moment in received[f"li{lesson}"]]
    assert in_step(begun_together(openings), received) == {}


def test_no_address_no_room() -> None:
    openings, _received = rooms(0, 3, address="")
    assert begun_together(openings) == {}


def test_too_few_heartbeats_tell_nothing() -> None:
    openings, received = rooms(0, 3)
    assert in_step(begun_together(openings), {lease: times[:9] for lease, times in received.items()}) == {}
