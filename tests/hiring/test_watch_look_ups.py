"""Unusual look-ups are noticed once a day, told to the bureau without naming anybody, and decided with a reason."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from lms.audit.models import AuditEvent
from lms.hiring import services
from lms.hiring.models import Check, LookUpAlert, LookUpDecision
from lms.hiring.services import look_ups
from lms.people.models import Message, Organisation
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound
from tests.factories import check_batches, hiring, people, registry

EVENING = hiring.ASKED + timedelta(hours=3)


@pytest.fixture
def watched(settings: LazySettings) -> Organisation:
    """An institution that asks about one person three times."""
    settings.LOOK_UP_BOUNDS = {**settings.LOOK_UP_BOUNDS, "same_person": 3}
    institution, person = people.institution(name="小太阳托育园"), people.person(name="王小明")
    for place in range(3):
        hiring.checked(institution, person, now=hiring.ASKED + timedelta(minutes=place))
    return institution


def decided(alert: LookUpAlert, verdict: str = "warned", **more: Any) -> LookUpDecision:
    given = {"reason": "说不出用途", "actor": people.acting(registry.registrar()), "now": EVENING, **more}
    return services.decide_alert(alert=alert, verdict=verdict, **given)


def test_a_pattern_is_one_alert_a_day(watched: Organisation) -> None:
    registrar = registry.registrar()
    (alert,) = look_ups.watch(now=EVENING)
    assert (alert.institution, alert.pattern, alert.count, alert.total) == (watched, "same_person", 3, 3)
    assert alert.day == hiring.ASKED.date()
    assert look_ups.watch(now=EVENING + timedelta(minutes=10)) == []
    assert Message.objects.filter(user=registrar, code="look_ups.unusual").count() == 1


def test_it_names_nobody(watched: Organisation) -> None:
    look_ups.watch(now=EVENING)
    check = Check.objects.first()
    assert check
    kept = str(list(LookUpAlert.objects.values())) + str(
        list(AuditEvent.objects.filter(verb="look_up_alert.raised").values())
    )
    for hidden in ("王小明", check.masked, check.blind_index, str(check.pk)):
        assert hidden not in kept


def test_shortly_after_midnight_the_day_before_is_looked_at(watched: Organisation) -> None:
    midnight = (hiring.ASKED + timedelta(days=1)).replace(hour=0, minute=20)
    assert [alert.day for alert in look_ups.watch(now=midnight)] == [hiring.ASKED.date()]
    assert look_ups.watch(now=midnight + timedelta(days=1)) == []


def test_misses_are_numbers_that_nobody_here_holds(settings: LazySettings) -> None:
    settings.LOOK_UP_BOUNDS = {**settings.LOOK_UP_BOUNDS, "misses_least": 3, "same_person": 9, "numbers_a_family": 9}
    institution, ordinary = people.institution(), people.institution()
    for name in ("周一明", "吴二明", "郑三明"):
        asked = {"name": name, "document_type": "resident_id", "document_number": people.resident_number()}
        hiring.checked(institution, **asked)
        hiring.checked(ordinary, people.person())
    assert [(one.institution, one.pattern) for one in look_ups.watch(now=EVENING)] == [(institution, "misses")]


def test_a_warning_is_told_to_the_manager(watched: Organisation) -> None:
    manager = people.manager_of(watched)
    (alert,) = look_ups.watch(now=EVENING)
    decided(alert)
    assert Message.objects.filter(user=manager, code="look_ups.warned").count() == 1
    with pytest.raises(Conflict) as refused:
        decided(alert, "explained")
    assert refused.value.code == "decided_already"


def test_explained_is_told_to_nobody(watched: Organisation) -> None:
    (alert,) = look_ups.watch(now=EVENING)
    decided(alert, "explained")
    assert not Message.objects.filter(code="look_ups.warned").exists()


def test_decided_by_a_registrar_of_the_region_with_a_reason(watched: Organisation) -> None:
    (alert,) = look_ups.watch(now=EVENING)
    with pytest.raises(NotAllowed):
        decided(alert, actor=people.acting(people.manager_of(watched)))
    with pytest.raises(NotFound):
        decided(alert, actor=people.acting(registry.registrar(people.BEIJING)))
    with pytest.raises(Invalid):
        decided(alert, reason=" ")
    with pytest.raises(Invalid):
        decided(alert, "forgiven")


def test_pages_of_the_bureau(watched: Organisation) -> None:
    cache.clear()
    (alert,) = look_ups.watch(now=EVENING)
    officer, away, employer = Client(), Client(), Client()
    officer.force_login(registry.registrar())
    away.force_login(registry.registrar(people.BEIJING))
    employer.force_login(people.manager_of(watched))
    one = reverse("hiring:look_up", args=[alert.pk])
    assert one in officer.get(reverse("hiring:look_ups")).content.decode()
    assert "反复查询同一人" in officer.get(one).content.decode()
    assert one not in away.get(reverse("hiring:look_ups")).content.decode()
    assert away.get(one).status_code == 404
    assert employer.get(one).status_code == 403
    assert officer.post(one, {"verdict": "explained", "reason": "同名三人"}).status_code == 302
    assert one not in officer.get(reverse("hiring:look_ups")).content.decode()
    assert officer.get(reverse("hiring:look_ups"), {"state": "all", "format": "xlsx"}).content.startswith(b"PK")


def test_statistics_count_by_month_institution_purpose_and_outcome(watched: Organisation) -> None:
    cache.clear()
    hiring.checked(watched, registry.banned(), purpose="volunteer")
    officer, away = Client(), Client()
    officer.force_login(registry.registrar())
    away.force_login(registry.registrar(people.BEIJING))
    address, asked = reverse("hiring:look_up_statistics"), {"month": "2026-03"}
    page = officer.get(address, asked)
    rows = {row["purpose"]: (row["month"], row["total"], row["outcomes"]) for row in page.context["rows"]}
    assert rows == {"拟录用": ("2026-03", 3, [3, 0, 0]), "志愿服务": ("2026-03", 1, [0, 1, 0])}
    assert officer.get(address, {"month": "2026-02"}).context["rows"] == []
    assert away.get(address, asked).context["rows"] == []
    assert officer.get(address, {**asked, "format": "xlsx"}).content.startswith(b"PK")
    assert officer.get(address, {"month": "soon"}).status_code == 200


def test_a_batch_is_no_way_around(settings: LazySettings) -> None:
    """One number under several names, in a list."""
    settings.LOOK_UP_BOUNDS = {**settings.LOOK_UP_BOUNDS, "same_person": 9}
    institution, number = people.institution(), people.resident_number()
    rows = [[name, "居民身份证", number, ""] for name in ("周一明", "吴二明", "郑三明")]
    batch = check_batches.uploaded(institution, check_batches.workbook(*rows)).batch
    assert batch
    check_batches.finished(batch)
    assert [alert.pattern for alert in look_ups.watch(now=EVENING)] == ["guessed_names"]
