"""A batch has one signed receipt over the workbook of its answers; who was asked keeps it when the rest is called off."""

import hashlib
import io
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from lms.audit.models import AuditEvent
from lms.documents import archive, signing
from lms.documents.models import ArchivedDocument
from lms.hiring import services, tasks
from lms.hiring.models import BatchReceipt, Check, CheckBatch, CheckReceipt
from lms.hiring.services import batches
from lms.people.models import Message, Organisation
from lms.people.services import create_api_key
from lms.rules.refusals import Conflict, NotFound
from tests.factories import hiring, people, registry
from tests.factories.check_batches import finished, line, uploaded, workbook


def batch_of(institution: Organisation, *persons: Any) -> CheckBatch:
    report = uploaded(institution, workbook(*[line(person) for person in persons]))
    assert report.batch
    return report.batch


def test_the_receipt_names_the_very_workbook_that_is_served() -> None:
    institution = people.institution(name="小太阳托育园")
    client = Client()
    client.force_login(people.manager_of(institution))
    batch = finished(batch_of(institution, people.person(), registry.banned()))
    receipt = BatchReceipt.objects.get(batch=batch)
    served = client.get(reverse("hiring:batch_result", args=[batch.pk])).content
    assert hashlib.sha256(served).hexdigest() == receipt.workbook.sha256
    assert (receipt.clear, receipt.barred, receipt.review, receipt.errors, receipt.not_asked) == (1, 1, 0, 0, 0)
    content = client.get(reverse("hiring:batch_receipt_file", args=[batch.pk])).content
    assert content == archive.read(receipt.document)
    assert signing.is_signed(content)
    assert len(pikepdf.open(io.BytesIO(content)).pages) == 1


def test_the_public_page_counts_and_names_nobody() -> None:
    cache.clear()
    batch = finished(batch_of(people.institution(name="小太阳托育园"), registry.banned(people.person(name="王小明"))))
    receipt = BatchReceipt.objects.get(batch=batch)
    page = Client().get(reverse("hiring:batch_receipt", args=[receipt.token])).content.decode()
    assert "小太阳托育园" in page
    assert receipt.workbook.sha256 in page
    assert "王" not in page
    assert Client().get(reverse("hiring:batch_receipt", args=["x" * 43])).status_code == 404


def test_rows_have_no_paper_of_their_own_until_it_is_asked_for() -> None:
    user = people.practitioner()
    batch = finished(batch_of(people.institution(), user.person))
    tasks.sweep()
    assert not CheckReceipt.objects.exists()
    assert Message.objects.filter(user=user, code="person.looked_up").count() == 1
    check = Check.objects.get(batch_row__batch=batch)
    assert services.receipt_pdf(check) == services.receipt_pdf(check)
    assert Message.objects.filter(user=user, code="person.looked_up").count() == 1


def test_called_off_who_was_asked_stays_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "PIECE", 1)
    monkeypatch.setattr(batches, "PIECES", 1)
    institution = people.institution()
    actor = people.acting(people.manager_of(institution))
    batch = batch_of(institution, *(people.person() for _ in range(3)))
    assert services.work_on(batch_id=batch.pk, now=hiring.ASKED)
    services.cancel_batch(batch=batch, actor=actor, now=hiring.ASKED)
    services.cancel_batch(batch=batch, actor=actor, now=hiring.ASKED)
    assert AuditEvent.objects.filter(verb="check_batch.cancelled").count() == 1
    assert not services.work_on(batch_id=batch.pk, now=hiring.ASKED)
    receipt = BatchReceipt.objects.get(batch=batch)
    assert (receipt.clear, receipt.not_asked, Check.objects.count()) == (1, 2, 1)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(archive.read(receipt.workbook))).get_sheet_by_index(0).to_python()
    assert [row[4] for row in rows[1:]] == ["未见禁入", "未核查（已取消）", "未核查（已取消）"]


def test_a_finished_batch_is_not_called_off_nor_anybody_elses() -> None:
    institution = people.institution()
    batch = finished(batch_of(institution, people.person()))
    with pytest.raises(Conflict) as refused:
        services.cancel_batch(batch=batch, actor=people.acting(people.manager_of(institution)), now=hiring.ASKED)
    assert refused.value.code == "batch_finished"
    stranger = people.acting(people.manager_of(people.institution()))
    with pytest.raises(NotFound):
        services.cancel_batch(batch=batch, actor=stranger, now=hiring.ASKED)


def test_two_who_finish_at_once_keep_one_receipt(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = batch_of(people.institution(), people.person())
    original = services.workbook_of

    def slow(one: CheckBatch) -> bytes:
        monkeypatch.setattr(batches.batch_receipts, "workbook_of", original)
        batches.batch_receipts.finish(one, now=hiring.ASKED)  # the other worker, meanwhile
        return original(one)

    monkeypatch.setattr(batches.batch_receipts, "workbook_of", slow)
    finished(batch)
    assert BatchReceipt.objects.count() == 1
    assert ArchivedDocument.objects.filter(kind__startswith="batch-").count() == 2


def test_a_row_that_another_worker_has_asked_is_not_asked_again() -> None:
    batch = batch_of(people.institution(), people.person(), people.person())
    stale = CheckBatch.objects.select_related("institution").get(pk=batch.pk)
    finished(batch)
    assert batches._ask_next(stale, hiring.ASKED + timedelta(minutes=5))
    assert Check.objects.count() == 2


def test_called_off_and_fetched_over_the_api() -> None:
    cache.clear()
    institution = people.institution()
    key = create_api_key(organisation=institution, scope="hiring-checks", actor=people.system(), now=people.LONG_AGO)
    client = Client(headers={"Authorization": f"Bearer {key}"})
    batch = batch_of(institution, people.person())
    address = f"/api/v1/hiring-check-batches/{batch.pk}/"
    assert client.get(address).json()["receipt_url"] is None
    assert client.delete(address).status_code == 204
    finished(batch)
    told = client.get(address).json()
    assert told["cancelled_at"]
    assert client.get(f"{address}receipt.pdf").content.startswith(b"%PDF-")
    assert told["receipt_url"].endswith(f"{address}receipt.pdf")
    assert client.delete(address).status_code == 204  # once more changes nothing


def test_pages_of_calling_off() -> None:
    cache.clear()
    institution = people.institution()
    client, stranger = Client(), Client()
    client.force_login(people.manager_of(institution))
    stranger.force_login(people.manager_of(people.institution()))
    batch = batch_of(institution, people.person())
    address = reverse("hiring:batch_cancel", args=[batch.pk])
    assert "不能恢复" in client.get(address).content.decode()
    assert stranger.get(address).status_code == 404
    assert client.get(reverse("hiring:batch_receipt_file", args=[batch.pk])).status_code == 404
    assert client.post(address).status_code == 302
    finished(batch)
    page = client.get(reverse("hiring:batch", args=[batch.pk])).content.decode()
    assert "已取消" in page
    assert reverse("hiring:batch_receipt_file", args=[batch.pk]) in page
    assert stranger.get(reverse("hiring:batch_receipt_file", args=[batch.pk])).status_code == 404
