"""Serial numbers of certificates and receipts: readable, sortable, self-checking.

``ANN-2026-310000-0000042-K``: prefix (the type), year, region of issue
(GB/T 2260), running number, check character (ISO 7064 MOD 37-36, which finds
every single wrong character and nearly every swapped pair).  A serial names a
document; it is not a secret.
"""

import re
import unicodedata

from stdnum.iso7064 import mod_37_36

MAX_NUMBER = 9_999_999
_PREFIX = re.compile(r"[A-Z]{1,8}")
_COMPACT = re.compile(r"([A-Z]{1,8})([0-9]{4})([0-9]{6})([0-9]{7})([0-9A-Z])")
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—―−_·.]+")
_TAIL = 18
_LOOK_ALIKE = str.maketrans("OIL", "011")


def make(prefix: str, year: int, region: str, number: int) -> str:
    """Make a serial.  ``prefix`` 1–8 capital letters, ``number`` 1–9,999,999; raises ValueError."""
    if not _PREFIX.fullmatch(prefix):
        raise ValueError("a serial prefix has one to eight capital letters")
    if not re.fullmatch(r"[0-9]{6}", region):
        raise ValueError("a region code has six digits")
    if not 1000 <= year <= 9999:
        raise ValueError("a year has four digits")
    if not 1 <= number <= MAX_NUMBER:
        raise ValueError("the running number is out of range")
    check = mod_37_36.calc_check_digit(f"{prefix}{year}{region}{number:07d}")
    return f"{prefix}-{year}-{region}-{number:07d}-{check}"


def normalise(typed: str) -> str | None:
    """Return the serial as it was issued, or None when it can't be one.

    Forgives width, case, missing or odd separators, and O/I/L typed for 0/1 inside
    the numbers.  The check character must be exact: two that pass for each other
    would let a wrong digit through.
    """
    serial, check = _read(typed)
    return serial if serial and serial[-1] == check else None


def mistyped(typed: str) -> bool:
    """Whether this has all the parts of a serial and a check character that belongs to another one."""
    serial, check = _read(typed)
    return serial is not None and serial[-1] != check


def valid(serial: str) -> bool:
    """Whether this reads as a serial with the right check character (in any written form)."""
    return normalise(serial) is not None


def _read(typed: str) -> tuple[str | None, str]:
    """The serial that the parts before the check character make, and the check character as it was typed."""
    compact = _SEPARATORS.sub("", unicodedata.normalize("NFKC", typed).upper())
    if not compact.isascii():
        return None, ""
    head, digits, check = compact[:-_TAIL], compact[-_TAIL:-1], compact[-1:]
    match = _COMPACT.fullmatch(f"{head}{digits.translate(_LOOK_ALIKE)}{check}")
    if match is None:
        return None, ""
    try:
        return make(match[1], int(match[2]), match[3], int(match[4])), check
    except ValueError:
        return None, ""
