"""What a learner sees of a course: its lessons in order with their state, and where to go on."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.catalogue.models import Lesson, LessonKind
from courses.learning.models import Enrolment, LessonProgress
from lms.rules.intervals import Intervals

ICONS = {
    LessonKind.VIDEO: "play",
    LessonKind.AUDIO: "sound",
    LessonKind.READING: "book",
    LessonKind.PACKAGE: "package",
    LessonKind.QUIZ: "exam",
    LessonKind.CLASSROOM_DAY: "calendar",
}


@dataclass(frozen=True, slots=True)
class OutlineLesson:
    """One line of the outline. ``share`` is what is credited of a video or reading, 0 to 100."""

    lesson: Lesson
    url: str
    icon: str
    done: bool
    share: int
    note: str
    current: bool = False


def outline_of(enrolment: Enrolment, current_id: uuid.UUID | None = None) -> list[OutlineLesson]:
    """All lessons of the enrolment, in three queries however many they are."""
    lessons = list(enrolment.release.lessons.order_by("position"))
    done = set(enrolment.lesson_completions.values_list("lesson_id", flat=True))
    progress = {row.lesson_id: row for row in enrolment.progress.all()}
    return [
        OutlineLesson(
            lesson=lesson,
            url=reverse("learning:lesson", args=[enrolment.pk, lesson.pk]),
            icon="ok" if lesson.pk in done else ICONS[LessonKind(lesson.kind)],
            done=lesson.pk in done,
            share=share_of(lesson, progress.get(lesson.pk)),
            note=length_of(lesson),
            current=lesson.pk == current_id,
        )
        for lesson in lessons
    ]


def share_of(lesson: Lesson, progress: LessonProgress | None) -> int:
    """Per cent credited, rounded down."""
    if progress is None or not lesson.seconds:
        return 0
    return min(100, Intervals.from_pairs(progress.covered).covered() * 100 // (lesson.seconds * 1000))


def length_of(lesson: Lesson) -> str:
    """How long a lesson is, in words."""
    if lesson.kind == LessonKind.QUIZ:
        count = int(lesson.blueprint.get("draw") or len(lesson.blueprint.get("question_versions", [])))
        return ngettext("%(count)s 题", "%(count)s 题", count) % {"count": count}
    return duration(lesson.seconds)


def duration(seconds: int) -> str:
    """``40 秒``, ``12 分钟``, ``1 小时 30 分钟``."""
    if seconds < 60:
        return _("%(seconds)s 秒") % {"seconds": seconds}
    minutes = -(-seconds // 60)
    if minutes < 90:
        return _("%(minutes)s 分钟") % {"minutes": minutes}
    return _("%(hours)s 小时 %(minutes)s 分钟") % {"hours": minutes // 60, "minutes": minutes % 60}


def next_of(outline: Sequence[OutlineLesson], after: Any = None) -> OutlineLesson | None:
    """The first unfinished lesson after ``after``, else the first unfinished one."""
    open_lessons = [row for row in outline if not row.done]
    if after is not None:
        later = [row for row in open_lessons if row.lesson.position > after.position]
        open_lessons = later or [row for row in open_lessons if row.lesson.pk != after.pk]
    return open_lessons[0] if open_lessons else None
