"""Certificates issued elsewhere: entered, then verified by somebody else."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lms.audit.models import AuditEvent
from lms.people import services
from lms.people.models import Person, Qualification, Role
from lms.rules.refusals import Refusal
from tests.factories import people as make

pytestmark = pytest.mark.django_db


def record(person: Person, **changes: Any) -> Qualification:
    wanted = {
        "kind": "yuyingyuan",
        "level": "三级/高级工",
        "number": "2031000012345",
        "issued_on": date(2023, 5, 1),
        "issuer": "上海市人力资源和社会保障局",
        "valid_to": None,
        "actor": make.system(),
        "now": make.LONG_AGO,
    }
    return services.record_qualification(person=person, **(wanted | changes))


def refused(verb: Any, *args: Any, **wanted: Any) -> str:
    with pytest.raises(Refusal) as caught:
        verb(*args, **wanted)
    return caught.value.code


def test_the_holder_enters_it_once_in_any_writing() -> None:
    user = make.practitioner()
    assert user.person is not None
    first = record(user.person, actor=make.acting(user))
    assert record(user.person, number="２０３１０００ 012345", actor=make.acting(user)) == first
    assert first.verified_at is None
    assert AuditEvent.objects.filter(verb="qualification.recorded").count() == 1


def test_a_number_of_somebody_else_is_refused() -> None:
    record(make.person())
    assert refused(record, make.person()) == "qualification_held"
    assert record(make.person(), kind="baoyushi").pk


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "chef"}, "qualification_kind"),
        ({"number": "  "}, "qualification_number"),
        ({"issued_on": date(2024, 1, 9)}, "date_in_future"),
        ({"valid_to": date(2023, 4, 30)}, "dates_reversed"),
    ],
)
def test_bad_input_is_named(changes: dict[str, Any], code: str) -> None:
    assert refused(record, make.person(), **changes) == code


def test_today_begins_at_midnight_in_shanghai() -> None:
    midnight = datetime(2026, 1, 1, 0, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    person = make.person()
    assert refused(record, person, issued_on=date(2026, 1, 2), now=midnight) == "date_in_future"
    assert record(person, issued_on=date(2026, 1, 1), now=midnight)


def test_strangers_neither_enter_nor_verify() -> None:
    person = make.employed(institution=make.institution()).person
    stranger = make.acting(make.manager_of(make.institution()))
    assert refused(record, person, actor=stranger) == "person_unknown"
    row = record(person)
    verify = services.verify_qualification
    assert refused(verify, qualification=row, actor=stranger, now=make.LONG_AGO) == "person_unknown"
    elsewhere = make.acting(make.officer(region=make.BEIJING))
    assert refused(verify, qualification=row, actor=elsewhere, now=make.LONG_AGO) == "person_unknown"
    college = make.acting(make.manager_of(make.college()))
    assert refused(verify, qualification=row, actor=college, now=make.LONG_AGO) == "role_required"


def test_the_first_verification_stands() -> None:
    institution = make.institution()
    row = record(make.employed(institution=institution).person)
    manager = make.manager_of(institution)
    services.verify_qualification(qualification=row, actor=make.acting(manager), now=make.LONG_AGO)
    services.verify_qualification(qualification=row, actor=make.acting(make.officer()), now=make.LONG_AGO)
    row.refresh_from_db()
    assert row.verified_by == manager
    assert AuditEvent.objects.filter(verb="qualification.verified").count() == 1


def test_nobody_verifies_their_own() -> None:
    institution, user = make.institution(), make.practitioner()
    assert user.person is not None
    make.employed(institution=institution, person=user.person)
    services.grant_role(
        user=user,
        role=Role.INSTITUTION_MANAGER,
        organisation=institution,
        actor=make.system(),
        now=make.LONG_AGO,
    )
    own = make.acting(user, Role.INSTITUTION_MANAGER)
    row = record(user.person, actor=own)
    assert (
        refused(services.verify_qualification, qualification=row, actor=own, now=make.LONG_AGO) == "own_qualification"
    )
