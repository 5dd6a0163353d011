"""People with hours in the ledger."""

import hashlib
import uuid
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

from lms.audit.actors import Actor
from lms.ledger.evidence import Evidence
from lms.ledger.models import HourEntry
from lms.ledger.services import credit_hours
from lms.people.models import Person
from lms.policy.services import pack_in_force
from tests.factories.policy import packs_loaded

SYSTEM = Actor.system("test")
NOON = datetime.fromisoformat("2026-06-15T12:00:00+08:00")
TODAY = NOON.date()


def learner(*, name: str = "林小满", region: str = "310115") -> Person:
    """A person without an account or documents, in a place with a policy."""
    packs_loaded()
    return Person.objects.create(name=name, region_code=region, created_at=NOON)


def evidence(kind: str = "test") -> Evidence:
    """Evidence nobody else holds."""
    key = uuid.uuid4()
    return Evidence(kind, key, hashlib.sha256(key.bytes).hexdigest())


def credited(
    person: Person,
    *,
    category: str = "skills",
    class_hours: Decimal | int | str = 4,
    minutes: int | None = None,
    on: date = TODAY,
    title: str = "婴幼儿安全睡眠",
    proof: Evidence | None = None,
    course_id: uuid.UUID | None = None,
    release_id: uuid.UUID | None = None,
    delivery: str = "online",
    actor: Actor = SYSTEM,
    now: datetime | None = None,
) -> HourEntry:
    """One credit of so many class-hours (or exact ``minutes``), of a course of its own unless one is named."""
    if minutes is None:
        minutes = int(Decimal(class_hours) * pack_in_force(person.region_code, on).class_hour.minutes)
    return credit_hours(
        person=person,
        category=category,
        minutes=minutes,
        on=on,
        title=title,
        evidence=proof or evidence(),
        course_id=course_id or uuid.uuid4(),
        release_id=release_id or uuid.uuid4(),
        delivery=delivery,
        actor=actor,
        now=now or timezone.make_aware(datetime(on.year, on.month, on.day, 12)),
    )


def year_met(person: Person, *, year: int = 2026, skills: int = 72, ethics: int = 40) -> list[HourEntry]:
    """Credits that fill a Shanghai year, course by course of eight class-hours."""
    courses = [
        (category, min(8, hours - start), date(year, 3, 1 + start % 28))
        for category, hours in (("skills", skills), ("ethics", ethics))
        for start in range(0, hours, 8)
    ]
    return [credited(person, category=category, class_hours=size, on=on) for category, size, on in courses]
