"""Words for checks, rosters and alerts. Policy packs must be loaded (``tests.factories.policy.packs_loaded``)."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from lms.hiring import services
from lms.hiring.models import Check
from lms.people.models import Employment, Organisation, Person, Qualification
from lms.people.services import identity_numbers, record_qualification, verify_qualification
from tests.factories import people

ASKED = datetime(2026, 3, 10, 14, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


def identity_of(person: Person) -> dict[str, str]:
    """Name, type and number as an institution types them from the card."""
    number = identity_numbers(person)[0]
    return {"name": person.name, "document_type": number.type.value, "document_number": number.canonical}


def checked(institution: Organisation, person: Person | None = None, *, now: datetime = ASKED, **more: Any) -> Check:
    """One question of an institution's manager, about a person or about the identity given."""
    asked: dict[str, Any] = {"purpose": "hiring", "consent": True, **(identity_of(person) if person else {}), **more}
    actor = asked.pop("actor", None) or people.acting(people.manager_of(institution))
    return services.check_person(institution=institution, actor=actor, now=now, **asked)


def qualified(person: Person, *, valid_to: date | None = None) -> Qualification:
    """A certificate issued elsewhere, verified."""
    row = record_qualification(
        person=person,
        kind="baoyushi",
        level="四级",
        number=f"BYS{person.pk.hex[:12]}",
        issued_on=date(2024, 1, 5),
        issuer="上海市职业技能鉴定中心",
        valid_to=valid_to,
        actor=people.system(),
        now=people.LONG_AGO,
    )
    return verify_qualification(qualification=row, actor=people.system(), now=people.LONG_AGO)


def hired(
    institution: Organisation,
    person: Person | None = None,
    *,
    now: datetime = ASKED,
    reference: str = "",
    **more: Any,
) -> Employment:
    """Checked, certified and employed, as the rules want it."""
    someone = person or people.person()
    qualified(someone)
    check = checked(institution, someone, now=now, reference=reference)
    terms: dict[str, Any] = {"post": "caregiver", "from_date": now.date(), **more}
    actor = people.acting(people.manager_of(institution))
    return services.start_employment(institution=institution, checked=check, actor=actor, now=now, **terms)
