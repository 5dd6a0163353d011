"""Words for certificates: who holds which. They are issued through the verbs, on evidence that is really there."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal

import pytest

from certificates.models import Certificate
from certificates.services import issue_annual_certificate, issue_course_certificate
from courses.catalogue.models import Release
from courses.learning.models import CourseCompletion, Enrolment
from lms.audit.actors import Actor
from lms.people.models import Organisation, OrganisationKind, Person
from lms.rules.refusals import Refusal
from tests.factories import people
from tests.factories.catalogue import released_course
from tests.factories.ledger import credited
from tests.factories.policy import packs_loaded

SYSTEM = Actor.system("tests")
NOON = datetime.fromisoformat("2026-11-21T12:00:00+08:00")
TODAY = NOON.date()


def bureau(region: str = people.SHANGHAI) -> Organisation:
    """The health bureau whose name stands on a city's annual certificates."""
    return people.bureau(kind=OrganisationKind.HEALTH_BUREAU, region=region)


def holder(*, name: str = "", region: str = people.PUDONG) -> Person:
    """A person with a resident's card in a place with a policy and a bureau."""
    packs_loaded()
    bureau()
    return people.person(name=name, region=region)


def year_full(person: Person, *, year: int = 2026, categories: Sequence[str] = ("skills", "ethics")) -> None:
    """72 class-hours of skills and 40 of ethics at one stroke; with one category the year is half done."""
    on = date(year, 6, 15)
    if "skills" in categories:
        credited(person, category="skills", class_hours=72, on=on)
    if "ethics" in categories:
        credited(person, category="ethics", class_hours=40, on=on)


def annual_certificate(person: Person | None = None, *, year: int = 2026, now: datetime = NOON) -> Certificate:
    """The certificate of a met year. Hours and issue are both at ``now``."""
    someone = person or holder()
    bureau()
    for category, hours in (("skills", 72), ("ethics", 40)):
        credited(
            someone, category=category, class_hours=Decimal(hours), on=min(now.date(), date(year, 12, 31)), now=now
        )
    return issue_annual_certificate(person=someone, year=year, actor=SYSTEM, now=now)


def passed_course(person: Person, release: Release | None = None, *, now: datetime = NOON) -> Enrolment:
    """A passed enrolment with its completion, without the hours of playing it."""
    release = release or released_course()
    enrolment = Enrolment.objects.create(person=person, release=release, year=now.year, state="passed", enrolled_at=now)
    digest = hashlib.sha256(str(enrolment.pk).encode()).hexdigest()
    CourseCompletion.objects.create(enrolment=enrolment, minutes=45, digest=digest, at=now)
    return enrolment


def course_certificate(
    person: Person | None = None, release: Release | None = None, *, now: datetime = NOON
) -> Certificate:
    """The certificate of a passed course, in the name of its college."""
    packs_loaded()
    enrolment = passed_course(person or people.person(), release, now=now)
    return issue_course_certificate(enrolment=enrolment, actor=SYSTEM, now=now)


@contextmanager
def refused(code: str, *words: str) -> Iterator[None]:
    """The block is refused with this code, in a sentence that has these words."""
    with pytest.raises(Refusal) as caught:
        yield
    assert caught.value.code == code
    for word in words:
        assert word in str(caught.value)
