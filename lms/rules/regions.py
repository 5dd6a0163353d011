"""Administrative regions by their GB/T 2260 six-digit codes.

Two digits name the province, two the prefecture, two the county; trailing
pairs of zeros mean "all of it".  ``000000`` (or nothing) is the whole country.
No table is kept here: only the arithmetic of the codes.
"""

import re

COUNTRY = "000000"
_CODE = re.compile(r"[0-9]{6}")


def prefix(code: str) -> str:
    """Return the significant digits: 310000 → 31, 330200 → 3302, 330281 → 330281, 000000 → "".

    Raises ValueError for anything that is not six digits (or empty).
    """
    if code == "":
        return ""
    if not _CODE.fullmatch(code):
        raise ValueError("a region code has six digits")
    while code.endswith("00"):
        code = code[:-2]
    return code


def covers(outer: str, inner: str) -> bool:
    """Whether ``outer`` is ``inner`` or contains it.  A region covers itself."""
    return prefix(inner).startswith(prefix(outer))


def ancestors(code: str) -> tuple[str, ...]:
    """Return the regions above, from the country down; the code itself is not among them."""
    digits = prefix(code)
    return tuple(digits[:length].ljust(6, "0") for length in range(0, len(digits), 2))
