"""A mould: one sheet laid out and printed with care, into which the texts of others of its kind are cast.

How a sheet answers to a longer name is learned by printing it with one: every number of the drawing that moves with a
text moves in proportion to that text's width, or there is no mould. A mould is proved before it is used: sheets cast in
it are compared with the same sheets printed by themselves, number for number, glyph for glyph. What is not proved, or
fits no mould, is laid out by itself. What may never happen: a text set in a mould wider than any it was tried with.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

from lms.documents import press_faces, press_prints
from lms.documents.press_prints import Print, Run, Unreadable
from lms.documents.press_sheets import Sheet, joined, kinds_of_free, places_of_title, shown

Printer = Callable[[str], bytes]
# In units of the drawing (CSS pixels) and in 1/1000 of a font size: less than anybody sees, more than rounding makes.
CLOSE, CLOSE_KERN = 0.15, 4.0
_WIDE = "W"  # longer by this a text is tried, so that the next one, a little wider, still fits
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
            if line is None or _width(line, slot) > slot.widest:
                return None
            lines.append(line)
        drawings = tuple(squares(sheet.free[drawing.place]) for drawing in self.drawings)
        if None in drawings:
            return None
        longer = [_width(line, slot) - slot.width for line, slot in zip(lines, self.slots, strict=True)]
        return Cast(sheet, tuple(lines), tuple(longer), drawings)  # type: ignore[arg-type]

    def settle(self) -> None:
        """Remember what every sheet of this mould has in common."""
        own = {slot.place for slot in self.slots} | places_of_title(self.base)
        drawn = {drawing.place for drawing in self.drawings}
        self.shared_texts = tuple(place for place in range(len(self.base.texts)) if place not in own)
        self.shared_free = tuple(
            place
            for place, kind in enumerate(kinds_of_free(self.base))
            if place not in drawn and (kind == "path" or self.base.free[place].startswith("#"))
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


def simple(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Those of sheets of one skeleton whose own texts are set one glyph a character: the others fit no mould."""
    places = sorted(_differing([sheet.texts for sheet in sheets]))
    face = press_faces.face("serif")
    return [sheet for sheet in sheets if face and all(face.line(shown(sheet.texts[place])) for place in places)]


def made(sheets: Sequence[Sheet], printer: Printer) -> Mould:
    """A mould for simple sheets of one skeleton, proved on two of them. Raises Unreadable where there can be none."""
    base = sheets[0]
    marked, marks = _marked(base)
    places = _differing([sheet.texts for sheet in sheets]) - places_of_title(base)
    paths = _differing([sheet.free for sheet in sheets]) & {
        place for place, kind in enumerate(kinds_of_free(base)) if kind == "path"
    }
    carried = _carried(sheets)
    first = _Tried(base, marked, carried, printer)
    file = first.file()
    mould = Mould(base, file, press_prints.read(file), (), (), marks)
    mould.drawings = tuple(_drawing(mould, first, sheets, place) for place in sorted(paths))
    slots = []
    for index, place in enumerate(sorted(places)):
        texts = sorted({sheet.texts[place] for sheet in sheets}, key=_weight)
        slots.append(_slot(mould, first, index, place, texts[-1]))
    mould.slots = tuple(slots)
    mould.settle()
    lightest = min(sheets, key=lambda sheet: sum(_weight(sheet.texts[place]) for place in places))
    heaviest = max(sheets, key=lambda sheet: sum(_weight(sheet.texts[place]) for place in places))
    for sheet in (lightest, heaviest):
        _prove(mould, sheet, press_prints.read(printer(joined(sheet) + carried)))
    return mould


def text_of(slot: Slot, sheet: Sheet) -> str:
    """What is shown in a slot."""
    return _stripped(shown(sheet.texts[slot.place]), slot.strip)


def line_of(slot: Slot, sheet: Sheet) -> press_faces.Line | None:
    face, text = press_faces.face(slot.face), text_of(slot, sheet)
    return face.line(text) if face and text else None


def squares(path: str) -> tuple[tuple[int, int, int], ...] | None:
    """A path that is made of horizontal runs one unit high: where each begins, and its length."""
    if not _SQUARES.fullmatch(path):
        return None
    return tuple((int(x), int(y), int(width)) for x, y, width in _RUNS.findall(path))


def moved(mould: Mould, line: str, shares: dict[int, dict[int, float]], cast: Cast) -> str:
    """The line with its numbers moved as far as the texts of ``cast`` move them."""
    at = press_prints.numbers(line)
    changed = {
        place: at[place] + sum(share * cast.longer[slot] for slot, share in by_slot.items())
        for place, by_slot in shares.items()
    }
    return press_prints.with_numbers(line, changed)


@dataclass(frozen=True, slots=True)
class _Tried:
    """How a sheet is printed for learning: marks in what is not laid out, every character of all sheets in its faces."""

    base: Sheet
    free: tuple[str, ...]
    carried: str
    printer: Printer

    def print(self, *, texts: dict[int, str] | None = None, free: dict[int, str] | None = None) -> Print:
        return press_prints.read(self.file(texts=texts, free=free))

    def file(self, *, texts: dict[int, str] | None = None, free: dict[int, str] | None = None) -> bytes:
        title = dict.fromkeys(places_of_title(self.base), "press-title")
        words = _with(self.base.texts, {**title, **(texts or {})})
        page = joined(self.base, texts=words, free=_with(self.free, free or {}))
        return self.printer(page + self.carried)


def _marked(base: Sheet) -> tuple[tuple[str, ...], dict[str, tuple[str, int]]]:
    """Free attributes with a mark where words may stand, and what each mark stands for."""
    free, marks = [], {"press-title": ("title", min(places_of_title(base), default=-1))}
    for place, (kind, value) in enumerate(zip(kinds_of_free(base), base.free, strict=True)):
        mark = f"http://press-{place}.invalid/" if "://" in value[:9] else f"press-{place}-mark"
        if kind == "words" and not value.startswith("#"):
            marks[mark] = ("words", place)
            free.append(mark)
        elif kind == "created":
            marks[CREATED] = ("created", place)
            free.append(CREATED)
        else:
            free.append(value)
    return tuple(free), marks


def _slot(mould: Mould, first: _Tried, index: int, place: int, widest: str) -> Slot:
    """Try the sheet with a longer text in this place, and learn what moves."""
    text = widest.rstrip()
    longer = text + (_WIDE if text[-1:].isascii() else text[-1:])
    tried = first.print(texts={place: longer + widest[len(text) :]})
    before, after = mould.print, tried
    if len(before.lines) != len(after.lines) or before.fonts.keys() != after.fonts.keys():
        raise Unreadable("a longer text makes another drawing")
    lines = [line for line, pair in enumerate(zip(before.lines, after.lines, strict=True)) if pair[0] != pair[1]]
    runs = [line for line in lines if before.lines[line].endswith("] TJ")]
    if len(runs) != 1:
        raise Unreadable("a text that is not one run")
    slot = _measured(before, after, runs[0], place, (first.base.texts[place], longer))
    for line in lines:
        if line != slot.run.line:
            shares = _shares(before.lines[line], after.lines[line], slot)
            _learn(mould.moved, line, index, shares)
    _learn_objects(mould, after, index, slot)
    return slot


def _measured(before: Print, after: Print, line: int, place: int, texts: tuple[str, str]) -> Slot:
    """The slot as it stands in the mould with the first of ``texts``, and as it was tried with the second."""
    text, longer = texts
    run, other = before.run(line), after.run(line)
    if (run.font, run.size) != (other.font, other.size):
        raise Unreadable("a longer text in another font")
    name = _face_of(before.fonts[run.font].name)
    known = before.text(run)
    strip = next((ends for ends in ("", "l", "r", "lr") if _stripped(shown(text), ends) == known), None)
    face = press_faces.face(name)
    set_here = face.line(known) if face and strip is not None else None
    if face is None or strip is None or set_here is None:
        raise Unreadable("a text that is not set as it stands")
    loose = [-move - kern for move, kern in zip(run.moves[:-1], set_here.kerns[:-1], strict=True)]
    spacing = median(loose) if loose else 0.0
    if abs(spacing) < CLOSE_KERN:
        spacing = 0.0
    if any(abs(each - spacing) > CLOSE_KERN for each in loose):
        raise Unreadable("a text set in a way of its own")
    set_longer = face.line(_stripped(shown(longer), "lr" if strip == "lr" else strip))
    if set_longer is None:
        raise Unreadable("a text that is not simple")
    slot = Slot(place, run, name, strip, spacing, 0.0, 0.0)
    width, widest = _width(set_here, slot), _width(set_longer, slot)
    return Slot(place, run, name, strip, spacing, width, widest)


def _drawing(mould: Mould, first: _Tried, sheets: Sequence[Sheet], place: int) -> Drawing:
    """Where the path is drawn: its lines are found by drawing another."""
    own = first.base.free[place]
    other = next(sheet.free[place] for sheet in sheets if sheet.free[place] != own)
    before, after = mould.print.lines, first.print(free={place: other}).lines
    start = next(line for line, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1])
    drawn, runs = _lines_drawn(own), squares(own)
    if runs is None:
        raise Unreadable("a path of another kind")
    for begin in range(start, start - len(drawn), -1):
        if list(before[begin : begin + len(drawn)]) == drawn:
            rest = before[:begin] + tuple(_lines_drawn(other)) + before[begin + len(drawn) :]
            if rest == after:
                return Drawing(place, begin, begin + len(drawn))
    raise Unreadable("a path drawn in another way")


def _lines_drawn(path: str) -> list[str]:
    return [
        line
        for x, y, width in squares(path) or ()
        for line in (f"{x} {y} m", f"{x + width} {y} l", f"{x + width} {y + 1} l", f"{x} {y + 1} l", "h")
    ]


def _shares(before: str, after: str, slot: Slot) -> dict[int, float]:
    """By how much each number moves where the text in the slot grows by one."""
    changed, longer = press_prints.differences(before, after), slot.widest - slot.width
    if changed is None or longer <= 0:
        raise Unreadable("a longer text changes more than places")
    return {place: _even(by / longer) for place, by in changed.items()}


def _learn(into: dict[int, dict[int, dict[int, float]]], key: int, slot: int, shares: dict[int, float]) -> None:
    for place, share in shares.items():
        into.setdefault(key, {}).setdefault(place, {})[slot] = share


def _even(share: float) -> float:
    """A share that is whole or half but for what rounding made of it."""
    return round(share * 2) / 2 if abs(share * 2 - round(share * 2)) < 0.01 else share


def _learn_objects(mould: Mould, after: Print, index: int, slot: Slot) -> None:
    before = mould.print
    free = before.font_objects | {before.content}
    if before.objects.keys() != after.objects.keys():
        raise Unreadable("a longer text makes other objects")
    for number, written in before.objects.items():
        if number in free:
            continue
        if written != after.objects[number]:
            _learn(mould.moved_objects, number, index, _shares(written, after.objects[number], slot))
        if before.streams.get(number) != after.streams.get(number):
            raise Unreadable("a longer text changes another drawing")


def _prove(mould: Mould, sheet: Sheet, alone: Print) -> None:
    """The sheet cast in the mould is drawn as it is by itself."""
    cast = mould.cast(sheet)
    if cast is None or len(alone.lines) != len(_undrawn(mould, mould.print.lines, cast)):
        raise Unreadable("a sheet that does not fit its own mould")
    expected = _undrawn(mould, mould.print.lines, cast)
    lines = {slot.run.line: (slot, line) for slot, line in zip(mould.slots, cast.lines, strict=True)}
    for number, (ours, theirs) in enumerate(zip(expected, alone.lines, strict=True)):
        at, line = ours
        if at in lines:
            _prove_run(*lines[at], alone, number)
            continue
        by = press_prints.differences(moved(mould, line, mould.moved.get(at, {}), cast), theirs)
        if by is None or any(abs(each) > CLOSE for each in by.values()):
            raise Unreadable("a sheet drawn otherwise by itself")
    for number, written in mould.print.objects.items():
        if number in mould.moved_objects:
            cast_object = moved(mould, written, mould.moved_objects[number], cast)
            by = press_prints.differences(_unmarked(cast_object, mould), _unmarked(alone.objects[number], mould))
            if by is not None and any(abs(each) > CLOSE for each in by.values()):
                raise Unreadable("an object placed otherwise by itself")


def _undrawn(mould: Mould, lines: Sequence[str], cast: Cast) -> list[tuple[int, str]]:
    """The mould's lines by number, with the cast's drawings in the place of its own (numbered -1)."""
    out: list[tuple[int, str]] = []
    drawings = {drawing.first: drawing for drawing in mould.drawings}
    at = 0
    while at < len(lines):
        if at in drawings:
            out += [(-1, line) for line in _lines_drawn(cast.sheet.free[drawings[at].place])]
            at = drawings[at].last
        else:
            out.append((at, lines[at]))
            at += 1
    return out


def _prove_run(slot: Slot, line: press_faces.Line, alone: Print, number: int) -> None:
    run = alone.run(number)
    if _face_of(alone.fonts[run.font].name) != slot.face or run.size != slot.run.size:
        raise Unreadable("a run in another font")
    if len(run.glyphs) != len(line.codes):
        raise Unreadable("a run of other glyphs")
    for move, kern in zip(run.moves[:-1], line.kerns[:-1], strict=True):
        if abs(-move - kern - slot.spacing) > CLOSE_KERN:
            raise Unreadable("a run set otherwise by itself")
    face = press_faces.face(slot.face)
    program, theirs = face.cut(line.glyphs) if face else b"", alone.program(run.font)
    if not press_faces.same_outlines(program, line.codes, theirs, run.glyphs):
        raise Unreadable("glyphs drawn otherwise by themselves")


def _unmarked(written: str, mould: Mould) -> str:
    """An object without its words, to compare its places."""
    return re.sub(r"\((?:[^()\\]|\\.)*\)|<[0-9a-f]*>", "()", written)


def _carried(sheets: Sequence[Sheet]) -> str:
    """A comment with every character of all sheets: their faces are then cut alike, and glyphs can be compared."""
    characters = {character for sheet in sheets for text in (*sheet.texts, *sheet.free) for character in shown(text)}
    return f"<!-- {''.join(sorted(each for each in characters if ord(each) > 0x7F))} -->"


def _differing(rows: Sequence[Sequence[str]]) -> set[int]:
    return {place for place, column in enumerate(zip(*rows, strict=True)) if len(set(column)) > 1}


def _with(values: Sequence[str], others: dict[int, str]) -> tuple[str, ...]:
    return tuple(others.get(place, value) for place, value in enumerate(values))


def _weight(text: str) -> int:
    """How wide a text is, before it is known how it is set."""
    face, words = press_faces.face("serif"), shown(text)
    line = face.line(words) if face else None
    return line.width if line else 1000 * len(words)


def _width(line: press_faces.Line, slot: Slot) -> float:
    return (line.width + slot.spacing * (len(line.codes) - 1)) * slot.run.size / 1000


def _stripped(text: str, ends: str) -> str:
    text = text.lstrip(" ") if "l" in ends else text
    return text.rstrip(" ") if "r" in ends else text


def _face_of(font_name: str) -> str:
    """The face behind the name a font has in a print."""
    from lms.documents.engine import FACES

    return next((face for face, family in FACES.items() if family.replace(" ", "-") == font_name), "")
