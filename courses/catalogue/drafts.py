"""What a release is made from: a course as its college wrote it, before it is frozen.

A draft holds no figures of policy; the length of a class-hour, the pass share and the attempts come from the pack in
force on the day of publication.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lms.people.models import Organisation


@dataclass(frozen=True, slots=True)
class LessonDraft:
    """One lesson. ``seconds``: probed by the server (video, audio), expected (reading, package, room), allowed (quiz).

    ``media`` and ``poster`` name frozen files (``courses.catalogue.files``). A ``package`` gives ``folder`` and ``entry``
    of its unpacked files. A quiz's ``blueprint`` gives ``question_versions`` (ids), ``draw`` and ``minutes``.
    """

    kind: str
    title: str
    seconds: int
    body: str = ""
    media: str = ""
    media_sha256: str = ""
    poster: str = ""
    captions: str = ""
    chapters: tuple[Mapping[str, Any], ...] = ()
    package: Mapping[str, str] = field(default_factory=dict)
    blueprint: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReleaseDraft:
    """A course to be frozen. ``course_id`` stays the same from release to release; ``slug`` is used for the first.

    ``glossary``: ``{"term", "text"}`` for each of the college's terms that occur in it.
    """

    course_id: uuid.UUID
    college: Organisation
    slug: str
    title: str
    summary: str
    category: str
    topic: str
    delivery: str
    class_hours: Decimal
    lessons: tuple[LessonDraft, ...]
    title_en: str = ""
    regions: tuple[str, ...] = ()
    cover: str = ""
    notes: str = ""
    prerequisites: tuple[uuid.UUID, ...] = ()
    glossary: tuple[Mapping[str, str], ...] = ()
