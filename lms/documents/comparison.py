"""In what two states of one PDF differ, told as a person would: which page, which notes on it, what was hung on.

Compared is what the two show and carry, not their bytes: a file saved anew by a reader is the same.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import pikepdf
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

# A few bytes can unfold to gigabytes; nothing in a document of ours unfolds to one megabyte.
pikepdf.settings.set_qpdf_limits(
    flate_max_memory=16 * 1024 * 1024, run_length_max_memory=16 * 1024 * 1024, max_stream_filters=2
)
# Links of a page that lead out of it, or to what is compared apart.
ELSEWHERE = frozenset({"/Parent", "/Annots", "/StructParents", "/StructParent", "/StructTreeRoot", "/P", "/B", "/Dest"})
PLACES = {
    "unreadable": _("文件结构已损坏，无法逐页比对"),
    "pages": _("页数不同"),
    "page": _("页面上的文字或图形被改动"),
    "annotations": _("页面上被加上或删去批注、图章或表单"),
    "fields": _("表单内容被改动"),
    "attachments": _("附件被改动"),
    "actions": _("被加上打开时执行的动作"),
    "metadata": _("标题等文件信息被改动"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """``place`` is a stable code of ``PLACES``; ``page`` counts from 1 and is None where the whole file is meant."""

    place: str
    page: int | None = None

    def __str__(self) -> str:
        what = PLACES[self.place]
        return str(format_lazy(_("第 {page} 页：{what}"), page=self.page, what=what) if self.page else what)


def differences(original: bytes, other: bytes) -> tuple[Difference, ...]:
    """Where ``other`` shows or carries something else than ``original``; empty where they say the same."""
    try:
        with pikepdf.open(BytesIO(original)) as before, pikepdf.open(BytesIO(other)) as after:
            return tuple(_compared(before, after))
    except (pikepdf.PdfError, ValueError, TypeError, LookupError, RecursionError, NotImplementedError):
        return (Difference("unreadable"),)


def _compared(before: pikepdf.Pdf, after: pikepdf.Pdf) -> Iterator[Difference]:
    if len(before.pages) != len(after.pages):
        yield Difference("pages")
    for number, (old, new) in enumerate(zip(before.pages, after.pages, strict=False), start=1):
        if _digest(old.obj) != _digest(new.obj):
            yield Difference("page", number)
        if _notes(old) != _notes(new):
            yield Difference("annotations", number)
    for place, keys in (
        ("attachments", ("/AF", "/Names")),
        ("actions", ("/OpenAction", "/AA")),
        ("metadata", ("/Metadata", "/Lang")),
    ):
        if _parts(before.Root, keys) != _parts(after.Root, keys):
            yield Difference(place)
    if _fields(before) != _fields(after):
        yield Difference("fields")


def _parts(root: pikepdf.Object, keys: tuple[str, ...]) -> list[bytes | None]:
    return [_digest(root[key]) if key in root else None for key in keys]


def _notes(page: pikepdf.Page) -> list[bytes]:
    """Notes and fields of a page but the place of a signature, which each signature brings itself."""
    notes = page.obj.get("/Annots", pikepdf.Array())
    return [_digest(note) for note in notes.as_list() if note.get("/FT") != "/Sig"]


def _fields(document: pikepdf.Pdf) -> list[bytes]:
    form = document.Root.get("/AcroForm", pikepdf.Dictionary())
    fields = form.get("/Fields", pikepdf.Array())
    return [_digest(field) for field in fields.as_list() if field.get("/FT") != "/Sig"]


def _digest(thing: pikepdf.Object) -> bytes:
    """A hash of an object and all it leads to, whatever its objects are numbered."""
    sink = hashlib.sha256()
    _feed(sink, thing, {})
    return sink.digest()


def _feed(sink: "hashlib._Hash", thing: object, seen: dict[tuple[int, int], int]) -> None:
    if not isinstance(thing, pikepdf.Object):
        sink.update(repr(thing).encode())
        return
    if thing.is_indirect:
        if thing.objgen in seen:
            sink.update(b"again %d" % seen[thing.objgen])
            return
        seen[thing.objgen] = len(seen)
    if isinstance(thing, pikepdf.Array):
        sink.update(b"[%d" % len(thing))
        for each in thing.as_list():
            _feed(sink, each, seen)
    elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        _feed_entries(sink, thing, seen)
    else:
        sink.update(thing.unparse())


def _feed_entries(sink: "hashlib._Hash", thing: pikepdf.Object, seen: dict[tuple[int, int], int]) -> None:
    streamed = isinstance(thing, pikepdf.Stream)
    for key in sorted(thing.keys()):
        if key in ELSEWHERE or (streamed and key in {"/Length", "/Filter", "/DecodeParms"}):
            continue
        sink.update(key.encode())
        _feed(sink, thing[key], seen)
    if streamed:
        try:
            sink.update(thing.read_bytes())
        except pikepdf.PdfError:
            sink.update(thing.read_raw_bytes())
