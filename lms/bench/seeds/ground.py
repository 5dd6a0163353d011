"""Words that several benchmarks seed with: a city with its policy and bureau, made-up people, the peer's request."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from lms.audit.actors import Actor
from lms.bench.plans import Ask
from lms.demo import numbers
from lms.people import services
from lms.people.models import Membership, Organisation, OrganisationKind, Person, User
from lms.policy.services import DEFAULT_FILES, load_policy

CITY, DISTRICT = "310000", "310115"
HOME = "310101"
PASSWORD = "made up for one run only"
SEEDER = Actor.system("bench")
_SURNAMES = "赵钱孙李周吴郑王冯陈"
_GIVEN = ("秋月", "晓彤", "志远", "静怡", "文博", "思敏", "海燕", "佳宁", "雨桐", "国强")


def city(now: datetime) -> Organisation:
    """The five packs, and the city's health bureau."""
    load_policy(files=DEFAULT_FILES, actor=SEEDER, now=now)
    return services.found_bureau(
        kind=OrganisationKind.HEALTH_BUREAU, name="卫生健康委员会", region_code=CITY, actor=SEEDER, now=now
    )


def full_name(sequence: int) -> str:
    """One of a hundred names; after that they come again, as names do."""
    return _SURNAMES[sequence % 10] + _GIVEN[sequence // 10 % 10]


def resident_number(sequence: int, *, first_born: date) -> str:
    """A number of its own for each ``sequence``; one birth date a day from ``first_born`` on."""
    born = first_born + timedelta(days=sequence)
    return numbers.resident_number(home=HOME, born=born, sex="F", sequence=sequence)


def person(sequence: int, now: datetime) -> Person:
    """Somebody without an account."""
    return services.register_person(
        name=full_name(sequence),
        document_type="resident_id",
        document_number=resident_number(sequence, first_born=date(1985, 1, 1)),
        region_code=DISTRICT,
        actor=SEEDER,
        now=now,
    )


def organisation(kind: str, sequence: int, now: datetime) -> Organisation:
    """An admitted institution or college."""
    applied = services.apply_organisation(
        kind=kind,
        name=f"第{sequence + 1}{OrganisationKind(kind).label}",
        credit_code=numbers.credit_code(region=HOME, sequence=sequence),
        region_code=DISTRICT,
        contact_name=full_name(sequence),
        contact_phone=numbers.phone(sequence),
        username=f"applicant{sequence}",
        password=PASSWORD,
        now=now,
    )
    return services.decide_admission(organisation=applied, admit=True, reason="", actor=SEEDER, now=now)


def officer(bureau: Organisation, role: str, now: datetime) -> Membership:
    """Somebody with that role in the bureau."""
    return services.add_member(
        organisation=bureau,
        role=role,
        username=f"officer-{role.replace('_', '-')}",
        name="李海燕",
        phone="",
        password=PASSWORD,
        actor=SEEDER,
        now=now,
    )


def bare_ask(someone: Person) -> Ask:
    """The peer: the bare view reads this one row."""
    return Ask(f"/bench/bare/{someone.pk}/", holds=someone.region_code)


def session(user: User) -> str:
    """The key of a session in which the user is signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)
