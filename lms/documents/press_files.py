"""Files as the press writes them: what a mould's papers share is written once; a paper adds what is its own.

A paper is one revision: its signature's place is left open while it is written, and filled with a signature over all
the rest. Shared objects lie in the front of every file, in the same bytes at the same places.
"""

import hashlib
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from lms.documents import press_faces, press_fonts, press_moulds, press_prints, press_syntax
from lms.documents.press_moulds import Cast, Mould
from lms.documents.press_prints import Print
from lms.documents.press_sheets import shown

HEADER = b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n"
RANGE_WIDTH = 10
_SIGNATURE = re.compile(r"/Contents <([0-9a-f]+)>")
_DATED = re.compile(r" /M \((?:[^()\\]|\\.)*\)")
_REASON = re.compile(r" /Reason (?:\((?:[^()\\]|\\.)*\)|<[0-9a-f]*>)")
_RANGE = re.compile(r" /ByteRange \[[^\]]*\]")
_LENGTH = re.compile(r" ?/Length \S+")
_PACKING = re.compile(r" ?/(?:Length|Filter|DecodeParms) (?:\[[^\]]*\]|\S+)")
_BFCHAR = re.compile(rb"(\d+) beginbfchar\n((?:<[^\n]*\n)*)endbfchar\n?")


@dataclass(slots=True)
class Press:
    """A mould made ready to write files. ``signature`` is the number of the signature's object, 0 where none signs."""

    mould: Mould
    head: bytes
    offsets: dict[int, bytes]  # rows of the cross-reference of what is shared
    size: int
    fonts: tuple[press_fonts.SlotFont, ...]
    segments: tuple[bytes, ...]  # the drawing between the lines that differ
    varying: tuple[int, ...]  # the first line of each place that differs
    own_objects: dict[int, str]
    signature: int
    signature_written: str
    signature_of_mould: bytes
    room: int
    root: int
    info: int
    metadata: int
    xmp: str


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A file but for its signature: where the gap of ``room`` bytes begins, which the signature leaves out."""

    content: bytearray
    gap: int
    room: int

    def digest(self) -> bytes:
        view = memoryview(self.content)
        known = hashlib.sha256(view[: self.gap])
        known.update(view[self.gap + self.room :])
        return known.digest()

    def signed(self, cms: bytes) -> bytes:
        """The file with its signature in the gap."""
        written = b"<" + cms.hex().encode().ljust(self.room - 2, b"0") + b">"
        if len(written) != self.room:
            raise ValueError("the signature is larger than its place")
        self.content[self.gap : self.gap + self.room] = written
        return bytes(self.content)


def ready(mould: Mould, signed: Print | None) -> Press:
    """Write what papers of ``mould`` share. ``signed``: the mould's own print with a signature, whose form is taken over."""
    whole = signed or mould.print
    fonts, slot_fonts = press_fonts.slot_fonts(mould, max(whole.objects) + 1)
    last = max(whole.objects) + 5 * len(slot_fonts)
    signature = next((number for number, written in whole.objects.items() if "/Type /Sig " in f"{written} "), 0)
    if signed and not signature:
        raise press_prints.Unreadable("no signature of one object")
    trailer = mould.print.trailer
    own = {mould.print.content, trailer["info"], trailer["metadata"], *((signature,) if signature else ())}
    own_objects = {
        number: written
        for number, written in whole.objects.items()
        if number not in own and (number in mould.moved_objects or any(mark in written for mark in mould.marks))
    }
    shared = {number: whole.objects[number] for number in whole.objects if number not in own | own_objects.keys()}
    shared[trailer["fonts"]] = shared[trailer["fonts"]].removesuffix(">>") + fonts + " >>"
    head, rows = _shared(mould, whole, shared, last + 1)
    segments, varying = _segments(mould, slot_fonts)
    written = whole.objects.get(signature, "")
    found = _SIGNATURE.search(written)
    return Press(
        mould=mould,
        head=head,
        offsets=rows,
        size=last + 3,
        fonts=slot_fonts,
        segments=segments,
        varying=varying,
        own_objects=own_objects,
        signature=signature,
        signature_written=_RANGE.sub("", _DATED.sub("", _REASON.sub("", _SIGNATURE.sub("", written)))),
        signature_of_mould=bytes.fromhex(found[1]) if found else b"",
        room=len(found[1]) + 2 if found else 0,
        root=trailer["root"],
        info=trailer["info"],
        metadata=trailer["metadata"],
        xmp=mould.print.streams[trailer["metadata"]].decode(),
    )


def written(press: Press, cast: Cast, *, reason: str, now: datetime) -> Unfinished:
    """The file of a sheet, but for the signature's bytes."""
    out, rows = bytearray(press.head), dict(press.offsets)

    def add(number: int, body: bytes) -> None:
        rows[number] = press_syntax.row(len(out))
        out.extend(b"%d 0 obj\n%b\nendobj\n" % (number, body))

    words = _words(press.mould, cast)
    add(press.mould.print.content, press_syntax.stream("", _drawing(press, cast), 6))
    for font in press.fonts:
        for number, body in press_fonts.objects(press.mould, font, cast):
            add(number, body)
    for number, text in press.own_objects.items():
        shares = press.mould.moved_objects.get(number, {})
        add(number, _filled(press_moulds.moved(press.mould, text, shares, cast) if shares else text, words))
    add(press.info, _filled(press.mould.print.objects[press.info], words))
    add(press.metadata, press_syntax.stream("/Type /Metadata /Subtype /XML", _xmp(press, words), 0))
    if press.signature:
        add(press.signature, _unsigned(press, reason, now))
    gap = len(out) - len(b" >>\nendobj\n") - press.room if press.signature else 0
    _close(press, out, rows)
    if gap:
        after = gap + press.room
        ranges = " ".join(str(part).rjust(RANGE_WIDTH) for part in (0, gap, after, len(out) - after))
        place = gap - len(b"/Contents ") - (4 * RANGE_WIDTH + 6)
        out[place : place + 4 * RANGE_WIDTH + 5] = f"[{ranges}]".encode()
    return Unfinished(out, gap, press.room)


def _unsigned(press: Press, reason: str, now: datetime) -> bytes:
    """The signature's object with room for what it covers and for the signature."""
    head = press.signature_written.rstrip().removesuffix(">>")
    head += f" /M ({press_syntax.pdf_time(now)}) /Reason {press_syntax.text_string(reason)} /ByteRange "
    return head.encode("latin-1") + b" " * (4 * RANGE_WIDTH + 6) + b"/Contents " + b"0" * press.room + b" >>"


def _close(press: Press, out: bytearray, rows: dict[int, bytes]) -> None:
    """The cross-reference stream: where every object is."""
    number, place = press.size - 1, len(out)
    rows[number] = press_syntax.row(place)
    table = b"".join(rows.get(each, b"\0\0\0\0\0\0\0") for each in range(press.size))
    identity = hashlib.md5(out, usedforsecurity=False).hexdigest()
    extra = (
        f"/Type /XRef /W [1 4 2] /Size {press.size} /Root {press.root} 0 R /Info {press.info} 0 R"
        f" /ID [<{identity}> <{identity}>]"
    )
    out.extend(
        b"%d 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (number, press_syntax.stream(extra, table, 6), place)
    )


def _shared(mould: Mould, whole: Print, shared: dict[int, str], container: int) -> tuple[bytes, dict[int, bytes]]:
    """The front of every file: shared streams as they are, all other shared objects in one compressed stream."""
    out, rows = bytearray(HEADER), {0: struct.pack(">BLH", 0, 0, 65535)}
    shown_glyphs = _glyphs_kept(mould)
    programs = {font.program for font in mould.print.fonts.values()}
    unicodes = _unicode_objects(whole, mould)
    packed: list[tuple[int, bytes]] = []
    for number, text in shared.items():
        if number not in whole.streams:
            packed.append((number, text.encode("latin-1")))
            continue
        content = whole.streams[number]
        if number in programs:
            content = press_faces.reduced(content, shown_glyphs)
        elif number in unicodes:
            content = _only(content, shown_glyphs)
        rows[number] = press_syntax.row(len(out))
        out.extend(b"%d 0 obj\n%b\nendobj\n" % (number, _shared_stream(text, content, number in whole.pictures)))
    index, bodies = "", b""
    for place, (number, body) in enumerate(packed):
        index += f"{number} {len(bodies)} "
        bodies += body + b"\n"
        rows[number] = struct.pack(">BLH", 2, container, place)
    rows[container] = press_syntax.row(len(out))
    extra = f"/Type /ObjStm /N {len(packed)} /First {len(index)}"
    out.extend(b"%d 0 obj\n%b\nendobj\n" % (container, press_syntax.stream(extra, index.encode() + bodies, 9)))
    return bytes(out), rows


def _shared_stream(dictionary: str, content: bytes, picture: bool) -> bytes:
    """A stream as it was printed; a picture stays packed the way it is."""
    gone = _LENGTH if picture else _PACKING
    extra = gone.sub("", dictionary.removeprefix("<<").removesuffix(">>"))
    return press_syntax.stream(extra, content, 0 if picture else 9)


def _glyphs_kept(mould: Mould) -> set[int]:
    """Glyphs of everything but the texts that differ: nobody's name stands in the shared fonts."""
    own = {slot.run.line for slot in mould.slots}
    kept = "\n".join(line for number, line in enumerate(mould.print.lines) if number not in own)
    others = [stream for number, stream in mould.print.streams.items() if _is_drawing(mould.print, number)]
    return press_prints.glyphs_used([kept.encode("latin-1"), *others])


def _is_drawing(of: Print, number: int) -> bool:
    return number != of.content and "/Subtype /Form" in of.objects[number]


def _unicode_objects(whole: Print, mould: Mould) -> set[int]:
    used = (whole.objects[font.number] for font in mould.print.fonts.values())
    return {int(found[1]) for text in used if (found := re.search(r"/ToUnicode (\d+) 0 R", text))}


def _only(unicode: bytes, glyphs: set[int]) -> bytes:
    """A table of characters without the glyphs that are not shown."""

    def kept(found: re.Match[bytes]) -> bytes:
        lines = [line for line in found[2].splitlines() if int(line[1:5], 16) in glyphs]
        return b"%d beginbfchar\n%b\nendbfchar\n" % (len(lines), b"\n".join(lines)) if lines else b""

    return _BFCHAR.sub(kept, unicode)


def _segments(mould: Mould, fonts: Sequence[press_fonts.SlotFont]) -> tuple[tuple[bytes, ...], tuple[int, ...]]:
    """Cut the drawing at the lines that differ from paper to paper."""
    faces = [font.face for font in fonts]
    lines = list(mould.print.lines)
    for slot in mould.slots:
        at = slot.run.line - 1
        lines[at] = f"/Own{faces.index(slot.face)} {lines[at].split(' ', 1)[1]}"
    ends = {slot.run.line: slot.run.line + 1 for slot in mould.slots}
    ends |= dict.fromkeys(mould.moved, 0)
    ends |= {drawing.first: drawing.last for drawing in mould.drawings}
    segments, begin = [], 0
    for line in sorted(ends):
        segments.append("\n".join([*lines[begin:line], ""]).encode("latin-1"))
        begin = ends[line] or line + 1
    segments.append("\n".join(lines[begin:]).encode("latin-1"))
    return tuple(segments), tuple(sorted(ends))


def _drawing(press: Press, cast: Cast) -> bytes:
    """The drawing of one paper."""
    mould = press.mould
    texts = {slot.run.line: (slot, line) for slot, line in zip(mould.slots, cast.lines, strict=True)}
    drawings = {drawing.first: squares for drawing, squares in zip(mould.drawings, cast.drawings, strict=True)}
    parts: list[bytes] = []
    for segment, at in zip(press.segments, press.varying, strict=False):
        parts.append(segment)
        if at in texts:
            parts.append(_shown(*texts[at]))
        elif at in drawings:
            parts.append("".join(f"{x} {y} {width} 1 re\n" for x, y, width in drawings[at]).encode())
        else:
            parts.append(
                f"{press_moulds.moved(mould, mould.print.lines[at], mould.moved[at], cast)}\n".encode("latin-1")
            )
    return b"".join((*parts, press.segments[-1]))


def _shown(slot: press_moulds.Slot, line: press_faces.Line) -> bytes:
    """A text as it is shown: codes, and where they are not set tight how far apart."""
    moves = [round(-(kern + slot.spacing), 2) for kern in line.kerns]
    moves[-1:] = [0] * len(moves[-1:])
    written = "".join(
        f"{code:04x}" + (f">{press_prints.plain(move)}<" if move else "")
        for code, move in zip(line.codes, moves, strict=True)
    )
    return f"[<{written}>] TJ\n".encode()


def _words(mould: Mould, cast: Cast) -> dict[str, str]:
    """What stands for each mark in this paper."""
    words = {}
    for mark, (kind, place) in mould.marks.items():
        if kind == "title":
            words[mark] = shown(cast.sheet.texts[place]).strip() if place >= 0 else ""
        else:
            words[mark] = shown(cast.sheet.free[place])
    return words


def _filled(text: str, words: dict[str, str]) -> bytes:
    """An object with this paper's words for the marks."""
    for mark, word in words.items():
        if mark == press_moulds.CREATED:
            text = text.replace(
                f"({press_moulds.CREATED_IN_INFO})", f"({press_syntax.pdf_time(datetime.fromisoformat(word))})"
            )
        elif mark in text:
            text = text.replace(f"({mark})", press_syntax.text_string(word))
    return text.encode("latin-1")


def _xmp(press: Press, words: dict[str, str]) -> bytes:
    text = press.xmp
    for mark, word in words.items():
        text = text.replace(mark, escape(word, quote=False))
    return text.encode()
