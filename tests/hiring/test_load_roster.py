"""A whole staff at once: whoever comes back clear and holds what the post asks for starts; the others say why not."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lms.hiring.models import Check, CheckBatch, RosterLoad
from lms.hiring.services import batches, roster_loads
from lms.people.models import Employment, Message, Person
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound
from tests.factories import hiring, matches, people, registry
from tests.factories.rosters import TITLES, loaded, row_of, staff_list, worked


def qualified_person(**more: Any) -> Person:
    person = people.person(**more)
    hiring.qualified(person)
    return person


def errors_of(load: RosterLoad) -> dict[int, str]:
    return dict(load.rows.exclude(error_code="").values_list("number", "error_code"))


def test_checked_in_one_batch_and_started() -> None:
    institution = people.institution()
    head, one = qualified_person(), qualified_person()
    rows = [row_of(one, manager=head.name), row_of(head, post="机构负责人", first_day="2024/02/01")]
    report = loaded(institution, rows)
    assert (report.total, report.to_check, report.errors) == (2, 2, ())
    assert report.load is not None
    load = worked(report.load)
    assert load.finished_at is not None
    assert CheckBatch.objects.get().purpose == "hiring"
    employment = Employment.objects.get(person=one, institution=institution)
    assert (employment.post, employment.from_date) == ("caregiver", date(2026, 3, 1))
    assert employment.check_id == Check.objects.get(person=one).pk
    assert [line.manager for line in employment.reporting_lines.all()] == [head]
    assert Message.objects.filter(user=people.manager_of(institution), code="roster_load.finished").count() == 1


def test_a_fresh_check_is_enough() -> None:
    institution, person = people.institution(), qualified_person()
    check = hiring.checked(institution, person, now=timezone.now() - timedelta(days=5))
    report = loaded(institution, [row_of(person)])
    assert report.to_check == 0
    assert report.load is not None
    worked(report.load)
    assert not CheckBatch.objects.exists()
    assert Employment.objects.get(person=person).check_id == check.pk


def test_who_may_not_start_says_why() -> None:
    institution = people.institution()
    banned, uncertified = qualified_person(), people.person()
    registry.banned(banned)
    matches.listed()
    review = ["王小明", "护照", "E87654321", "1990-05-01", "", "保育人员", "2026-03-01", ""]
    report = loaded(institution, [row_of(banned), row_of(uncertified), review])
    assert report.load is not None
    load = worked(report.load)
    assert errors_of(load) == {2: "barred", 3: "certificate_required", 4: "under_review"}
    assert not Employment.objects.filter(institution=institution).exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({2: "310101199003071233"}, "check_digit"),
        ({0: ""}, "name_empty"),
        ({5: "园长助理"}, "post_unknown"),
        ({6: "明年"}, "from_date"),
        ({6: ""}, "from_date"),
        ({7: "没有这个人"}, "manager_unknown"),
    ],
)
def test_what_is_wrong_with_a_row(change: dict[int, str], code: str) -> None:
    row: list[str] = row_of(qualified_person())
    for place, value in change.items():
        row[place] = value
    report = loaded(people.institution(), [row], dry_run=True)
    assert [line.row for line in report.errors] == [2]
    if code not in {"check_digit", "name_empty"}:
        assert report.errors[0].error_code == code
    assert row[2] not in report.errors[0].error


def test_twice_in_the_list_and_employed_already() -> None:
    institution, person, colleague = people.institution(), qualified_person(), people.person()
    people.employed(institution=institution, person=colleague)
    report = loaded(institution, [row_of(person), row_of(person), row_of(colleague)], dry_run=True)
    assert [(line.row, line.error_code) for line in report.errors] == [
        (3, "duplicate_row"),
        (4, "employed_already"),
    ]
    assert "2" in report.errors[0].error


def test_a_dry_run_changes_nothing() -> None:
    report = loaded(people.institution(), [row_of(qualified_person())], dry_run=True)
    assert (report.load, report.to_check) == (None, 1)
    assert not RosterLoad.objects.exists()
    assert not Check.objects.exists()


def test_killed_half_way_and_two_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    institution = people.institution()
    report = loaded(institution, [row_of(qualified_person()) for _ in range(3)])
    load = report.load
    assert load is not None
    assert load.batch_id is not None
    assert not roster_loads.work_on(load_id=load.pk, now=timezone.now())  # the checks are not made yet
    while batches.work_on(batch_id=load.batch_id, now=timezone.now()):
        pass
    start, calls = roster_loads.start_employment, []

    def dies(**terms: Any) -> Employment:
        calls.append(terms)
        if len(calls) == 2:
            raise RuntimeError("killed")
        return start(**terms)

    monkeypatch.setattr(roster_loads, "start_employment", dies)
    with pytest.raises(RuntimeError):
        roster_loads.work_on(load_id=load.pk, now=timezone.now())
    assert Employment.objects.filter(institution=institution).count() == 1
    assert not roster_loads.work_on(load_id=load.pk, now=timezone.now())  # still in the dead worker's hands
    worked(load, now=timezone.now() + roster_loads.HOLD)
    assert Employment.objects.filter(institution=institution).count() == 3
    assert Check.objects.count() == 3
    assert errors_of(load) == {}


def test_loaded_twice_nobody_is_employed_twice() -> None:
    institution, person = people.institution(), qualified_person()
    first, second = (loaded(institution, [row_of(person)]).load for _ in range(2))
    assert first is not None
    assert second is not None
    worked(first)
    worked(second)
    assert Employment.objects.filter(person=person).count() == 1
    assert errors_of(second) == {2: "employed_already"}


def test_who_may_not_load() -> None:
    institution, row = people.institution(), row_of(qualified_person())
    for actor, refusal in (
        (people.acting(people.manager_of(people.institution())), NotFound),
        (people.acting(registry.registrar()), NotAllowed),
    ):
        with pytest.raises(refusal):
            loaded(institution, [row], actor=actor)
    with pytest.raises(Invalid):
        loaded(institution, [row], consent=False)
    with pytest.raises(Invalid):
        loaded(institution, [])
    waiting = people.applicant()
    with pytest.raises(Conflict):
        loaded(waiting, [row])


def test_reading_asks_no_more_for_more_rows() -> None:
    institution = people.institution()
    counts = []
    for many in (3, 30):
        rows = [row_of(people.person()) for _ in range(many)]
        with CaptureQueriesContext(connection) as queries:
            loaded(institution, rows, dry_run=True)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_pages() -> None:
    institution = people.institution()
    client, stranger = Client(), Client()
    client.force_login(people.manager_of(institution))
    stranger.force_login(people.manager_of(people.institution()))
    address = reverse("hiring:load_roster")
    assert address in client.get(reverse("hiring:roster")).content.decode()
    assert client.get(address, {"format": "xlsx"}).content.startswith(b"PK")
    rows = [row_of(qualified_person()), row_of(qualified_person(), post="不明")]
    dry = client.post(address, {"file": staff_list(rows), "consent": "on", "dry_run": "on"}).content.decode()
    assert "试读完成" in dry
    assert "请填写岗位" in dry
    assert client.post(address, {"file": staff_list(rows)}).status_code == 422
    assert client.post(address, {"file": staff_list(rows), "consent": "on"}).status_code == 302
    load = RosterLoad.objects.get()
    page = reverse("hiring:roster_load", args=[load.pk])
    assert "请填写岗位" in client.get(page).content.decode()
    worked(load)
    bar = client.get(reverse("hiring:roster_load_progress", args=[load.pk])).content.decode()
    assert f'href="{page}"' in bar
    assert "查看花名册" in client.get(page).content.decode()
    assert client.get(page, {"format": "xlsx"}).content.startswith(b"PK")
    assert stranger.get(page).status_code == 404


def test_what_is_no_staff_list() -> None:
    institution = people.institution()
    actor = people.acting(people.manager_of(institution))
    terms: dict[str, Any] = {"institution": institution, "consent": True, "actor": actor, "now": timezone.now()}
    with pytest.raises(Invalid) as refused:
        roster_loads.load_roster(file=staff_list([["王小明"]], TITLES[:1]), **terms)
    assert refused.value.code == "columns_missing"
    with pytest.raises(Invalid):
        roster_loads.load_roster(file=SimpleUploadedFile("staff.xlsx", b"no workbook"), **terms)
