"""What is taken away from an order: names that can't collide, nothing that was revoked, an index that tells all of it."""

import io
import zipfile
from typing import Any

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from certificates import batch_files
from certificates.models import Certificate, CertificateDocument, IssueBatch, IssueBatchRow
from certificates.services import batches as service
from certificates.services import revoke_certificate
from certificates.services.printing_many import NotMade
from lms.audit.models import AuditEvent
from lms.documents import archive
from lms.documents.models import ArchivedDocument
from tests.factories import people, registry
from tests.factories.batches import (
    approver,
    class_passed,
    met,
    planned_for_course,
    publisher_of,
    running,
    unmet,
    worked,
)
from tests.factories.certificates import NOON, SYSTEM

pytestmark = pytest.mark.django_db


def unpacked(batch: IssueBatch) -> tuple[dict[str, bytes], list[list[Any]]]:
    """The PDFs by name, and the rows of the index."""
    content = b"".join(batch_files.zip_of(batch=batch, now=NOON))
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert package.testzip() is None
        files = {name: package.read(name) for name in package.namelist()}
    return files, rows_of(files.pop("目录.xlsx"))


def rows_of(workbook: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_index(0).to_python()[1:]


def test_people_of_one_name_have_a_file_each() -> None:
    met(name="王芳"), met(name="王芳"), unmet(name="周未满")
    batch = worked(running())
    files, rows = unpacked(batch)
    serials = Certificate.objects.order_by("batch_rows__number").values_list("serial", flat=True)
    assert list(files) == [
        f"{row.number:05d} 王芳 {row.certificate.serial}.pdf" for row in batch.rows.exclude(certificate=None)
    ]
    assert [row[6] for row in rows if row[6]] == list(serials)
    for certificate in Certificate.objects.all():
        stored = archive.read(ArchivedDocument.objects.get(certificate_document__certificate=certificate))
        assert stored in files.values()  # byte for byte as archived
    refused = next(row for row in rows if not row[6])
    assert refused[1] == "周未满"
    assert refused[4] == "未签发"
    assert "职业道德教育还差 40 学时" in refused[5]


def test_no_identity_number_in_a_name_or_the_index() -> None:
    number = people.resident_number()
    person = people.person(document_number=number)
    from tests.factories.certificates import year_full
    from tests.factories.policy import packs_loaded

    packs_loaded()
    year_full(person)
    files, rows = unpacked(worked(running()))
    assert number not in str(list(files)) + str(rows)
    assert rows[0][2] == f"{number[:3]}***********{number[-4:]}"


def test_a_name_that_no_disk_takes() -> None:
    certificate = Certificate(holder_name='A/B\\C:"D"\u202e...', serial="ANN-1")
    certificate.status = "valid"  # type: ignore[attr-defined]
    line = batch_files.Line(IssueBatchRow(number=7), certificate, None, "", "")
    assert line.file_name == "00007 ABCD ANN-1.pdf"


def test_what_was_revoked_since_is_told_and_not_handed_out() -> None:
    met(name="留下"), met(name="撤销")
    banned = met(name="禁入")
    batch = worked(running())
    revoked = Certificate.objects.get(holder_name="撤销")
    revoke_certificate(certificate=revoked, code="fraud", reason="代学", authority="", actor=SYSTEM, now=NOON)
    registry.banned(banned)
    files, rows = unpacked(batch)
    assert [name.split(" ")[1] for name in files] == ["留下"]
    told = {row[1]: (row[10], row[11]) for row in rows}
    assert told["撤销"] == told["禁入"] == ("已撤销", "")
    with pikepdf.open(io.BytesIO(batch_files.print_of(batch=batch, volume=1, now=NOON))) as printed:
        assert len(printed.pages) == 1


def test_a_damaged_file_is_named_and_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    met(name="完好"), met(name="损坏")
    batch = worked(running())
    document = ArchivedDocument.objects.get(certificate_document__certificate__holder_name="损坏")
    document.file.storage.delete(document.file.name)
    files, rows = unpacked(batch)
    assert [name.split(" ")[1] for name in files] == ["完好"]
    assert "缺失或损坏" in next(row for row in rows if row[1] == "损坏")[5]
    assert "can not be handed out" in caplog.text


def test_what_no_worker_printed_is_printed_now(monkeypatch: pytest.MonkeyPatch) -> None:
    met()
    with monkeypatch.context() as patch:
        patch.setattr(
            service,
            "print_many",
            lambda *, certificate_ids, now: (NotMade(key, OSError(now)) for key in certificate_ids),
        )
        batch = worked(running())
    assert not CertificateDocument.objects.exists()
    assert len(unpacked(batch)[0]) == 1


def test_printed_in_volumes_without_signatures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_files, "VOLUME", 2)
    for _ in range(3):
        met()
    batch = worked(running())
    assert batch_files.volumes_of(batch) == 2
    pages = []
    for volume in (1, 2):
        content = batch_files.print_of(batch=batch, volume=volume, now=NOON)
        with pikepdf.open(io.BytesIO(content)) as printed:
            pages.append(len(printed.pages))
            assert "/AcroForm" not in printed.Root
            assert all(one["/Subtype"] != "/Widget" for page in printed.pages for one in page.get("/Annots", []))
    assert pages == [2, 1]


def test_downloads_are_answered_and_on_record() -> None:
    met(name="林小满"), unmet(name="周未满")
    officer = approver()
    batch = worked(running(officer))
    client = Client()
    client.force_login(officer, backend="lms.people.backends.SignInBackend")
    archived = client.get(reverse("certificates:batch_zip", args=[batch.pk]))
    assert archived.streaming
    assert zipfile.is_zipfile(io.BytesIO(archived.getvalue()))
    assert archived.headers["Cache-Control"] == "private, no-store"
    assert client.get(reverse("certificates:batch_print", args=[batch.pk, 1])).content.startswith(b"%PDF")
    assert client.get(reverse("certificates:batch_print", args=[batch.pk, 2])).status_code == 404
    filtered = client.get(reverse("certificates:batch_index", args=[batch.pk]), {"outcome": "refused"})
    assert [row[1] for row in rows_of(filtered.content)] == ["周未满"]
    kinds = AuditEvent.objects.filter(verb="issue_batch.exported").order_by("at").values_list("changes", flat=True)
    assert [kind["kind"] for kind in kinds] == ["zip", "print", "index"]


def test_a_college_is_not_told_where_its_learners_work() -> None:
    release, [person] = class_passed(people.college(), "林小满")
    people.employed(institution=people.institution(name="秘密托育园"), person=person)
    batch = planned_for_course(release)
    service.start_batch(batch=batch, actor=publisher_of(release), now=NOON)
    assert "秘密托育园" not in str(unpacked(worked(batch))[1])
    met_one = met()
    people.employed(institution=people.institution(name="明月托育园"), person=met_one)
    assert "明月托育园" in str(unpacked(worked(running()))[1])


def test_memory_is_that_of_some(monkeypatch: pytest.MonkeyPatch) -> None:
    """The archive comes out a file at a time, not at its end."""
    for _ in range(3):
        met()
    batch = worked(running())
    pieces = [len(piece) for piece in batch_files.zip_of(batch=batch, now=NOON)]
    assert len(pieces) == 4
    assert max(pieces) < sum(pieces) / 2
