"""QR codes for templates: as one SVG path (a rectangle a module would cost milliseconds) or as a PNG in the page."""

import functools
import io
import re
from dataclasses import dataclass

import segno

QUIET_ZONE = 4  # modules, ISO/IEC 18004
_DARK = re.compile("1+")
_DIGITS = bytes([0x30, 0x31]) + bytes(254)


@dataclass(frozen=True, slots=True)
class Path:
    """``<svg viewBox="0 0 {{ size }} {{ size }}"><path d="{{ d }}"/></svg>``; ``size`` in modules, quiet zone included."""

    d: str
    size: int


def svg_path(text: str) -> Path:
    """``text``, an address as a rule, as one path to be filled."""
    modules, rows = _masked(text)
    runs = []
    for y, row in enumerate(rows, start=QUIET_ZONE):
        for found in _DARK.finditer(row):
            x, width = found.start(), found.end() - found.start()
            runs.append(f"M{x} {y}h{width}v1h-{width}z")
    return Path(d="".join(runs), size=modules + 2 * QUIET_ZONE)


def png_data_uri(text: str, *, scale: int = 8) -> str:
    """``text`` as a ``data:`` address of a PNG, ``scale`` pixels a module."""
    uri: str = _code(text).png_data_uri(scale=scale, border=QUIET_ZONE)
    return uri


def png(text: str, *, scale: int = 8) -> bytes:
    """``text`` as a PNG file, ``scale`` pixels a module."""
    output = io.BytesIO()
    _code(text).save(output, kind="png", scale=scale, border=QUIET_ZONE)
    return output.getvalue()


def _code(text: str) -> segno.QRCode:
    return segno.make_qr(text, error="m")


def _masked(text: str) -> tuple[int, list[str]]:
    """How many modules a side, and the rows in 0 and 1 with the quiet zone at their sides, under the mask that reads best.

    The same as ``_code``, a fifth of its time: a code under one mask differs from that under another in the same
    modules whatever it says, and a penalty is a handful of shifts where the whole code is one number.
    """
    first = segno.make_qr(text, error="m", mask=0)
    side, line = len(first.matrix), len(first.matrix) + 2 * QUIET_ZONE
    turns = _turns(first.designator, text)
    code = _number(first)
    best = min((code ^ turn for turn in turns), key=lambda turned: _penalty(turned, side))
    written = f"{best:b}".zfill(line * line)[QUIET_ZONE * line :]
    return side, [written[place * line : (place + 1) * line] for place in range(side)]


_known_turns: dict[str, tuple[int, ...]] = {}


def _turns(designator: str, text: str) -> tuple[int, ...]:
    """For each of the eight masks the modules in which it differs from the first, in codes of one size and level."""
    if designator not in _known_turns:
        codes = [_number(segno.make_qr(text, error="m", mask=mask)) for mask in range(8)]
        _known_turns[designator] = tuple(codes[0] ^ code for code in codes)
    return _known_turns[designator]


def _number(code: segno.QRCode) -> int:
    """All modules, the quiet zone included, as one number: line after line, the first one highest."""
    side = "0" * QUIET_ZONE
    edge = "0" * (len(code.matrix) + 2 * QUIET_ZONE) * QUIET_ZONE
    rows = (f"{side}{row.translate(_DIGITS).decode()}{side}" for row in code.matrix)
    return int(f"{edge}{''.join(rows)}{edge}", 2)


def _penalty(code: int, side: int) -> int:
    """ISO/IEC 18004, 7.8.3: how much in a code misleads readers."""
    line = side + 2 * QUIET_ZONE
    inside = _inside(side)
    score, beside = 0, {}
    for step in (1, line):
        same = beside[step] = ~(code ^ (code >> step)) & inside & (inside >> step)
        fives = same & (same >> step) & (same >> 2 * step) & (same >> 3 * step)
        score += fives.bit_count() + 2 * (fives & ~(fives << step)).bit_count()
        finder = code & (code >> 2 * step) & (code >> 3 * step) & (code >> 4 * step) & (code >> 6 * step)
        finder &= ~((code >> step) | (code >> 5 * step))
        before = (code << step) | (code << 2 * step) | (code << 3 * step) | (code << 4 * step)
        after = (code >> 7 * step) | (code >> 8 * step) | (code >> 9 * step) | (code >> 10 * step)
        score += 40 * (finder & ~(before & after)).bit_count()
    score += 3 * (beside[1] & (beside[1] >> line) & beside[line]).bit_count()
    return score + 10 * int(abs(code.bit_count() / side**2 * 100 - 50) / 5)


@functools.cache
def _inside(side: int) -> int:
    """Every module but the quiet zone."""
    line = side + 2 * QUIET_ZONE
    row = ((1 << side) - 1) << QUIET_ZONE
    return sum(row << (line * place) for place in range(QUIET_ZONE, QUIET_ZONE + side))
