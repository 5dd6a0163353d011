"""Classroom days: the classes of the year, those that are still to come, and one that was called off."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial

from courses.catalogue.models import Lesson, LessonKind
from courses.classroom.models import Session
from courses.classroom.services import cancel_session, open_session
from lms.demo.accounts import accounts
from lms.demo.calendar import SATURDAY, at
from lms.demo.load.world import World
from lms.people.models import Role

# The courses of a full year, one block of days after the other, within this share of the year of training.
YEAR, YEAR_WITHIN = "year", 0.6
BLOCKS = (
    "choking-first-aid",
    "comprehensive-care-practice",
    "emergency-care-practice",
    "professional-ethics-seminar",
    "child-protection-workshop",
    "responsive-care",
)
# (course, class, how far through the year its first day is)
LATER = (
    ("choking-first-aid", "yaojiang", 0.66),
    ("responsive-care", "nanjing", 0.74),
    ("responsive-care", "beijing", 0.82),
)
# (course, class, days from today to the first day)
COMING = (("choking-first-aid", "coming", 6), ("professional-ethics-seminar", "coming", 9))
CALLED_OFF = ("emergency-care-practice", "called-off", 15)
WHY_CALLED_OFF = "实训教室设备检修，改期另行通知"
VENUES = {
    "kaifang-daxue": "杨浦校区实训楼 302",
    "zhiye-xueyuan": "上海教学点（杨浦）研讨室",
    "shixun-jidi": "上海合作教学点急救教室",
    "yaojiang": "姚江基地急救教室",
    "nanjing": "栖霞校区托育楼 205",
    "beijing": "北京教学点（朝阳）活动室",
}
CAPACITY = 24


def schedule(world: World) -> None:
    """Put every class on the calendar. Days that are over are opened three weeks before they took place."""
    days = world.days()
    within = int(len(days) * YEAR_WITHIN)
    lengths = [len(_lessons(world, slug)) for slug in BLOCKS]
    gap = max(0, (within - sum(lengths)) // len(BLOCKS))
    position = 0
    for slug, length in zip(BLOCKS, lengths, strict=True):
        _open(world, slug, YEAR, days[position : position + length])
        position += length + gap
    for slug, name, share in LATER:
        _open(world, slug, name, [world.day(share)])
    for slug, name, ahead in (*COMING, CALLED_OFF):
        _open(world, slug, name, _weekdays(world.today + timedelta(days=ahead), len(_lessons(world, slug))))
    slug, name, _ahead = CALLED_OFF
    for session in world.classes[slug, name]:
        world.agenda.add(world.now - timedelta(days=1, hours=2), partial(_call_off, world, session))


def _open(world: World, slug: str, name: str, days: list[date]) -> None:
    release = world.releases[slug]
    college = next(key for key, body in world.bodies.items() if body.pk == release.course.college_id)
    teacher = next(one for one in accounts() if one.organisation == college and Role.COLLEGE_TEACHER in one.roles)
    actor = world.actor(teacher.username, Role.COLLEGE_TEACHER)
    world.classes[slug, name] = [
        open_session(
            lesson=lesson,
            venue=VENUES.get(name, VENUES[college]),
            teacher=world.users[teacher.username],
            starts_at=at(day, 9),
            ends_at=at(day, 16, 30),
            capacity=CAPACITY,
            actor=actor,
            now=max(at(world.opens, 16) + timedelta(days=9), at(day, 16) - timedelta(days=21)),
        )
        for lesson, day in zip(_lessons(world, slug), days, strict=True)
    ]


def _lessons(world: World, slug: str) -> list[Lesson]:
    return list(world.releases[slug].lessons.filter(kind=LessonKind.CLASSROOM_DAY).order_by("position"))


def _weekdays(first: date, count: int) -> list[date]:
    days = [first + timedelta(days=number) for number in range(2 * count + 3)]
    return [day for day in days if day.weekday() < SATURDAY][:count]


def _call_off(world: World, session: Session, now: datetime) -> None:
    college = next(key for key, body in world.bodies.items() if body.pk == session.college_id)
    cancel_session(session=session, reason=WHY_CALLED_OFF, actor=world.member(college, Role.COLLEGE_TEACHER), now=now)
