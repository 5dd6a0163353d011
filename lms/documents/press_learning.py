"""How a mould comes to be: a sheet is printed, and printed again with a longer text in each place that differs.

Every number of the drawing that moves with a text moves in proportion to that text's width, or there is no mould. Then
it is proved (``press_proofs``): sheets cast in it are compared with the same sheets printed by themselves. What is not
proved, or fits no mould, is laid out by itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from lms.documents import press_faces, press_prints, press_proofs
from lms.documents.press_moulds import CREATED, Drawing, Mould, Slot, face_of, lines_drawn, squares, stripped, width
from lms.documents.press_prints import Print, Unreadable
from lms.documents.press_proofs import CLOSE_KERN
from lms.documents.press_sheets import Sheet, joined, kinds_of_free, places_of_title, shown

Printer = Callable[[str], bytes]
_WIDE = "W"  # longer by this a text is tried, so that the next one, a little wider, still fits


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
        press_proofs.prove(mould, sheet, press_prints.read(printer(joined(sheet) + carried)))
    return mould


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
        if kind == "words":
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
    name = face_of(before.fonts[run.font].name)
    known = before.text(run)
    strip = next((ends for ends in ("", "l", "r", "lr") if stripped(shown(text), ends) == known), None)
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
    set_longer = face.line(stripped(shown(longer), "lr" if strip == "lr" else strip))
    if set_longer is None:
        raise Unreadable("a text that is not simple")
    slot = Slot(place, run, name, strip, spacing, 0.0, 0.0)
    return Slot(place, run, name, strip, spacing, width(set_here, slot), width(set_longer, slot))


def _drawing(mould: Mould, first: _Tried, sheets: Sequence[Sheet], place: int) -> Drawing:
    """Where the path is drawn: its lines are found by drawing another."""
    own = first.base.free[place]
    other = next(sheet.free[place] for sheet in sheets if sheet.free[place] != own)
    before, after = mould.print.lines, first.print(free={place: other}).lines
    start = next(line for line, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1])
    drawn, runs = lines_drawn(own), squares(own)
    if runs is None:
        raise Unreadable("a path of another kind")
    for begin in range(start, start - len(drawn), -1):
        if list(before[begin : begin + len(drawn)]) == drawn:
            rest = before[:begin] + tuple(lines_drawn(other)) + before[begin + len(drawn) :]
            if rest == after:
                return Drawing(place, begin, begin + len(drawn))
    raise Unreadable("a path drawn in another way")


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
