"""Sixty practitioners register, their qualifications are entered and verified, their employments and managers known."""

from __future__ import annotations

from datetime import datetime, timedelta

from lms.demo.accounts import PASSWORD, Account, accounts
from lms.demo.calendar import at
from lms.demo.learners import Learner
from lms.demo.load.world import PLATFORM, SEED, World
from lms.demo.numbers import document_number, phone
from lms.demo.population import PractitionerEntry, QualificationEntry
from lms.people.models import Person, Post, Role
from lms.people.services import (
    record_employment,
    record_qualification,
    register_person,
    register_practitioner,
    verify_qualification,
)

ISSUERS = {
    "baoyushi": "{city}职业技能鉴定中心",
    "yuyingyuan": "{city}职业技能鉴定中心",
    "one_plus_x": "职业技能等级证书信息管理服务平台",
    "health_training": "{city}妇幼保健院",
}
CITIES = {"31": "上海市", "11": "北京市", "32": "南京市", "3302": "宁波市", "3310": "台州市"}
# Every so often a qualification waits to be verified: the rate of certified staff is less than whole.
UNVERIFIED_EVERY = 11
PHONES = ("Android", "iPhone", "HarmonyOS")


def engage(world: World) -> None:
    """In the order of the file: the head of each institution stands first, the others report to them."""
    heads: dict[str, Person] = {}
    own = [one for one in accounts() if isinstance(one.entry, PractitionerEntry)]
    for sequence, one in enumerate(own):
        entry = one.entry
        assert isinstance(entry, PractitionerEntry)
        now = at(world.opens, 19, sequence % 60) + timedelta(days=5 + sequence % 6)
        person = _register(world, one, entry, sequence, now)
        if entry.qualification:
            _qualify(world, person, entry.qualification, sequence, now)
        head = heads.get(entry.institution)
        record_employment(
            person=person,
            institution=world.bodies[entry.institution],
            post=entry.post,
            from_date=entry.hired,
            manager=head,
            check_id=None,
            actor=PLATFORM,
            now=now + timedelta(hours=1),
        )
        if entry.post == Post.INSTITUTION_HEAD.value:
            heads[entry.institution] = person
        world.learners[one.username] = Learner(
            person=person,
            actor=world.actor(one.username, Role.PRACTITIONER),
            seed=f"{SEED}:{one.username}",
            device_label=PHONES[sequence % len(PHONES)],
        )


def _register(world: World, one: Account, entry: PractitionerEntry, sequence: int, now: datetime) -> Person:
    """Self-registration. What a number does not tell (birth date, former name) the employer had entered before."""
    number = document_number(kind=entry.document, home=entry.home, born=entry.born, sex=entry.sex, sequence=sequence)
    region = world.bodies[entry.institution].region_code
    world.numbers[one.username] = (entry.document, number)
    if entry.home is None or entry.previous_name:
        register_person(
            name=entry.name,
            document_type=entry.document,
            document_number=number,
            region_code=region,
            sex=entry.sex,
            birth_date=entry.born,
            phone=phone(sequence),
            previous_names=[entry.previous_name] if entry.previous_name else (),
            actor=PLATFORM,
            now=now - timedelta(days=1),
        )
    user = register_practitioner(
        name=entry.name,
        document_type=entry.document,
        document_number=number,
        region_code=region,
        username=one.username,
        phone=phone(sequence),
        password=PASSWORD,
        now=now,
    )
    world.users[one.username] = user
    return world.person(one.username)


def _qualify(world: World, person: Person, held: QualificationEntry, sequence: int, now: datetime) -> None:
    city = next(name for prefix, name in CITIES.items() if person.region_code.startswith(prefix))
    qualification = record_qualification(
        person=person,
        kind=held.kind,
        level=held.level,
        number=f"{held.kind[:2].upper()}{person.region_code[:4]}{held.issued:%y%m}{sequence:05d}",
        issued_on=held.issued,
        issuer=ISSUERS[held.kind].format(city=city),
        valid_to=None,
        actor=PLATFORM,
        now=now,
    )
    if sequence % UNVERIFIED_EVERY == UNVERIFIED_EVERY - 1:
        return
    registrar = world.officer(Role.REGISTRAR, person.region_code)
    verify_qualification(qualification=qualification, actor=registrar, now=now + timedelta(days=1))
