"""Institutions that ask about fifty people over the API, against a list of a hundred bans.

Every request is a new check with its own Idempotency-Key. An institution asks no more often than it may in a minute, so
the rate limit is part of what is measured and never the answer.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import cycle, islice

from django.core.files.base import ContentFile
from django.utils import timezone

from lms.audit.actors import Actor
from lms.bench.plans import Ask, Plan
from lms.bench.seeds import ground
from lms.hiring.limits import SCOPE, PerOrganisation
from lms.people.access import actor_of
from lms.people.models import Organisation, OrganisationKind, Person, Role
from lms.people.services import create_api_key, identity_numbers
from lms.registry import services as registry
from lms.registry.models import BanKind, FactsCategory, SubjectRole

PEOPLE, BANNED = 50, 100
MINUTE = 60


def seed(*, requests: int, now: datetime) -> Plan:
    _ban(ground.city(now), now)
    people = [ground.person(number, now) for number in range(PEOPLE)]
    keys = [_key(number, now) for number in range(-(-requests // _allowed_a_minute()))]
    asks = tuple(islice(_questions(people, keys), requests))
    counts = {"people": PEOPLE, "banned": BANNED, "institutions": len(keys)}
    return Plan(asks, ground.bare_ask(people[0]), counts)


def _allowed_a_minute() -> int:
    limit = PerOrganisation()
    allowed, seconds = limit.parse_rate(limit.get_rate())
    assert allowed
    assert seconds == MINUTE
    return allowed


def _questions(people: list[Person], keys: list[str]) -> Iterator[Ask]:
    """Questions without end; the institutions take turns."""
    bodies = [
        {
            "name": person.name,
            "document_type": "resident_id",
            "document_number": identity_numbers(person)[0].canonical,
            "purpose": "hiring",
            "consent": True,
        }
        for person in people
    ]
    for number, (body, key) in enumerate(zip(cycle(bodies), cycle(keys), strict=False)):
        headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"bench-{number}",
        }
        yield Ask("/api/v1/hiring-checks/", "POST", headers, json.dumps(body), status=201, holds='"outcome":"clear"')


def _key(number: int, now: datetime) -> str:
    institution = ground.organisation(OrganisationKind.INSTITUTION, number, now)
    return create_api_key(organisation=institution, scope=SCOPE, actor=ground.SEEDER, now=now)


def _ban(bureau: Organisation, now: datetime) -> None:
    """One decision that names a hundred people unknown here, in force through two officers."""
    registrar = _actor(bureau, Role.REGISTRAR, now)
    yesterday = timezone.localdate(now) - timedelta(days=1)
    case = registry.draft_case(
        number="〔1〕号",
        authority=bureau.name,
        decided_on=yesterday,
        facts_on=yesterday,
        facts_category=FactsCategory.ABUSE,
        legal_basis="性能测试",
        region_code=ground.CITY,
        decision_file=ContentFile(b"%PDF-1.4\n%%EOF\n", name="decision.pdf"),
        actor=registrar,
        now=now,
    )
    for number in range(BANNED):
        registry.add_subject(
            case=case,
            name=ground.full_name(number),
            document_type="resident_id",
            # Names come again among those asked about, birthdays and orders do not: the answers are clear.
            document_number=ground.resident_number(number + 2 * PEOPLE, first_born=date(1961, 5, 6)),
            role=SubjectRole.PERPETRATOR,
            kind=BanKind.LIFETIME,
            from_date=yesterday,
            until=None,
            actor=registrar,
            now=now,
        )
    registry.submit_case(case=case, actor=registrar, now=now)
    registry.confirm_case(case=case, actor=_actor(bureau, Role.CONFIRMING_REGISTRAR, now), now=now)


def _actor(bureau: Organisation, role: str, now: datetime) -> Actor:
    membership = ground.officer(bureau, role, now)
    return actor_of(membership.user, membership)
