"""Hours learned elsewhere: handed in with a proof, examined row by row, decided by a bureau, credited once."""

import threading
import time
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from lms.audit.append_only import RewriteRefused
from lms.audit.models import AuditEvent
from lms.ledger import tasks
from lms.ledger.models import HourEntry, OutsideBatch, OutsideRow
from lms.ledger.reconcile import Reconciled, reconcile
from lms.ledger.services import close_year, closing, decide_outside, reverse_entry, standing
from lms.ledger.services import outside as services
from lms.people.models import Organisation, Person, PreviousName
from lms.people.services import end_employment
from lms.people.services.persons import identity_numbers
from lms.rules.refusals import Refusal
from tests.factories import outside, people, registry
from tests.factories.ledger import NOON, SYSTEM, TODAY, credited
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _packs() -> None:
    packs_loaded()


@pytest.fixture
def house() -> Organisation:
    return people.institution()


@pytest.fixture
def person(house: Organisation) -> Person:
    return people.employed(institution=house).person


def auditor(region: str = "310000") -> Any:
    return people.acting(people.officer("bureau_auditor", region))


def decided(batch: OutsideBatch, *, accept: bool = True, reason: str = "", rows: Any = None, actor: Any = None) -> int:
    actor = actor or auditor()
    count = decide_outside(batch=batch, rows=rows, accept=accept, reason=reason, actor=actor, now=NOON)
    outside.finished(batch)
    return count


def errors(report: Any) -> dict[int, tuple[str, str]]:
    return {row.number: (row.error_code, row.error_field) for row in report.errors}


class TestFromTheFileToTheLedger:
    def test_an_accepted_row_is_an_entry_whose_evidence_is_the_row(self, house: Organisation, person: Person) -> None:
        batch = outside.examined(house, [outside.line(person)])
        assert services.counts_of(batch)["waiting"] == 1
        assert not HourEntry.objects.exists()
        assert decided(batch) == 1
        entry, row = HourEntry.objects.get(), outside.row_of(batch)
        assert (entry.person, entry.minutes, entry.class_hours, entry.on) == (person, 360, 8, date(2026, 5, 20))
        assert (entry.evidence_kind, entry.evidence_id, entry.course_id) == ("outside_hours", row.pk, None)
        assert (entry.title, entry.delivery) == ("婴幼儿急救培训", "offline")
        assert row.outcome.entry == entry
        batch.refresh_from_db()
        assert batch.settled_at == NOON
        assert standing(person=person, year=2026, on=TODAY).lines[0].earned_class_hours == 8

    def test_the_books_derive_it_again_and_see_what_was_changed(self, house: Organisation, person: Person) -> None:
        batch = outside.examined(house, [outside.line(person)])
        decided(batch)
        assert list(reconcile(Reconciled())) == []
        OutsideRow.objects.update(class_hours=Decimal(80))
        assert [drift.code for drift in reconcile(Reconciled())] == ["minutes_differ", "evidence_changed"]

    def test_refused_it_says_why_and_may_come_again_with_a_better_proof(
        self, house: Organisation, person: Person
    ) -> None:
        batch = outside.examined(house, [outside.line(person)])
        decided(batch, accept=False, reason="证明上没有公章")
        assert (outside.row_of(batch).outcome.refused, HourEntry.objects.count()) == ("证明上没有公章", 0)
        again = outside.examined(house, [outside.line(person)])
        assert services.counts_of(again)["waiting"] == 1

    def test_each_step_is_on_record_without_a_number(self, house: Organisation, person: Person) -> None:
        batch = outside.examined(house, [outside.line(person)])
        decided(batch)
        verbs = set(AuditEvent.objects.filter(subject_id=batch.pk).values_list("verb", flat=True))
        assert verbs == {f"outside_hours.{step}" for step in ("submitted", "examined", "accepted", "settled")}
        number = identity_numbers(person)[0].canonical
        assert number not in str(list(AuditEvent.objects.values()))

    def test_the_number_is_sealed_while_the_row_waits_and_gone_afterwards(
        self, house: Organisation, person: Person
    ) -> None:
        batch = outside.submitted(house, [outside.line(person)]).batch
        assert batch
        row, number = outside.row_of(batch), identity_numbers(person)[0].canonical
        assert row.ciphertext
        assert number not in row.ciphertext
        outside.finished(batch)
        row.refresh_from_db()
        assert (row.ciphertext, row.person) == ("", person)
        assert number not in str(OutsideRow.objects.values().get())

    def test_submitter_and_person_are_told(self, house: Organisation) -> None:
        user = people.practitioner()
        people.employed(institution=house, person=user.person)
        assert user.person
        batch = outside.examined(house, [outside.line(user.person), outside.line(user.person, title="心肺复苏")])
        rows = list(batch.rows.order_by("number").values_list("pk", flat=True))
        decided(batch, rows=rows[:1])
        decided(batch, rows=rows[1:], accept=False, reason="与第一行是同一次培训")
        manager = people.manager_of(house)
        told_by_work = manager.inbox.filter(code__startswith="outside").order_by("created_at", "pk")
        assert [message.code for message in told_by_work] == ["outside_examined", "outside_settled"]
        told = {message.code: (message.title, message.body) for message in user.inbox.all()}
        assert told["outside_credited"][0] == "“婴幼儿急救培训”的学时已计入台账"
        assert told["outside_refused"] == ("“心肺复苏”的学时未计入台账", "与第一行是同一次培训")


class TestReading:
    def test_ten_thousand_rows_and_thirty_seven_wrong_ones(self, house: Organisation) -> None:
        staff = [outside.line(people.employed(institution=house).person) for _ in range(20)]
        lines = [outside.changed(staff[n % 20], title=f"第{n}期") for n in range(10_000)]
        wrong = {270 * (n + 1): n for n in range(37)}
        ways: list[dict[str, Any]] = [
            {"class_hours": "八"},
            {"on": "2026-13-01"},
            {"category": "烹饪"},
            {"title": ""},
            {"document_number": "310101199001011230"},
        ]
        for place, n in wrong.items():
            lines[place] = outside.changed(lines[place], **ways[n % 5])
        report = outside.submitted(house, lines, dry_run=True)
        assert (report.total, report.batch) == (10_000, None)
        keys = ["class_hours", "on", "category", "title", "document_number"]
        assert {number: field for number, (_code, field) in errors(report).items()} == {
            place + 2: keys[n % 5] for place, n in wrong.items()
        }
        assert not OutsideBatch.objects.exists()
        batch = outside.submitted(house, lines).batch
        assert batch
        outside.finished(batch)
        counts = services.counts_of(batch)
        assert (counts["waiting"], counts["errors"]) == (9_963, 37)

    @pytest.mark.parametrize(
        ("changed", "code", "field"),
        [
            ({"name": "1"}, "digits", "name"),
            ({"document_number": "310101199001011230"}, "check_digit", "document_number"),
            ({"document_type": "驾驶证"}, "document_unknown", "document_number"),
            ({"category": "烹饪"}, "category_unknown", "category"),
            ({"class_hours": 0}, "class_hours_invalid", "class_hours"),
            ({"class_hours": "-8"}, "class_hours_invalid", "class_hours"),
            ({"class_hours": "8.125"}, "class_hours_invalid", "class_hours"),
            ({"class_hours": "NaN"}, "class_hours_invalid", "class_hours"),
            ({"class_hours": "1e9"}, "class_hours_invalid", "class_hours"),
            ({"on": "去年"}, "date_invalid", "on"),
            ({"on": "2025-02-29"}, "date_invalid", "on"),
            ({"on": "2026-06-16"}, "date_in_future", "on"),
            ({"title": "=1+1"}, "formula", "title"),
            ({"title": "长" * 201}, "too_long", "title"),
            ({"provider": ""}, "field_missing", "provider"),
            ({"certificate_number": " "}, "field_missing", "certificate_number"),
            ({"delivery": "心灵感应"}, "delivery_unknown", "delivery"),
        ],
    )
    def test_each_wrong_field_is_named(
        self, house: Organisation, person: Person, changed: dict[str, Any], code: str, field: str
    ) -> None:
        report = outside.submitted(house, [outside.line(person, **changed)], dry_run=True)
        assert errors(report) == {2: (code, field)}
        assert report.errors[0].error

    def test_several_wrong_fields_of_a_row_are_all_named(self, house: Organisation, person: Person) -> None:
        report = outside.submitted(house, [outside.line(person, class_hours="?", provider="")], dry_run=True)
        assert errors(report) == {2: ("class_hours_invalid", "class_hours,provider")}

    @pytest.mark.parametrize(
        "changed",
        [
            {"class_hours": "８", "on": "２０２６年５月２０日"},
            {"class_hours": "8.0", "on": "2026/5/20"},
            {"class_hours": 8.0, "on": "2026.05.20", "category": "skills"},
            {"category": "技能", "delivery": "", "document_type": ""},
        ],
    )
    def test_as_people_write_it(self, house: Organisation, person: Person, changed: dict[str, Any]) -> None:
        batch = outside.examined(house, [outside.line(person, **changed)])
        row = outside.row_of(batch)
        assert (row.error, row.class_hours, row.on, row.category) == ("", 8, date(2026, 5, 20), "skills")

    def test_full_width_digits_of_a_number(self, house: Organisation, person: Person) -> None:
        wide = "".join(chr(ord(c) + 0xFEE0) for c in identity_numbers(person)[0].canonical)
        assert not outside.submitted(house, [outside.line(person, document_number=wide)], dry_run=True).errors

    @pytest.mark.parametrize("column", ["name", "title", "provider", "certificate_number"])
    def test_an_identity_number_in_the_wrong_column_is_not_kept(
        self, house: Organisation, person: Person, column: str
    ) -> None:
        number = identity_numbers(person)[0].canonical
        batch = outside.examined(house, [outside.line(person, **{column: f"证 {number}"})])
        row = outside.row_of(batch)
        assert row.error_field == column
        assert not any(number in str(value) for value in vars(row).values())

    def test_a_long_number_that_is_no_identity_number_is_kept(self, house: Organisation, person: Person) -> None:
        batch = outside.examined(house, [outside.line(person, certificate_number="（证）123456789012345678")])
        assert (outside.row_of(batch).error, outside.row_of(batch).certificate_number) == (
            "",
            "（证）123456789012345678",
        )

    def test_a_sheet_made_to_be_slow_is_read_as_fast_as_any_other(self, house: Organisation, person: Person) -> None:
        lines = [outside.line(person)]
        made = b"<a><!-- <c " + b' r="A1"' * 100_000 + b" --></a>"
        slow = outside.with_part(outside.workbook(lines), "xl/worksheets/slow.xml", made)
        started = time.process_time()
        assert not outside.submitted(house, lines, file=slow, dry_run=True).errors
        assert time.process_time() - started < 5

    def test_a_cell_with_a_formula_is_refused_whatever_it_shows(self, house: Organisation, person: Person) -> None:
        lines = [outside.line(person), outside.line(person, title="第二期")]
        report = outside.submitted(house, lines, file=outside.with_formula(outside.workbook(lines)), dry_run=True)
        assert errors(report) == {2: ("formula", "")}

    def test_a_number_excel_has_rounded(self, house: Organisation, person: Person) -> None:
        line = outside.changed(outside.line(person), document_number=310101199001010013)
        report = outside.submitted(house, [line], file=outside.typed(outside.TITLES, line), dry_run=True)
        assert errors(report) == {2: ("number_rounded", "document_number")}

    def test_rare_names_and_names_of_before(self, house: Organisation) -> None:
        rare = people.employed(institution=house, person=people.person(name="𬭎𬱖")).person
        PreviousName.objects.create(person=rare, name="阿依古丽·买买提")
        lines = [outside.line(rare), outside.line(rare, name="阿依古丽•买买提", title="第二期")]
        assert not outside.submitted(house, lines, dry_run=True).errors

    def test_what_is_no_workbook_has_no_columns_no_rows_or_no_proof(self, house: Organisation, person: Person) -> None:
        from django.core.files.uploadedfile import SimpleUploadedFile

        for file, code in (
            (SimpleUploadedFile("学时.xlsx", b"%PDF-1.7"), "upload_wrong_kind"),
            (outside.workbook([outside.line(person)[:5]], titles=outside.TITLES[:5]), "columns_missing"),
            (outside.workbook([]), "no_rows"),
        ):
            with pytest.raises(Refusal) as refused:
                outside.submitted(house, [], file=file, dry_run=True)
            assert refused.value.code == code
        actor = people.acting(people.manager_of(house))
        file = outside.workbook([outside.line(person)])
        for proof, code in ((None, "proof_missing"), (outside.proof(content=b"MZ not a picture"), "upload_wrong_kind")):
            file.seek(0)
            with pytest.raises(Refusal) as refused:
                services.submit_outside(institution=house, file=file, proof=proof, actor=actor, now=NOON)
            assert refused.value.code == code


class TestExamining:
    def test_unknown_elsewhere_and_misnamed_get_one_answer(self, house: Organisation, person: Person) -> None:
        elsewhere = people.employed(institution=people.institution()).person
        gone = people.employed(institution=house)
        end_employment(employment=gone, to_date=date(2026, 6, 14), reason="", actor=SYSTEM, now=NOON)
        lines = [
            outside.line(elsewhere),
            outside.line(gone.person),
            outside.line(person, name="别的名字"),
            outside.line(person, document_number=people.resident_number()),
        ]
        report = outside.submitted(house, lines, dry_run=True)
        assert {(row.error_code, row.error) for row in report.errors} == {
            ("person_unknown", "没有找到本机构在职的这位人员，请核对姓名和证件号码。")
        }
        assert len(report.errors) == 4

    def test_the_same_learning_twice_in_a_file_and_in_a_later_one(self, house: Organisation, person: Person) -> None:
        lines = [outside.line(person), outside.line(person, certificate_number="另一个编号")]
        report = outside.submitted(house, lines, dry_run=True)
        assert errors(report) == {3: ("duplicate", "title")}
        assert report.errors[0].error == "与本表第 2 行重复。"
        outside.examined(house, lines)
        later = outside.submitted(house, [outside.line(person, provider="市红十字会 ")], dry_run=True)
        assert later.errors[0].error == "与 2026-06-15 提交的第 2 行重复。"

    def test_the_same_file_again_adds_nothing(self, house: Organisation, person: Person) -> None:
        lines = [outside.line(person, title=f"第{n}期") for n in range(5)]
        decided(outside.examined(house, lines))
        again = outside.examined(house, lines)
        assert services.counts_of(again)["errors"] == 5
        assert again.settled_at == NOON
        assert HourEntry.objects.count() == 5

    def test_another_day_category_or_provider_is_other_learning(self, house: Organisation, person: Person) -> None:
        others: list[dict[str, Any]] = [
            {"on": date(2026, 5, 21)},
            {"category": "职业道德教育"},
            {"provider": "区妇幼保健院"},
        ]
        lines = [outside.line(person), *(outside.line(person, **other) for other in others)]
        assert not outside.submitted(house, lines, dry_run=True).errors

    def test_a_closed_year(self, house: Organisation, person: Person) -> None:
        row = close_year(year=2025, region_code="310000", actor=SYSTEM, now=NOON)
        while closing.work_on(closing_id=row.pk, now=NOON):
            pass
        report = outside.submitted(house, [outside.line(person, on=date(2025, 12, 31))], dry_run=True)
        assert errors(report) == {2: ("year_closed", "on")}

    def test_queries_do_not_grow_with_rows(self, house: Organisation) -> None:
        counts = []
        for size in (2, 40):
            staff = [people.employed(institution=house).person for _ in range(size)]
            lines = [outside.line(one) for one in staff]
            file = outside.workbook(lines)
            with CaptureQueriesContext(connections["default"]) as queries:
                outside.submitted(house, lines, dry_run=True, file=file)
            counts.append(len(queries))
        assert counts[0] == counts[1]

    def test_killed_half_way_it_goes_on_with_what_is_left(
        self, house: Organisation, person: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(services, "AT_A_TIME", 2)
        batch = outside.submitted(house, [outside.line(person, title=f"第{n}期") for n in range(5)]).batch
        assert batch
        assert services.work_on(batch_id=batch.pk, now=NOON)
        assert services.counts_of(batch)["looked_at"] == 2
        outside.finished(batch)
        assert services.counts_of(batch)["waiting"] == 5

    def test_the_sweep_finds_what_was_lost(
        self, house: Organisation, person: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        batch = outside.submitted(house, [outside.line(person)]).batch
        assert batch
        woken: list[str] = []
        monkeypatch.setattr(tasks.run_outside, "delay", woken.append)
        tasks.sweep()
        assert woken == [str(batch.pk)]
        outside.finished(batch)
        tasks.sweep()
        assert woken == [str(batch.pk)]  # it waits for a bureau now
        decide_outside(batch=batch, rows=None, accept=True, reason="", actor=auditor(), now=NOON)
        tasks.sweep()
        assert woken == [str(batch.pk)] * 2


class TestDeciding:
    def test_some_rows_now_and_the_others_later(self, house: Organisation, person: Person) -> None:
        batch = outside.examined(house, [outside.line(person, title=f"第{n}期") for n in range(3)])
        keys = list(batch.rows.order_by("number").values_list("pk", flat=True))
        assert decided(batch, rows=keys[:1]) == 1
        batch.refresh_from_db()
        assert batch.settled_at is None
        assert decided(batch) == 2
        assert HourEntry.objects.count() == 3

    def test_decided_again_nothing_waits(self, house: Organisation, person: Person) -> None:
        batch = outside.examined(house, [outside.line(person)])
        decided(batch)
        assert refusal_of(batch) == "nothing_waits"
        assert HourEntry.objects.count() == 1

    def test_refusing_needs_a_reason(self, house: Organisation, person: Person) -> None:
        batch = outside.examined(house, [outside.line(person)])
        assert refusal_of(batch, accept=False, reason=" ") == "reason_missing"

    @pytest.mark.parametrize("role", ["bureau_approver", "registrar", "administrator"])
    def test_only_an_auditor(self, house: Organisation, person: Person, role: str) -> None:
        batch = outside.examined(house, [outside.line(person)])
        assert refusal_of(batch, actor=people.acting(people.officer(role))) == "role_required"
        assert refusal_of(batch, actor=people.acting(people.manager_of(house))) == "role_required"

    def test_another_regions_auditor_finds_nothing(self, house: Organisation, person: Person) -> None:
        batch = outside.examined(house, [outside.line(person)])
        assert refusal_of(batch, actor=auditor("110000")) == "batch_unknown"

    def test_nobody_accepts_their_own(self, house: Organisation, person: Person) -> None:
        batch = outside.examined(house, [outside.line(person)])
        officer = people.officer("bureau_auditor")
        officer.person = person
        officer.save()
        assert refusal_of(batch, actor=people.acting(officer)) == "own_hours"

    def test_nobody_accepts_what_they_handed_in_in_another_role(self, house: Organisation, person: Person) -> None:
        batch = outside.examined(house, [outside.line(person)])
        officer = people.officer("bureau_auditor")
        batch.user_id = officer.pk
        batch.save()
        assert refusal_of(batch, actor=people.acting(officer)) == "own_submission"

    def test_rows_of_another_batch_are_not_reached(self, house: Organisation, person: Person) -> None:
        batch = outside.examined(house, [outside.line(person)])
        other = outside.examined(house, [outside.line(person, title="第二期")])
        assert refusal_of(batch, rows=[outside.row_of(other).pk]) == "nothing_waits"

    def test_a_decision_is_never_rewritten(self, house: Organisation, person: Person) -> None:
        batch = outside.examined(house, [outside.line(person)])
        decided(batch)
        for history in (outside.row_of(batch).decision, outside.row_of(batch).outcome):
            with pytest.raises(RewriteRefused):
                history.save()


class TestMeanwhile:
    def test_barred_between_upload_and_decision_earns_nothing(self, house: Organisation, person: Person) -> None:
        batch = outside.examined(house, [outside.line(person)])
        registry.case_in_force(person, now=NOON)
        decided(batch)
        row = outside.row_of(batch)
        assert (row.outcome.entry, row.outcome.refused_code) == (None, "person_barred")
        assert not HourEntry.objects.exists()

    def test_closed_between_upload_and_decision_it_is_told(self, house: Organisation, person: Person) -> None:
        batch = outside.examined(house, [outside.line(person, on=date(2025, 12, 31))])
        row = close_year(year=2025, region_code="310000", actor=SYSTEM, now=NOON)
        while closing.work_on(closing_id=row.pk, now=NOON):
            pass
        decided(batch)
        assert outside.row_of(batch).outcome.refused == "2025 年度已经结账，不能再计入学时。"

    def test_moved_to_another_city_it_counts_by_the_pack_there(self, house: Organisation, person: Person) -> None:
        batch = outside.examined(house, [outside.line(person)])
        person.region_code = "110105"
        person.save()
        decided(batch)
        assert HourEntry.objects.get().pack.region_code == "110000"

    def test_settled_twice_is_credited_once(self, house: Organisation, person: Person) -> None:
        from lms.ledger.services.outside_settling import settle

        batch = outside.examined(house, [outside.line(person)])
        decide_outside(batch=batch, rows=None, accept=True, reason="", actor=auditor(), now=NOON)
        row = OutsideRow.objects.select_related("decision", "batch__proof").get()
        assert settle(row=row, now=NOON) == settle(row=row, now=NOON)
        assert HourEntry.objects.count() == 1

    def test_taken_back_it_may_be_handed_in_again(self, house: Organisation, person: Person) -> None:
        batch = outside.examined(house, [outside.line(person)])
        decided(batch)
        reverse_entry(entry=HourEntry.objects.get(), reason="证明系伪造", actor=SYSTEM, now=NOON)
        assert not outside.submitted(house, [outside.line(person)], dry_run=True).errors


class TestOnesOwn:
    def test_one_course_with_its_proof(self) -> None:
        user = people.practitioner()
        assert user.person
        batch = outside.own(user.person, user=user)
        assert (batch.total, batch.region_code, batch.person) == (1, "310115", user.person)
        decided(batch)
        assert HourEntry.objects.get().person == user.person

    def test_a_wrong_field_is_named_and_nothing_kept(self) -> None:
        user = people.practitioner()
        for changed, field in (({"class_hours": "八"}, "class_hours"), ({"title": "=1+1"}, "title")):
            with pytest.raises(Refusal) as refused:
                outside.own(user.person, user=user, **changed)  # type: ignore[arg-type]
            assert refused.value.field == field
        assert not OutsideBatch.objects.exists()

    def test_what_the_employer_handed_in_already(self, house: Organisation) -> None:
        user = people.practitioner()
        people.employed(institution=house, person=user.person)
        assert user.person
        outside.examined(house, [outside.line(user.person)])
        with pytest.raises(Refusal, match="重复") as refused:
            outside.own(user.person, user=user)
        assert refused.value.code == "duplicate"

    def test_nobody_hands_in_for_somebody_else(self) -> None:
        with pytest.raises(Refusal) as refused:
            outside.own(people.person(), user=people.practitioner())
        assert refused.value.code == "person_unknown"


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_the_same_learning_at_once_leave_one() -> None:
    packs_loaded()
    house = people.institution()
    staff = [people.employed(institution=house).person for _ in range(5)]
    lines = [outside.line(person) for person in staff]
    batches = [outside.submitted(house, some).batch for some in (lines, lines[::-1])]
    barrier, failures = threading.Barrier(2), []

    def run(batch: Any) -> None:
        try:
            barrier.wait()
            outside.finished(batch)
        except Exception as error:  # noqa: BLE001 - handed to the test
            failures.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=run, args=[batch]) for batch in batches]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert failures == []
    assert OutsideRow.objects.waiting().count() == 5
    assert OutsideRow.objects.filter(error_code="duplicate").count() == 5


def refusal_of(
    batch: OutsideBatch, *, rows: Any = None, accept: bool = True, reason: str = "", actor: Any = None
) -> str:
    with pytest.raises(Refusal) as refused:
        decide_outside(batch=batch, rows=rows, accept=accept, reason=reason, actor=actor or auditor(), now=NOON)
    return refused.value.code


def test_hours_of_the_same_course_here_and_elsewhere_both_stand(house: Organisation, person: Person) -> None:
    credited(person, title="婴幼儿急救培训")
    decided(outside.examined(house, [outside.line(person)], now=datetime.fromisoformat("2026-06-15T13:00:00+08:00")))
    assert HourEntry.objects.filter(person=person).count() == 2
