"""Forty annual certificates in force, each behind its own addresses: the page and the answer for machines."""

import hashlib
import uuid
from datetime import datetime
from itertools import cycle

from django.utils import timezone

from certificates.models import Certificate
from certificates.services import issue_annual_certificate
from courses.catalogue.models import Delivery
from lms.bench.plans import Ask, Plan
from lms.bench.seeds import ground
from lms.ledger.evidence import Evidence
from lms.ledger.services import credit_hours
from lms.people.models import Person
from lms.policy.services import pack_in_force

CERTIFICATES = 40


def seed(*, requests: int, now: datetime) -> Plan:
    ground.city(now)
    holders = [ground.person(number, now) for number in range(CERTIFICATES)]
    certificates = [_certified(holder, now) for holder in holders]
    asks = tuple(
        Ask(address.format(one.token), headers=passer_by(2 * number + side), holds=one.serial)
        for number, one in zip(range(requests), cycle(certificates))
        for side, address in enumerate(("/verify/{}/", "/api/v1/certificates/{}/"))
    )
    return Plan(asks, ground.bare_ask(holders[0]), {"certificates": len(certificates)})


def seed_page(*, requests: int, now: datetime) -> Plan:
    """The page alone."""
    plan = seed(requests=requests, now=now)
    return Plan(tuple(ask for ask in plan.asks if ask.path.startswith("/verify/")), plan.bare, plan.counts)


def passer_by(number: int) -> dict[str, str]:
    """An address of its own for each request: one address that verifies hundreds a minute is told to wait."""
    return {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}


def _certified(person: Person, now: datetime) -> Certificate:
    """A year met at one stroke a category, and its certificate."""
    today = timezone.localdate(now)
    pack = pack_in_force(region_code=person.region_code, on=today)
    for need in pack.annual_requirements:
        proof = uuid.uuid4()
        credit_hours(
            person=person,
            category=need.category,
            minutes=int(need.class_hours * pack.class_hour.minutes),
            on=today,
            title=need.title,
            evidence=Evidence("bench", proof, hashlib.sha256(proof.bytes).hexdigest()),
            course_id=uuid.uuid4(),
            release_id=uuid.uuid4(),
            delivery=Delivery.ONLINE,
            actor=ground.SEEDER,
            now=now,
        )
    return issue_annual_certificate(person=person, year=today.year, actor=ground.SEEDER, now=now)
