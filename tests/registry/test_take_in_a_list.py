"""A whole list from a workbook: read first, right in every row or not taken, confirmed as one, entered once."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from lms.audit.models import AuditEvent
from lms.people.models import Message
from lms.registry import services, tasks
from lms.registry.models import BanCase, BanState, BanSubject, Intake, ListVersion
from lms.registry.services import intake_work
from lms.registry.services.intake import digest_of, progress_of
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound
from tests.factories import people, registry
from tests.factories.policy import packs_loaded
from tests.factories.registry import list_file, listed_row

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 10)


def propose(*rows: list[Any], dry_run: bool = False, officer: Any = None) -> services.IntakeReport:
    return services.propose_intake(
        file=list_file(*rows),
        letter=registry.decision_file(),
        source="某市移交名单",
        actor=people.acting(officer or registry.registrar()),
        now=registry.ENTERED,
        dry_run=dry_run,
    )


def test_a_dry_run_names_row_and_column_and_takes_nothing() -> None:
    report = propose(
        listed_row(),
        listed_row(证件号码="11010119900101001X"),
        listed_row(决定日期="去年"),
        listed_row(事实类别="打架"),
        listed_row(法律依据=""),
        listed_row(事实发生日期="2021-01-01"),
        listed_row(出生日期="1960-01-01"),
        dry_run=True,
    )
    assert (report.total, report.fresh, report.intake) == (7, 1, None)
    assert [(error.row, error.column) for error in report.errors] == [
        (3, "证件号码"),
        (4, "决定日期"),
        (5, "事实类别"),
        (6, "法律依据"),
        (7, "禁入截止日期"),
        (8, "出生日期"),
    ]
    assert not Intake.objects.exists()


def test_rows_that_tell_no_birth_date_are_counted_and_taken() -> None:
    passports = {"证件类型": "护照", "姓名": "SMITH JOHN"}
    rows = (
        listed_row(),
        listed_row(**passports, 证件号码="L8812345"),
        listed_row(**passports, 证件号码="L8812346", 出生日期="1985-06-07"),
    )
    assert propose(*rows, dry_run=True).undated == 1
    report = propose(*rows)
    assert (report.fresh, report.undated) == (3, 1)
    client = Client()
    client.force_login(registry.confirming())
    assert report.intake
    page = client.get(reverse("registry:intake", args=[report.intake.pk])).content.decode()
    assert "1 行没有出生日期" in page


def test_one_wrong_row_and_nothing_is_taken() -> None:
    report = propose(listed_row(), listed_row(姓名=""))
    assert report.intake is None
    assert not Intake.objects.exists()


def test_nothing_acts_before_the_second_officer() -> None:
    number = people.resident_number()
    person = people.person(name="王小明", document_number=number)
    intake = registry.handed_in(listed_row(姓名="王小明", 证件号码=number), listed_row())
    assert services.is_barred(person, TODAY) is None
    assert not BanCase.objects.exists()
    services.confirm_intake(intake=intake, actor=people.acting(registry.confirming()), now=registry.ENTERED)
    while intake_work.work_on(intake_id=intake.pk, now=registry.ENTERED):
        pass
    assert services.is_barred(person, TODAY) is not None
    assert progress_of(intake) | {"left": 0} == progress_of(intake)
    case = BanSubject.objects.get(person=person).case
    words = [step.officer_id for step in case.states.order_by("number")]
    assert words == [intake.proposed_by_id, intake.proposed_by_id, Intake.objects.get().decided_by_id]
    assert case.documents.get().document_id == intake.document_id
    assert ListVersion.objects.filter(number__gt=0).count() == 1
    assert services.current_list_version().entries == 2
    assert services.verify_registry() == []


def test_effects_follow_as_from_any_ban() -> None:
    packs_loaded()
    employment = people.employed(institution=people.institution())
    number = people.services.identity_numbers(employment.person)[0].canonical
    user = people.manager_of(employment.institution)
    registry.taken_in(listed_row(姓名=employment.person.name, 证件号码=number))
    assert Message.objects.filter(user=user, code="ban.alert").count() == 1


def test_several_rows_of_one_decision_are_one_case() -> None:
    same = {"决定文号": "旧禁字〔2019〕8号"}
    intake = registry.taken_in(
        listed_row(**same), listed_row(), listed_row(**same, 在案件中的身份="直接管理人", 禁入截止日期="2030-12-31")
    )
    case = BanCase.objects.get(number="旧禁字〔2019〕8号")
    assert sorted(case.subjects.values_list("role", "kind")) == [("manager", "dated"), ("perpetrator", "lifetime")]
    assert progress_of(intake)["taken"] == 3


def test_rows_of_one_decision_that_contradict_are_not_entered() -> None:
    same = {"决定文号": "旧禁字〔2019〕8号"}
    intake = registry.taken_in(listed_row(**same), listed_row(**same, 决定日期="2020-06-01"), listed_row())
    assert not BanCase.objects.filter(number="旧禁字〔2019〕8号").exists()
    assert (progress_of(intake)["failed"], progress_of(intake)["taken"]) == (2, 1)
    assert services.verify_registry() == []


def test_who_is_listed_already_is_skipped_and_named() -> None:
    first, second = listed_row(姓名="王小明"), listed_row()
    registry.taken_in(first)
    report = propose(first, second, second, dry_run=True)
    assert [row.name for row in report.listed] == ["王小明", report.listed[1].name]
    assert report.fresh == 1
    intake = registry.taken_in(first, second, second)
    assert (progress_of(intake)["listed"], progress_of(intake)["taken"]) == (2, 1)
    assert BanSubject.objects.count() == 2
    with pytest.raises(Conflict) as refused:
        propose(first, second)
    assert refused.value.code == "nobody_new"


def test_the_same_file_again_is_refused_and_a_declined_one_may_come_again() -> None:
    file = list_file(listed_row())
    officer = people.acting(registry.registrar())
    given: dict[str, Any] = {"source": "某市移交名单", "actor": officer, "now": registry.ENTERED}
    first = services.propose_intake(file=file, letter=registry.decision_file(), **given).intake
    assert first
    with pytest.raises(Conflict) as refused:
        services.propose_intake(file=file, letter=registry.decision_file(), **given)
    assert refused.value.code == "handed_in"
    second = people.acting(registry.confirming())
    with pytest.raises(Invalid):
        services.decline_intake(intake=first, reason=" ", actor=second, now=registry.ENTERED)
    services.decline_intake(intake=first, reason="来源不明", actor=second, now=registry.ENTERED)
    assert services.propose_intake(file=file, letter=registry.decision_file(), **given).intake
    with pytest.raises(Conflict) as decided:
        services.confirm_intake(intake=first, actor=second, now=registry.ENTERED)
    assert decided.value.code == "decided_already"


def test_somebody_else_under_a_decision_that_is_fixed_is_told() -> None:
    row = listed_row()
    registry.taken_in(row)
    other = listed_row(决定文号=row[0])
    intake = registry.taken_in(other)
    [failed] = intake.rows.filter(outcome="failed")
    assert failed.code == "decision_fixed"
    assert BanCase.objects.get().subjects.count() == 1


def test_a_number_of_somebody_else_fails_alone() -> None:
    number = people.resident_number()
    people.person(name="赵一", document_number=number)
    intake = registry.taken_in(listed_row(姓名="钱二", 证件号码=number), listed_row())
    assert intake.rows.get(outcome="failed").code == "name_differs"
    assert progress_of(intake)["taken"] == 1


def test_the_officer_who_handed_it_in_may_not_confirm() -> None:
    officer = people.officer("registrar")
    people.services.grant_role(
        user=officer,
        role="confirming_registrar",
        organisation=people.bureau(),
        actor=people.system(),
        now=people.LONG_AGO,
    )
    intake = registry.handed_in(officer=officer)
    with pytest.raises(NotAllowed) as refused:
        services.confirm_intake(
            intake=intake, actor=people.acting(officer, "confirming_registrar"), now=registry.ENTERED
        )
    assert refused.value.code == "same_officer"


def test_not_without_the_role_nor_for_another_region() -> None:
    intake = registry.handed_in()
    with pytest.raises(NotAllowed):
        services.confirm_intake(intake=intake, actor=people.acting(registry.registrar()), now=registry.ENTERED)
    elsewhere = people.acting(registry.confirming(people.BEIJING))
    with pytest.raises(NotFound):
        services.confirm_intake(intake=intake, actor=elsewhere, now=registry.ENTERED)
    with pytest.raises(NotAllowed):
        propose(listed_row(), officer=registry.confirming())


def test_something_else_than_was_shown_is_not_confirmed() -> None:
    intake = registry.handed_in()
    second = people.acting(registry.confirming())
    shown = digest_of(intake)
    intake.rows.update(name="换了一人")
    with pytest.raises(Conflict) as refused:
        services.confirm_intake(intake=intake, actor=second, now=registry.ENTERED, shown=shown)
    assert refused.value.code == "shown_changed"


def test_killed_half_way_it_goes_on_and_enters_nobody_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_work, "PIECE", 2)
    intake = registry.handed_in(*(listed_row() for _each in range(5)))
    services.confirm_intake(intake=intake, actor=people.acting(registry.confirming()), now=registry.ENTERED)
    announce = intake_work.cases.announce
    died = iter([False, False, False, True])

    def dies(*args: Any, **kwargs: Any) -> None:
        if next(died, False):
            raise OperationalError
        announce(*args, **kwargs)

    monkeypatch.setattr(intake_work.cases, "announce", dies)
    with pytest.raises(OperationalError):
        intake_work.work_on(intake_id=intake.pk, now=registry.ENTERED)
    assert progress_of(intake)["taken"] == 2
    assert not intake_work.work_on(intake_id=intake.pk, now=registry.ENTERED)  # still in the dead worker's hands
    later = registry.ENTERED + intake_work.HOLD + timedelta(seconds=1)
    assert not intake_work.work_on(intake_id=intake.pk, now=later)
    intake.refresh_from_db()
    assert intake.state == "finished"
    assert (progress_of(intake)["taken"], BanSubject.objects.count()) == (5, 5)
    assert services.verify_registry() == []


def test_a_decision_at_which_something_breaks_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [listed_row(), listed_row(姓名="坏一行"), listed_row()]
    draft = intake_work._draft

    def breaks(intake: Intake, some: Any, now: Any) -> BanCase:
        if some[0].name == "坏一行":
            raise ZeroDivisionError
        return draft(intake, some, now)

    monkeypatch.setattr(intake_work, "_draft", breaks)
    intake = registry.taken_in(*rows)
    assert (progress_of(intake)["taken"], progress_of(intake)["failed"]) == (2, 1)


def test_the_sweep_takes_up_what_was_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    intake = registry.handed_in()
    services.confirm_intake(intake=intake, actor=people.acting(registry.confirming()), now=registry.ENTERED)
    woken: list[str] = []
    monkeypatch.setattr(tasks.run_intake, "delay", woken.append)
    tasks.sweep()
    assert woken == [str(intake.pk)]
    tasks.run_intake(str(intake.pk))
    tasks.sweep()
    assert len(woken) == 1


def test_both_officers_hear_of_the_end_once() -> None:
    intake = registry.taken_in()
    for user in (intake.proposed_by, intake.decided_by):
        assert Message.objects.filter(user=user, code="ban_intake.finished").count() == 1
    verbs = AuditEvent.objects.filter(subject_id=intake.pk).values_list("verb", flat=True)
    assert sorted(verbs) == ["ban_intake.confirmed", "ban_intake.finished", "ban_intake.proposed"]


def test_hundreds_of_rows_in_few_versions() -> None:
    intake = registry.taken_in(*(listed_row() for _each in range(120)))
    assert progress_of(intake)["taken"] == 120
    assert ListVersion.objects.filter(number__gt=0).count() == 6
    assert BanState.objects.filter(state="in_force").count() == 120


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_enter_each_once() -> None:
    intake = registry.handed_in(*(listed_row() for _each in range(4)))
    services.confirm_intake(intake=intake, actor=people.acting(registry.confirming()), now=registry.ENTERED)
    barrier = threading.Barrier(2)

    def work() -> None:
        try:
            barrier.wait(timeout=10)
            intake_work.work_on(intake_id=intake.pk, now=registry.ENTERED)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert BanSubject.objects.count() == 4
    assert services.verify_registry() == []


def test_the_pages_from_upload_to_the_end() -> None:
    first, second = Client(), Client()
    first.force_login(registry.registrar())
    second.force_login(registry.confirming())
    home = reverse("registry:intakes")
    given = {"source": "某市移交名单", "letter": registry.decision_file("移交函.pdf")}
    page = first.post(home, {**given, "file": list_file(listed_row(姓名="")), "dry_run": "on"}).content.decode()
    assert "1 行有误" in page
    row = listed_row(姓名="赵可寻")
    given["letter"] = registry.decision_file("移交函.pdf")
    answer = first.post(home, {**given, "file": list_file(row)})
    intake = Intake.objects.get()
    address = reverse("registry:intake", args=[intake.pk])
    assert answer.headers["Location"] == address
    assert "确认整批生效" not in first.get(address).content.decode()
    page = second.get(address).content.decode()
    assert "赵可寻" in page
    assert str(row[8]) not in page
    assert second.post(address, {}).status_code == 422
    assert second.post(address, {"read": "on", "shown": digest_of(intake)}).status_code == 302
    intake_work.work_on(intake_id=intake.pk, now=registry.ENTERED)
    assert "已列入" in second.get(address, {"outcome": "taken"}).content.decode()
    assert second.get(address, {"format": "xlsx"}).content.startswith(b"PK")
    assert second.get(reverse("registry:intake_letter", args=[intake.pk])).content == registry.PDF
    assert second.get(reverse("registry:intake_progress", args=[intake.pk])).status_code == 200
    assert first.get(reverse("registry:intake_template")).content.startswith(b"PK")
    stranger = Client()
    stranger.force_login(registry.registrar(people.BEIJING))
    assert stranger.get(address).status_code == 404
