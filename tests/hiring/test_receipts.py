"""No check without a receipt, whoever dies on the way; and the receipt doesn't say why."""

import io
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse

from lms.documents import archive, signing
from lms.documents.models import ArchivedDocument
from lms.hiring import services, tasks
from lms.hiring.models import Check, CheckReceipt
from lms.hiring.services import receipts
from lms.people.models import Message
from tests.factories import hiring, people, registry
from tests.factories.documents import archived_files


def test_a_signed_pdf_made_once() -> None:
    check = hiring.checked(people.institution(), people.person())
    document = services.receipt_pdf(check)
    assert services.receipt_pdf(check) == document
    content = archive.read(document)
    assert document.signed
    assert signing.is_signed(content)
    assert len(pikepdf.open(io.BytesIO(content)).pages) == 1
    assert CheckReceipt.objects.count() == 1


def test_a_worker_killed_between_file_and_row_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    check = hiring.checked(people.institution(), people.person())

    def dies(*_rows: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(CheckReceipt.objects, "bulk_create", dies)
        with pytest.raises(SystemExit):
            services.make_receipt(check=check, now=hiring.ASKED)
    assert not ArchivedDocument.objects.filter(kind="receipt").exists()
    tasks.sweep()
    assert CheckReceipt.objects.filter(checked=check).count() == 1
    tasks.sweep()
    assert ArchivedDocument.objects.filter(kind="receipt").count() == 1


def test_two_workers_with_the_same_check_keep_one_receipt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where rows can't be locked while they are printed, both print; the first to commit stands, of the other nothing."""
    user = people.practitioner()
    check = hiring.checked(people.institution(), user.person)
    printed, before = receipts.press.printed, archived_files("receipt")
    first: list[ArchivedDocument] = []

    def overtaken(**given: Any) -> Any:
        sheets = printed(**given)
        monkeypatch.setattr(receipts.press, "printed", printed)
        first.append(services.make_receipt(check=check, now=hiring.ASKED))
        return sheets

    monkeypatch.setattr(receipts.press, "printed", overtaken)
    assert services.make_receipt(check=check, now=hiring.ASKED) == first[0]
    assert CheckReceipt.objects.get().document == first[0]
    assert ArchivedDocument.objects.filter(kind="receipt").count() == 1
    assert len(archived_files("receipt") - before) == 1
    assert archive.read(first[0]).startswith(b"%PDF")
    assert Message.objects.filter(user=user, code="person.looked_up").count() == 1


def test_a_lost_wake_up_is_found_by_the_sweep() -> None:
    check = hiring.checked(people.institution(), people.person())
    assert not CheckReceipt.objects.exists()
    tasks.sweep()
    assert CheckReceipt.objects.get().checked_id == check.pk


def test_one_that_fails_does_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    institution = people.institution()
    first, second = (hiring.checked(institution, people.person()) for _ in range(2))
    address = receipts.public_address

    def fail_first(check: Check) -> str:
        if check == first:
            raise OSError("disk full")
        return address(check)

    monkeypatch.setattr(receipts, "public_address", fail_first)
    tasks.sweep()
    assert CheckReceipt.objects.get().checked == second


def test_a_name_no_face_has_is_written_as_code_points() -> None:
    assert receipts.printable("王\U000318f0") == "王〔U+318F0〕"


def test_the_public_page_masks_and_gives_no_reason() -> None:
    check = hiring.checked(people.institution(name="小太阳托育园"), registry.banned(people.person(name="王小明")))
    page = Client().get(reverse("hiring:receipt", args=[check.receipt_token])).content.decode()
    assert "禁入" in page
    assert "王**" in page
    assert "小太阳托育园" in page
    for hidden in ("王小明", check.masked, check.rule, "虐待", "沪卫禁字"):
        assert hidden not in page


def test_the_public_page_tells_the_registrars_conclusion() -> None:
    holder = people.person(name="王小明")
    check = hiring.checked(people.institution(), **{**hiring.identity_of(holder), "name": "赵大海"})
    url = reverse("hiring:receipt", args=[check.receipt_token])
    assert "待人工核对" in Client().get(url).content.decode()
    services.decide_review(
        checked=check,
        outcome="clear",
        reason="更名",
        actor=people.acting(registry.registrar()),
        now=hiring.ASKED + timedelta(hours=1),
    )
    assert "未见禁入" in Client().get(url).content.decode()


def test_an_unknown_token_says_so() -> None:
    answer = Client().get(reverse("hiring:receipt", args=["x" * 43]))
    assert answer.status_code == 404
    assert "没有这份回执" in answer.content.decode()


def test_the_file_is_for_the_asker_the_officers_and_the_person() -> None:
    user, institution = people.practitioner(), people.institution()
    check = hiring.checked(institution, user.person)
    url = reverse("hiring:receipt_file", args=[check.pk])

    def status(someone: Any) -> int:
        client = Client()
        client.force_login(someone)
        return client.get(url).status_code

    assert status(people.manager_of(institution)) == 200
    assert status(user) == 200
    assert status(registry.registrar()) == 200
    assert status(people.manager_of(people.institution())) == 404
    assert status(registry.registrar(people.BEIJING)) == 404
    assert status(people.practitioner()) == 404
    assert status(people.officer("bureau_auditor")) == 404
    assert Client().get(url).status_code == 302


def test_the_number_is_nowhere_in_it() -> None:
    person = people.person()
    check = hiring.checked(people.institution(), person)
    document = services.receipt_pdf(check)
    number = hiring.identity_of(person)["document_number"].encode()
    assert number not in archive.read(document)
    assert number.decode() not in document.file_name + document.file.name
    assert Check.objects.get(pk=check.pk).masked.encode() != number
