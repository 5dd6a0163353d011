"""From a course as data to a page in the editor: its question bank, its videos drawn, its lessons in order.

Everything goes through the verbs an author's clicks call. Videos are drawn once and kept by what they show.
"""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile

from cms.content import ClassroomDayContent, CourseContent, LessonContent, QuizContent, ReadingContent, VideoContent
from cms.models import CoursePage
from cms.services import add_video, create_course_page
from courses.assessment.models import QuestionBank
from courses.assessment.services import create_bank, save_question
from lms.audit.actors import Actor
from lms.demo import video as drawing
from lms.demo.content import ClassroomDay, Course, Lesson, Quiz, Reading, Video
from lms.demo.questions import ChoiceQuestion, Matching, Question
from lms.people.models import Organisation

TOPICS = {
    "职业道德": "professional_ethics",
    "职业规范": "professional_norms",
    "职业技能": "professional_skills",
    "安全防范": "safety",
    "心理健康": "mental_health",
}
LETTERS = "ABCDEFGH"


def write_course(*, course: Course, college: Organisation, actor: Actor, now: datetime, **claimed: Any) -> CoursePage:
    """Write ``course`` as a draft page of ``college``. ``claimed`` replaces fields of the page, such as class_hours."""
    bank = fill_bank(course=course, college=college, actor=actor, now=now)
    content = course_content(course=course, bank=bank, college=college, actor=actor, now=now, **claimed)
    return create_course_page(college=college, content=content, actor=actor, now=now)


def course_content(
    *, course: Course, bank: QuestionBank, college: Organisation, actor: Actor, now: datetime, **claimed: Any
) -> CourseContent:
    """The course as the editor takes it; its videos are put into the college's library."""
    lessons = tuple(_lesson(lesson, bank, college, actor, now) for lesson in course.lessons)
    fields: dict[str, Any] = {
        "slug": course.slug,
        "title": course.title,
        "title_en": course.title_en,
        "summary": course.summary,
        "category": course.category,
        "topic": TOPICS[course.topic],
        "delivery": course.delivery,
        "class_hours": course.class_hours,
        "regions": course.regions,
        "lessons": lessons,
    }
    return CourseContent(**{**fields, **claimed})


def fill_bank(*, course: Course, college: Organisation, actor: Actor, now: datetime) -> QuestionBank:
    """The course's questions under keys of their own; written twice they stay as they are."""
    bank = create_bank(college=college, name=course.title, actor=actor, now=now)
    for number, question in enumerate(course.bank, start=1):
        save_question(
            bank=bank,
            key=f"{course.slug}-{number:02d}",
            kind=question.kind,
            stem=question.stem,
            choices=choices_of(question),
            answer=question.key,
            explanation=question.explanation,
            knowledge_point=question.knowledge_point,
            difficulty=question.difficulty,
            actor=actor,
            now=now,
        )
    return bank


def choices_of(question: Question) -> Any:
    """Choices with their letters; entries on the left of a matching question are numbered from "1"."""
    if not isinstance(question, ChoiceQuestion):
        return []
    lettered = [{"id": letter, "text": text} for letter, text in zip(LETTERS, question.choices, strict=False)]
    if isinstance(question, Matching):
        numbered = [{"id": str(number), "text": text} for number, text in enumerate(question.left, start=1)]
        return {"left": numbered, "right": lettered}
    return lettered


def _lesson(lesson: Lesson, bank: QuestionBank, college: Organisation, actor: Actor, now: datetime) -> LessonContent:
    match lesson:
        case Reading():
            blocks = tuple(block.model_dump() for block in lesson.body)
            return ReadingContent(lesson.title, blocks, lesson.expected_minutes)
        case Video():
            media = add_video(
                college=college,
                title=lesson.title,
                file=ContentFile(drawn(lesson).read_bytes(), name="lesson.mp4"),
                captions=drawing.webvtt(lesson.captions),
                actor=actor,
                now=now,
            )
            return VideoContent(lesson.title, media.pk, tuple((one.at, one.title) for one in lesson.chapters))
        case ClassroomDay():
            return ClassroomDayContent(lesson.title, lesson.minutes, lesson.programme, lesson.venue_hint)
        case Quiz():
            return QuizContent(lesson.title, bank.pk, lesson.draw, lesson.minutes)


def drawn(lesson: Video) -> Path:
    """The video's file: drawn now, or found where it was drawn before."""
    shown = "".join(slide.model_dump_json() for slide in lesson.slides)
    name = hashlib.sha256(f"{lesson.seconds}{shown}".encode()).hexdigest()[:24]
    directory = Path(settings.VAR_DIR) / "demo-videos"
    path = directory / f"{name}.mp4"
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        # Two loads at once: each draws its own and the later one takes the place of an equal file.
        draft = directory / f".{name}.{os.getpid()}"
        drawing.render(lesson.slides, lesson.seconds, draft)
        draft.replace(path)
    return path
