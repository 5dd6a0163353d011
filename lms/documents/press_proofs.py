"""The proof of a mould: a sheet cast in it is the same sheet printed by itself, number for number, glyph for glyph."""

import re
from collections.abc import Sequence

from lms.documents import press_faces, press_prints
from lms.documents.press_moulds import Cast, Mould, Slot, face_of, lines_drawn, moved
from lms.documents.press_prints import Print, Unreadable
from lms.documents.press_sheets import Sheet

# In units of the drawing (CSS pixels) and in 1/1000 of a font size: less than anybody sees, more than rounding makes.
CLOSE, CLOSE_KERN = 0.15, 4.0


def prove(mould: Mould, sheet: Sheet, alone: Print) -> None:
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
            out += [(-1, line) for line in lines_drawn(cast.sheet.free[drawings[at].place])]
            at = drawings[at].last
        else:
            out.append((at, lines[at]))
            at += 1
    return out


def _prove_run(slot: Slot, line: press_faces.Line, alone: Print, number: int) -> None:
    run = alone.run(number)
    if face_of(alone.fonts[run.font].name) != slot.face or run.size != slot.run.size:
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
