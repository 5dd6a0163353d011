"""What a year is made of and what an employer requires: programmes at every step, required courses of one nursery.

No college of the demonstration teaches a whole year of Shanghai by itself: its programme stays a draft that says what
is short. Where no policy asks hours a programme is offered, and another one waits for its approver.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from courses.catalogue.models import Programme
from courses.catalogue.programmes import approve_programme, create_programme, submit_programme
from courses.learning.services.assignments import assign
from lms.demo.load.world import World
from lms.people.models import Post, Role


@dataclass(frozen=True, slots=True)
class Plan:
    """A programme of a college: where it is meant for, and its courses in order."""

    college: str
    title: str
    summary: str
    regions: tuple[str, ...]
    courses: tuple[str, ...]


NANJING = Plan(
    "zhiye-xueyuan",
    "南京市保育人员年度在岗培训计划",
    "从喂养、手卫生到早期互动，再用两天面授练习儿童保护：线上先学，面授集中安排在下半年。",
    ("320100",),
    ("responsive-feeding", "hand-hygiene", "responsive-care", "child-protection-workshop"),
)
NEWCOMERS = Plan(
    "kaifang-daxue",
    "新入职保育人员线上起步计划",
    "入职头三个月，每月晚间一门：安全睡眠、强制报告和专业边界，手机即可完成。",
    ("110000", "320100"),
    ("safe-sleep", "mandatory-reporting", "professional-boundaries"),
)
SHANGHAI = Plan(
    "kaifang-daxue",
    "上海市保育人员年度在岗培训计划",
    "对照 72 学时综合技能和 40 学时职业道德编排，缺口将与兄弟院校协商后补足。",
    ("310000",),
    (
        *("comprehensive-care-practice", "emergency-care-practice", "safe-sleep"),
        *("professional-ethics-seminar", "mandatory-reporting", "professional-boundaries"),
    ),
)


@dataclass(frozen=True, slots=True)
class Duty:
    """A course everybody, or everybody in a post, has to learn within so many days from today."""

    course: str
    days: int
    note: str
    post: str = ""


EMPLOYER = "sh-chunya"
REQUIRED = (
    Duty("own-mental-health", 33, "请人人学完，园里将据此安排轮休和结对支持。"),
    Duty("hand-hygiene", 19, "近期诺如病毒高发，带班老师请先学完再轮换班组。", Post.CAREGIVER.value),
)


def plan(world: World) -> None:
    now = world.now
    world.agenda.add(now - timedelta(days=16), partial(_offer, world, NANJING))
    world.agenda.add(now - timedelta(hours=50), partial(_hand_in, world, NEWCOMERS))
    world.agenda.add(now - timedelta(hours=22), partial(_write, world, SHANGHAI))
    for number, duty in enumerate(REQUIRED):
        world.agenda.add(now - timedelta(hours=70 - number), partial(_require, world, duty))


def _write(world: World, one: Plan, now: datetime) -> Programme:
    return create_programme(
        college=world.bodies[one.college],
        title=one.title,
        summary=one.summary,
        year=world.today.year,
        regions=one.regions,
        courses=[world.releases[slug].course_id for slug in one.courses],
        actor=world.member(one.college, Role.COLLEGE_AUTHOR),
        now=now,
    )


def _hand_in(world: World, one: Plan, now: datetime) -> Programme:
    programme, publisher = _write(world, one, now), world.member(one.college, Role.COLLEGE_PUBLISHER)
    return submit_programme(programme=programme, actor=publisher, now=now + timedelta(hours=3))


def _offer(world: World, one: Plan, now: datetime) -> None:
    programme = _hand_in(world, one, now)
    approver = world.officer(Role.BUREAU_APPROVER, world.bodies[one.college].region_code)
    approve_programme(programme=programme, actor=approver, now=now + timedelta(days=1))


def _require(world: World, duty: Duty, now: datetime) -> None:
    assign(
        institution=world.bodies[EMPLOYER],
        course=world.releases[duty.course].course,
        post=duty.post,
        due_on=world.today + timedelta(days=duty.days),
        note=duty.note,
        actor=world.member(EMPLOYER, Role.INSTITUTION_MANAGER),
        now=now,
    )
