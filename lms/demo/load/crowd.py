"""More of the same, for load: people beyond the sixty, each employed, qualified and trained for two days in a room.

They have no accounts. Each batch of sixty is one transaction; one that is there already is left as it is.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from courses.catalogue.models import LessonKind, Release
from courses.classroom.models import Session
from courses.classroom.services import open_session
from courses.learning.services import enrol
from lms.demo.accounts import account
from lms.demo.calendar import at, training_ends, working_days
from lms.demo.learners import Learner
from lms.demo.load.wakeups import leave_to_the_sweeps
from lms.demo.load.world import PLATFORM, SEED
from lms.demo.numbers import credit_code, resident_number
from lms.demo.population import load_people
from lms.people.models import Organisation, OrganisationKind, Person, Post, User
from lms.people.services import (
    find_person,
    record_employment,
    record_qualification,
    register_person,
    verify_qualification,
)

BATCH = 60
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜谢邹喻柏窦章苏潘葛范彭郎鲁韦昌马苗"
GIVEN = "佳怡 雨桐 思远 晓晨 文静 子涵 欣妍 明哲 若曦 一诺 梓萱 浩然 静雯 海燕 春梅 丽娟 建华 志强 秀英 婷婷"
COURSE = "emergency-care-practice"
LATEST_DAYS = 40  # classes of the crowd lie in so many working days before the end


def grow(*, scale: int, now: datetime, say: Callable[[str], None]) -> None:
    """Bring the demonstration to ``scale`` times sixty people."""
    for number in range(1, scale):
        with transaction.atomic():
            if not _is_there(number):
                _add_batch(number, now)
            leave_to_the_sweeps()
        say(_("%(count)d 名从业人员") % {"count": (number + 1) * BATCH})


def _identity(sequence: int) -> tuple[str, date, str, str]:
    """Name, birth date, sex and number of the person with this sequence, always the same."""
    rng = random.Random(f"{SEED}:crowd:{sequence}")
    given = GIVEN.split()
    name = SURNAMES[rng.randrange(len(SURNAMES))] + given[rng.randrange(len(given))]
    born = date(1970, 1, 1) + timedelta(days=sequence % 12_000)
    sex = "M" if rng.random() < 0.1 else "F"
    return name, born, sex, resident_number(home="340802", born=born, sex=sex, sequence=sequence // 12_000)


def _is_there(number: int) -> bool:
    _name, _born, _sex, document = _identity(number * BATCH)
    return find_person(document_type="resident_id", document_number=document) is not None


def _add_batch(number: int, now: datetime) -> None:
    people = load_people()
    codes = [
        credit_code(region=institution.region, sequence=len(people.colleges) + place)
        for place, institution in enumerate(people.institutions)
    ]
    institutions = list(
        Organisation.objects.filter(kind=OrganisationKind.INSTITUTION, credit_code__in=codes).order_by("credit_code")
    )
    release = Release.objects.filter(course__slug=COURSE).order_by("-number")[0]
    sessions = _classes(release, number, now)
    for place in range(BATCH):
        sequence = number * BATCH + place
        person = _employ(sequence, institutions[sequence % len(institutions)], now)
        _train(person, release, sessions, sequence)


def _employ(sequence: int, institution: Organisation, now: datetime) -> Person:
    name, _born, sex, document = _identity(sequence)
    began = at(date(training_ends(timezone.localdate(now)).year, 1, 15), 9)
    person = register_person(
        name=name,
        document_type="resident_id",
        document_number=document,
        region_code=institution.region_code,
        sex=sex,
        actor=PLATFORM,
        now=began,
    )
    if sequence % 5:
        qualification = record_qualification(
            person=person,
            kind="yuyingyuan",
            level="中级",
            number=f"YY{sequence:08d}",
            issued_on=date(2022, 6, 1),
            issuer="职业技能鉴定中心",
            valid_to=None,
            actor=PLATFORM,
            now=began,
        )
        verify_qualification(qualification=qualification, actor=PLATFORM, now=began)
    record_employment(
        person=person,
        institution=institution,
        post=Post.CAREGIVER,
        from_date=began.date(),
        manager=None,
        check_id=None,
        actor=PLATFORM,
        now=began,
    )
    return person


def _classes(release: Release, number: int, now: datetime) -> list[Session]:
    """Two days of a class of its own, in a room and under a teacher of its own where days would meet."""
    teachers = [one for one in ("tangshuyan", "luzhixing", "guminglan") if account(one)]
    days = working_days(ending=training_ends(timezone.localdate(now)), count=LATEST_DAYS)
    sessions = []
    for place, lesson in enumerate(release.lessons.filter(kind=LessonKind.CLASSROOM_DAY).order_by("position")):
        day = days[(2 * number + place) % len(days)]
        # After so many batches the days come round again, two hours later in another room.
        round_ = 2 * number // len(days)
        starts = at(day, 9) + timedelta(minutes=round_)
        sessions.append(
            open_session(
                lesson=lesson,
                venue=f"大班教室 {number}",
                teacher=User.objects.get(username=teachers[round_ % len(teachers)]),
                starts_at=starts,
                ends_at=starts + timedelta(minutes=450),
                capacity=BATCH,
                actor=PLATFORM,
                now=starts - timedelta(days=14),
            )
        )
    return sessions


def _train(person: Person, release: Release, sessions: list[Session], sequence: int) -> None:
    learner = Learner(person=person, actor=PLATFORM, seed=f"{SEED}:crowd:{sequence}")
    enrolment = enrol(person=person, release=release, actor=PLATFORM, now=sessions[0].starts_at - timedelta(days=9))
    for session in sessions:
        learner.book(session, enrolment, session.starts_at - timedelta(days=8))
        learner.come(session)
        done = learner.go(session)
    for quiz in release.lessons.filter(kind=LessonKind.QUIZ):
        learner.sit(enrolment, quiz, done + timedelta(minutes=20))
