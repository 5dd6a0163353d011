"""A PDF that a stranger hands in is looked at in a process of its own, which has so much time and memory and no more.

A few bytes can be made to keep a reader busy for hours or to fill the memory. Whatever such a file does to the process
that looks at it, the answer is one of the states below, within seconds. What may never happen: a stranger's file taken
apart in the process that serves everybody else.

Run as ``python -m lms.documents.strangers`` it is that process: a line of JSON and the bytes in, one line of JSON out.
"""

import json
import subprocess  # nosec B404
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

# Processor seconds and bytes for the process; and how long whoever waits for it waits on a busy machine.
SECONDS, MEMORY, PATIENCE = 8, 1536 * 1024 * 1024, 60
# A certificate of ours has one page and a few hundred objects.
MOST_OBJECTS, MOST_PAGES, PAGES_READ, LINKS_READ, MOST_TEXT = 20_000, 60, 5, 50, 20_000
SHORTEST, MOST_ADDED = 2, 8


@dataclass(frozen=True, slots=True)
class Seal:
    """The signature that counts: ours where there is one. See ``examination.Signature``."""

    signer: str
    ours: bool
    intact: bool
    whole: bool
    in_time: bool

    @property
    def good(self) -> bool:
        return self.ours and self.intact and self.whole and self.in_time


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen. ``state``: read, encrypted, unreadable, too_complex or too_long; the rest is empty unless read."""

    state: str
    links: tuple[str, ...] = ()
    text: str = ""
    seal: Seal | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """In what a file differs from the original: (place, page) as in ``comparison``, and (page, text) not in it."""

    places: tuple[tuple[str, int | None], ...] = ()
    added: tuple[tuple[int, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.places or self.added)


@dataclass(frozen=True, slots=True)
class _Job:
    task: str
    parts: tuple[bytes, ...]
    about: Mapping[str, Any] = field(default_factory=dict)

    def as_bytes(self) -> bytes:
        head = {"task": self.task, "sizes": [len(part) for part in self.parts], **self.about}
        return b"\n".join([json.dumps(head).encode(), b"".join(self.parts)])


def look(content: bytes, *, ours: Mapping[str, str]) -> Look:
    """Who the file says it is, and whose signature it carries. ``ours``: as for ``examination.examine``."""
    if b"startxref" not in content:  # a PDF says at its end where its table is; a piece of one is not opened
        return Look("unreadable")
    told = _told(_Job("look", (content,), {"ours": dict(ours)}))
    if told["state"] != "read":
        return Look(told["state"])
    seal = Seal(**told["seal"]) if told["seal"] else None
    return Look("read", tuple(told["links"]), told["text"], seal)


def changes(original: bytes, content: bytes) -> Changes | None:
    """In what ``content`` shows or carries something else than ``original``; None where it couldn't be compared."""
    told = _told(_Job("compare", (original, content)))
    if told["state"] != "read":
        return None
    return Changes(tuple((place, page) for place, page in told["places"]), tuple((p, t) for p, t in told["added"]))


def _told(job: _Job) -> dict[str, Any]:
    from django.conf import settings

    command = [sys.executable, "-m", "lms.documents.strangers"]
    try:
        done = subprocess.run(  # noqa: S603  # nosec B603
            command, input=job.as_bytes(), capture_output=True, timeout=PATIENCE, check=False, cwd=settings.BASE_DIR
        )
    except subprocess.TimeoutExpired:
        return {"state": "too_long"}
    if done.returncode:
        return {"state": "too_long" if done.returncode < 0 else "unreadable"}
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def main() -> None:
    """The process itself."""
    _bounded()
    head, _newline, body = sys.stdin.buffer.read().partition(b"\n")
    job = json.loads(head)
    parts, start = [], 0
    for size in job["sizes"]:
        parts.append(body[start : start + size])
        start += size
    try:
        told = _look(parts[0], job["ours"]) if job["task"] == "look" else _compare(*parts)
    except MemoryError:
        told = {"state": "too_complex"}
    sys.stdout.write(json.dumps(told))


def _bounded() -> None:
    """So much processor time and memory; where a system knows no such bound, the parent's patience is left."""
    import resource

    for what, most in ((resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0)):
        try:
            resource.setrlimit(what, (most, most))
        except (OSError, ValueError):
            continue


def _look(content: bytes, ours: Mapping[str, str]) -> dict[str, Any]:
    """What can't be read raises, ends the process and is called unreadable by whoever waits."""
    import pikepdf

    from lms.documents import comparison

    assert comparison.PLACES  # its import bounds what pikepdf unfolds
    try:
        file = pikepdf.open(BytesIO(content))
    except pikepdf.PasswordError:
        return {"state": "encrypted"}
    with file:
        if file.is_encrypted:
            return {"state": "encrypted"}
        if len(file.objects) > MOST_OBJECTS or len(file.pages) > MOST_PAGES:
            return {"state": "too_complex"}
        return {"state": "read", "links": _links(file), "text": _text(file), "seal": _seal(content, ours)}


def _seal(content: bytes, ours: Mapping[str, str]) -> dict[str, Any] | None:
    if b"/ByteRange" not in content:  # no signature is without one
        return None
    from lms.documents import examination

    found = examination.examine(content, ours).signature
    return {name: getattr(found, name) for name in Seal.__dataclass_fields__} if found else None


def _links(file: Any) -> list[str]:
    """Addresses that the first pages lead to."""
    notes = [note for page in list(file.pages)[:PAGES_READ] for note in list(page.obj.get("/Annots", []))[:LINKS_READ]]
    links = (str(note.get("/A", {}).get("/URI", ""))[:500] for note in notes)
    return [link for link in links if link]


def _text(file: Any) -> str:
    from lms.documents.page_text import pieces

    return "\n".join(piece for page in list(file.pages)[:PAGES_READ] for piece in pieces(page))[:MOST_TEXT]


def _compare(original: bytes, content: bytes) -> dict[str, Any]:
    import pikepdf

    from lms.documents import comparison

    places = [(one.place, one.page) for one in comparison.differences(original, content)]
    with pikepdf.open(BytesIO(original)) as before, pikepdf.open(BytesIO(content)) as after:
        return {"state": "read", "places": places, "added": _added(before, after)[:MOST_ADDED]}


def _added(before: Any, after: Any) -> list[tuple[int, str]]:
    """Pieces of text that the original has nowhere, by page: only what whoever asks holds in hand already."""
    from lms.documents.page_text import pieces

    known = "\n".join(piece for page in before.pages for piece in pieces(page))
    return [
        (number, piece[:80])
        for number, page in enumerate(list(after.pages)[:PAGES_READ], start=1)
        for piece in pieces(page)
        if len(piece) >= SHORTEST and piece not in known
    ]


if __name__ == "__main__":
    main()
