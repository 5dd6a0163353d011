"""Numbers of made-up people and bodies: right by every check digit, and nobody's.

The same sequence gives the same number every time. Resident numbers take their order code from the sequence, so two
persons of one birth date and district never share one.
"""

from __future__ import annotations

from datetime import date

from lms.rules.credit_code import check_character
from lms.rules.identity import check_digit

FEMALE = "F"


def resident_number(*, home: str, born: date, sex: str, sequence: int) -> str:
    """A resident number (GB 11643) of that district, birth date and sex ("F" or "M"); ``sequence`` from 0."""
    order = 2 * (sequence % 499) + (2 if sex == FEMALE else 1)
    first17 = f"{home}{born:%Y%m%d}{order:03d}"
    return first17 + check_digit(first17)


def document_number(*, kind: str, home: str | None, born: date, sex: str, sequence: int) -> str:
    """A number of this kind of document; ``home`` goes with a resident number only."""
    match kind:
        case "hk_macau_permit":
            return f"H{20_000_000 + sequence * 7919:08d}"
        case "taiwan_permit":
            return f"{3_000_000 + sequence * 7919:08d}"
        case "passport":
            return f"P{5_000_000 + sequence * 7919:08d}"
    assert home is not None
    return resident_number(home=home, born=born, sex=sex, sequence=sequence)


def credit_code(*, region: str, sequence: int) -> str:
    """A unified social credit code (GB 32100) registered in that region."""
    first17 = f"52{region}{800_000_000 + sequence:09d}"
    return first17 + check_character(first17)


def phone(sequence: int) -> str:
    """A phone number that is never given to anybody: 1990000xxxx."""
    return f"1990000{sequence:04d}"
