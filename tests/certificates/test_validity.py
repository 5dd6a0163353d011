"""What a certificate is worth: one table of days, asked by row, by set, by serial and by token, with one answer."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certificates.models import Certificate
from certificates.querysets import Status
from certificates.services import (
    by_serial,
    by_token,
    reinstate_certificate,
    revoke_certificate,
    supersede_certificate,
    validity,
)
from certificates.services.validity import validities
from lms.people.models import Person
from lms.people.services import identity_numbers
from tests.factories import people, registry
from tests.factories.certificates import NOON, SYSTEM, TODAY, annual_certificate, course_certificate, holder

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("on", "status"),
    [
        (date(2026, 11, 20), Status.UNKNOWN),  # not issued yet
        (date(2026, 11, 21), Status.VALID),
        (date(2026, 12, 31), Status.VALID),
        (date(2027, 11, 20), Status.VALID),  # the last day is included
        (date(2027, 11, 21), Status.EXPIRED),
    ],
)
def test_by_day(on: date, status: Status) -> None:
    certificate = annual_certificate()
    assert validity(certificate, on).status is status
    assert Certificate.objects.valid_on(on).filter(pk=certificate.pk).exists() is (status is Status.VALID)
    found = by_token(certificate.token, on)
    assert found is not None
    assert validities([certificate.pk], on)[certificate.pk].status is status


def test_issued_a_minute_before_midnight_it_is_valid_that_day() -> None:
    late = NOON.replace(hour=23, minute=59)
    certificate = course_certificate(now=late)
    assert validity(certificate, TODAY).is_valid
    assert validity(certificate, TODAY - timedelta(days=1)).status is Status.UNKNOWN


def test_one_is_weighed_as_many_are() -> None:
    """Two ways to ask, one law: every state there is, on every day that matters."""
    plain, expired, revoked, banned, unlinked, back = (course_certificate(holder()) for _ in range(6))
    old = course_certificate(holder(name="王新怡"))
    Person.objects.filter(pk=old.person_id).update(name="王昕怡")
    old.person.refresh_from_db()
    supersede_certificate(certificate=old, reason="更正", actor=SYSTEM, now=NOON + timedelta(days=2))
    for certificate in (revoked, back):
        facts = {"code": "error", "reason": "x", "authority": "x", "actor": SYSTEM}
        revoke_certificate(certificate=certificate, now=NOON + timedelta(days=1), **facts)
    reinstate_certificate(certificate=back, reason="x", authority="x", actor=SYSTEM, now=NOON + timedelta(days=3))
    registry.case_in_force(banned.person, until=date(2027, 6, 30))
    (number,) = identity_numbers(unlinked.person)
    identity = {"name": unlinked.person.name, "document_type": "resident_id", "document_number": number.canonical}
    registry.case_in_force(unknown=[identity])
    assert expired.valid_until is not None
    days = [TODAY + timedelta(days=n) for n in (-1, 0, 1, 2, 3, 400)] + [expired.valid_until + timedelta(days=1)]
    seen = set()
    for on in days:
        many = validities([row.pk for row in Certificate.objects.all()], on)
        for row in Certificate.objects.all():
            one = validity(row, on)
            assert one == many[row.pk], (row.serial, on)
            seen.add(one.status)
    assert seen == set(Status)
    assert validity(plain, TODAY).is_valid


def test_few_queries() -> None:
    certificate = course_certificate()
    with CaptureQueriesContext(connection) as queries:
        validity(certificate, TODAY)
    assert len(queries) <= 3
    registry.case_in_force(certificate.person)
    with CaptureQueriesContext(connection) as queries:
        validity(certificate, TODAY)
    assert len(queries) <= 5


@pytest.mark.parametrize("change", [str, str.lower, lambda text: text.replace("-", " "), lambda text: f" {text} "])
def test_a_serial_in_any_written_form_with_the_holders_name(change: object) -> None:
    certificate = course_certificate(holder(name="欧阳秋月"))
    assert by_serial(change(certificate.serial), "歐陽秋月", TODAY) == certificate  # type: ignore[operator]


def test_a_serial_alone_tells_nothing() -> None:
    certificate = course_certificate(holder(name="欧阳秋月"))
    for name in ("", "王芳", "欧阳"):
        assert by_serial(certificate.serial, name, TODAY) is None
    wrong = certificate.serial[:-1] + ("0" if certificate.serial[-1] != "0" else "1")
    assert by_serial(wrong, "欧阳秋月", TODAY) is None


def test_visible_to_whom() -> None:
    user = people.practitioner()
    certificate = course_certificate(user.person)
    employer, other = people.institution(), people.institution()
    people.employed(institution=employer, person=user.person)
    seen = Certificate.objects.visible_to
    assert certificate in seen(people.acting(user))
    assert certificate in seen(people.acting(people.manager_of(employer)))
    assert certificate in seen(people.acting(people.officer("registrar")))
    for stranger in (
        people.practitioner(),
        people.manager_of(other),
        people.manager_of(people.college()),
        people.officer("registrar", people.BEIJING),
    ):
        assert certificate not in seen(people.acting(stranger))
