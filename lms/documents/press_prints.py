"""A printed page as the press reads it: its objects, the lines that draw it, and what each run of text says.

The press takes a print for what it is, whoever made it: it compares prints, and knows nothing of how they are laid out.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pikepdf

_NUMBER = re.compile(r"(?<![\w<(/#.+-])[+-]?(?:\d+\.?\d*|\.\d+)(?![\w>)#])")
_SHOWN = re.compile(r"<([0-9a-f]*)>|(-?[0-9.]+(?:e-?\d+)?)")
_UNICODE = re.compile(rb"<([0-9a-f]{4})> <([0-9a-f]*)>")
_FONT = re.compile(r"/(\S+) (\S+) Tf")
_POINTS = 1e-9


class Unreadable(Exception):
    """The print is none that the press can work with; what it prints is laid out one by one."""


@dataclass(frozen=True, slots=True)
class Font:
    """A font of the print: its name without the tag of a subset, and the text of each glyph."""

    name: str
    number: int
    program: int
    texts: dict[int, str]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of text: the line of its ``TJ``, its font and size, its glyphs and what moves the pen after each of them."""

    line: int
    font: str
    size: float
    glyphs: tuple[int, ...]
    moves: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Print:
    """``objects`` by number as PDF writes them (a stream: its dictionary); ``streams`` decoded but for pictures, which
    stay packed as they are."""

    objects: dict[int, str]
    streams: dict[int, bytes]
    pictures: frozenset[int]
    trailer: dict[str, int]
    content: int
    lines: tuple[str, ...]
    fonts: dict[str, Font]
    font_objects: frozenset[int]

    def run(self, line: int) -> Run:
        """The run whose ``TJ`` stands in a line of its own between font and end of text."""
        found = _FONT.fullmatch(self.lines[line - 1])
        if not found or self.lines[line + 1] != "ET" or found[1] not in self.fonts:
            raise Unreadable("a run of more than one font")
        glyphs, moves = shown(self.lines[line])
        return Run(line, found[1], float(found[2]), glyphs, moves)

    def program(self, font: str) -> bytes:
        """The font program of a font."""
        return self.streams[self.fonts[font].program]

    def text(self, run: Run) -> str:
        texts = self.fonts[run.font].texts
        return "".join(texts.get(glyph, "\ufffd") for glyph in run.glyphs)


def read(content: bytes) -> Print:
    """Take a file of one page apart. Raises Unreadable where it is not such a file."""
    with pikepdf.open(io.BytesIO(content)) as file:
        if len(file.pages) != 1 or file.is_encrypted:
            raise Unreadable("not one page")
        objects: dict[int, str] = {}
        streams: dict[int, bytes] = {}
        pictures: set[int] = set()
        for number in range(1, int(file.trailer["/Size"])):
            thing = file.get_object(number, 0)
            if isinstance(thing, pikepdf.Stream):
                if thing.stream_dict.get("/Type") in (pikepdf.Name.ObjStm, pikepdf.Name.XRef):
                    continue
                objects[number] = _written(thing.stream_dict)
                if thing.stream_dict.get("/Subtype") == pikepdf.Name.Image:
                    pictures.add(number)
                    streams[number] = thing.read_raw_bytes()
                else:
                    streams[number] = thing.read_bytes()
            elif thing is not None:
                objects[number] = _written(thing)
        page = file.pages[0].obj
        if not isinstance(page.Contents, pikepdf.Stream):
            raise Unreadable("not one stream")
        contents = page.Contents.objgen[0]
        fonts, font_objects = _fonts(page)
        return Print(
            objects=objects,
            streams=streams,
            pictures=frozenset(pictures),
            trailer={
                "page": page.objgen[0],
                "fonts": page.Resources.Font.objgen[0],
                "root": file.Root.objgen[0],
                "info": file.trailer.Info.objgen[0],
                "metadata": file.Root.Metadata.objgen[0],
            },
            content=contents,
            lines=tuple(streams[contents].decode("latin-1").split("\n")),
            fonts=fonts,
            font_objects=font_objects,
        )


def shown(line: str) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Glyphs of a ``TJ`` and the movement after each, in 1/1000 of the font size to the left."""
    if not (line.startswith("[") and line.endswith("] TJ")):
        raise Unreadable("no run of text")
    glyphs: list[int] = []
    moves: list[float] = []
    for codes, move in _SHOWN.findall(line[1:-4]):
        if move:
            if not moves:
                raise Unreadable("a run that begins with a movement")
            moves[-1] += float(move)
        for place in range(0, len(codes), 4):
            glyphs.append(int(codes[place : place + 4], 16))
            moves.append(0.0)
    return tuple(glyphs), tuple(moves)


def numbers(line: str) -> list[float]:
    return [float(number) for number in _NUMBER.findall(line)]


def differences(one: str, other: str) -> dict[int, float] | None:
    """By how much each number of ``other`` differs from that of ``one``; None where anything else differs."""
    if one == other:
        return {}
    if _NUMBER.sub("0", one) != _NUMBER.sub("0", other):
        return None
    pairs = zip(numbers(one), numbers(other), strict=True)
    return {place: after - before for place, (before, after) in enumerate(pairs) if abs(after - before) > _POINTS}


def with_numbers(line: str, changed: dict[int, float]) -> str:
    """The line with other numbers in some of its places."""
    place = -1

    def written(found: re.Match[str]) -> str:
        nonlocal place
        place += 1
        return plain(changed[place]) if place in changed else found[0]

    return _NUMBER.sub(written, line)


def pieces(line: str) -> list[str]:
    """The line between its numbers."""
    return _NUMBER.split(line)


def plain(number: float) -> str:
    """A number as PDF knows it, to a millionth."""
    return f"{number:.6f}".rstrip("0").rstrip(".")


def glyphs_used(contents: Sequence[bytes]) -> set[int]:
    """Every glyph shown in these drawings, of whatever font."""
    used: set[int] = set()
    for content in contents:
        for line in content.decode("latin-1").split("\n"):
            if line.endswith("] TJ"):
                used.update(shown(line)[0])
    return used


def _written(thing: pikepdf.Object) -> str:
    return thing.unparse(resolved=True).decode("latin-1")


def _fonts(page: pikepdf.Object) -> tuple[dict[str, Font], frozenset[int]]:
    fonts, numbers_of = {}, set()
    for name, font in page.Resources.Font.items():
        descendant = font.DescendantFonts[0]
        descriptor = descendant.FontDescriptor
        program = next(descriptor[key] for key in ("/FontFile3", "/FontFile2") if key in descriptor)
        texts = {
            int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be")
            for code, text in _UNICODE.findall(font.ToUnicode.read_bytes())
        }
        base = str(font.BaseFont).partition("+")[2] or str(font.BaseFont).removeprefix("/")
        fonts[name.removeprefix("/")] = Font(base, font.objgen[0], program.objgen[0], texts)
        numbers_of |= {thing.objgen[0] for thing in (font, descendant, descriptor, program, font.ToUnicode)}
    return fonts, frozenset(numbers_of)
