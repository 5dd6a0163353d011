"""Words for sessions in a room, and who was there."""

from datetime import datetime, timedelta
from typing import Any

from courses.catalogue.models import Lesson, LessonKind, Release
from courses.classroom.models import Booking, Scan, Session
from courses.classroom.services import book, current_code, open_session, scan
from lms.audit.actors import Actor
from lms.people.models import Organisation, Person, User
from tests.factories.catalogue import classroom_day, released_course
from tests.factories.people import college, member

SYSTEM = Actor.system("tests")
NOON = datetime.fromisoformat("2026-06-15T12:00:00+08:00")


def teacher(of: Organisation) -> User:
    return member(of, "college_teacher")


def blended_course(of: Organisation | None = None, minutes: int = 180, **fields: Any) -> Release:
    """A course of one classroom day, worth what it lasts."""
    return released_course(
        college=of or college(),
        delivery="offline",
        class_hours=minutes // 45,
        lessons=[classroom_day(minutes)],
        **fields,
    )


def classroom_lesson(release: Release) -> Lesson:
    return release.lessons.get(kind=LessonKind.CLASSROOM_DAY)


def session(
    lesson: Lesson | None = None,
    *,
    starts_at: datetime = NOON + timedelta(days=1),
    minutes: int | None = None,
    venue: str = "实训楼 301",
    capacity: int = 30,
    by: User | None = None,
    now: datetime = NOON,
) -> Session:
    """A session of this lesson tomorrow at noon, as long as the lesson needs."""
    lesson = lesson or classroom_lesson(blended_course())
    return open_session(
        lesson=lesson,
        venue=venue,
        teacher=by or teacher(lesson.release.course.college),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes or lesson.seconds // 60),
        capacity=capacity,
        actor=SYSTEM,
        now=now,
    )


def booked(of: Session, person: Person, enrolment_id: Any, now: datetime = NOON) -> Booking:
    return book(session=of, person=person, enrolment_id=enrolment_id, actor=SYSTEM, now=now)


def scanned(of: Session, person: Person, kind: str, at: datetime, device: str = "") -> Scan:
    """Check in or out with the code on the wall at ``at``."""
    return scan(
        session=of,
        person=person,
        kind=kind,
        code=current_code(of, at),
        device=device or f"device-{person.pk}",
        actor=SYSTEM,
        now=at,
    )


def present(of: Session, person: Person) -> None:
    """There from the first to the last minute."""
    scanned(of, person, "in", of.starts_at)
    scanned(of, person, "out", of.ends_at)
