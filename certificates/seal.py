"""The round seal on a certificate: the issuer's name along the upper arc, a star, and what the seal is for.

Geometry only, in a drawing of 120 by 120 units. Every character is set by itself, so that any name fits its arc.
"""

from dataclasses import dataclass
from math import cos, pi, radians, sin

CENTRE = 60.0
NAME_RADIUS = 43.0
WIDEST_ARC = 250.0  # degrees
WIDEST_STEP = 26.0
LARGEST, SMALLEST = 12.5, 3.0
STAR_OUTER, STAR_INNER = 15.0, 5.73


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character: where its foot stands, and how far it leans (degrees, clockwise)."""

    character: str
    x: str
    y: str
    angle: str


@dataclass(frozen=True, slots=True)
class Seal:
    glyphs: tuple[Glyph, ...]
    font_size: str
    star: str  # the d of a path


def seal(name: str) -> Seal:
    """The seal of a body with this name. Longer names get smaller characters on the same arc."""
    count = max(len(name), 1)
    step = min(WIDEST_STEP, WIDEST_ARC / max(count - 1, 1))
    size = max(SMALLEST, min(LARGEST, radians(step) * NAME_RADIUS * 0.86))
    first = -step * (count - 1) / 2
    foot = NAME_RADIUS - size * 0.36
    glyphs = tuple(_glyph(character, first + step * place, foot) for place, character in enumerate(name))
    return Seal(glyphs=glyphs, font_size=f"{size:.2f}", star=_star())


def _glyph(character: str, angle: float, radius: float) -> Glyph:
    x, y = CENTRE + radius * sin(radians(angle)), CENTRE - radius * cos(radians(angle))
    return Glyph(character, f"{x:.2f}", f"{y:.2f}", f"{angle:.2f}")


def _star() -> str:
    corners = []
    for place in range(10):
        radius = STAR_INNER if place % 2 else STAR_OUTER
        turn = place * pi / 5
        corners.append(f"{CENTRE + radius * sin(turn):.2f} {CENTRE - radius * cos(turn):.2f}")
    return f"M{' L'.join(corners)}Z"
