"""The one receipt of a batch: a signed PDF over the workbook of its answers, which it names by its SHA-256.

It says who asked, for what, when, of which versions of the list, and how many were answered how. Whoever holds the
workbook proves with it every answer in it. Made when the last row is asked, or when the batch was called off.
"""

import secrets
import tempfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Max, Min, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.documents import archive, press, qr, signing
from lms.documents.archive import Paper
from lms.documents.models import ArchivedDocument
from lms.documents.press import Spoiled
from lms.documents.uploads import XLSX
from lms.documents.workbooks import Sheet, write_into
from lms.hiring.models import BatchReceipt, CheckBatch, Outcome
from lms.hiring.services.receipts import REASON, printable
from lms.people.models import User
from lms.people.services import tell

JOB = Actor.system("check-batches")
TEMPLATE = "hiring/batch_receipt.html"
COLUMNS = (
    *(gettext_lazy("行号"), gettext_lazy("姓名"), gettext_lazy("证件号（掩码）"), gettext_lazy("内部编号")),
    *(gettext_lazy("结果"), gettext_lazy("核查时间"), gettext_lazy("有效期至"), gettext_lazy("名单版本")),
    *(gettext_lazy("核查编号"), gettext_lazy("错误代码"), gettext_lazy("错误")),
)
READ_AT_ONCE = 2_000
IN_MEMORY = 8 * 1024 * 1024  # bytes of a workbook that waits on disk beyond that


def finish(batch: CheckBatch, *, now: datetime) -> None:
    """Put the answers into a workbook, sign the receipt over it, and tell who asked. Twice at once it is done once."""
    workbook = Paper(f"{batch.created_at:%Y%m%d}-{batch.pk}.xlsx", workbook_of(batch))
    facts = _facts(batch, now)
    receipt = BatchReceipt(batch=batch, token=secrets.token_urlsafe(32), at=now, **facts)
    kept: list[ArchivedDocument] = []
    try:
        with transaction.atomic():
            if not CheckBatch.objects.unfinished().filter(pk=batch.pk).update(finished_at=now):
                return
            kept += _stored("batch-result", XLSX, workbook, now)
            receipt.workbook = kept[0]
            pdf = _printed(receipt, now)
            kept += _stored("batch-receipt", "application/pdf", pdf, now)
            receipt.document = kept[1]
            receipt.save()
            record(verb="check_batch.finished", actor=JOB, now=now, subject=batch, changes={"sha256": kept[0].sha256})
            _tell_asker(batch, now)
    except BaseException:
        archive.discard(kept)
        raise


def workbook_of(batch: CheckBatch) -> bytes:
    """Every row with the answer it was given, in the order of the file; row by row, whatever their number."""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        sheet = Sheet(_("批量核查结果"), [str(column) for column in COLUMNS], _rows(batch))
        write_into(file, sheets=[sheet], created=batch.created_at)
        file.seek(0)
        return file.read()


def public_address(receipt: BatchReceipt) -> str:
    """Where the QR of the receipt leads."""
    return f"{settings.PUBLIC_BASE_URL}{reverse('hiring:batch_receipt', args=[receipt.token])}"


def _rows(batch: CheckBatch) -> Iterator[list[Any]]:
    words = {value: str(label) for value, label in Outcome.choices}
    not_asked = _("未核查（已取消）") if batch.cancelled_at else ""
    answered = (f"checked__{name}" for name in ("outcome", "checked_at", "valid_until", "list_version__number", "pk"))
    rows = batch.rows.order_by("number").values_list(
        "number", "name", "masked", "reference", *answered, "error_code", "error"
    )
    for number, name, masked, reference, outcome, at, until, version, key, code, error in rows.iterator(READ_AT_ONCE):
        word = words[outcome] if outcome else ("" if code else not_asked)
        yield [number, name, masked, reference, word, at, until, version, str(key or ""), code, error]


def _facts(batch: CheckBatch, now: datetime) -> dict[str, Any]:
    def says(outcome: str) -> Count:
        return Count("pk", filter=Q(checked__outcome=outcome))

    return batch.rows.aggregate(
        clear=says("clear"),
        barred=says("barred"),
        review=says("review"),
        errors=Count("pk", filter=~Q(error_code="")),
        not_asked=Count("pk", filter=Q(error_code="", checked=None)),
        first_checked_at=Min("checked__checked_at"),
        last_checked_at=Max("checked__checked_at"),
        first_list_version=Min(F("checked__list_version__number")),
        last_list_version=Max(F("checked__list_version__number")),
    )


def _stored(kind: str, content_type: str, paper: Paper, now: datetime) -> list[ArchivedDocument]:
    return archive.store_many(kind=kind, content_type=content_type, papers=[paper], now=now, actor=JOB)


def _printed(receipt: BatchReceipt, now: datetime) -> Paper:
    sheet = {
        "receipt": receipt,
        "batch": receipt.batch,
        "institution": printable(receipt.batch.institution.name),
        "address": public_address(receipt),
        "code": qr.svg_path(public_address(receipt)),
        "created": now,
    }
    (content,) = press.printed(template=TEMPLATE, sheets=[sheet], reasons=REASON, now=now)
    if isinstance(content, Spoiled):
        raise content.error
    return Paper(f"batch-receipt-{receipt.batch_id}.pdf", content, signing.is_signed(content))


def _tell_asker(batch: CheckBatch, now: datetime) -> None:
    by_user: UUID | None = batch.actor_id if batch.actor_kind == "user" else None
    user = User.objects.filter(pk=by_user).first() if by_user else None
    if user is not None:
        tell(
            user=user,
            code="batch.finished",
            title=_("批量核查已完成，共 %(total)s 行") % {"total": batch.total},
            body=_("打开查看结果，下载结果和签名回执。"),
            url=reverse("hiring:batch", args=[batch.pk]),
            dedupe_key=f"batch:{batch.pk}",
            now=now,
        )
