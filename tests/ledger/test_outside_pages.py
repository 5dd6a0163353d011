"""Screens of hours from elsewhere and of leave: an institution, a practitioner and an auditor each do their part."""

import io
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from python_calamine import CalamineWorkbook

from courses.learning.services.enrolments import append_state
from lms.ledger.models import HourEntry, Leave, OutsideBatch
from lms.ledger.services import close_year, closing, reverse_entry
from lms.people.models import Organisation, Person, User
from lms.people.services import identity_numbers
from tests.factories import catalogue, learning, outside, people
from tests.factories.ledger import NOON, SYSTEM, credited, year_met
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_a_day_in_june() -> Any:
    packs_loaded()
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def house() -> Organisation:
    return people.institution()


@pytest.fixture
def person(house: Organisation) -> Person:
    return people.employed(institution=house).person


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="lms.people.backends.SignInBackend")
    return client


def sheet(content: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


class TestForAStaff:
    def test_the_template_is_read_by_the_product_itself(self, house: Organisation, person: Person) -> None:
        titles, example = sheet(signed_in(people.manager_of(house)).get("/hours/outside/template.xlsx").content)
        assert tuple(titles) == outside.TITLES
        assert example[6] == "婴幼儿急救培训"
        assert not outside.submitted(
            house, [], file=outside.workbook([outside.line(person)], titles=titles), dry_run=True
        ).errors

    def test_a_dry_run_names_row_and_field_and_keeps_nothing(self, house: Organisation, person: Person) -> None:
        lines = [outside.line(person), outside.line(person, title="第二期", class_hours="八")]
        posted = {"file": outside.workbook(lines), "dry_run": "on"}
        page = signed_in(people.manager_of(house)).post("/hours/outside/", posted).content.decode()
        assert "共 2 行，1 行有误" in page
        assert "学时应为大于零的数字" in page
        assert not OutsideBatch.objects.exists()

    def test_handed_in_it_leads_to_its_page_and_result(self, house: Organisation, person: Person) -> None:
        client = signed_in(people.manager_of(house))
        posted = {"file": outside.workbook([outside.line(person)]), "proof": outside.proof()}
        response = client.post("/hours/outside/", posted)
        batch = OutsideBatch.objects.get()
        assert response.headers["Location"] == f"/hours/outside/{batch.pk}/"
        assert "核对中" in client.get(f"/hours/outside/{batch.pk}/").content.decode()
        outside.finished(batch)
        page = client.get(f"/hours/outside/{batch.pk}/").content.decode()
        number = identity_numbers(person)[0].canonical
        assert "待核验" in page
        assert number not in page
        rows = sheet(client.get(f"/hours/outside/{batch.pk}/result.xlsx").content)
        assert rows[1][:2] == [2, person.name]
        assert number not in str(rows)
        assert client.get(f"/hours/outside/{batch.pk}/proof/").content == outside.PDF

    def test_without_a_proof_the_form_says_so(self, house: Organisation, person: Person) -> None:
        posted = {"file": outside.workbook([outside.line(person)])}
        response = signed_in(people.manager_of(house)).post("/hours/outside/", posted)
        assert response.status_code == 422
        assert "请附上培训证明" in response.content.decode()


class TestForOneself:
    GIVEN = {
        "category": "skills",
        "class_hours": "８",
        "on": "2026-05-20",
        "title": "婴幼儿急救培训",
        "provider": "市红十字会",
        "certificate_number": "JJ-1",
        "delivery": "offline",
    }

    def test_one_form_and_its_page(self) -> None:
        user = people.practitioner()
        client = signed_in(user)
        response = client.post("/hours/outside/", {**self.GIVEN, "proof": outside.proof()})
        batch = OutsideBatch.objects.get(person=user.person)
        assert response.headers["Location"] == f"/hours/outside/{batch.pk}/"
        assert "待主管部门核验" in client.get("/hours/outside/").content.decode()

    def test_a_wrong_field_is_shown_at_the_field(self) -> None:
        posted = {**self.GIVEN, "class_hours": "八", "proof": outside.proof()}
        response = signed_in(people.practitioner()).post("/hours/outside/", posted)
        assert response.status_code == 422
        assert "学时应为大于零的数字" in response.content.decode()

    def test_what_was_refused_is_told_on_the_ledger(self) -> None:
        user = people.practitioner()
        assert user.person
        batch = outside.own(user.person, user=user)
        client = signed_in(people.officer("bureau_auditor"))
        posted = {"whole": "on", "reason": "证明上没有公章", "decision": "refuse"}
        assert client.post(f"/hours/checking/{batch.pk}/", posted).status_code == 302
        outside.finished(batch)
        page = signed_in(user).get("/hours/").content.decode()
        assert "没有计入的学习" in page
        assert "证明上没有公章" in page


class TestChecking:
    def test_the_queue_shows_what_waits_and_the_rows_are_decided(self, house: Organisation, person: Person) -> None:
        batch = outside.examined(house, [outside.line(person), outside.line(person, title="第二期")])
        client = signed_in(people.officer("bureau_auditor"))
        assert house.name in client.get("/hours/checking/").content.decode()
        row = outside.row_of(batch)
        address = f"/hours/checking/{batch.pk}/"
        assert str(row.pk) in client.get(address).content.decode()
        assert client.post(address, {"rows": str(row.pk), "decision": "accept"}).status_code == 302
        outside.finished(batch)
        entry = HourEntry.objects.get()
        page = signed_in(people.officer("bureau_approver")).get(f"/hours/{entry.pk}/").content.decode()
        for text in ("市红十字会", "JJ-2026-0001", house.name, "45 分钟为 1 学时"):
            assert text in page

    @pytest.mark.parametrize(
        ("posted", "sentence"),
        [
            ({"decision": "accept"}, "请勾选要核验的行"),
            ({"decision": "accept", "rows": "no key"}, "请勾选要核验的行"),
            ({"decision": "refuse", "whole": "on"}, "不认可时请写明理由"),
        ],
    )
    def test_nothing_chosen_and_no_reason(
        self, house: Organisation, person: Person, posted: dict[str, str], sentence: str
    ) -> None:
        batch = outside.examined(house, [outside.line(person)])
        response = signed_in(people.officer("bureau_auditor")).post(f"/hours/checking/{batch.pk}/", posted)
        assert response.status_code == 422
        assert sentence in response.content.decode()

    def test_an_empty_queue_says_what_will_come(self) -> None:
        page = signed_in(people.officer("bureau_auditor")).get("/hours/checking/").content.decode()
        assert "没有待核验的学时" in page

    @pytest.mark.parametrize("rows", [2, 60])
    def test_queries_do_not_grow(
        self, house: Organisation, person: Person, rows: int, django_assert_max_num_queries: Any
    ) -> None:
        first = outside.line(person)
        batch = outside.examined(house, [outside.changed(first, title=f"第{n}期") for n in range(rows)])
        officer, manager = signed_in(people.officer("bureau_auditor")), signed_in(people.manager_of(house))
        for client, address in (
            (officer, "/hours/checking/"),
            (officer, f"/hours/checking/{batch.pk}/"),
            (manager, "/hours/outside/"),
            (manager, f"/hours/outside/{batch.pk}/"),
        ):
            with django_assert_max_num_queries(15):
                assert client.get(address).status_code == 200


class TestLeave:
    def test_proposed_confirmed_and_read(self, house: Organisation) -> None:
        user = people.practitioner()
        employment = people.employed(institution=house, person=user.person)
        posted = {
            "employment": str(employment.pk),
            "kind": "maternity",
            "from_date": "2026-03-10",
            "to_date": "2026-08-14",
            "document": outside.proof(),
        }
        manager = signed_in(people.manager_of(house))
        response = manager.post("/hours/leave/new/", posted)
        row = Leave.objects.get()
        address = f"/hours/leave/{row.pk}/"
        assert response.headers["Location"] == address
        officer = signed_in(people.officer("bureau_auditor"))
        assert employment.person.name in officer.get("/hours/leave/").content.decode()
        assert officer.post(address, {"decision": "confirm"}).status_code == 302
        for reader in (manager, officer, signed_in(user)):
            assert "已确认" in reader.get(address).content.decode()
        assert "因批准的假期 5 个月" in signed_in(user).get("/hours/").content.decode()
        assert signed_in(user).get(f"{address}document/").content == outside.PDF

    def test_a_refusal_is_shown_with_its_sentence(self, house: Organisation, person: Person) -> None:
        row = outside.leave(person, house)
        officer = signed_in(people.officer("bureau_auditor"))
        response = officer.post(f"/hours/leave/{row.pk}/", {"decision": "refuse"})
        assert (response.status_code, "请写明理由" in response.content.decode()) == (422, True)
        response = officer.post(f"/hours/leave/{row.pk}/", {"decision": "whatever"})
        assert (response.status_code, "请选择要怎样办理" in response.content.decode()) == (422, True)

    def test_only_the_own_staff_is_offered(self, house: Organisation, person: Person) -> None:
        stranger = people.employed(institution=people.institution()).person
        page = signed_in(people.manager_of(house)).get("/hours/leave/new/").content.decode()
        assert person.name in page
        assert stranger.name not in page or stranger.name == person.name


class TestTheLedgerAsOf:
    def test_an_evening_before_a_reversal(self) -> None:
        user = people.practitioner()
        assert user.person
        entry = credited(user.person, on=date(2026, 6, 1), title="气道异物急救")
        reverse_entry(entry=entry, reason="代学", actor=SYSTEM, now=NOON)
        client = signed_in(user)
        page = client.get("/hours/?as_of=2026-06-01").content.decode()
        assert "当天结束时的账" in page
        assert "还差 68 学时" in page
        assert "已冲销" not in page
        assert "已冲销" in client.get("/hours/?as_of=2026-06-15").content.decode()
        assert "气道异物急救" not in client.get("/hours/?as_of=2026-05-31").content.decode()
        assert client.get("/hours/?as_of=yesterday").status_code == 200
        for far in ("9999-12-31", "0001-01-01"):
            assert client.get(f"/hours/?as_of={far}").status_code == 200

    def test_a_closed_year_shows_each_version(self) -> None:
        user = people.practitioner()
        assert user.person
        entries = year_met(user.person, year=2025)
        row = close_year(year=2025, region_code="310000", actor=SYSTEM, now=NOON)
        while closing.work_on(closing_id=row.pk, now=NOON):
            pass
        later = datetime.fromisoformat("2026-06-15T18:00:00+08:00")
        reverse_entry(entry=entries[0], reason="代学", actor=SYSTEM, now=later)
        page = signed_in(user).get("/hours/?year=2025").content.decode()
        for text in ("第 1 版", "第 2 版", "缘由：代学", "要求 72 学时，计入 64 学时"):
            assert text in page

    def test_a_course_passed_a_second_time_in_a_year_is_told_with_its_reason(self) -> None:
        user = people.practitioner()
        assert user.person
        enrolment = learning.enrolled(user.person, catalogue.released_course(title="婴幼儿抚触"), now=NOON)
        append_state(
            enrolment=enrolment, state="passed", reason="这门课程在 2026 年度已计入学时，每年只计一次。", now=NOON
        )
        page = signed_in(user).get("/hours/").content.decode()
        assert "没有计入的学习" in page
        assert "每年只计一次" in page
        assert "没有计入的学习" not in signed_in(people.practitioner()).get("/hours/").content.decode()
