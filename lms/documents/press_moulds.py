"""A mould: one sheet laid out and printed with care, into which the texts of others of its kind are cast.

How it is made is told in ``press_learning``. What may never happen: a text set in a mould wider than any it was tried
with.
"""

import re
from dataclasses import dataclass, field

from lms.documents import press_faces, press_prints
from lms.documents.press_prints import Print, Run
from lms.documents.press_sheets import Sheet, kinds_of_free, places_of_title, shown

# What stands for the time of a sheet in a print that is learned from.
CREATED = "2001-02-03T04:05:06+08:00"
CREATED_IN_INFO = "D:20010203040506+08'00"
_RUNS = re.compile(r"M(\d+) (\d+)h(\d+)v1h-\d+z")
_SQUARES = re.compile(r"(?:M\d+ \d+h(\d+)v1h-\1z)+")


@dataclass(frozen=True, slots=True)
class Slot:
    """A text that differs from sheet to sheet. ``place`` among the sheet's texts; ``widest`` in units of the drawing."""

    place: int
    run: Run
    face: str
    strip: str  # which ends of the text the layout takes spaces off: "l", "r", both or none
    spacing: float
    width: float
    widest: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """A path of small squares that differs from sheet to sheet: which free attribute, and its lines of the content."""

    place: int
    first: int
    last: int


@dataclass(slots=True)
class Mould:
    """What sheets of one kind share, and what is theirs. ``moved``: line (or object) → number → share of each slot."""

    base: Sheet
    file: bytes
    print: Print
    slots: tuple[Slot, ...]
    drawings: tuple[Drawing, ...]
    marks: dict[str, tuple[str, int]]  # mark in the print → kind of what stands there, and its place in the sheet
    moved: dict[int, dict[int, dict[int, float]]] = field(default_factory=dict)
    moved_objects: dict[int, dict[int, dict[int, float]]] = field(default_factory=dict)
    shared_texts: tuple[int, ...] = ()
    shared_free: tuple[int, ...] = ()
    constants: tuple[list[str], list[str]] = field(default_factory=lambda: ([], []))

    def cast(self, sheet: Sheet) -> "Cast | None":
        """What is the sheet's own, or None where it does not fit."""
        if sheet.skeleton != self.base.skeleton or self._constants(sheet) != self.constants:
            return None
        lines = []
        for slot in self.slots:
            line = line_of(slot, sheet)
            if line is None or width(line, slot) > slot.widest:
                return None
            lines.append(line)
        drawings = tuple(squares(sheet.free[drawing.place]) for drawing in self.drawings)
        if None in drawings:
            return None
        longer = [width(line, slot) - slot.width for line, slot in zip(lines, self.slots, strict=True)]
        return Cast(sheet, tuple(lines), tuple(longer), drawings)  # type: ignore[arg-type]

    def settle(self) -> None:
        """Remember what every sheet of this mould has in common."""
        own = {slot.place for slot in self.slots} | places_of_title(self.base)
        drawn = {drawing.place for drawing in self.drawings}
        self.shared_texts = tuple(place for place in range(len(self.base.texts)) if place not in own)
        self.shared_free = tuple(
            place
            for place, kind in enumerate(kinds_of_free(self.base))
            if place not in drawn and kind in {"path", "kept"}
        )
        self.constants = self._constants(self.base)

    def _constants(self, sheet: Sheet) -> tuple[list[str], list[str]]:
        texts, free = sheet.texts, sheet.free
        return [texts[place] for place in self.shared_texts], [free[place] for place in self.shared_free]


@dataclass(frozen=True, slots=True)
class Cast:
    """A sheet in its mould: its lines of text, how much longer each is than the mould's, its drawings."""

    sheet: Sheet
    lines: tuple[press_faces.Line, ...]
    longer: tuple[float, ...]
    drawings: tuple[tuple[tuple[int, int, int], ...], ...]


def text_of(slot: Slot, sheet: Sheet) -> str:
    """What is shown in a slot."""
    return stripped(shown(sheet.texts[slot.place]), slot.strip)


def line_of(slot: Slot, sheet: Sheet) -> press_faces.Line | None:
    face, text = press_faces.face(slot.face), text_of(slot, sheet)
    return face.line(text) if face and text else None


def squares(path: str) -> tuple[tuple[int, int, int], ...] | None:
    """A path that is made of horizontal runs one unit high: where each begins, and its length."""
    if not _SQUARES.fullmatch(path):
        return None
    return tuple((int(x), int(y), int(width)) for x, y, width in _RUNS.findall(path))


def lines_drawn(path: str) -> list[str]:
    """A path of small squares as its lines stand in a drawing."""
    return [
        line
        for x, y, width in squares(path) or ()
        for line in (f"{x} {y} m", f"{x + width} {y} l", f"{x + width} {y + 1} l", f"{x} {y + 1} l", "h")
    ]


def moved(mould: Mould, line: str, shares: dict[int, dict[int, float]], cast: Cast) -> str:
    """The line with its numbers moved as far as the texts of ``cast`` move them."""
    at = press_prints.numbers(line)
    changed = {
        place: at[place] + sum(share * cast.longer[slot] for slot, share in by_slot.items())
        for place, by_slot in shares.items()
    }
    return press_prints.with_numbers(line, changed)


def width(line: press_faces.Line, slot: Slot) -> float:
    """How wide a line stands in a slot, in units of the drawing."""
    return (line.width + slot.spacing * (len(line.codes) - 1)) * slot.run.size / 1000


def stripped(text: str, ends: str) -> str:
    """The text without the spaces that a layout takes off these ends."""
    text = text.lstrip(" ") if "l" in ends else text
    return text.rstrip(" ") if "r" in ends else text


def face_of(font_name: str) -> str:
    """The face behind the name a font has in a print."""
    from lms.documents.engine import FACES

    return next((face for face, family in FACES.items() if family.replace(" ", "-") == font_name), "")
