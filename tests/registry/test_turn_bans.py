"""A dated ban begins and ends on days of its own: nothing before, everything once on the day, nothing lost when nobody looked."""

import threading
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse

from certificates.models import CertificateState
from certificates.services.validity import validities
from lms.audit.models import AuditEvent
from lms.hiring.models import BanAlert
from lms.people.models import Message, Person
from lms.registry import services, signals, tasks
from lms.registry.models import BanCase, BanSubject, ListLeaf, ListVersion
from lms.registry.services import exchange, versions
from lms.registry.services.turning import to_begin
from lms.rules.refusals import Invalid
from tests.factories import certificates, people, registry
from tests.factories.policy import packs_loaded
from tests.factories.registry import ENTERED, listed_row

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")
BEGINS, ENDS = date(2028, 3, 1), date(2031, 2, 28)
EVE = datetime(2028, 2, 29, 23, 59, 59, tzinfo=SHANGHAI)
MIDNIGHT = datetime(2028, 3, 1, 0, 0, tzinfo=SHANGHAI)
OVER = datetime(2031, 3, 1, 0, 0, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def _packs(db: None) -> None:
    packs_loaded()


def barred_later(person: Person, **more: Any) -> BanCase:
    """In force since 2026, barred from the end of the sentence on."""
    return registry.case_in_force(person, from_date=BEGINS, until=ENDS, **more)


def acts() -> list[str]:
    return list(ListLeaf.objects.order_by("position").values_list("act", flat=True))


def test_before_it_begins_nothing_happens_and_the_list_says_so() -> None:
    employment = people.employed(institution=people.institution())
    certificate = certificates.annual_certificate(employment.person)
    barred_later(employment.person)
    assert services.is_barred(employment.person, ENTERED.date()) is None
    assert services.is_barred(employment.person, EVE.date()) is None
    assert validities([certificate.pk], EVE.date())[certificate.pk].status != "revoked"
    assert not Message.objects.filter(code="ban.alert").exists()
    assert services.turn_bans(now=EVE) == 0
    assert (acts(), services.current_list_version().entries) == (["entered"], 1)


def test_on_the_day_everything_happens_once() -> None:
    employment = people.employed(institution=people.institution())
    user = people.manager_of(employment.institution)
    certificate = certificates.annual_certificate(employment.person)
    case = barred_later(employment.person)
    assert services.turn_bans(now=MIDNIGHT) == 1
    last = certificate.states.order_by("-number").first()
    assert last is not None
    assert (last.state, last.code, last.cause_id, last.at) == ("revoked", "ban", case.pk, MIDNIGHT)
    assert Message.objects.filter(user=user, code="ban.alert").count() == 1
    assert AuditEvent.objects.filter(verb="ban_subject.began", person_id=employment.person_id).count() == 1
    version = services.current_list_version()
    assert (acts(), version.entries, version.at) == (["entered", "began"], 1, MIDNIGHT)
    states, messages = CertificateState.objects.count(), Message.objects.count()
    assert services.turn_bans(now=MIDNIGHT + timedelta(minutes=1)) == 0
    assert services.current_list_version() == version
    assert (CertificateState.objects.count(), Message.objects.count()) == (states, messages)
    assert services.verify_registry() == []


def test_who_asks_after_midnight_needs_no_job() -> None:
    person = people.person()
    certificate = certificates.annual_certificate(person)
    barred_later(person)
    assert services.is_barred(person, MIDNIGHT.date()) is not None
    assert validities([certificate.pk], MIDNIGHT.date())[certificate.pk].status == "revoked"
    number = people.services.identity_numbers(person)[0]
    asked: dict[str, Any] = {"number": number, "name": person.name, "birth_date": None, "holder": person}
    assert services.screening_candidates(**asked, on=EVE.date()) == []
    assert services.screening_candidates(**asked, on=MIDNIGHT.date()) != []


def test_a_missed_day_is_made_up_for() -> None:
    employment = people.employed(institution=people.institution())
    people.manager_of(employment.institution)
    barred_later(employment.person)
    assert services.turn_bans(now=MIDNIGHT + timedelta(days=40)) == 1
    assert Message.objects.filter(code="ban.alert").count() == 1


def test_a_killed_worker_leaves_nothing_half_done() -> None:
    person = people.person()
    certificate = certificates.annual_certificate(person)
    barred_later(person)

    def die(**_news: Any) -> None:
        raise SystemExit

    signals.ban_in_force.connect(die)
    try:
        with pytest.raises(SystemExit):
            services.turn_bans(now=MIDNIGHT)
    finally:
        signals.ban_in_force.disconnect(die)
    assert (acts(), certificate.states.count()) == (["entered"], 1)
    assert services.turn_bans(now=MIDNIGHT) == 1
    assert (acts(), certificate.states.count()) == (["entered", "began"], 2)


def test_it_ends_and_what_it_took_does_not_come_back() -> None:
    person = people.practitioner().person
    certificate = certificates.annual_certificate(person)
    barred_later(person)
    services.turn_bans(now=MIDNIGHT)
    assert services.turn_bans(now=OVER - timedelta(seconds=1)) == 0
    assert services.is_barred(person, ENDS) is not None
    assert services.turn_bans(now=OVER) == 1
    assert services.turn_bans(now=OVER) == 0
    assert services.is_barred(person, OVER.date()) is None
    assert validities([certificate.pk], OVER.date())[certificate.pk].status == "revoked"
    assert (acts(), services.current_list_version().entries) == (["entered", "began", "ended"], 1)
    assert Message.objects.filter(code="ban.ended").count() == 1
    assert services.verify_registry() == []


def test_an_alert_that_nobody_answered_asks_for_nothing_once_it_is_over() -> None:
    employment = people.employed(institution=people.institution())
    people.manager_of(employment.institution)
    barred_later(employment.person)
    services.turn_bans(now=MIDNIGHT)
    assert BanAlert.objects.open().count() == 1
    services.turn_bans(now=OVER)
    assert (BanAlert.objects.open().count(), BanAlert.objects.acting().count()) == (0, 1)


def test_nobody_hears_that_it_is_over_whom_another_ban_holds() -> None:
    person = people.practitioner().person
    barred_later(person)
    registry.banned(person)
    services.turn_bans(now=OVER)
    assert not Message.objects.filter(code="ban.ended").exists()


def test_missed_from_beginning_to_end_it_only_stands_in_the_list() -> None:
    employment = people.employed(institution=people.institution())
    people.manager_of(employment.institution)
    barred_later(employment.person)
    assert services.turn_bans(now=OVER) == 2
    assert acts() == ["entered", "began", "ended"]
    assert not Message.objects.filter(code="ban.alert").exists()
    assert services.verify_registry() == []


def test_confirmed_after_it_began_it_acts_at_once() -> None:
    person = people.person()
    certificate = certificates.annual_certificate(person)
    case = registry.submitted_case(person, from_date=BEGINS, until=ENDS)
    services.confirm_case(case=case, actor=people.acting(registry.confirming()), now=MIDNIGHT)
    assert certificate.states.count() == 2
    assert services.turn_bans(now=MIDNIGHT) == 0
    assert acts() == ["entered"]


def test_annulled_before_it_began_it_never_begins() -> None:
    user = people.practitioner()
    person = user.person
    certificate = certificates.annual_certificate(person)
    registry.annulled(barred_later(person))
    assert services.turn_bans(now=OVER) == 0
    assert (acts(), certificate.states.count()) == (["entered", "annulled"], 1)
    assert "没有受到影响" in Message.objects.get(user=user, code="ban.annulled").body
    assert services.verify_registry() == []


def test_annulled_after_it_began_everything_comes_back() -> None:
    person = people.person()
    certificate = certificates.annual_certificate(person)
    case = barred_later(person)
    services.turn_bans(now=MIDNIGHT)
    later = MIDNIGHT + timedelta(days=9)
    registry.annulled(case, now=later)
    assert validities([certificate.pk], later.date())[certificate.pk].status != "revoked"
    assert services.current_list_version().entries == 0
    assert services.verify_registry() == []


def test_who_registered_meanwhile_is_found_on_the_day() -> None:
    number = people.resident_number()
    unknown = [{"name": "王小明", "document_type": "resident_id", "document_number": number}]
    registry.case_in_force(unknown=unknown, from_date=BEGINS, until=ENDS)
    employment = people.employed(
        institution=people.institution(), person=people.person(name="王小明", document_number=number)
    )
    user = people.manager_of(employment.institution)
    services.turn_bans(now=MIDNIGHT)
    assert BanSubject.objects.get().person == employment.person
    assert Message.objects.filter(user=user, code="ban.alert").count() == 1


def test_a_life_begins_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        registry.submitted_case(people.person(), from_date=BEGINS)
    assert refused.value.code == "date_in_future"


def test_several_decisions_turn_in_one_version_and_few_queries(django_assert_max_num_queries: Any) -> None:
    for _each in range(8):
        barred_later(people.person())
    with django_assert_max_num_queries(180):
        assert services.turn_bans(now=MIDNIGHT) == 8
    assert ListVersion.objects.filter(at=MIDNIGHT).count() == 1


def test_the_proof_finds_a_ban_that_was_said_to_begin_too_early() -> None:
    case = barred_later(people.person())
    subject, state = case.subjects.get(), case.states.get(state="in_force")
    versions.append_lines([(versions.ListAct.BEGAN, subject, state)], now=EVE)
    assert [finding.code for finding in services.verify_registry()] == ["turned_early"]


def test_a_list_may_hold_bans_that_begin_later() -> None:
    registry.taken_in(listed_row(禁入起始日期="2028-03-01", 禁入截止日期="2031-02-28"), listed_row())
    assert list(to_begin(BEGINS)) == list(BanSubject.objects.filter(kind="dated"))
    assert list(to_begin(EVE.date())) == []
    report = services.propose_intake(
        file=registry.list_file(listed_row(禁入起始日期="2028-03-01")),
        letter=registry.decision_file(),
        source="某市移交名单",
        actor=people.acting(registry.registrar()),
        now=ENTERED,
        dry_run=True,
    )
    assert [error.code for error in report.errors] == ["date_in_future"]


def test_what_follows_from_dates_does_not_travel() -> None:
    barred_later(people.person())
    services.turn_bans(now=OVER)
    officer = people.acting(registry.registrar())
    size = services.current_list_version().size
    assert [entry["act"] for entry in exchange._entries(officer, 0, size)] == ["entered"]


def test_the_second_officer_is_shown_what_happens_then() -> None:
    employment = people.employed(institution=people.institution())
    certificates.annual_certificate(employment.person)
    case = registry.submitted_case(employment.person, from_date=BEGINS, until=ENDS)
    now, later = services.foreseen(case, now=ENTERED)
    assert (now.people, [row.count for row in now.consequences if row.count]) == (0, [])
    assert (later.day, later.people) == (BEGINS, 1)
    assert {row.code: row.count for row in later.consequences if row.count} == {
        "certificates_revoked": 1,
        "employers_alerted": 1,
    }
    client = Client()
    client.force_login(registry.confirming())
    with time_machine.travel(ENTERED, tick=False):
        page = client.get(reverse("registry:confirm", args=[case.pk])).content.decode()
    assert "尚未开始" in page
    assert "1 人自 2028-03-01 起禁入，在此之前不受影响" in page
    assert "0 人列入禁入名单，在所有地区立即生效" in page


def test_each_line_about_somebody_is_proved() -> None:
    case = barred_later(people.person())
    services.turn_bans(now=OVER)
    client = Client()
    client.force_login(registry.registrar())
    address = reverse("registry:proof", args=[case.pk, case.subjects.get().pk])
    assert client.get(address).status_code == 200
    told = client.get(address, {"format": "json"}).json()["proofs"]
    assert [(one["position"], one["line"][:15]) for one in told] == [
        (1, '{"act":"entered'),
        (2, '{"act":"began",'),
        (3, '{"act":"ended",'),
    ]


def test_the_job_asks_the_clock() -> None:
    barred_later(people.person())
    with time_machine.travel(EVE, tick=False):
        tasks.turn_bans()
    assert acts() == ["entered"]
    with time_machine.travel(MIDNIGHT, tick=False):
        tasks.turn_bans()
    assert acts() == ["entered", "began"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_turn_each_ban_once() -> None:
    employment = people.employed(institution=people.institution())
    people.manager_of(employment.institution)
    barred_later(employment.person)
    barred_later(people.person())
    barrier, turned = threading.Barrier(2), []

    def turn() -> None:
        try:
            barrier.wait(timeout=10)
            turned.append(services.turn_bans(now=MIDNIGHT))
        finally:
            connection.close()

    threads = [threading.Thread(target=turn) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert (len(turned), sum(turned)) == (2, 2)
    assert acts() == ["entered", "entered", "began", "began"]
    assert Message.objects.filter(code="ban.alert").count() == 1
    assert services.verify_registry() == []
