from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules.class_hours import (
    Rounding,
    class_hours_to_minutes,
    content_holds,
    minutes_left_to_class_hours,
    minutes_to_class_hours,
    reading_minutes,
)

lengths = st.integers(30, 60)
roundings = st.sampled_from(list(Rounding))


@pytest.mark.parametrize(
    ("minutes", "length", "rounding", "expected"),
    [
        (3240, 45, "half", "72"),
        (3239, 45, "half", "71.5"),
        (3239, 45, "down", "71"),
        (2317, 45, "half", "51"),
        (2318, 45, "half", "51.5"),
        (44, 45, "down", "0"),
        (44, 45, "tenth", "0.9"),
        (44, 45, "hundredth", "0.97"),
        (0, 45, "half", "0"),
        (60, 40, "half", "1.5"),
    ],
)
def test_minutes_become_class_hours_rounded_down(minutes: int, length: int, rounding: str, expected: str) -> None:
    class_hours = minutes_to_class_hours(minutes, minutes_per_class_hour=length, rounding=rounding)
    assert str(class_hours) == expected


@pytest.mark.parametrize(("minutes", "expected"), [(0, "0"), (1, "0.5"), (22, "0.5"), (23, "1"), (923, "21")])
def test_what_is_left_is_rounded_up(minutes: int, expected: str) -> None:
    assert str(minutes_left_to_class_hours(minutes, minutes_per_class_hour=45)) == expected


@pytest.mark.parametrize(("minutes", "length"), [(-1, 45), (10, 0), (10, -45)])
def test_refuses_nonsense(minutes: int, length: int) -> None:
    with pytest.raises(ValueError, match="minute"):
        minutes_to_class_hours(minutes, minutes_per_class_hour=length)


def test_refuses_an_unknown_rounding() -> None:
    with pytest.raises(ValueError, match="up"):
        minutes_to_class_hours(45, minutes_per_class_hour=45, rounding="up")


@given(st.integers(0, 500), lengths)
def test_whole_class_hours_survive_the_round_trip(class_hours: int, length: int) -> None:
    minutes = class_hours_to_minutes(class_hours, minutes_per_class_hour=length)
    for rounding in Rounding:
        assert minutes_to_class_hours(minutes, minutes_per_class_hour=length, rounding=rounding) == class_hours


@given(st.integers(0, 100_000), lengths, roundings)
def test_never_shows_more_than_was_earned(minutes: int, length: int, rounding: Rounding) -> None:
    shown = minutes_to_class_hours(minutes, minutes_per_class_hour=length, rounding=rounding)
    left = minutes_left_to_class_hours(minutes, minutes_per_class_hour=length, rounding=rounding)
    assert shown * length <= minutes <= left * length


def test_a_course_that_claims_more_than_it_lasts() -> None:
    verdict = content_holds(Decimal(8), 90, 45)
    assert (verdict.ok, verdict.claimed_minutes, verdict.content_minutes) == (False, 360, 90)
    assert verdict.most_class_hours == 2


@pytest.mark.parametrize(("content", "ok"), [(89, False), (90, True), (91, True)])
def test_just_as_long_is_enough(content: int, ok: bool) -> None:
    assert content_holds(Decimal(2), content, 45).ok is ok


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("", 0),
        ("——，。1234", 0),
        ("托" * 300, 1),
        ("托" * 301, 2),
        ("word " * 180, 1),
        ("托" * 150 + " word" * 90, 1),
        ("𠮷" * 300, 1),
        ("don't well-known", 1),
    ],
)
def test_reading_time(text: str, minutes: int) -> None:
    assert reading_minutes(text) == minutes


def test_reading_speed_is_an_argument() -> None:
    assert reading_minutes("托" * 300, chinese_per_minute=100) == 3
