"""The faces every document is set in: Noto Serif SC and Noto Sans SC, carried by a Python package; and for rare names
a face of the ideographs they lack (Unicode extensions B to F), carried by a Debian package.

Only these faces are used, whatever fonts a machine has, so that a document looks the same everywhere. A document
carries just the characters it shows; cutting a face takes a few milliseconds with HarfBuzz. The rare face stands in
only for what neither of the two can draw. What may never happen: a name printed with a box in it.
"""

import ctypes
import ctypes.util
import functools
from pathlib import Path

import pylopdf_fonts_zh_cn
from django.conf import settings
from fontTools.ttLib import TTFont

from lms.documents import cff

# What a browser engine puts into a document by itself: list bullets, page numbers, hyphens.
ALWAYS = frozenset(range(0x20, 0x7F)) | frozenset(map(ord, "\u00a0•◦▪‐–—…"))
INVISIBLE = frozenset("\n\r\t\u200b\u200c\u200d\u2060\ufeff")
# Debian's fonts-hanazono, where systems keep it; an operator may name others (RARE_FONT_FILES), asked first.
RARE_PLACES = (
    "/usr/share/fonts/truetype/hanazono/HanaMinB.ttf",
    "/usr/share/fonts/hanazono/HanaMinB.ttf",
    "/Library/Fonts/HanaMinB.ttf",
)
RARE = "rare-"
_MEMORY_READONLY = 1


def faces() -> dict[str, Path]:
    """Name in style sheets → font file."""
    return {"serif": pylopdf_fonts_zh_cn.serif_path(), "sans": pylopdf_fonts_zh_cn.sans_path()}


def rare_faces() -> dict[str, Path]:
    """Name → font file of the faces that stand in for rare ideographs, in the order they are asked."""
    found = (Path(each) for each in (*settings.RARE_FONT_FILES, *RARE_PLACES) if Path(each).is_file())
    return {f"{RARE}{number}": path for number, path in enumerate(found)}


def missing_glyphs(text: str) -> tuple[str, ...]:
    """Characters of ``text`` that no face can draw, each once, in order. Ask before printing a name."""
    rare = _rare(text)
    if not rare:
        return ()
    drawn = frozenset().union(*stand_ins(text).values())
    return tuple(char for char in rare if char not in drawn)


def stand_ins(text: str) -> dict[str, frozenset[str]]:
    """Rare face → the characters of ``text`` it draws: those neither of the two faces has. Mostly none."""
    left, answer = frozenset(_rare(text)), {}
    for face, path in rare_faces().items() if left else ():
        if drawn := frozenset(char for char in left if ord(char) in _covered(path)):
            answer[face] = drawn
            left -= drawn
    return answer


def cut(face: str, text: str) -> bytes:
    """The font file of ``face`` with the glyphs for ``text`` only; whole where HarfBuzz can not be had."""
    library, path = harfbuzz_subset(), (rare_faces() if face.startswith(RARE) else faces())[face]
    if library is None:
        return cff.numbered_by_place(path.read_bytes())
    # A stand-in carries nothing but what it stands in for.
    wanted = stand_ins(text).get(face, frozenset()) if face.startswith(RARE) else text
    always = frozenset[int]() if face.startswith(RARE) else ALWAYS
    return cff.numbered_by_place(_cut(library, path, always.union(map(ord, wanted))))


@functools.cache
def harfbuzz_subset() -> ctypes.CDLL | None:
    """The subsetting library, with the signatures used here; None where it is not installed."""
    for name in (ctypes.util.find_library("harfbuzz-subset"), "libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib"):
        try:
            library = ctypes.CDLL(name) if name else None
        except OSError:
            continue
        if library is not None:
            return _declare(library)
    return None


def _rare(text: str) -> tuple[str, ...]:
    """Characters of ``text`` that neither of the two faces draws, each once, in order."""
    drawable = _drawable()
    return tuple(dict.fromkeys(char for char in text if char not in INVISIBLE and ord(char) not in drawable))


@functools.cache
def _drawable() -> frozenset[int]:
    """Code points that one of the two faces draws; each stands in for the other."""
    return frozenset().union(*map(_covered, faces().values()))


@functools.cache
def _covered(path: Path) -> frozenset[int]:
    """Code points that the font file draws."""
    return frozenset(TTFont(path, lazy=True).getBestCmap())


def _declare(library: ctypes.CDLL) -> ctypes.CDLL:
    pointer, number = ctypes.c_void_p, ctypes.c_uint
    for name, result, arguments in (
        ("hb_blob_create", pointer, [ctypes.c_char_p, number, ctypes.c_int, pointer, pointer]),
        ("hb_blob_get_data", pointer, [pointer, ctypes.POINTER(number)]),
        ("hb_blob_destroy", None, [pointer]),
        ("hb_face_create", pointer, [pointer, number]),
        ("hb_face_reference_blob", pointer, [pointer]),
        ("hb_face_destroy", None, [pointer]),
        ("hb_set_add", None, [pointer, number]),
        ("hb_subset_input_create_or_fail", pointer, []),
        ("hb_subset_input_unicode_set", pointer, [pointer]),
        ("hb_subset_input_destroy", None, [pointer]),
        ("hb_subset_or_fail", pointer, [pointer, pointer]),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


@functools.cache
def whole(path: Path) -> bytes:
    """The file of a face, read once."""
    return path.read_bytes()


def _cut(hb: ctypes.CDLL, path: Path, code_points: frozenset[int]) -> bytes:
    full = whole(path)
    blob = hb.hb_blob_create(full, len(full), _MEMORY_READONLY, None, None)
    face, wanted = hb.hb_face_create(blob, 0), hb.hb_subset_input_create_or_fail()
    try:
        characters = hb.hb_subset_input_unicode_set(wanted)
        for code_point in code_points:
            hb.hb_set_add(characters, code_point)
        small = hb.hb_subset_or_fail(face, wanted)
        if not small:
            return full
        result, length = hb.hb_face_reference_blob(small), ctypes.c_uint()
        content = ctypes.string_at(hb.hb_blob_get_data(result, ctypes.byref(length)), length.value)
        hb.hb_blob_destroy(result)
        hb.hb_face_destroy(small)
        return content
    finally:
        hb.hb_subset_input_destroy(wanted)
        hb.hb_face_destroy(face)
        hb.hb_blob_destroy(blob)
