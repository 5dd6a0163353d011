"""Patterns of look-ups: each just at its bound and just below it, and none in an ordinary day."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules.look_ups import Bounds, LookUp, Pattern, patterns

MORNING = datetime(2026, 3, 10, 9, 0)
BOUNDS = Bounds(
    misses_least=5,
    misses_share=0.9,
    names_a_number=3,
    run_of_names=6,
    numbers_a_family=4,
    numbers_a_family_listed=8,
    opens=time(6),
    closes=time(22),
    outside_least=4,
    outside_share=0.5,
    same_person=5,
    burst=8,
    burst_within=timedelta(minutes=10),
)
# Sounds that neither rise nor fall for long.
UNSORTED = ("li", "wang", "chen", "zhao", "bai", "sun", "an", "xu")


def asked(place: int, **changes: object) -> LookUp:
    """An ordinary question: another person, every half hour, of somebody held here."""
    usual = LookUp(
        at=MORNING + timedelta(minutes=30 * place),
        asker="lina",
        number=place,
        family=f"family {place}",
        sound=UNSORTED[place % len(UNSORTED)],
        name=f"name {place}",
        held=True,
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def found(*look_ups: LookUp) -> list[str]:
    return [str(one.pattern) for one in patterns(look_ups, BOUNDS)]


def test_an_ordinary_day_has_none() -> None:
    assert found(*(asked(place) for place in range(20))) == []
    assert found() == []


@pytest.mark.parametrize(
    ("pattern", "least", "change"),
    [
        (Pattern.MISSES, 5, lambda place: {"held": False}),
        (Pattern.GUESSED_NAMES, 3, lambda place: {"number": 0, "family": "one"}),
        (Pattern.SEQUENCE, 6, lambda place: {"sound": f"{place:02d}"}),
        (Pattern.SEQUENCE, 6, lambda place: {"sound": f"{99 - place:02d}"}),
        (Pattern.NEIGHBOURING_NUMBERS, 4, lambda place: {"family": "one"}),
        (Pattern.OUTSIDE_HOURS, 4, lambda place: {"at": MORNING.replace(hour=22) + timedelta(minutes=20 * place)}),
        (Pattern.SAME_PERSON, 5, lambda place: {"number": 0, "name": "one", "sound": "one", "family": "one"}),
        (Pattern.BURST, 8, lambda place: {"at": MORNING + timedelta(seconds=80 * place)}),
    ],
)
def test_at_its_bound_and_one_below(pattern: Pattern, least: int, change) -> None:  # type: ignore[no-untyped-def]
    assert found(*(asked(place, **change(place)) for place in range(least))) == [str(pattern)]
    assert found(*(asked(place, **change(place)) for place in range(least - 1))) == []


def test_numbers_without_a_family_are_no_neighbours() -> None:
    assert found(*(asked(place, family="") for place in range(8))) == []


def test_two_askers_are_not_one_burst_nor_one_sequence() -> None:
    fast = [asked(place, at=MORNING + timedelta(seconds=place), asker=f"asker {place % 2}") for place in range(8)]
    assert found(*fast) == []
    sorted_names = [asked(place, sound=f"{place:02d}", asker=f"asker {place % 3}") for place in range(15)]
    assert found(*sorted_names) == []


def test_a_name_asked_again_neither_breaks_nor_lengthens_a_run() -> None:
    sounds = ["a", "b", "b", "c", "d", "d", "e"]
    assert found(*(asked(place, sound=sound) for place, sound in enumerate(sounds))) == []
    sounds = ["a", "b", "b", "c", "d", "d", "e", "f"]
    assert found(*(asked(place, sound=sound) for place, sound in enumerate(sounds))) == ["sequence"]


def test_misses_among_many_hits_are_none() -> None:
    assert found(*(asked(place, held=place % 2 == 0) for place in range(16))) == []


def test_what_is_told_are_counts() -> None:
    watched = [asked(place, number="secret", name="王小明", sound="wang", family="secret") for place in range(6)]
    (one,) = patterns([*watched, asked(7)], BOUNDS)
    assert (one.pattern, one.count, one.total) == (Pattern.SAME_PERSON, 6, 7)
    assert one.figures == {"numbers": 1, "most": 6}
    assert "secret" not in str(one)
    assert "王" not in str(one)


@given(st.permutations(range(12)), st.sets(st.sampled_from(["held", "number", "sound"])))
def test_the_order_in_which_they_are_given_means_nothing(order: list[int], same: set[str]) -> None:
    change = {"held": False, "number": 0, "sound": "a"}
    rows = [asked(place, **{key: change[key] for key in same}) for place in range(12)]
    assert patterns([rows[place] for place in order], BOUNDS) == patterns(rows, BOUNDS)


def test_fewer_than_the_least_never_show_a_pattern() -> None:
    assert BOUNDS.least == 3


@pytest.mark.parametrize(
    ("pattern", "least", "change"),
    [
        (Pattern.GUESSED_NAMES, 3, lambda place: {"number": 0, "family": "one"}),
        (Pattern.SAME_PERSON, 5, lambda place: {"number": 0, "name": "one", "family": "one"}),
        (Pattern.NEIGHBOURING_NUMBERS, 8, lambda place: {"family": "one"}),
    ],
)
def test_a_list_is_no_way_around(pattern: Pattern, least: int, change: Callable[[int], dict[str, object]]) -> None:
    """In one list, or half in a list and half one by one."""
    others = [asked(100 + place, listed=True) for place in range(20)]
    listed = [asked(place, listed=True, **change(place)) for place in range(least)]
    assert found(*others, *listed) == [str(pattern)]
    assert found(*others, *listed[1:]) == []
    assert found(*others, asked(0, **change(0)), *listed[1:]) == [str(pattern)]


def test_a_list_is_long_sorted_unknown_and_worked_off_at_night() -> None:
    night = MORNING.replace(hour=2)
    rows = (asked(place, listed=True, at=night, held=False, sound=f"{place:03d}") for place in range(200))
    assert found(*rows) == []
