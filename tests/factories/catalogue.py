"""Words for releases: frozen courses written straight into the catalogue, without the editor and without policy."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import storages

from courses.catalogue.models import Course, Lesson, Programme, Release, Rendition
from courses.catalogue.programmes import approve_programme, create_programme, submit_programme
from courses.catalogue.search import text_keys, title_keys
from lms.audit.actors import Actor
from lms.people.models import Organisation
from tests.factories.policy import packs_loaded

MINUTES_PER_CLASS_HOUR = 45
SYSTEM = Actor.system("tests")
NEW_YEAR = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)
MASTER = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=400000,RESOLUTION=640x360\n360p/index.m3u8\n"
PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6.0,\n0.ts\n#EXT-X-ENDLIST\n"
_numbers = count(1)


def a_college(name: str = "", region: str = "310115") -> Organisation:
    """An admitted training college."""
    return Organisation.objects.create(
        kind="college",
        name=name or f"第{next(_numbers)}培训学院",
        region_code=region,
        status="admitted",
        created_at=datetime(2026, 1, 5, 9, 0, tzinfo=UTC),
    )


def reading(minutes: int = 45, title: str = "阅读", body: str = "<p>正文</p>") -> dict[str, Any]:
    return {"kind": "reading", "title": title, "seconds": minutes * 60, "body": body}


def video(seconds: int = 60, title: str = "视频", media: str = "releases/sample.mp4") -> dict[str, Any]:
    return {
        "kind": "video",
        "title": title,
        "seconds": seconds,
        "media": media,
        "media_sha256": hashlib.sha256(media.encode()).hexdigest(),
        "chapters": [{"at": 0, "title": "开始"}],
        "captions": "WEBVTT\n\n00:00.000 --> 00:05.000\n开始\n",
    }


def audio(seconds: int = 60, title: str = "音频", media: str = "releases/sample.m4a") -> dict[str, Any]:
    return video(seconds, title, media) | {"kind": "audio"}


def package(minutes: int = 10, title: str = "课件", folder: str = "packages/sample") -> dict[str, Any]:
    place = {"folder": folder, "entry": "index.html"}
    return {"kind": "package", "title": title, "seconds": minutes * 60, "package": place}


def rendition(lesson: Lesson, state: str = "ready") -> Rendition:
    """The recording of a lesson in pieces: a master playlist, one size, one piece, none of which can be decoded."""
    folder = f"renditions/{lesson.media_sha256}"
    for name, text in {"master.m3u8": MASTER, "360p/index.m3u8": PLAYLIST, "360p/0.ts": "piece"}.items():
        storages["default"].save(f"{folder}/{name}", ContentFile(text.encode()))
    return Rendition.objects.create(
        media_sha256=lesson.media_sha256,
        media=lesson.media,
        state=state,
        folder=folder,
        created_at=datetime(2026, 1, 10, 9, 0, tzinfo=UTC),
    )


def quiz(
    question_versions: Sequence[Any] = (), draw: int | None = None, minutes: int = 20, title: str = "测验"
) -> dict[str, Any]:
    blueprint = {
        "question_versions": [str(getattr(version, "pk", version)) for version in question_versions],
        "draw": draw if draw is not None else len(question_versions),
        "minutes": minutes,
        "attempts": 3,
        "cool_down_minutes": 10,
    }
    return {"kind": "quiz", "title": title, "seconds": minutes * 60, "blueprint": blueprint}


def classroom_day(minutes: int = 270, title: str = "面授") -> dict[str, Any]:
    return {"kind": "classroom_day", "title": title, "seconds": minutes * 60, "body": "<p>实操</p>"}


def released_course(
    *,
    college: Organisation | None = None,
    category: str = "skills",
    class_hours: Decimal | float | str = "1.0",
    lessons: Sequence[dict[str, Any]] | None = None,
    title: str = "婴幼儿安全睡眠照护",
    topic: str = "safety",
    delivery: str = "online",
    regions: Sequence[str] = (),
    course: Course | None = None,
    published_at: datetime | None = None,
    **fields: Any,
) -> Release:
    """The next release of ``course`` (of a new course when none is given). Without lessons: one reading that holds it."""
    hours = Decimal(str(class_hours))
    if lessons is None:
        lessons = [reading(int(hours * MINUTES_PER_CLASS_HOUR))]
    number = next(_numbers)
    course = course or Course.objects.create(college=college or a_college(), slug=f"course-{number}")
    newest = course.releases.order_by("-number").first()
    in_titles = title_keys(title, fields.get("title_en", ""))
    release = Release.objects.create(
        course=course,
        number=newest.number + 1 if newest else 1,
        title=title,
        category=category,
        topic=topic,
        delivery=delivery,
        class_hours=hours,
        minutes_per_class_hour=MINUTES_PER_CLASS_HOUR,
        content_minutes=sum(lesson["seconds"] for lesson in lessons if lesson["kind"] != "quiz") // 60,
        regions=list(regions),
        search_title=in_titles,
        search_text=in_titles
        + text_keys(
            summary=fields.get("summary", ""),
            lessons=[lesson["title"] for lesson in lessons],
            college=course.college,
            topic=topic,
        ),
        content_hash=hashlib.sha256(f"{course.pk}-{number}".encode()).hexdigest(),
        published_at=published_at or datetime(2026, 1, 10, 9, 0, tzinfo=UTC),
        **{"pass_share": Decimal("0.60"), "coverage_share": Decimal("0.95"), "approved_by": "approver", **fields},
    )
    Lesson.objects.bulk_create(
        [Lesson(release=release, position=place, **lesson) for place, lesson in enumerate(lessons, start=1)]
    )
    return release


def programme(
    releases: Sequence[Release], *, title: str = "2026 年度培训", year: int = 2026, regions: Sequence[str] = ()
) -> Programme:
    """Courses of one college put together, and not yet handed in."""
    packs_loaded()
    return create_programme(
        college=releases[0].course.college,
        title=title,
        summary="",
        year=year,
        regions=regions,
        courses=[release.course_id for release in releases],
        actor=SYSTEM,
        now=NEW_YEAR,
    )


def submitted_programme(releases: Sequence[Release], **fields: Any) -> Programme:
    return submit_programme(programme=programme(releases, **fields), actor=SYSTEM, now=NEW_YEAR)


def offered_programme(releases: Sequence[Release] | None = None, **fields: Any) -> Programme:
    """An approved programme; without courses, two that make up Shanghai's year."""
    if releases is None:
        college = a_college()
        releases = [
            released_course(college=college, title="全年技能", class_hours=72),
            released_course(college=college, title="全年师德", class_hours=40, category="ethics"),
        ]
    return approve_programme(programme=submitted_programme(releases, **fields), actor=SYSTEM, now=NEW_YEAR)
