"""Who learns what in this year: those who have all of it, those on the way, those who have hardly begun.

Only Shanghai asks for 72 and 40; elsewhere people take single courses. Among them are the cases an officer should
meet: a phone that two people share, a pace no hand keeps, a day left at noon, a check-out on the paper roll.
"""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from functools import partial

from courses.catalogue.models import Lesson, LessonKind
from courses.classroom.models import Session
from courses.classroom.services import record_on_paper
from courses.learning.models import Enrolment
from courses.learning.services import appeal_flag, enrol, flag_anomalies, void_flag, withdraw
from lms.demo.calendar import at
from lms.demo.load.classes import YEAR
from lms.demo.load.world import SEED, World
from lms.people.models import Role

ONLINE = (
    "safe-sleep",
    "mandatory-reporting",
    "hand-hygiene",
    "own-mental-health",
    "responsive-feeding",
    "professional-boundaries",
)
# 48 + 16 + 8 skills and 24 + 16 ethics: 72 and 40.
WHOLE_YEAR = (
    "choking-first-aid",
    "comprehensive-care-practice",
    "emergency-care-practice",
    "professional-ethics-seminar",
    "child-protection-workshop",
)
MOST_OF_IT = ("comprehensive-care-practice", "emergency-care-practice", "professional-ethics-seminar")
SIX_DAYS = ("comprehensive-care-practice",)
IN_CLASS = {
    **dict.fromkeys(
        (
            *("xujingyi", "wangfang", "ouyangruolan", "shenyuzhen", "simaqingyang"),
            *("lina", "zhaomin", "zhuying", "heyutong"),
        ),
        WHOLE_YEAR,
    ),
    **dict.fromkeys(("zhouruoning", "ayigulimaimaiti", "liuyan", "yangliu"), MOST_OF_IT),
    **dict.fromkeys(("chenjiaxin", "sunjianguo"), SIX_DAYS),
}
IN_SMALL_CLASSES = {
    ("choking-first-aid", "yaojiang"): (
        "panxiaoli",
        "dongqiuyue",
        "yuanguiying",
        "songxiaoyan",
        "yuxiaomei",
        "linpeijun",
    ),
    ("responsive-care", "nanjing"): ("jinyuwei", "dongfangxiaoyue", "longzhu", "konglingyi"),
    ("responsive-care", "beijing"): ("fengxiaoxue", "shangguanwanqing", "hanlei", "emilycarter"),
}
LEAVES_AT_NOON, ON_PAPER = "yuxiaomei", "songxiaoyan"
# Safe sleep is taken by these in Shanghai; the bureau meets the last three again in a claim.
SLEEP = ("xujingyi", "wangfang", "zhuying", "heyutong", "liuyan", "chenli", "huangxiaomi")
STEADY, SHARES_PHONE_OF = "liuyan", {"huangxiaomi": "chenli"}
# Beside what they take in class.
ALSO_ONLINE = {
    "zhouruoning": ("safe-sleep", "mandatory-reporting"),
    "ayigulimaimaiti": ("hand-hygiene", "own-mental-health"),
    "chenjiaxin": ("responsive-feeding",),
    "sunjianguo": ("hand-hygiene",),
    "wang": ("safe-sleep",),
    **dict.fromkeys(SLEEP, ("safe-sleep",)),
}
HALF_WAY = {
    "zhouruoning": "hand-hygiene",
    "sunjianguo": "mandatory-reporting",
    "yangliu": "hand-hygiene",
    "dengjia": "safe-sleep",
    "qianduoduo": "own-mental-health",
    "luoqing": "responsive-feeding",
    "dingyi": "hand-hygiene",
}
JUST_ENROLLED = {
    "tianxiaochuan": "safe-sleep",
    "maxiaodong": "mandatory-reporting",
    "liuyan": "own-mental-health",
    "suyue": "safe-sleep",
    "jiangxue": "professional-boundaries",
}
# A pace no hand keeps, seen by an auditor: void, and appealed against; the approver has that to decide today.
VOIDED = ("tianxiaochuan", "hand-hygiene")
FAILS, WITHDRAWS = ("yuyang", "safe-sleep"), ("shilei", "responsive-feeding")
BOOKS_NEXT = {
    "choking-first-aid": ("zhouruoning", "ayigulimaimaiti", "luoqing"),
    "professional-ethics-seminar": ("chenjiaxin", "sunjianguo"),
}
# How many online courses others take, in turn.
OTHERS_TAKE = (1, 0, 2, 1)
QUIET_DAYS = 8  # before the end, so that what is under way is the newest


def plan(world: World) -> None:
    """Put a year of learning on the agenda."""
    world.learners[STEADY].steady = True
    for one, other in SHARES_PHONE_OF.items():
        world.learners[one].device = world.learners[other].device
    for username, courses in IN_CLASS.items():
        for slug in courses:
            _take_classes(world, username, slug, YEAR)
    for (slug, name), usernames in IN_SMALL_CLASSES.items():
        for username in usernames:
            _take_classes(world, username, slug, name)
    for place, username in enumerate(world.learners):
        for slug, day in _online_plan(world, username, place):
            _take_online(world, username, slug, day)
    _under_way(world)


def _online_plan(world: World, username: str, place: int) -> list[tuple[str, date]]:
    """Online courses and the evenings they are learned on."""
    rng = random.Random(f"{SEED}:plan:{username}")
    courses = ALSO_ONLINE.get(username)
    if courses is None:
        in_shanghai = world.region_of(username).startswith("31")
        taken = {HALF_WAY.get(username), JUST_ENROLLED.get(username), FAILS[1], WITHDRAWS[1]}
        count = 0 if in_shanghai else OTHERS_TAKE[place % len(OTHERS_TAKE)]
        courses = tuple(rng.sample([slug for slug in ONLINE if slug not in taken], count))
    days = sorted(rng.sample(world.days()[:-QUIET_DAYS], len(courses)))
    return list(zip(courses, days, strict=True))


def _enrol(world: World, username: str, slug: str, now: datetime) -> Enrolment:
    learner = world.learners[username]
    enrolment = enrol(person=learner.person, release=world.releases[slug], actor=learner.actor, now=now)
    world.enrolments[username, slug] = enrolment
    return enrolment


def _take_online(world: World, username: str, slug: str, day: date) -> None:
    evening = at(day, 19, random.Random(f"{SEED}:{username}:{slug}").randint(0, 45))
    world.agenda.add(evening, partial(_learn, world, username, slug))


def _learn(world: World, username: str, slug: str, now: datetime) -> None:
    """One evening: readings and videos in their order, then the quiz."""
    enrolment = _enrol(world, username, slug, now)
    learner = world.learners[username]
    for lesson in _lessons(world, slug, LessonKind.READING, LessonKind.VIDEO):
        now = learner.study(enrolment, lesson, now) + timedelta(seconds=learner.rng.randint(40, 200))
    for quiz in _lessons(world, slug, LessonKind.QUIZ):
        learner.sit(enrolment, quiz, now + timedelta(minutes=2), blank=learner.rng.choice((0, 0, 1, 2)))
    flag_anomalies(now=now + timedelta(minutes=12))


def _take_classes(world: World, username: str, slug: str, name: str) -> None:
    """Enrol and book nine days before; learn the online part two evenings before; come every day; sit the quiz."""
    sessions = world.classes[slug, name]
    first, last = sessions[0], sessions[-1]
    begins = max(first.starts_at - timedelta(days=9), at(world.opens, 20) + timedelta(days=13))
    world.agenda.add(begins, partial(_book_all, world, username, slug, sessions))
    blended = bool(_lessons(world, slug, LessonKind.READING))
    if blended:
        evening = first.starts_at - timedelta(days=2) + timedelta(hours=10, minutes=20)
        world.agenda.add(max(evening, begins + timedelta(hours=1)), partial(_learn, world, username, slug))
    for session in sessions:
        _attend(world, username, session)
    if not blended:
        world.agenda.add(last.ends_at + timedelta(minutes=25), partial(_sit, world, username, slug))


def _attend(world: World, username: str, session: Session) -> None:
    learner = world.learners[username]
    world.agenda.add(session.starts_at - timedelta(minutes=15), lambda _now: learner.come(session))
    if username == LEAVES_AT_NOON:
        noon = session.starts_at + timedelta(hours=2, minutes=34)
        world.agenda.add(noon, lambda now: learner.go(session, now))
    elif username == ON_PAPER:
        world.agenda.add(session.ends_at + timedelta(minutes=18), partial(_on_paper, world, username, session))
    else:
        world.agenda.add(session.ends_at, lambda _now: learner.go(session))


def _on_paper(world: World, username: str, session: Session, now: datetime) -> None:
    college = next(key for key, body in world.bodies.items() if body.pk == session.college_id)
    record_on_paper(
        session=session,
        person=world.person(username),
        kind="out",
        at=session.ends_at,
        reason="手机没电，纸质名册本人签名",
        actor=world.member(college, Role.COLLEGE_TEACHER),
        now=now,
    )


def _book_all(world: World, username: str, slug: str, sessions: list[Session], now: datetime) -> None:
    enrolment = _enrol(world, username, slug, now)
    for session in sessions:
        world.learners[username].book(session, enrolment, now)


def _sit(world: World, username: str, slug: str, now: datetime) -> None:
    for quiz in _lessons(world, slug, LessonKind.QUIZ):
        world.learners[username].sit(world.enrolments[username, slug], quiz, now, blank=0)


def _under_way(world: World) -> None:
    """What is on somebody's home page today."""
    for place, (username, slug) in enumerate(HALF_WAY.items()):
        evening = at(world.ends - timedelta(days=place % 5), 20, 5 * place)
        world.agenda.add(evening, partial(_half, world, username, slug))
    for place, (username, slug) in enumerate(JUST_ENROLLED.items()):
        world.agenda.add(at(world.ends, 12, place), partial(_enrol, world, username, slug))
    for slug, usernames in BOOKS_NEXT.items():
        sessions = world.classes[slug, "coming"]
        for place, username in enumerate(one for one in usernames if one in world.learners):
            moment = at(world.ends, 12, 20 + place)
            world.agenda.add(moment, partial(_book_all, world, username, slug, sessions))
    world.agenda.add(at(world.day(0.9), 19), partial(_fail, world, *FAILS))
    world.agenda.add(at(world.day(0.85), 19), partial(_give_up, world, *WITHDRAWS))
    world.agenda.add(at(world.day(0.95), 20), partial(_like_a_script, world, *VOIDED))
    world.agenda.add(at(world.day(0.97), 10), partial(_void, world, *VOIDED))
    world.agenda.add(at(world.day(0.97), 20), partial(_appeal, world, *VOIDED))


def _half(world: World, username: str, slug: str, now: datetime) -> None:
    """The first lesson to its end, the second to its middle."""
    enrolment, learner = _enrol(world, username, slug, now), world.learners[username]
    first, second = _lessons(world, slug, LessonKind.READING, LessonKind.VIDEO)[:2]
    now = learner.study(enrolment, first, now) + timedelta(minutes=1)
    learner.study(enrolment, second, now, share=0.5)


def _fail(world: World, username: str, slug: str, now: datetime) -> None:
    """Three sittings without knowing enough."""
    enrolment, learner = _enrol(world, username, slug, now), world.learners[username]
    (quiz,) = _lessons(world, slug, LessonKind.QUIZ)
    for _attempt in range(3):
        learner.sit(enrolment, quiz, now, blank=5)
        now += timedelta(minutes=45)


def _give_up(world: World, username: str, slug: str, now: datetime) -> None:
    enrolment, learner = _enrol(world, username, slug, now), world.learners[username]
    (first, *_rest) = _lessons(world, slug, LessonKind.READING)
    done = learner.study(enrolment, first, now, share=0.4)
    withdraw(enrolment=enrolment, reason="近期班次调整，明年再学", actor=learner.actor, now=done)


def _like_a_script(world: World, username: str, slug: str, now: datetime) -> None:
    enrolment, learner = _enrol(world, username, slug, now), world.learners[username]
    learner.steady = True
    for lesson in _lessons(world, slug, LessonKind.READING, LessonKind.VIDEO):
        now = learner.study(enrolment, lesson, now) + timedelta(seconds=20)
    learner.steady = False
    flag_anomalies(now=now + timedelta(minutes=12))


def _void(world: World, username: str, slug: str, now: datetime) -> None:
    flag = world.enrolments[username, slug].flags.get()
    officer = world.officer(Role.BUREAU_AUDITOR, world.region_of(username))
    void_flag(flag=flag, reason="心跳间隔分毫不差，由程序发出，不能证明本人在学", actor=officer, now=now)


def _appeal(world: World, username: str, slug: str, now: datetime) -> None:
    flag = world.enrolments[username, slug].flags.get()
    text = "当晚我在家用手机学习，同事可以证明；手机开了省电模式，不清楚间隔为什么这样齐。"
    appeal_flag(flag=flag, text=text, actor=world.learners[username].actor, now=now)


def _lessons(world: World, slug: str, *kinds: str) -> list[Lesson]:
    return list(world.releases[slug].lessons.filter(kind__in=kinds).order_by("position"))
