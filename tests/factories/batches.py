"""Words for orders to issue to many: people who met a year before anybody could certify it, and who orders for them."""

from datetime import datetime, timedelta
from typing import Any

from certificates.models import CertificateType, IssueBatch
from certificates.services import annual_type, course_type, ensure_types, plan_batch, start_batch
from certificates.services.batches import work_on
from certificates.services.choosing import Selection
from courses.catalogue.models import Release
from lms.audit.actors import Actor
from lms.people.models import Organisation, Person, Role, User
from lms.policy.services import packs_in_force
from tests.factories import people
from tests.factories.catalogue import released_course
from tests.factories.certificates import NOON, SYSTEM, TODAY, passed_course, year_full
from tests.factories.policy import packs_loaded

REGION = people.PUDONG


def met(*, name: str = "", region: str = REGION, year: int = 2026) -> Person:
    """Somebody who met a year while their city had no bureau here: no certificate came by itself."""
    packs_loaded()
    person = people.person(name=name, region=region)
    year_full(person, year=year)
    return person


def unmet(*, name: str = "", region: str = REGION) -> Person:
    """Somebody with the skills of the year, and nothing of ethics."""
    packs_loaded()
    person = people.person(name=name, region=region)
    year_full(person, categories=("skills",))
    return person


def approver(region: str = people.SHANGHAI) -> User:
    """An officer who orders for a region. Their bureau is the issuer of the city's certificates."""
    return people.officer(Role.BUREAU_APPROVER, region)


def annual(region: str = REGION) -> CertificateType:
    """The yearly type of the city a place lies in."""
    return annual_type(pack=packs_in_force([region], TODAY)[region], actor=SYSTEM, now=NOON)


def planned(officer: User | None = None, *, now: datetime = NOON, **rule: Any) -> IssueBatch:
    """A dry run over a region (Pudong, for 2026)."""
    actor = people.acting(officer or approver())
    selection = Selection(**{"region": REGION, "year": 2026, **rule})
    return plan_batch(type=annual(), selection=selection, actor=actor, now=now)


def running(officer: User | None = None, *, now: datetime = NOON, **rule: Any) -> IssueBatch:
    """An order that was started; no worker has come yet."""
    who = officer or approver()
    return start_batch(batch=planned(who, now=now, **rule), actor=people.acting(who), now=now)


def worked(batch: IssueBatch, *, now: datetime = NOON) -> IssueBatch:
    """The order after a worker has done all there is to do."""
    while work_on(batch_id=batch.pk, now=now):
        pass
    return IssueBatch.objects.get(pk=batch.pk)


def class_passed(college: Organisation, *names: str) -> tuple[Release, list[Person]]:
    """A course of a college and those who passed it; nothing was issued yet."""
    packs_loaded()
    ensure_types(actor=SYSTEM, now=NOON)
    release = released_course(college=college)
    persons = [people.person(name=name) for name in names]
    for person in persons:
        passed_course(person, release)
    return release, persons


def planned_for_course(release: Release, *, now: datetime = NOON, **rule: Any) -> IssueBatch:
    """A dry run of a college's publisher over a course."""
    selection = Selection(course=str(release.course_id), **rule)
    kind = course_type(actor=SYSTEM, now=NOON)
    return plan_batch(type=kind, selection=selection, actor=publisher_of(release), now=now)


def publisher_of(release: Release) -> Actor:
    return people.acting(people.manager_of(release.course.college))


LATER = NOON + timedelta(minutes=10)
