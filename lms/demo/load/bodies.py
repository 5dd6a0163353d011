"""Bureaus are there, colleges and institutions apply and are admitted, their staff get accounts and roles."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from lms.demo.accounts import PASSWORD, Account, accounts, give_second_factor
from lms.demo.calendar import at
from lms.demo.load.world import PLATFORM, World
from lms.demo.numbers import credit_code, phone
from lms.demo.population import OrganisationEntry, load_people
from lms.people.models import Organisation, OrganisationKind, Role, User
from lms.people.services import add_member, apply_organisation, decide_admission, found_bureau, grant_role

SPEAKS_FOR = {OrganisationKind.INSTITUTION.value: Role.INSTITUTION_MANAGER}
# Still waits for its bureau, so that the queue of admissions has something in it.
WAITING = ("静安区小松果托育园", "310106")
WAITING_SEQUENCE, WAITING_USERNAME = 99, "yaoshuzhen"
STAFF_PHONES = 500


def settle(world: World) -> None:
    """Everything that stands before the first course is written."""
    people = load_people()
    opening = at(world.opens, 9)
    for bureau in people.bureaus:
        world.bodies[bureau.slug] = found_bureau(
            kind=bureau.kind, name=bureau.name, region_code=bureau.region, actor=PLATFORM, now=opening
        )
        for one in _staff_of(bureau.slug):
            _open_account(world, one, one.roles)
    for sequence, (kind, entry) in enumerate(
        [
            *((college.kind, college) for college in people.colleges),
            *((OrganisationKind.INSTITUTION.value, institution) for institution in people.institutions),
        ]
    ):
        _admit(world, kind, entry, sequence)
    for body in (*people.colleges, *people.institutions, *people.bureaus):
        Organisation.objects.filter(pk=world.bodies[body.slug].pk).update(name_en=body.name_en)
        world.bodies[body.slug].name_en = body.name_en
    world.agenda.add(world.now - timedelta(days=2), partial(_apply, *WAITING))


def _admit(world: World, kind: str, entry: OrganisationEntry, sequence: int) -> None:
    slug, region = entry.slug, entry.region
    applied, decided = at(world.opens, 10) + timedelta(days=1), at(world.opens, 14) + timedelta(days=2)
    first_role = SPEAKS_FOR.get(kind, Role.COLLEGE_PUBLISHER)
    staff = _staff_of(slug)
    speaker = next(one for one in staff if first_role in one.roles)
    organisation = apply_organisation(
        kind=kind,
        name=entry.name,
        credit_code=credit_code(region=region, sequence=sequence),
        region_code=region,
        contact_name=speaker.entry.name,
        contact_phone=phone(STAFF_PHONES + sequence),
        username=speaker.username,
        password=PASSWORD,
        now=applied,
    )
    deciding = Role.REGISTRAR if kind == OrganisationKind.INSTITUTION else Role.BUREAU_AUDITOR
    world.bodies[slug] = decide_admission(
        organisation=organisation, admit=True, reason="", actor=world.officer(deciding, region), now=decided
    )
    world.users[speaker.username] = User.objects.get(username=speaker.username)
    for one in staff:
        rest = tuple(role for role in one.roles if one is not speaker or role != first_role)
        _open_account(world, one, rest)


def _open_account(world: World, one: Account, roles: tuple[str, ...]) -> None:
    """An account with these roles; where it exists already the roles are added."""
    body = world.bodies[one.organisation]
    founded = body.kind in {OrganisationKind.HEALTH_BUREAU, OrganisationKind.HR_BUREAU}
    now = at(world.opens, 9, 30) if founded else at(world.opens, 15) + timedelta(days=2)
    for role in roles:
        if one.username in world.users:
            grant_role(user=world.users[one.username], role=role, organisation=body, actor=PLATFORM, now=now)
            continue
        membership = add_member(
            organisation=body,
            role=role,
            username=one.username,
            name=one.entry.name,
            phone="",
            password=PASSWORD,
            actor=PLATFORM,
            now=now,
        )
        world.users[one.username] = membership.user
    if one.needs_code:
        give_second_factor(world.users[one.username])


def _staff_of(slug: str) -> list[Account]:
    return [one for one in accounts() if one.organisation == slug and "practitioner" not in one.roles]


def _apply(name: str, region: str, moment: datetime) -> Organisation:
    return apply_organisation(
        kind=OrganisationKind.INSTITUTION,
        name=name,
        credit_code=credit_code(region=region, sequence=WAITING_SEQUENCE),
        region_code=region,
        contact_name="姚淑贞",
        contact_phone=phone(STAFF_PHONES + WAITING_SEQUENCE),
        username=WAITING_USERNAME,
        password=PASSWORD,
        now=moment,
    )
