"""Words for the review of flags: a flag, who reviews it, and a course at each place of that way."""

from datetime import datetime, timedelta
from typing import Any

from courses.learning import services
from courses.learning.models import AnomalyFlag, Enrolment
from lms.people.models import Person, Role, User
from tests.factories import people
from tests.factories.catalogue import reading, released_course
from tests.factories.learning import NOON, passed
from tests.factories.policy import packs_loaded

LATER = NOON + timedelta(days=2)
FIGURES: dict[str, dict[str, Any]] = {
    "identical_spacing": {"heartbeats": 40, "median_ms": 15_000},
    "overnight_run": {"minutes": 200},
    "classroom_overlap": {"minutes": 45},
    "shared_device": {"persons": 2},
}


def auditor(region: str = people.SHANGHAI) -> User:
    return people.officer(Role.BUREAU_AUDITOR, region)


def approver(region: str = people.SHANGHAI) -> User:
    return people.officer(Role.BUREAU_APPROVER, region)


def flagged(enrolment: Enrolment, code: str = "identical_spacing", *, now: datetime = NOON, **data: Any) -> AnomalyFlag:
    """A flag on the enrolment, with the usual figures of its kind when none are given."""
    return AnomalyFlag.objects.create(enrolment=enrolment, code=code, data=data or FIGURES[code], at=now)


def flagged_pass(person: Person | None = None, code: str = "identical_spacing", *, now: datetime = NOON) -> AnomalyFlag:
    """A short course honestly passed in Shanghai by somebody with an account, then flagged."""
    packs_loaded()
    someone = person or people.practitioner().person
    enrolment = passed(someone, released_course(class_hours=1, lessons=[reading(1)]), now=now)
    return flagged(enrolment, code, now=now)


def voided(flag: AnomalyFlag, officer: User | None = None, *, now: datetime = LATER) -> AnomalyFlag:
    officer = officer or auditor()
    services.void_flag(flag=flag, reason="心跳由程序发出", actor=people.acting(officer), now=now)
    return flag


def appealed(flag: AnomalyFlag, *, now: datetime = LATER + timedelta(days=1)) -> AnomalyFlag:
    voided(flag)
    user = flag.enrolment.person.user
    services.appeal_flag(flag=flag, text="当时是我本人在看", actor=people.acting(user), now=now)
    return flag


def overturned(
    flag: AnomalyFlag, officer: User | None = None, *, now: datetime = LATER + timedelta(days=5)
) -> AnomalyFlag:
    appealed(flag)
    actor = people.acting(officer or approver())
    services.decide_appeal(flag=flag, overturn=True, reason="监控录像证明本人在场", actor=actor, now=now)
    return flag


def of_themselves(officer: User, person: Person) -> User:
    """An officer who is the practitioner too: one human being, one account."""
    User.objects.filter(person=person).update(person=None)
    User.objects.filter(pk=officer.pk).update(person=person)
    return User.objects.get(pk=officer.pk)
