"""Characters measured and cut for the press: how wide a line of text is, and the few glyphs a paper needs for it.

HarfBuzz is asked about a character, or a pair of neighbours, once; afterwards a line is a sum. What is shaped in any
other way (ligatures, marks, another writing system) is nobody's guess: ``line`` returns None, and the sheet is laid
out by itself.
"""

import ctypes
import ctypes.util
import functools
import io
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fontTools.cffLib import CFFFontSet
from fontTools.pens.recordingPen import RecordingPen
from fontTools.ttLib import TTFont

from lms.documents import cff, fonts

_SET_GLYPH, _SET_DROP_TABLE = 0, 3
_NO_HINTING, _RETAIN_GIDS = 1, 2
_READONLY = 1
_DROPPED = (b"GSUB", b"GPOS", b"GDEF", b"BASE", b"VORG", b"vhea", b"vmtx", b"DSIG", b"cmap", b"name", b"post", b"OS/2")
_POOL_LIMIT = 4_000


@dataclass(frozen=True, slots=True)
class Line:
    """A text as glyphs of its face, each with the code (CID) it has in every font program cut from it.

    ``kerns``: what is added after each glyph. Units of 1/1000 of the font size.
    """

    glyphs: tuple[int, ...]
    codes: tuple[int, ...]
    advances: tuple[int, ...]
    kerns: tuple[int, ...]

    @property
    def width(self) -> int:
        return sum(self.advances) + sum(self.kerns)


class _Info(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_uint32) for name in ("codepoint", "mask", "cluster", "var1", "var2"))


class _Position(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_int32) for name in ("x_advance", "y_advance", "x_offset", "y_offset", "var"))


@dataclass(slots=True)
class Face:
    """One of the faces documents are set in, as the press asks it."""

    name: str
    _font: int
    _face: int
    _upem: int
    _codes: Sequence[int]
    _shaped: dict[str, tuple[tuple[int, int, int, int], ...]] = field(default_factory=dict)
    _pool: int = 0  # a smaller face, from which papers' glyphs are cut; where each of its glyphs lies in it
    _pool_numbers: dict[int, int] = field(default_factory=dict)

    def line(self, text: str) -> Line | None:
        """``text`` as this face sets it by itself; None where that is not one simple glyph a character."""
        glyphs, advances, kerns = [], [], []
        for place, character in enumerate(text):
            alone = self._shape(character)
            if not _is_simple(character) or len(alone) != 1 or alone[0][0] == 0 or any(alone[0][2:]):
                return None
            glyph, advance, *_offsets = alone[0]
            kern = 0
            if place + 1 < len(text):
                pair, after = self._shape(text[place : place + 2]), self._shape(text[place + 1])
                if len(pair) != 2 or len(after) != 1 or (pair[0][0], pair[1][0]) != (glyph, after[0][0]):
                    return None
                if any(pair[0][2:]) or any(pair[1][2:]) or pair[1][1] != after[0][1]:
                    return None
                kern = pair[0][1] - advance
            glyphs.append(glyph)
            advances.append(self._thousandths(advance))
            kerns.append(self._thousandths(kern))
        return Line(tuple(glyphs), tuple(self._codes[glyph] for glyph in glyphs), tuple(advances), tuple(kerns))

    def cut(self, glyphs: Iterable[int]) -> bytes:
        """A font program (bare CFF) with ``glyphs``; a fraction of a millisecond, because it is cut from what was cut before."""
        wanted = sorted({0, *glyphs})
        if not self._pool or any(glyph not in self._pool_numbers for glyph in wanted):
            self._fill_pool(wanted)
        small = _subset(self._pool, [self._pool_numbers[glyph] for glyph in wanted])
        content = _content(small)
        _harfbuzz().hb_face_destroy(small)
        return _table(content, b"CFF ")

    def _fill_pool(self, wanted: Sequence[int]) -> None:
        known = self._pool_numbers.keys() if len(self._pool_numbers) < _POOL_LIMIT else set()
        glyphs = sorted({*known, *wanted})
        pool = _subset(self._face, glyphs)
        if self._pool:
            _harfbuzz().hb_face_destroy(self._pool)
        self._pool, self._pool_numbers = pool, {glyph: place for place, glyph in enumerate(glyphs)}

    def _shape(self, text: str) -> tuple[tuple[int, int, int, int], ...]:
        """Glyph, advance and offsets, in the units of the face."""
        known = self._shaped.get(text)
        if known is None:
            known = self._shaped[text] = _shape(self._font, text)
        return known

    def _thousandths(self, units: int) -> int:
        return round(units * 1000 / self._upem)


@functools.cache
def face(name: str) -> Face | None:
    """The face of this name in ``fonts.faces``; None where HarfBuzz can not be had or the face is no OpenType of CFF."""
    path = fonts.faces().get(name)
    if path is None or fonts.harfbuzz_subset() is None or _harfbuzz() is None:
        return None
    whole = fonts.whole(path)
    if whole[:4] != b"OTTO":
        return None
    hb = _harfbuzz()
    blob = hb.hb_blob_create(whole, len(whole), _READONLY, None, None)
    made = hb.hb_face_create(blob, 0)
    return Face(name, hb.hb_font_create(made), made, hb.hb_face_get_upem(made), _codes(path))


def _codes(path: Path) -> list[int]:
    """Glyph → CID, as the font program itself counts."""
    names = TTFont(path, lazy=True).getGlyphOrder()
    return [0 if name == ".notdef" else int(name.removeprefix("cid")) for name in names]


def reduced(font: bytes, glyphs: Iterable[int]) -> bytes:
    """An OpenType font with the outlines of ``glyphs`` only, every glyph under the number it had."""
    hb = _harfbuzz()
    blob = hb.hb_blob_create(font, len(font), _READONLY, None, None)
    whole = hb.hb_face_create(blob, 0)
    small = _subset(whole, sorted({0, *glyphs}), flags=_NO_HINTING | _RETAIN_GIDS, dropped=())
    content = _content(small)
    for made in (small, whole):
        hb.hb_face_destroy(made)
    hb.hb_blob_destroy(blob)
    return cff.numbered_by_place(content)


def same_outlines(program: bytes, codes: Sequence[int], font: bytes, glyphs: Sequence[int]) -> bool:
    """Whether glyphs of a bare font program (by CID) look as glyphs of an OpenType font (by number)."""
    bare = CFFFontSet()
    bare.decompile(io.BytesIO(program), None)
    ours = bare[0].CharStrings
    opened = TTFont(io.BytesIO(font))
    theirs, order = opened.getGlyphSet(), opened.getGlyphOrder()
    pairs = dict(zip(codes, glyphs, strict=True))
    return all(_drawn(ours[f"cid{code:05d}"]) == _drawn(theirs[order[glyph]]) for code, glyph in pairs.items())


def _drawn(glyph: Any) -> list[Any]:
    pen = RecordingPen()
    glyph.draw(pen)
    drawn: list[Any] = pen.value
    return drawn


def _is_simple(character: str) -> bool:
    """Han, kana, Latin with its accents, and common signs: one after the other from left to right, as they come."""
    code = ord(character)
    return (
        0x20 <= code < 0x250
        or 0x2010 <= code < 0x2070
        or 0x3000 <= code < 0xA000
        or 0xF900 <= code < 0xFB00
        or (0xFF00 <= code < 0xFFF0 or 0x20000 <= code < 0x33480)
    )


def _shape(font: int, text: str) -> tuple[tuple[int, int, int, int], ...]:
    hb = _harfbuzz()
    buffer = hb.hb_buffer_create()
    raw = text.encode()
    hb.hb_buffer_add_utf8(buffer, raw, len(raw), 0, len(raw))
    hb.hb_buffer_guess_segment_properties(buffer)
    hb.hb_buffer_set_language(buffer, hb.hb_language_from_string(b"zh-hans", -1))
    hb.hb_shape(font, buffer, None, 0)
    count = ctypes.c_uint()
    infos = hb.hb_buffer_get_glyph_infos(buffer, ctypes.byref(count))
    places = hb.hb_buffer_get_glyph_positions(buffer, ctypes.byref(count))
    shaped = tuple(
        (infos[at].codepoint, places[at].x_advance, places[at].x_offset, places[at].y_offset)
        for at in range(count.value)
    )
    hb.hb_buffer_destroy(buffer)
    return shaped


def _subset(face: int, glyphs: Iterable[int], *, flags: int = _NO_HINTING, dropped: Iterable[bytes] = _DROPPED) -> int:
    hb = _harfbuzz()
    wanted = hb.hb_subset_input_create_or_fail()
    chosen, tables = (hb.hb_subset_input_set(wanted, which) for which in (_SET_GLYPH, _SET_DROP_TABLE))
    for glyph in glyphs:
        hb.hb_set_add(chosen, glyph)
    for tag in dropped:
        hb.hb_set_add(tables, int.from_bytes(tag, "big"))
    hb.hb_subset_input_set_flags(wanted, flags)
    small: int | None = hb.hb_subset_or_fail(face, wanted)
    hb.hb_subset_input_destroy(wanted)
    if not small:
        raise ValueError("the face could not be cut")
    return small


def _content(face: int) -> bytes:
    hb = _harfbuzz()
    blob, length = hb.hb_face_reference_blob(face), ctypes.c_uint()
    content = ctypes.string_at(hb.hb_blob_get_data(blob, ctypes.byref(length)), length.value)
    hb.hb_blob_destroy(blob)
    return content


def _table(content: bytes, tag: bytes) -> bytes:
    """One table of an OpenType font."""
    (count,) = struct.unpack_from(">H", content, 4)
    for place in range(count):
        name, _checksum, offset, length = struct.unpack_from(">4sLLL", content, 12 + 16 * place)
        if name == tag:
            return content[offset : offset + length]
    raise ValueError(f"no table {tag!r}")


@functools.cache
def _harfbuzz() -> ctypes.CDLL:
    """Both libraries as one: the one that subsets, with the words of the one that shapes."""
    hb = fonts.harfbuzz_subset()
    for name in (ctypes.util.find_library("harfbuzz"), "libharfbuzz.so.0", "libharfbuzz.0.dylib"):
        try:
            shaping = ctypes.CDLL(name) if name else None
        except OSError:
            continue
        if shaping is not None and hb is not None:
            return _declare(hb, shaping)
    return None  # type: ignore[return-value]


def _declare(hb: ctypes.CDLL, shaping: ctypes.CDLL) -> ctypes.CDLL:
    pointer, number, count = ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ctypes.c_uint)
    for library, name, result, arguments in (
        (hb, "hb_subset_input_set", pointer, [pointer, number]),
        (hb, "hb_subset_input_set_flags", None, [pointer, ctypes.c_uint]),
        (shaping, "hb_face_get_upem", ctypes.c_uint, [pointer]),
        (shaping, "hb_font_create", pointer, [pointer]),
        (shaping, "hb_buffer_create", pointer, []),
        (shaping, "hb_buffer_destroy", None, [pointer]),
        (shaping, "hb_buffer_add_utf8", None, [pointer, ctypes.c_char_p, number, ctypes.c_uint, number]),
        (shaping, "hb_buffer_guess_segment_properties", None, [pointer]),
        (shaping, "hb_buffer_set_language", None, [pointer, pointer]),
        (shaping, "hb_language_from_string", pointer, [ctypes.c_char_p, number]),
        (shaping, "hb_shape", None, [pointer, pointer, pointer, ctypes.c_uint]),
        (shaping, "hb_buffer_get_glyph_infos", ctypes.POINTER(_Info), [pointer, count]),
        (shaping, "hb_buffer_get_glyph_positions", ctypes.POINTER(_Position), [pointer, count]),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
        setattr(hb, name, function)
    return hb
