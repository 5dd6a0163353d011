"""A course as data, for whoever writes one without the editor: imports, demonstration data, tests.

Blocks of a reading are mappings with a ``type``: heading, paragraph (``text``), list (``items``, ``ordered``), callout
(``tone``, ``title``, ``text``), table (``caption``, ``header``, ``rows``), practice (``title``, ``minutes``, ``steps``),
image (``image`` key, ``description``, ``caption``), download (``document`` key, ``title``), reusable (``text`` key).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.html import escape

Stream = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReadingContent:
    """``minutes``: expected; never counted above what the text and its exercises take."""

    title: str
    blocks: tuple[Mapping[str, Any], ...]
    minutes: int | None = None

    def stream(self) -> Stream:
        body = [_block(block) for block in self.blocks]
        return {"type": "reading", "value": {"title": self.title, "minutes": self.minutes, "body": body}}


@dataclass(frozen=True, slots=True)
class VideoContent:
    """``media_id``: key of a ``CourseMedia``; ``chapters``: (second, title) in order."""

    title: str
    media_id: int
    chapters: tuple[tuple[float, str], ...] = ()

    def stream(self) -> Stream:
        chapters = [{"at": int(at), "title": title} for at, title in self.chapters]
        return {"type": "video", "value": {"title": self.title, "media": self.media_id, "chapters": chapters}}


@dataclass(frozen=True, slots=True)
class AudioContent:
    """``media_id``: key of a ``CourseMedia`` that is sound; ``chapters``: (second, title) in order."""

    title: str
    media_id: int
    chapters: tuple[tuple[float, str], ...] = ()

    def stream(self) -> Stream:
        return {**VideoContent(self.title, self.media_id, self.chapters).stream(), "type": "audio"}


@dataclass(frozen=True, slots=True)
class PackageContent:
    """``package_id``: key of a ``CoursePackage``; ``minutes``: what the author says it takes."""

    title: str
    package_id: UUID
    minutes: int

    def stream(self) -> Stream:
        value = {"title": self.title, "package": str(self.package_id), "minutes": self.minutes}
        return {"type": "package", "value": value}


@dataclass(frozen=True, slots=True)
class QuizContent:
    title: str
    bank_id: UUID
    draw: int
    minutes: int

    def stream(self) -> Stream:
        value = {"title": self.title, "bank": str(self.bank_id), "draw": self.draw, "minutes": self.minutes}
        return {"type": "quiz", "value": value}


@dataclass(frozen=True, slots=True)
class ClassroomDayContent:
    title: str
    minutes: int
    programme: tuple[str, ...]
    venue_hint: str = ""

    def stream(self) -> Stream:
        value = {
            "title": self.title,
            "minutes": self.minutes,
            "venue_hint": self.venue_hint,
            "programme": list(self.programme),
        }
        return {"type": "classroom_day", "value": value}


LessonContent = ReadingContent | VideoContent | AudioContent | PackageContent | QuizContent | ClassroomDayContent


@dataclass(frozen=True, slots=True)
class CourseContent:
    """A whole course. ``regions``: GB/T 2260 codes where it counts, empty for everywhere; ``cover_id``: an image's key.

    ``notes``: what changed since the last release; ``prerequisites``: keys of courses to be passed first; ``go_live_at``
    and ``expire_at``: from when to when it is to be offered.
    """

    slug: str
    title: str
    summary: str
    category: str
    topic: str
    class_hours: Decimal
    lessons: tuple[LessonContent, ...]
    title_en: str = ""
    delivery: str = "online"
    regions: tuple[str, ...] = ()
    cover_id: int | None = None
    notes: str = ""
    prerequisites: tuple[UUID, ...] = ()
    go_live_at: datetime | None = None
    expire_at: datetime | None = None


def _block(block: Mapping[str, Any]) -> Stream:
    kind = block["type"]
    rest = {name: value for name, value in block.items() if name != "type"}
    if kind == "heading":
        return {"type": kind, "value": rest["text"]}
    if kind == "reusable":
        return {"type": kind, "value": str(rest["text"])}
    if kind == "paragraph":
        # A text, not markup: whatever it holds is shown as it was written.
        return {"type": kind, "value": f"<p>{escape(rest['text'])}</p>"}
    if kind == "table":
        columns = [{"type": "text", "heading": heading} for heading in rest["header"]]
        rows = [{"values": list(row)} for row in rest["rows"]]
        return {"type": kind, "value": {"columns": columns, "rows": rows, "caption": rest.get("caption", "")}}
    lists = {name: list(value) for name, value in rest.items() if isinstance(value, tuple | list)}
    return {"type": kind, "value": {**rest, **lists}}
