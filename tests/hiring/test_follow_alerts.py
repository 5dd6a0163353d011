"""Reminders before the deadline, the bureau after it, each once; and how long it took until the last employer's word."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lms.audit.models import AuditEvent
from lms.hiring import services
from lms.hiring.models import AlertNotice, BanAlert
from lms.people.models import Message, Organisation
from tests.factories import people, registry


@pytest.fixture
def alert() -> BanAlert:
    employment = people.employed(institution=people.institution())
    registry.case_in_force(employment.person)
    return BanAlert.objects.get()


def test_reminded_at_half_and_near_the_end(alert: BanAlert) -> None:
    hours = [1, 12, 13, 20, 23.9]
    told = [services.remind_employers(now=alert.at + timedelta(hours=hour)) for hour in hours]
    assert told == [0, 1, 0, 1, 0]
    manager = people.manager_of(alert.institution)
    assert Message.objects.filter(user=manager, code="ban.reminder", urgent=True).count() == 2
    assert AuditEvent.objects.filter(verb="ban_alert.reminded").count() == 2


def test_a_sweep_that_slept_reminds_of_the_nearest_only(alert: BanAlert) -> None:
    assert services.remind_employers(now=alert.at + timedelta(hours=21)) == 1
    assert list(AlertNotice.objects.values_list("step", flat=True)) == ["last"]


def test_confirmed_or_annulled_nobody_is_reminded(alert: BanAlert) -> None:
    actor = people.acting(people.manager_of(alert.institution))
    services.confirm_removal(alert=alert, note="当日停职", actor=actor, now=alert.at)
    assert services.remind_employers(now=alert.at + timedelta(hours=13)) == 0
    assert services.escalate_overdue(now=alert.at + timedelta(hours=99)) == 0


def test_overdue_bureaus_and_employer_hear_it_once(alert: BanAlert) -> None:
    district, city = registry.registrar(people.PUDONG), registry.registrar()
    late = alert.confirm_by + timedelta(minutes=1)
    assert [services.escalate_overdue(now=late), services.escalate_overdue(now=late)] == [1, 0]
    for user in (district, city):
        assert Message.objects.filter(user=user, code="alert.overdue").count() == 1
    assert Message.objects.filter(user=people.manager_of(alert.institution), code="ban.overdue").count() == 1
    assert services.remind_employers(now=late) == 0


def confirmed(institution: Organisation, hours: float) -> None:
    alert = BanAlert.objects.get(institution=institution, confirmation=None)
    actor = people.acting(people.manager_of(institution))
    services.confirm_removal(alert=alert, note="已停职", actor=actor, now=alert.at + timedelta(hours=hours))


def test_from_the_ban_to_the_last_word() -> None:
    one, two = people.institution(), people.institution()
    person = people.employed(institution=one).person
    people.employed(institution=two, person=person)
    registry.case_in_force(person)
    confirmed(one, 2)
    officer = people.acting(registry.registrar())
    now = registry.ENTERED + timedelta(hours=30)
    figures = services.removal_figures(actor=officer, now=now)
    assert (figures.open, figures.overdue, figures.cases_confirmed, figures.median_hours) == (1, 1, 0, None)
    confirmed(two, 26)
    third = people.employed(institution=one).person
    registry.case_in_force(third)
    confirmed(one, 4)
    figures = services.removal_figures(actor=officer, now=now)
    assert (figures.open, figures.cases_confirmed, figures.median_hours, figures.longest_hours) == (0, 2, 15.0, 26.0)
    elsewhere = people.acting(registry.registrar(people.BEIJING))
    assert services.removal_figures(actor=elsewhere, now=now).cases_confirmed == 0


def test_the_bureau_sees_the_figures(alert: BanAlert) -> None:
    client = Client()
    client.force_login(registry.registrar())
    page = client.get(reverse("hiring:alerts")).content.decode()
    assert "已超期" in page
    assert "从禁入到最后一家确认" in page


def test_as_many_queries_for_many_employers() -> None:
    counts = []
    for employers in (1, 2, 8):  # the first time more is read
        person = people.person()
        for _ in range(employers):
            people.employed(institution=people.institution(), person=person)
        case = registry.submitted_case(person)
        officer = people.acting(registry.confirming())
        with CaptureQueriesContext(connection) as queries:
            registry.services.confirm_case(case=case, actor=officer, now=registry.ENTERED)
        counts.append(len(queries))
        assert Message.objects.filter(code="ban.alert", title__contains=person.name).count() >= employers
    assert counts[1] == counts[2]
