"""The fonts of the texts that differ from paper to paper: each file has just its own glyphs in them."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from lms.documents import press_faces, press_moulds, press_syntax
from lms.documents.press_moulds import Cast, Mould

_UNICODE_HEAD = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <ffff>
endcodespacerange
"""
_UNICODE_FOOT = "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"


@dataclass(frozen=True, slots=True)
class SlotFont:
    """The font of the texts that differ: five objects, the same numbers in every paper."""

    face: str
    name: str
    first: int
    descriptor: str


def slot_fonts(mould: Mould, first: int) -> tuple[str, tuple[SlotFont, ...]]:
    """Names for the resources of the page, and the fonts, one a face."""
    fonts: list[SlotFont] = []
    for slot in mould.slots:
        if all(font.face != slot.face for font in fonts):
            of = mould.print.fonts[slot.run.font]
            descriptor = next(
                mould.print.objects[number]
                for number in mould.print.font_objects
                if "/FontDescriptor " in mould.print.objects[number]
                and f" {of.program} 0 R" in mould.print.objects[number]
            )
            kept = re.sub(r"/FontFile\d \d+ 0 R|/FontName \S+", "", descriptor).removeprefix("<<").removesuffix(">>")
            fonts.append(SlotFont(slot.face, of.name, first + 5 * len(fonts), " ".join(kept.split())))
    return "".join(f" /Own{place} {font.first} 0 R" for place, font in enumerate(fonts)), tuple(fonts)


def objects(mould: Mould, font: SlotFont, cast: Cast) -> list[tuple[int, bytes]]:
    """The five objects of a font with just the glyphs of this paper."""
    pairs = [(slot, line) for slot, line in zip(mould.slots, cast.lines, strict=True) if slot.face == font.face]
    face = press_faces.face(font.face)
    if face is None:
        raise ValueError("the face is gone")
    widths: dict[int, int] = {}
    texts: dict[int, str] = {}
    glyphs: set[int] = set()
    for slot, line in pairs:
        text = press_moulds.text_of(slot, cast.sheet)
        widths.update(zip(line.codes, line.advances, strict=True))
        texts.update(zip(line.codes, text, strict=True))
        glyphs.update(line.glyphs)
    tag = _tag(sorted(texts))
    name, first = f"/{tag}+{font.name}", font.first
    program = face.cut(glyphs)
    widths_written = " ".join(f"{code} [{width}]" for code, width in sorted(widths.items()))
    return [
        (
            first,
            f"<< /Type /Font /Subtype /Type0 /BaseFont {name} /Encoding /Identity-H /ToUnicode {first + 4} 0 R"
            f" /DescendantFonts [{first + 1} 0 R] >>".encode(),
        ),
        (
            first + 1,
            f"<< /Type /Font /Subtype /CIDFontType0 /BaseFont {name} /FontDescriptor {first + 2} 0 R"
            f" /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
            f" /W [{widths_written}] >>".encode(),
        ),
        (first + 2, f"<< {font.descriptor} /FontName {name} /FontFile3 {first + 3} 0 R >>".encode("latin-1")),
        (first + 3, press_syntax.stream("/Subtype /CIDFontType0C", program, 6)),
        (first + 4, press_syntax.stream("", _unicode(texts).encode(), 6)),
    ]


def _unicode(texts: dict[int, str]) -> str:
    rows = [f"<{code:04x}> <{text.encode('utf-16-be').hex()}>" for code, text in sorted(texts.items())]
    blocks = (rows[place : place + 100] for place in range(0, len(rows), 100))
    return (
        _UNICODE_HEAD
        + "".join(f"{len(some)} beginbfchar\n{chr(10).join(some)}\nendbfchar\n" for some in blocks)
        + _UNICODE_FOOT
    )


def _tag(codes: Sequence[int]) -> str:
    """Six letters that name a subset, different for different glyphs."""
    number = int.from_bytes(hashlib.sha256(repr(codes).encode()).digest()[:8], "big")
    letters = ""
    for _place in range(6):
        number, letter = divmod(number, 26)
        letters += chr(65 + letter)
    return letters
