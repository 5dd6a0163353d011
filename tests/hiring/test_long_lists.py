"""A long list is handed in at once and read by a worker; bad files are told at once, or where the progress is read."""

import io
import json
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from lms.documents import workbooks
from lms.hiring import services, tasks
from lms.hiring.models import BatchRow, BatchUpload, Check, CheckBatch
from lms.hiring.services import batch_uploads, batches, sheets
from lms.people.models import Message
from lms.rules.refusals import Invalid, NotAllowed, NotFound
from tests.factories import hiring, people
from tests.factories.check_batches import finished, line, uploaded, workbook

WRONG = ["王小明", "居民身份证", "310101199003074510", ""]
URL = "/api/v1/hiring-check-batches/"


@pytest.fixture(autouse=True)
def _every_list_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "SHORT_CSV", 0)
    monkeypatch.setattr(sheets, "SHORT_UNPACKED", 0)


def handed_in(file: Any, *, institution: Any = None, **more: Any) -> BatchUpload:
    institution = institution or people.institution()
    given: dict[str, Any] = {"purpose": "annual_review", "consent": True, "now": hiring.ASKED, **more}
    actor = given.pop("actor", None) or people.acting(people.manager_of(institution))
    report = services.hand_in_list(institution=institution, file=file, actor=actor, **given)
    assert report.batch is None
    assert report.upload is not None
    return report.upload


def read(upload: BatchUpload, now: Any = hiring.ASKED) -> BatchUpload:
    batch_uploads.read_in(upload_id=upload.pk, now=now)
    return BatchUpload.objects.get(pk=upload.pk)


def client_of(institution: Any) -> APIClient:
    key = people.services.create_api_key(
        organisation=institution, scope="hiring-checks", actor=people.system(), now=people.LONG_AGO
    )
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    return client


def test_it_becomes_the_batch_of_the_same_key() -> None:
    institution, person = people.institution(), people.person()
    upload = handed_in(workbook(line(person), WRONG), institution=institution)
    assert not CheckBatch.objects.exists()
    assert not BatchRow.objects.exists()
    done = read(upload)
    assert (done.finished_at, done.done, done.total, done.errors) == (hiring.ASKED, 2, 2, 1)
    batch = finished(CheckBatch.objects.get(pk=upload.pk))
    counts = services.progress_of(batch)
    assert (counts.clear, counts.errors) == (1, 1)
    assert batch.asked_by == people.acting(people.manager_of(institution)).label


def test_the_file_lies_sealed_and_only_until_it_is_read() -> None:
    person = people.person()
    number = hiring.identity_of(person)["document_number"].encode()
    upload = handed_in(SimpleUploadedFile("张三的名单.csv", f"姓名,身份证号\r\n王小明,{number.decode()}\r\n".encode()))
    kept = BatchUpload.objects.get()
    assert number not in bytes(kept.sealed)
    assert "张三" not in str(list(BatchUpload.objects.values()))
    assert bytes(read(upload).sealed) == b""
    assert Message.objects.filter(code="batch.read").count() == 0  # the batch itself tells when it is finished


def test_a_short_list_is_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "SHORT_UNPACKED", 2 * 1024 * 1024)
    institution = people.institution()
    actor = people.acting(people.manager_of(institution))
    report = services.hand_in_list(
        institution=institution,
        file=workbook(line(people.person())),
        purpose="annual_review",
        consent=True,
        actor=actor,
        now=hiring.ASKED,
    )
    assert report.batch is not None
    assert not BatchUpload.objects.exists()


def bomb() -> bytes:
    """A workbook that says it unpacks to more than anybody needs."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", "<workbook/>")
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(workbooks.MAX_UNPACKED // (1 << 20) + 1):
                sheet.write(b"0" * (1 << 20))
    return written.getvalue()


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (SimpleUploadedFile("名单.xlsx", b"MZ no workbook"), "upload_wrong_kind"),
        (SimpleUploadedFile("名单.xlsx", b""), "upload_empty"),
        (SimpleUploadedFile("名单.csv", "姓名,电话\r\n王小明,1\r\n".encode()), "columns_missing"),
    ],
)
def test_what_can_be_told_at_once_is_told_at_once(file: SimpleUploadedFile, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        handed_in(file)
    assert refused.value.code == code
    assert not BatchUpload.objects.exists()


def test_too_large_packed_or_unpacked(settings: Any) -> None:
    with pytest.raises(Invalid) as refused:
        handed_in(SimpleUploadedFile("名单.xlsx", bomb()))
    assert refused.value.code == "workbook_too_large"
    settings.UPLOAD_LIMITS = {**settings.UPLOAD_LIMITS, "workbook": 10}
    for file in (workbook(line(people.person())), SimpleUploadedFile("名单.csv", b"x" * 11)):
        with pytest.raises(Invalid) as refused:
            handed_in(file)
        assert refused.value.code == "upload_too_large"


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (workbook, "no_rows"),
        (lambda: SimpleUploadedFile("名单.csv", "姓名,身份证号\r\n".encode()), "no_rows"),
        (lambda: _sheet("电话"), "columns_missing"),
    ],
)
def test_what_only_the_rows_tell_is_told_where_the_progress_is(file: Any, code: str) -> None:
    institution = people.institution()
    upload = read(handed_in(file(), institution=institution))
    assert upload.error_code == code
    assert bytes(upload.sealed) == b""
    assert not CheckBatch.objects.exists()
    manager = people.manager_of(institution)
    assert Message.objects.filter(user=manager, code="batch.read").count() == 1
    client = Client()
    client.force_login(manager)
    page = client.get(reverse("hiring:batch", args=[upload.pk])).content.decode()
    assert upload.error in page
    assert "hx-get" not in page
    told = client_of(institution).get(f"{URL}{upload.pk}/").json()
    assert (told["state"], told["problem"]) == ("refused", {"code": code, "detail": upload.error})
    assert told["finished_at"]


def _sheet(title: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("名单.xlsx", workbooks.write(sheets=[workbooks.Sheet("名单", [title], [["1"]])]))


def test_a_dry_run_tells_its_rows_and_asks_about_nobody() -> None:
    institution = people.institution()
    passport = ["王小明", "护照", "E87654321", ""]
    upload = read(handed_in(workbook(line(people.person()), passport, WRONG), institution=institution, dry_run=True))
    assert (upload.total, upload.errors, upload.undated) == (3, 1, 1)
    assert WRONG[2] not in json.dumps(upload.first_errors)
    assert not CheckBatch.objects.exists()
    client = Client()
    client.force_login(people.manager_of(institution))
    page = client.get(reverse("hiring:batch", args=[upload.pk])).content.decode()
    for told in ("共 3 行，1 行有误", "校验码", "1 行没有出生日期"):
        assert told in page
    told = client_of(institution).get(f"{URL}{upload.pk}/").json()
    assert (told["state"], told["total"], told["errors"]) == ("read", 3, 1)
    assert told["row_errors"] == [{"row": 4, "code": "check_digit", "detail": upload.first_errors[0][3]}]
    assert not Check.objects.exists()


def test_killed_while_reading_it_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    upload = handed_in(workbook(line(people.person())))

    def dies(*_given: Any, **_more: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(batches, "insert_many", dies)
        with pytest.raises(SystemExit):
            read(upload)
    assert not CheckBatch.objects.exists()
    assert read(upload).finished_at is None  # still in the dead worker's hands
    later = hiring.ASKED + batch_uploads.HOLD
    assert read(upload, later).finished_at == later
    assert BatchRow.objects.count() == 1
    read(upload, later + batch_uploads.HOLD)
    assert BatchRow.objects.count() == 1


def test_two_at_once_are_one_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    upload = handed_in(workbook(line(people.person())))
    original = batch_uploads._read

    def overtaken(row: BatchUpload) -> Any:
        asked = original(row)
        monkeypatch.setattr(batch_uploads, "_read", original)
        batch_uploads.read_in(upload_id=row.pk, now=hiring.ASKED + batch_uploads.HOLD)
        return asked

    monkeypatch.setattr(batch_uploads, "_read", overtaken)
    read(upload)
    assert CheckBatch.objects.count() == BatchRow.objects.count() == 1


def test_a_lost_wake_up_is_found_by_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    upload = handed_in(workbook(line(people.person())))
    called: list[str] = []
    monkeypatch.setattr(tasks.read_batch, "delay", called.append)
    tasks.sweep()
    assert called == [str(upload.pk)]
    tasks.read_batch(str(upload.pk))
    assert CheckBatch.objects.filter(pk=upload.pk).exists()
    called.clear()
    tasks.sweep()
    assert called == []


def test_how_far_it_is_is_told_while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_uploads, "TOLD_EVERY", 2)
    upload, seen = handed_in(workbook(*[line(people.person()) for _ in range(5)])), []
    original = sheets._asked

    def watched(*given: Any) -> Any:
        seen.append(BatchUpload.objects.values_list("done", "total").get())
        return original(*given)

    monkeypatch.setattr(sheets, "_asked", watched)
    read(upload)
    assert seen == [(0, 5), (0, 5), (2, 5), (2, 5), (4, 5)]


def test_over_pages_and_api_from_hand_to_hand() -> None:
    institution, person = people.institution(), people.person()
    client, stranger, machine = Client(), Client(), client_of(institution)
    client.force_login(people.manager_of(institution))
    stranger.force_login(people.manager_of(people.institution()))
    sent = {"file": workbook(line(person)), "purpose": "annual_review", "consent": "on"}
    answer = client.post(reverse("hiring:batches"), sent)
    upload = BatchUpload.objects.get()
    page, progress = (reverse(f"hiring:{name}", args=[upload.pk]) for name in ("batch", "batch_progress"))
    assert answer.headers["Location"] == page
    assert "读取名单" in client.get(page).content.decode()
    assert "hx-get" in client.get(progress).content.decode()
    assert page in client.get(reverse("hiring:batches")).content.decode()
    told = machine.get(f"{URL}{upload.pk}/").json()
    assert (told["state"], told["done"], told["finished_at"], told["result_url"]) == ("reading", 0, None, None)
    assert told["total"] > told["done"]  # whoever waits until all is done goes on waiting
    assert machine.delete(f"{URL}{upload.pk}/").json()["code"] == "batch_reading"
    for address in (page, progress):
        assert stranger.get(address).status_code == 404
    assert client_of(people.institution()).get(f"{URL}{upload.pk}/").status_code == 404
    assert machine.get(f"{URL}{upload.pk}/result.xlsx").status_code == 404
    read(upload)
    assert "核查进度" in client.get(progress).content.decode()
    finished(CheckBatch.objects.get())
    told = machine.get(f"{URL}{upload.pk}/").json()
    assert (told["id"], told["state"], told["clear"]) == (str(upload.pk), "finished", 1)
    assert machine.get(f"{URL}{upload.pk}/result.xlsx").content.startswith(b"PK")


def test_posted_over_the_api() -> None:
    sent = {"file": workbook(line(people.person())), "purpose": "annual_review", "consent": "true"}
    taken = client_of(people.institution()).post(URL, sent, format="multipart")
    assert taken.status_code == 202
    assert (taken.json()["id"], taken.json()["state"]) == (str(BatchUpload.objects.get().pk), "reading")


def test_not_without_consent_nor_for_others() -> None:
    institution, file = people.institution(), workbook(line(people.person()))
    for more, refusal in (
        ({"consent": False}, Invalid),
        ({"purpose": "curiosity"}, Invalid),
        ({"actor": people.acting(people.practitioner())}, NotAllowed),
        ({"actor": people.acting(people.manager_of(people.institution()))}, NotFound),
    ):
        with pytest.raises(refusal):
            handed_in(file, institution=institution, **more)
    assert not BatchUpload.objects.exists()


def test_a_batch_says_how_many_rows_tell_no_birth_date() -> None:
    institution = people.institution()
    report = uploaded(institution, workbook(line(people.person()), ["王小明", "护照", "E87654321", ""]))
    assert report.batch is not None
    assert (report.undated, services.undated_rows(report.batch)) == (1, 1)
    client = Client()
    client.force_login(people.manager_of(institution))
    assert "1 行没有出生日期" in client.get(reverse("hiring:batch", args=[report.batch.pk])).content.decode()


def test_a_list_at_which_something_breaks_is_not_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor do its numbers lie about until somebody notices."""

    def breaks(*_args: Any, **_more: Any) -> Any:
        raise RecursionError

    upload = handed_in(workbook(line(people.person())))
    monkeypatch.setattr(sheets, "read", breaks)
    upload = read(upload)
    assert (upload.error_code, bytes(upload.sealed)) == ("upload_unreadable", b"")
    assert upload.finished_at
    assert Message.objects.filter(code="batch.read").count() == 1
