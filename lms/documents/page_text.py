"""The words on the pages of a PDF, as its fonts say they are to be read. Enough to find what somebody wrote over.

Only what a page shows by itself is read, no forms within it; what can't be read is passed over.
"""

import re
from collections.abc import Iterator
from typing import Any

import pikepdf

SHOWING = frozenset({"Tj", "TJ", "'", '"'})
# Where a new piece of text begins: pieces are compared whole.
MOVING = frozenset({"Td", "TD", "Tm", "T*", "BT", "ET"})
_RANGES = re.compile(rb"begin(bfchar|bfrange)(.*?)end\1", re.DOTALL)
_HEX = re.compile(rb"<([0-9A-Fa-f\s]*)>")
MOST_CODES = 20_000


def pieces(page: pikepdf.Page) -> list[str]:
    """Texts of a page, in the order they are drawn."""
    fonts = {str(name): _Reading(font) for name, font in _fonts(page)}
    found: list[str] = [""]
    reading: _Reading | None = None
    for instruction in pikepdf.parse_content_stream(page):
        operator = str(instruction.operator)
        operands: list[Any] = list(instruction.operands)
        if operator == "Tf":
            reading = fonts.get(str(operands[0]))
        elif operator in MOVING:
            found.append("")
        elif operator in SHOWING and reading:
            found[-1] += reading.read(operands[-1])
    return [text for piece in found if (text := " ".join(piece.split()))]


def _fonts(page: pikepdf.Page) -> Iterator[tuple[str, Any]]:
    resources: Any = page.obj.get("/Resources", pikepdf.Dictionary())
    yield from resources.get("/Font", pikepdf.Dictionary()).items()


class _Reading:
    """From the codes of one font to characters."""

    def __init__(self, font: Any) -> None:
        self.wide = font.get("/Subtype") == "/Type0"
        self.characters = _to_unicode(font["/ToUnicode"].read_bytes()) if "/ToUnicode" in font else {}

    def read(self, shown: Any) -> str:
        strings = shown.as_list() if isinstance(shown, pikepdf.Array) else [shown]
        return "".join(self._one(bytes(each)) for each in strings if isinstance(each, pikepdf.String))

    def _one(self, codes: bytes) -> str:
        step = 2 if self.wide else 1
        numbers = (int.from_bytes(codes[place : place + step]) for place in range(0, len(codes), step))
        return "".join(self.characters.get(number, "" if self.wide else chr(number)) for number in numbers)


def _to_unicode(table: bytes) -> dict[int, str]:
    """A ToUnicode map (ISO 32000, 9.10.3): single codes and ranges."""
    characters: dict[int, str] = {}
    for kind, body in _RANGES.findall(table):
        values = [bytes.fromhex(each.decode()) for each in _HEX.findall(body)]
        if kind == b"bfchar":
            pairs = zip(values[::2], values[1::2], strict=False)
            characters |= {int.from_bytes(code): _text(text) for code, text in pairs}
            continue
        for first, last, text in zip(values[::3], values[1::3], values[2::3], strict=False):
            begin, end = int.from_bytes(first), int.from_bytes(last)
            for number in range(begin, min(end, begin + MOST_CODES) + 1):
                characters[number] = _text(
                    text[:-2] + (int.from_bytes(text[-2:]) + number - begin & 0xFFFF).to_bytes(2)
                )
    return characters


def _text(raw: bytes) -> str:
    return raw.decode("utf-16-be", errors="ignore")
