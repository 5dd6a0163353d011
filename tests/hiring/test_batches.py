"""Many at once: row errors, a dry run, workers that die, and results for nobody else."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from lms.audit.models import AuditEvent
from lms.hiring import services, tasks
from lms.hiring.limits import PerOrganisation
from lms.hiring.models import BatchRow, Check, CheckBatch
from lms.hiring.services import batches
from lms.people.models import Message
from lms.rules.refusals import Invalid, NotAllowed, NotFound
from tests.factories import hiring, people, registry
from tests.factories.check_batches import finished, line, uploaded, workbook


def test_each_row_gets_its_answer_or_its_error() -> None:
    institution = people.institution()
    clear, banned = people.person(), registry.banned()
    wrong = ["王小明", "居民身份证", "310101199003074510", ""]
    report = uploaded(institution, workbook(line(clear), line(banned), wrong, ["=1+1", "", "x", ""]))
    assert [error.row for error in report.errors] == [4, 5]
    assert report.batch is not None
    batch = finished(report.batch)
    assert batch.finished_at is not None
    counts = services.progress_of(batch)
    assert (counts.total, counts.done, counts.clear, counts.barred, counts.errors) == (4, 4, 1, 1, 2)
    assert Check.objects.filter(institution=institution, purpose="annual_review").count() == 2
    assert Message.objects.filter(user=people.manager_of(institution), code="batch.finished").count() == 1


def test_a_dry_run_checks_nobody() -> None:
    report = uploaded(people.institution(), workbook(line(people.person()), ["x", "", "1", ""]), dry_run=True)
    assert (report.batch, report.total, len(report.errors)) == (None, 2, 1)
    assert not CheckBatch.objects.exists()
    assert not Check.objects.exists()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_in_either_encoding(encoding: str) -> None:
    person = people.person(name="王小明")
    number = hiring.identity_of(person)["document_number"]
    file = SimpleUploadedFile("名单.csv", f"姓名,身份证号\r\n王小明,{number}\r\n,\r\n".encode(encoding))
    report = uploaded(people.institution(), file)
    assert report.batch is not None
    assert services.progress_of(finished(report.batch)).clear == 1


@pytest.mark.parametrize("between", [";", "\t"])
def test_a_csv_with_other_signs_between(between: str) -> None:
    content = f"姓名,身份证号\r\n王小明,{people.resident_number()}\r\n".replace(",", between)
    report = uploaded(people.institution(), SimpleUploadedFile("staff.csv", content.encode()))
    assert (report.total, report.errors) == (1, ())


def test_a_character_that_no_database_takes() -> None:
    content = f"姓名,身份证号,内部编号\r\n王\0小明,{people.resident_number()},E\0-1\r\n\0,\0,\r\n"
    report = uploaded(people.institution(), SimpleUploadedFile("staff.csv", content.encode()))
    assert report.batch
    assert [(row.name, row.reference) for row in report.batch.rows.all()] == [("王小明", "E-1")]


def test_a_csv_with_english_headings() -> None:
    number = people.resident_number()
    content = f"Name,Document type,Document number\r\n王小明,resident_id,{number}\r\n".encode()
    report = uploaded(people.institution(), SimpleUploadedFile("staff.csv", content))
    assert (report.total, report.errors) == (1, ())


def test_a_worker_killed_half_way_asks_nobody_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    institution = people.institution()
    report = uploaded(institution, workbook(*[line(people.person()) for _ in range(3)]))
    assert report.batch is not None
    monkeypatch.setattr(batches, "PIECE", 2)
    original, kept = batches.telling.tell_persons_of, []

    def dies(*given: Any, **more: Any) -> None:
        original(*given, **more)
        kept.append(1)
        if len(kept) == 2:
            raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(batches.telling, "tell_persons_of", dies)
        with pytest.raises(SystemExit):
            services.work_on(batch_id=report.batch.pk, now=hiring.ASKED)
    assert Check.objects.count() == 2  # the piece in hand is undone as a whole
    assert not services.work_on(batch_id=report.batch.pk, now=hiring.ASKED)  # still in the dead worker's hands
    services.work_on(batch_id=report.batch.pk, now=hiring.ASKED + batches.HOLD)
    assert Check.objects.count() == 3
    assert BatchRow.objects.filter(checked=None).count() == 0
    assert AuditEvent.objects.filter(verb="person.looked_up").count() == 3


def test_a_lost_wake_up_is_found_by_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    report = uploaded(people.institution(), workbook(line(people.person())))
    called: list[str] = []
    monkeypatch.setattr(tasks.run_batch, "delay", called.append)
    tasks.sweep()
    assert report.batch is not None
    assert called == [str(report.batch.pk)]


def test_the_number_is_sealed_in_every_row() -> None:
    person = people.person()
    uploaded(people.institution(), workbook(line(person)))
    number = hiring.identity_of(person)["document_number"]
    assert number not in str(list(BatchRow.objects.values()))


def test_a_number_in_the_wrong_column_is_masked() -> None:
    number = hiring.identity_of(people.person())["document_number"]
    wide = "".join(chr(ord(character) + 0xFEE0) for character in number)
    uploaded(people.institution(), workbook([number, "居民身份证", "王小明", ""], line(people.person(), wide)))
    rows = list(BatchRow.objects.values())
    assert len(rows) == 2
    assert number not in str(rows)
    assert wide not in str(rows)


def test_a_mistyped_number_in_the_wrong_column_is_masked_too() -> None:
    """With its last character wrong it is nearly the number."""
    number = people.resident_number()
    mistyped = number[:-1] + ("0" if number[-1] != "0" else "1")
    uploaded(people.institution(), workbook([mistyped, "居民身份证", "王小明", ""], line(people.person())))
    assert number[:-1] not in str(list(BatchRow.objects.values()))


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (SimpleUploadedFile("名单.xlsx", b"MZ no workbook"), "upload_wrong_kind"),
        (SimpleUploadedFile("名单.csv", "姓名,电话\r\n王小明,1\r\n".encode()), "columns_missing"),
        (SimpleUploadedFile("名单.csv", "姓名,身份证号\r\n".encode()), "no_rows"),
        (
            SimpleUploadedFile("名单.csv", ('姓名,身份证号\r\n"王小明,1\r\n' + "王,1\r\n" * 30_000).encode()),
            "csv_unreadable",
        ),
        (SimpleUploadedFile("名单.csv", f'"{"姓" * 140_000}",身份证号\r\n'.encode()), "csv_unreadable"),
    ],
)
def test_a_file_that_is_no_list(file: SimpleUploadedFile, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        uploaded(people.institution(), file)
    assert refused.value.code == code


def test_not_without_consent_nor_for_others() -> None:
    institution, row = people.institution(), line(people.person())
    with pytest.raises(Invalid):
        uploaded(institution, workbook(row), consent=False)
    with pytest.raises(NotAllowed):
        uploaded(institution, workbook(row), actor=people.acting(people.practitioner()))
    with pytest.raises(NotFound):
        uploaded(institution, workbook(row), actor=people.acting(people.manager_of(people.institution())))


def test_lists_on_the_page_count_as_questions_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PerOrganisation, "rate", "1/min", raising=False)
    client = Client()
    client.force_login(people.manager_of(people.institution()))
    answers = [
        client.post(
            reverse("hiring:batches"),
            {"file": workbook(line(people.person())), "purpose": "annual_review", "consent": "on"},
        ).status_code
        for _number in range(2)
    ]
    assert answers == [302, 429]
    assert CheckBatch.objects.count() == 1


def test_pages_and_result_only_for_the_organisation() -> None:
    institution = people.institution()
    client, stranger = Client(), Client()
    client.force_login(people.manager_of(institution))
    stranger.force_login(people.manager_of(people.institution()))
    person = people.person()
    sent = {"file": workbook(line(person, "=A-1")), "purpose": "annual_review", "consent": "on"}
    answer = client.post(reverse("hiring:batches"), sent)
    batch = CheckBatch.objects.get()
    assert answer.headers["Location"] == reverse("hiring:batch", args=[batch.pk])
    assert "hx-get" in client.get(reverse("hiring:batch", args=[batch.pk])).content.decode()
    finished(batch)
    assert "hx-get" not in client.get(reverse("hiring:batch_progress", args=[batch.pk])).content.decode()
    content = client.get(reverse("hiring:batch_result", args=[batch.pk])).content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[1][1] == person.name
    assert rows[1][3] == "=A-1"
    assert rows[1][4] == "未见禁入"
    for name in ("batch", "batch_progress", "batch_result"):
        assert stranger.get(reverse(f"hiring:{name}", args=[batch.pk])).status_code == 404


def test_row_errors_are_shown_before_and_after() -> None:
    client = Client()
    client.force_login(people.manager_of(people.institution()))
    wrong = ["王小明", "居民身份证", "310101199003074510", ""]
    sent = {"file": workbook(wrong), "purpose": "annual_review", "consent": "on", "dry_run": "on"}
    page = client.post(reverse("hiring:batches"), sent).content.decode()
    assert "共 1 行，1 行有误" in page
    assert "校验码" in page
    client.post(reverse("hiring:batches"), {**sent, "file": workbook(wrong), "dry_run": ""})
    page = client.get(reverse("hiring:batch", args=[CheckBatch.objects.get().pk])).content.decode()
    assert "校验码" in page
    assert wrong[2] not in page


def test_over_the_api() -> None:
    from rest_framework.test import APIClient

    institution = people.institution()
    client = APIClient()
    key = people.services.create_api_key(
        organisation=institution, scope="hiring-checks", actor=people.system(), now=people.LONG_AGO
    )
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    url = "/api/v1/hiring-check-batches/"
    sent = {"file": workbook(line(people.person()), ["x", "", "1", ""]), "purpose": "annual_review", "consent": "true"}
    taken = client.post(url, sent, format="multipart")
    assert taken.status_code == 202
    assert (taken.json()["total"], taken.json()["errors"][0]["row"]) == (2, 3)
    finished(CheckBatch.objects.get())
    progress = client.get(f"{url}{taken.json()['id']}/").json()
    assert (progress["done"], progress["clear"], progress["errors"]) == (2, 1, 1)
    assert client.get(f"{url}{taken.json()['id']}/result.xlsx").content.startswith(b"PK")
    dry = client.post(url, {**sent, "file": workbook(line(people.person())), "dry_run": "true"}, format="multipart")
    assert (dry.status_code, dry.json()["id"]) == (200, None)
