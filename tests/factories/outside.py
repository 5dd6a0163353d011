"""Hours learned elsewhere and leave, in the words of the field. Everything goes through the verbs, so every law applies."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

from lms.documents.workbooks import Sheet, write
from lms.ledger.models import Leave, OutsideBatch, OutsideRow
from lms.ledger.services import OutsideReport, confirm_leave, record_leave, submit_outside, submit_own_outside
from lms.ledger.services.outside import work_on
from lms.people.models import Organisation, Person
from lms.people.services import identity_numbers
from tests.factories import people
from tests.factories.ledger import NOON

TITLES = ("姓名", "证件类型", "证件号码", "类别", "学时", "日期", "培训名称", "举办单位", "证书编号", "形式")
PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\n%%EOF\n"


def proof(name: str = "结业证书.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


KEYS = (
    *("name", "document_type", "document_number", "category", "class_hours"),
    *("on", "title", "provider", "certificate_number", "delivery"),
)


def changed(row: Sequence[Any], **values: Any) -> list[Any]:
    """The same row with some of its columns, by key, replaced."""
    return list((dict(zip(KEYS, row, strict=True)) | values).values())


def line(person: Person, *, title: str = "婴幼儿急救培训", name: str = "", **changed: Any) -> list[Any]:
    """One row of the workbook; ``changed`` by the key of a column."""
    number = identity_numbers(person)[0]
    row = {
        "name": name or person.name,
        "document_type": "居民身份证",
        "document_number": number.canonical,
        "category": "综合技能培训",
        "class_hours": Decimal(8),
        "on": date(2026, 5, 20),
        "title": title,
        "provider": "市红十字会",
        "certificate_number": "JJ-2026-0001",
        "delivery": "线下",
    }
    return list((row | changed).values())


def workbook(lines: Sequence[Sequence[Any]], *, titles: Sequence[str] = TITLES, name: str = "学时.xlsx") -> Any:
    return SimpleUploadedFile(name, write(sheets=[Sheet("外部学时", titles, lines)]))


def submitted(
    institution: Organisation,
    lines: Sequence[Sequence[Any]],
    *,
    dry_run: bool = False,
    now: datetime = NOON,
    file: Any = None,
) -> OutsideReport:
    """Handed in by the manager of the institution."""
    actor = people.acting(people.manager_of(institution))
    return submit_outside(
        institution=institution,
        file=file or workbook(lines),
        proof=None if dry_run else proof(),
        actor=actor,
        now=now,
        dry_run=dry_run,
    )


def examined(institution: Organisation, lines: Sequence[Sequence[Any]], *, now: datetime = NOON) -> OutsideBatch:
    """Handed in and examined to the end."""
    batch = submitted(institution, lines, now=now).batch
    assert batch is not None
    return finished(batch, now=now)


def finished(batch: OutsideBatch, *, now: datetime = NOON) -> OutsideBatch:
    """Everything a worker has to do about the batch is done."""
    while work_on(batch_id=batch.pk, now=now):
        pass
    batch.refresh_from_db()
    return batch


def own(person: Person, *, now: datetime = NOON, user: Any = None, **changed: str) -> OutsideBatch:
    """One course that a practitioner hands in."""
    written = {
        "category": "skills",
        "class_hours": "8",
        "on": "2026-05-20",
        "title": "婴幼儿急救培训",
        "provider": "市红十字会",
        "certificate_number": "JJ-1",
        "delivery": "offline",
    }
    actor = people.acting(user) if user else people.system()
    return submit_own_outside(person=person, written=written | changed, proof=proof(), actor=actor, now=now)


def row_of(batch: OutsideBatch, number: int = 2) -> OutsideRow:
    return OutsideRow.objects.select_related("decision", "outcome__entry", "batch__proof", "person").get(
        batch=batch, number=number
    )


def leave(
    person: Person,
    institution: Organisation,
    *,
    from_date: date = date(2026, 3, 10),
    to_date: date = date(2026, 8, 14),
    kind: str = "maternity",
    now: datetime = NOON,
) -> Leave:
    """Proposed by the manager, waiting for a bureau."""
    actor = people.acting(people.manager_of(institution))
    return record_leave(
        person=person,
        institution=institution,
        kind=kind,
        from_date=from_date,
        to_date=to_date,
        document=proof("诊断证明.pdf"),
        actor=actor,
        now=now,
    )


def confirmed_leave(person: Person, institution: Organisation, *, now: datetime = NOON, **more: Any) -> Leave:
    row = leave(person, institution, now=now, **more)
    confirm_leave(leave=row, actor=people.acting(people.officer("bureau_auditor")), now=now)
    return row


def typed(*rows: Sequence[Any]) -> SimpleUploadedFile:
    """A workbook as somebody types it into Excel: numbers are numbers, however long."""
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"strings_to_formulas": False, "default_date_format": "yyyy-mm-dd"}) as book:
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return SimpleUploadedFile("学时.xlsx", output.getvalue())


def with_formula(file: Any) -> SimpleUploadedFile:
    """The same workbook with a formula in the first row's class-hours, showing 8."""
    source, target = zipfile.ZipFile(file), io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = content.replace(b'<c r="E2"><v>8</v>', b'<c r="E2"><f>4+4</f><v>8</v>')
            package.writestr(name, content)
    return SimpleUploadedFile("学时.xlsx", target.getvalue())


def with_part(file: Any, name: str, content: bytes) -> SimpleUploadedFile:
    """The same workbook with a part of somebody's own beside the others."""
    target = io.BytesIO(file.read())
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, content)
    return SimpleUploadedFile("学时.xlsx", target.getvalue())
