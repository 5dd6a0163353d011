"""``remind_expiring``: 90, 60, 30, 7 days before and the day after, once each; not those who have nothing to lose."""

from datetime import datetime, timedelta

import pytest

from certificates.models import Certificate, ExpiryReminder
from certificates.services import revoke_certificate
from certificates.services.reminders import remind_expiring
from lms.people.models import Letter, Message, User
from tests.factories import people, registry
from tests.factories.catalogue import released_course
from tests.factories.certificates import NOON, SYSTEM, course_certificate

pytestmark = pytest.mark.django_db


def held(user: User) -> Certificate:
    certificate = course_certificate(user.person)
    assert certificate.valid_until is not None
    return certificate


def before(certificate: Certificate, days: int, hour: int = 9) -> datetime:
    """Nine in the morning so many days before its last day."""
    assert certificate.valid_until is not None
    day = certificate.valid_until - timedelta(days=days)
    return NOON.replace(year=day.year, month=day.month, day=day.day, hour=hour)


def test_every_step_once_however_often_it_is_run() -> None:
    user = people.practitioner()
    certificate = held(user)
    for days in (91, 90, 89, 61, 60, 31, 30, 8, 7, 0, -1, -2):
        remind_expiring(now=before(certificate, days))
        remind_expiring(now=before(certificate, days, hour=20))
    steps = list(ExpiryReminder.objects.order_by("-days").values_list("days", flat=True))
    assert steps == [90, 60, 30, 7, -1]
    told = Message.objects.filter(user=user, code="certificate_expiring").order_by("created_at")
    assert told.count() == 5
    assert "还有 90 天到期" in told[0].title
    assert "已于" in told[4].title
    assert [message.urgent for message in told] == [False] * 4 + [True]


def test_who_was_missed_gets_the_nearest_step_only() -> None:
    user = people.practitioner()
    certificate = held(user)
    assert remind_expiring(now=before(certificate, 20)) == 1
    assert [row.days for row in ExpiryReminder.objects.all()] == [30]
    assert remind_expiring(now=before(certificate, -20)) == 0


def test_the_last_day_is_before_the_end() -> None:
    certificate = held(people.practitioner())
    remind_expiring(now=before(certificate, 0, hour=23))
    assert [row.days for row in ExpiryReminder.objects.all()] == [7]
    remind_expiring(now=before(certificate, -1, hour=0))
    assert {row.days for row in ExpiryReminder.objects.all()} == {7, -1}


def test_revoked_barred_and_renewed_hear_nothing() -> None:
    release = released_course()
    revoked, barred, renewed = (course_certificate(people.practitioner().person, release) for _ in range(3))
    revoke_certificate(certificate=revoked, code="error", reason="x", authority="x", actor=SYSTEM, now=NOON)
    registry.case_in_force(barred.person)
    course_certificate(renewed.person, released_course(), now=NOON + timedelta(days=300))  # of another course
    day = before(renewed, 30)
    assert remind_expiring(now=day) == 1
    other = course_certificate(people.practitioner().person, release)
    course_certificate(other.person, release, now=NOON + timedelta(days=400))
    assert remind_expiring(now=day + timedelta(hours=1)) == 0


def test_many_alike_are_told_in_few_queries(django_assert_max_num_queries: object) -> None:
    release = released_course()
    users = [people.practitioner() for _ in range(12)]
    User.objects.filter(pk=users[0].pk).update(email="a@example.org")
    held_by = [course_certificate(user.person, release) for user in users]
    with django_assert_max_num_queries(40):  # type: ignore[operator]
        assert remind_expiring(now=before(held_by[0], 60)) == 12
    assert Message.objects.filter(code="certificate_expiring").count() == 12
    assert Letter.objects.filter(message__code="certificate_expiring").count() == 1
