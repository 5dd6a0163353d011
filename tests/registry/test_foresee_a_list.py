"""Before a second officer confirms a list, every row says what it would strike here, and which rows would not be entered."""

from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lms.people.models import Person
from lms.registry import services
from lms.registry.models import BanCase, Intake
from lms.registry.services import intake_foresight
from lms.registry.services.intake_foresight import foresee, foresee_annulments
from lms.registry.services.intake_work import work_on
from tests.factories import certificates, people, registry
from tests.factories.policy import packs_loaded
from tests.factories.registry import ENTERED, listed_row

pytestmark = pytest.mark.django_db
# Of the batch and its officers, the page and its counts, and of every room what it holds: none of it a row.
MOST_QUERIES = 30


@pytest.fixture(autouse=True)
def _packs(db: None) -> None:
    packs_loaded()


def row_of(person: Person, **more: Any) -> list[Any]:
    number = people.services.identity_numbers(person)[0].canonical
    return listed_row(**{"姓名": person.name, "证件号码": number, **more})


def at_work(*, certified: bool = True) -> Person:
    person = people.employed(institution=people.institution()).person
    if certified:
        certificates.annual_certificate(person)
    return person


def counts(told: intake_foresight.Foresight, intake: Intake, number: int) -> dict[str, int]:
    row = intake.rows.get(number=number)
    return {one.code: one.count for one in told.struck.get(row.pk, [])}


def page_of(intake: Intake, officer: Any = None, query: str = "") -> str:
    client = Client()
    client.force_login(officer or registry.confirming())
    with time_machine.travel(ENTERED, tick=False):
        return client.get(reverse("registry:intake", args=[intake.pk]) + query).content.decode()


def test_each_row_says_what_it_would_strike_and_nothing_has_happened() -> None:
    one, other = at_work(), at_work(certified=False)
    intake = registry.handed_in(row_of(one), listed_row(), row_of(other))
    told = foresee(intake, now=ENTERED)
    assert counts(told, intake, 2) == {"certificates_revoked": 1, "employers_alerted": 1}
    assert counts(told, intake, 3) == {}
    assert counts(told, intake, 4) == {"employers_alerted": 1}
    totals = {row.code: row.count for row in told.totals if row.count}
    assert (told.people, totals) == (2, {"certificates_revoked": 1, "employers_alerted": 2})
    assert services.is_barred(one, ENTERED.date()) is None
    assert not BanCase.objects.exists()


def test_what_was_foreseen_is_what_happens() -> None:
    person = at_work()
    certificate = person.certificates.get()
    intake = registry.handed_in(row_of(person))
    foreseen = {item.text for row in foresee(intake, now=ENTERED).totals for item in row.items}
    assert any(certificate.serial in text for text in foreseen)
    services.confirm_intake(intake=intake, actor=people.acting(registry.confirming()), now=ENTERED)
    while work_on(intake_id=intake.pk, now=ENTERED):
        pass
    assert certificate.states.count() == 2


def test_somebody_in_two_decisions_is_struck_once_and_told_in_both_rows() -> None:
    person = at_work()
    intake = registry.handed_in(row_of(person), row_of(person))
    told = foresee(intake, now=ENTERED)
    assert counts(told, intake, 2) == counts(told, intake, 3) == {"certificates_revoked": 1, "employers_alerted": 1}
    assert {row.code: row.count for row in told.totals if row.count} == {
        "certificates_revoked": 1,
        "employers_alerted": 1,
    }


def test_rows_that_would_not_be_entered_say_so_and_strike_nobody() -> None:
    person, same = at_work(), {"决定文号": "旧禁字〔2019〕8号"}
    differing = {"决定文号": "旧禁字〔2019〕9号"}
    intake = registry.handed_in(
        listed_row(姓名="赵大海", 证件号码=people.services.identity_numbers(at_work())[0].canonical, **same),
        row_of(person, **same),
        listed_row(**differing),
        listed_row(**differing, 决定日期="2020-06-01"),
        listed_row(),
    )
    told = foresee(intake, now=ENTERED)
    problems = {row.number: told.problems[row.pk] for row in intake.rows.all() if row.pk in told.problems}
    assert problems == {
        2: intake_foresight.NAME_DIFFERS,
        3: intake_foresight.TOGETHER,
        4: intake_foresight.TOGETHER,
        5: intake_foresight.DECISION_DIFFERS,
    }
    assert (told.people, told.struck) == (0, {})
    services.confirm_intake(intake=intake, actor=people.acting(registry.confirming()), now=ENTERED)
    while work_on(intake_id=intake.pk, now=ENTERED):
        pass
    failed = set(intake.rows.filter(outcome="failed").values_list("pk", flat=True))
    assert failed == set(told.problems)


def test_a_ban_that_is_over_strikes_nothing_and_one_that_begins_later_is_told() -> None:
    over, later = at_work(), at_work()
    intake = registry.handed_in(
        row_of(over, 禁入截止日期="2021-12-31"), row_of(later, 禁入起始日期="2028-03-01", 禁入截止日期="2031-02-28")
    )
    told = foresee(intake, now=ENTERED)
    assert counts(told, intake, 2) == {}
    assert counts(told, intake, 3) == {"certificates_revoked": 1, "employers_alerted": 1}
    assert "其中 1 行从以后的某天起才禁入" in page_of(intake)


def test_the_page_lists_rows_totals_and_filters() -> None:
    one, stranger = at_work(), at_work()
    number = people.services.identity_numbers(stranger)[0].canonical
    intake = registry.handed_in(row_of(one), listed_row(姓名="赵大海", 证件号码=number), listed_row(姓名="李小花"))
    page = page_of(intake)
    assert "1 份证书将被撤销" in page
    assert one.certificates.get().serial in page
    assert "登记在另一个姓名之下" in page
    struck, problem = page_of(intake, query="?outcome=struck"), page_of(intake, query="?outcome=problem")
    assert one.name in struck
    assert "李小花" not in struck
    assert "赵大海" in problem
    assert "李小花" not in problem
    assert stranger.name not in page


def test_an_officer_reads_rows_of_their_own_region_only() -> None:
    elsewhere = people.employed(institution=people.institution(region=people.BEIJING)).person
    intake = registry.handed_in(row_of(elsewhere))
    page = page_of(intake)
    assert "另有 1 项在其他地区" in page


def test_a_row_about_one_of_the_two_officers_would_not_be_entered() -> None:
    second = registry.confirming()
    someone = people.person()
    second.person = someone
    second.save()
    intake = registry.handed_in(row_of(someone), listed_row())
    told = foresee(intake, now=ENTERED, second=second.pk)
    assert list(told.problems.values()) == [intake_foresight.OWN_CASE]
    assert foresee(intake, now=ENTERED).problems == {}


def test_annulling_rows_say_what_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    person = at_work()
    case = registry.case_in_force(person)
    subject = case.subjects.get()
    intake = registry.handed_in(listed_row())
    row = intake.rows.get()
    row.act, row.authority, row.case_number = "annulled", case.authority, case.number
    row.ciphertext, row.key_version, row.document_type = subject.ciphertext, subject.key_version, subject.document_type
    row.save()
    not_theirs = foresee_annulments(intake, [row], now=ENTERED)
    assert (not_theirs.struck, not_theirs.problems) == ({}, {row.pk: intake_foresight.NOT_THEIRS})
    monkeypatch.setattr(intake_foresight.exchange, "came_from_sender_of", lambda _document, case: True)
    back = foresee_annulments(intake, [row], now=ENTERED).struck
    assert {one.code: one.count for one in back[row.pk] if one.count} == {
        "certificates_reinstated": 1,
        "employers_told": 1,
    }
    assert foresee(intake, now=ENTERED).struck == {}


def queries_for(rows: int, now: datetime) -> int:
    intake = registry.handed_in(*(row_of(at_work()) for _each in range(rows)))
    with CaptureQueriesContext(connection) as asked:
        foresee(intake, now=now)
    return len(asked)


def test_more_people_take_no_more_queries() -> None:
    assert queries_for(1, ENTERED) == queries_for(12, ENTERED) <= MOST_QUERIES


def test_the_page_takes_few_queries() -> None:
    intake = registry.handed_in(*(row_of(at_work()) for _each in range(10)))
    client = Client()
    client.force_login(registry.confirming())
    with time_machine.travel(ENTERED, tick=False), CaptureQueriesContext(connection) as asked:
        assert client.get(reverse("registry:intake", args=[intake.pk])).status_code == 200
    assert len(asked) <= MOST_QUERIES
