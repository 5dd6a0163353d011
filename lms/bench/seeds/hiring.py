"""Institutions that ask about fifty people over the API, against a list as long as the database is meant for.

Every request is a new check with its own Idempotency-Key. An institution asks no more often than it may in a minute, so
the rate limit is part of what is measured and never the answer.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import cycle, islice

from django.db import connection

from lms.bench.likeness.persons import People
from lms.bench.plans import Ask, Plan
from lms.bench.seeds import ground
from lms.bench.seeds.bulk import settled, unburdened
from lms.bench.seeds.screening import SEED, load_bans
from lms.hiring.limits import SCOPE, PerOrganisation
from lms.people.models import OrganisationKind, Person, Role
from lms.people.services import create_api_key, identity_numbers
from lms.registry import services as registry
from lms.registry.models import BanCase, BanMatchKey, BanState, BanSubject, BanSubjectIndex

PEOPLE = 50
# A country's list; the embedded database is for a county. A short run has a short list.
BANS, SHORT_RUN, BANS_A_REQUEST = 1_000_000 if connection.vendor == "postgresql" else 100_000, 300, 100
MINUTE = 60


def seed(*, requests: int, now: datetime) -> Plan:
    bureau = ground.city(now)
    banned = BANS if requests >= SHORT_RUN else requests * BANS_A_REQUEST
    officer = ground.officer(bureau, Role.CONFIRMING_REGISTRAR, now).user
    with unburdened(BanCase, BanState, BanSubject, BanSubjectIndex, BanMatchKey):
        load_bans(People(SEED), banned, officer.pk, now)
    registry.current_list_version()
    people = [ground.person(number, now) for number in range(PEOPLE)]
    keys = [_key(number, now) for number in range(-(-requests // _allowed_a_minute()))]
    asks = tuple(islice(_questions(people, keys), requests))
    settled()
    counts = {"people": PEOPLE, "banned": banned, "institutions": len(keys)}
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
