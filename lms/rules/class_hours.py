"""Class-hours at the edges, minutes inside.

How long a class-hour is and how fractions are rounded come from the policy
pack in force.  What was earned is rounded down: nobody is ever shown, or paid
for, more.  What is still missing is rounded up.
"""

import math
import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum
from functools import lru_cache

CHINESE_CHARACTERS_PER_MINUTE = 300
WORDS_PER_MINUTE = 180

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")


class Rounding(StrEnum):
    """The step to which class-hours are rounded down."""

    DOWN = "down"
    HALF = "half"
    TENTH = "tenth"
    HUNDREDTH = "hundredth"


_STEP = {
    Rounding.DOWN: Decimal(1),
    Rounding.HALF: Decimal("0.5"),
    Rounding.TENTH: Decimal("0.1"),
    Rounding.HUNDREDTH: Decimal("0.01"),
}


@dataclass(frozen=True, slots=True)
class HoldsVerdict:
    """Whether content lasts as long as is claimed; both figures in minutes, for the sentence."""

    ok: bool
    claimed_minutes: int
    content_minutes: int
    most_class_hours: Decimal


def _checked_length(minutes_per_class_hour: int) -> int:
    if minutes_per_class_hour <= 0:
        raise ValueError("a class-hour lasts at least a minute")
    return minutes_per_class_hour


def minutes_to_class_hours(
    minutes: int, *, minutes_per_class_hour: int, rounding: Rounding | str = Rounding.HALF
) -> Decimal:
    """Turn minutes (≥ 0) into class-hours, rounded down to the pack's step."""
    return _in_steps(minutes, minutes_per_class_hour, rounding, ROUND_FLOOR)


def minutes_left_to_class_hours(
    minutes: int, *, minutes_per_class_hour: int, rounding: Rounding | str = Rounding.HALF
) -> Decimal:
    """Turn minutes still missing into class-hours: the one figure rounded up, so that 0 left means met."""
    return _in_steps(minutes, minutes_per_class_hour, rounding, ROUND_CEILING)


# A city has a hundred thousand verdicts and few different figures in them.
@lru_cache(maxsize=50_000)
def _in_steps(minutes: int, minutes_per_class_hour: int, rounding: Rounding | str, direction: str) -> Decimal:
    if minutes < 0:
        raise ValueError("minutes can't be negative")
    step = _STEP[Rounding(rounding)]
    # One division only: 40 class-hours of 45 minutes must come back as 40, not as 39.99.
    length = step * _checked_length(minutes_per_class_hour)
    class_hours = (Decimal(minutes) / length).to_integral_value(direction) * step
    whole = class_hours.to_integral_value()
    return whole if class_hours == whole else class_hours


def class_hours_to_minutes(class_hours: Decimal | int, *, minutes_per_class_hour: int) -> int:
    """Turn class-hours into whole minutes; a broken minute counts as a whole one."""
    minutes = Decimal(class_hours) * _checked_length(minutes_per_class_hour)
    return int(minutes.to_integral_value(ROUND_CEILING))


def content_holds(
    claimed: Decimal,
    content_minutes: int,
    minutes_per_class_hour: int,
    rounding: Rounding | str = Rounding.HALF,
) -> HoldsVerdict:
    """Compare the class-hours a course claims with the minutes its content lasts.

    Just as long is enough.  ``most_class_hours`` is the most it may claim.
    """
    claimed_minutes = class_hours_to_minutes(claimed, minutes_per_class_hour=minutes_per_class_hour)
    most = minutes_to_class_hours(content_minutes, minutes_per_class_hour=minutes_per_class_hour, rounding=rounding)
    return HoldsVerdict(claimed_minutes <= content_minutes, claimed_minutes, content_minutes, most)


def reading_minutes(
    text: str,
    *,
    chinese_per_minute: int = CHINESE_CHARACTERS_PER_MINUTE,
    words_per_minute: int = WORDS_PER_MINUTE,
) -> int:
    """Minutes it takes to read a text of Chinese characters and Latin words; begun minutes count."""
    characters = len(_HAN.findall(text))
    words = len(_WORD.findall(text))
    # Over one common denominator, so that exactly 300 characters are exactly one minute.
    amount = characters * words_per_minute + words * chinese_per_minute
    return math.ceil(amount / (chinese_per_minute * words_per_minute))
