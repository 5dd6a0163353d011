"""Words for authoring: a college at the editor, a bureau's approver, a course as it is handed in."""

import io
import json
import zipfile
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

import av
from django.core.files.base import ContentFile
from PIL import Image
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from cms.content import CourseContent, LessonContent, ReadingContent
from cms.models import CollegeReviewTask, CoursePackage, CoursePage, GlossaryTerm, ReusableText
from cms.services import (
    add_package,
    approve,
    create_course_page,
    forward,
    save_term,
    save_text,
    submit_for_approval,
)
from courses.catalogue.models import Release
from lms.audit.actors import Actor
from lms.people.access import actor_of
from lms.people.models import Membership, Organisation, Role, User
from tests.factories import people
from tests.factories.catalogue import a_college

NOW = datetime.fromisoformat("2026-03-02T09:00:00+08:00")
_numbers = count(1)


def acting_as(user: User) -> Actor:
    return people.acting(user)


def approver(region: str = "310000") -> User:
    """An approver of the region's human-resources bureau, with a second factor."""
    return people.officer("bureau_approver", region)


def author(college: Organisation | None = None) -> User:
    return people.member(college or a_college(), "college_author")


def publisher(college: Organisation | None = None) -> User:
    return people.member(college or a_college(), "college_publisher")


def text_of(minutes: int) -> str:
    """A text that takes so long to read, at 300 characters a minute."""
    return "托" * 300 * minutes


def a_reading(minutes: int = 45, title: str = "睡眠环境的三条底线") -> ReadingContent:
    return ReadingContent(title, ({"type": "paragraph", "text": text_of(minutes)},))


def a_course(*lessons: LessonContent, **fields: Any) -> CourseContent:
    """A course of one class-hour with one reading that holds it, unless told otherwise."""
    words: dict[str, Any] = {
        "slug": f"safe-sleep-{next(_numbers)}",
        "title": "婴幼儿安全睡眠照护",
        "summary": "让每一次午睡都安全。",
        "category": "skills",
        "topic": "safety",
        "class_hours": Decimal("1.0"),
        "lessons": lessons or (a_reading(),),
    }
    return CourseContent(**{**words, **fields})


def drafted_course(writer: User | None = None, *lessons: LessonContent, **fields: Any) -> CoursePage:
    """A draft in the editor."""
    writer = writer or author()
    actor = acting_as(writer)
    college = Organisation.objects.get(pk=actor.organisation_id)
    return create_course_page(college=college, content=a_course(*lessons, **fields), actor=actor, now=NOW)


def handed_in_course(writer: User | None = None, *lessons: LessonContent, **fields: Any) -> CoursePage:
    """As it stands after its author handed it in: before the college's publisher where there is one."""
    writer = writer or author()
    page = drafted_course(writer, *lessons, **fields)
    return submit_for_approval(page=page, actor=acting_as(writer), now=NOW)


def submitted_course(writer: User | None = None, *lessons: LessonContent, **fields: Any) -> CoursePage:
    """Before the bureau, whoever of the college had to say yes on the way."""
    page = handed_in_course(writer, *lessons, **fields)
    return forwarded(page)


def forwarded(page: CoursePage, now: datetime = NOW) -> CoursePage:
    """Forwarded by the college's publisher, if it waits for one."""
    if not isinstance(page.current_workflow_task, CollegeReviewTask):
        return page
    membership = Membership.objects.open(now).filter(organisation=page.college, role=Role.COLLEGE_PUBLISHER).first()
    assert membership is not None
    return forward(page=page, actor=actor_of(membership.user, membership), now=now)


def approved_course(
    writer: User | None = None, officer: User | None = None, **fields: Any
) -> tuple[CoursePage, Release]:
    page = submitted_course(writer, **fields)
    release = approve(page=page, actor=acting_as(officer or approver()), now=NOW)
    assert release is not None
    return CoursePage.objects.get(pk=page.pk), release


def a_video_file(seconds: int = 4, *, codec: str = "libx264", name: str = "clip.mp4") -> ContentFile:
    """A real, tiny film."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream(codec, rate=2)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for number in range(seconds * 2):
            picture = Image.new("RGB", (64, 36), (number * 9 % 255, 90, 90))
            for packet in stream.encode(av.VideoFrame.from_image(picture)):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return ContentFile(out.getvalue(), name=name)


def a_sound_file(seconds: int = 4, *, codec: str = "mp3", name: str = "sound.mp3") -> ContentFile:
    """A real, quiet recording of sound."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp3" if codec == "mp3" else "mp4") as container:
        stream = container.add_stream(codec, rate=16_000, layout="mono")
        for number in range(seconds):
            frame = av.AudioFrame(format="s16", layout="mono", samples=16_000)
            frame.sample_rate, frame.pts = 16_000, number * 16_000
            frame.planes[0].update(bytes(frame.planes[0].buffer_size))
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return ContentFile(out.getvalue(), name=name)


MANIFEST = """<?xml version="1.0"?>
<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_v1p3">
<organizations default="O"><organization identifier="O"><item identifier="I" identifierref="R"/></organization>
</organizations><resources><resource identifier="X" href="other.html"/>
<resource identifier="R" adlcp:scormType="sco" href="start.html"/></resources></manifest>"""


def a_package_file(files: dict[str, str | bytes] | None = None, *, name: str = "course.zip") -> ContentFile:
    """Courseware as a ZIP file: one page and its script, unless told otherwise."""
    out = io.BytesIO()
    given = files or {"index.html": "<html><head></head><body>课件</body></html>", "js/app.js": "document.title = 1"}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in given.items():
            # A day of its own, not the clock's: the same files are the same archive, whenever they are packed.
            archive.writestr(zipfile.ZipInfo(path), content, zipfile.ZIP_DEFLATED)
    return ContentFile(out.getvalue(), name=name)


def a_package(writer: User, title: str = "互动课件", files: dict[str, str | bytes] | None = None) -> CoursePackage:
    """Courseware in the stock of the writer's college."""
    actor = acting_as(writer)
    college = Organisation.objects.get(pk=actor.organisation_id)
    return add_package(college=college, title=title, file=a_package_file(files), actor=actor, now=NOW)


def a_term(writer: User, term: str, text: str = "说明") -> GlossaryTerm:
    actor = acting_as(writer)
    college = Organisation.objects.get(pk=actor.organisation_id)
    return save_term(college=college, term=term, text=text, actor=actor, now=NOW)


def a_text(writer: User, title: str = "急救电话", *blocks: dict[str, Any]) -> ReusableText:
    """A reusable text; one paragraph unless told otherwise."""
    actor = acting_as(writer)
    college = Organisation.objects.get(pk=actor.organisation_id)
    given = blocks or ({"type": "paragraph", "text": "遇到紧急情况拨打 120。"},)
    text = ReusableText(title=title, body=json.dumps(ReadingContent("", given).stream()["value"]["body"]))
    return save_text(text=text, college=college, actor=actor, now=NOW)


def a_picture(name: str = "picture.png", colour: tuple[int, int, int] = (31, 122, 109)) -> ContentFile:
    out = io.BytesIO()
    Image.new("RGB", (80, 60), colour).save(out, format="PNG")
    return ContentFile(out.getvalue(), name=name)


def editor_data(page: CoursePage | None = None, *lessons: tuple[str, Any], **fields: Any) -> dict[str, Any]:
    """What the editor's form posts. Lessons as (kind, block data); one short reading when none are given."""
    body = streamfield([("paragraph", rich_text("<p>托育</p>")), ("heading", "三条底线")])
    given = lessons or (("reading", {"title": "阅读", "minutes": "", "body": body}),)
    words: dict[str, Any] = {
        "title": page.title if page else "新课程",
        "title_en": "",
        "summary": "简介",
        "cover": "",
        "category": "skills",
        "topic": "safety",
        "delivery": "online",
        "class_hours": "1.0",
        "notes": page.notes if page else "",
        "go_live_at": "",
        "expire_at": "",
        "lessons": streamfield(given),
        "comments": inline_formset([]),
    }
    return dict(nested_form_data({**words, **fields}))
