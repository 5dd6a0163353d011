"""Checking many at once. The rows are the work: a worker takes a batch, does some rows, and lets it go.

Each row is checked under a key of its own, so that a worker killed half-way, or two at once, never ask twice.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from django.core.files.base import File
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.audit.work import taken, wake_on_commit
from lms.hiring.models import BatchRow, CheckBatch, Purpose
from lms.hiring.services import sheets
from lms.hiring.services.checks import check_person, require_asker
from lms.hiring.services.sheets import Asked
from lms.people import vault
from lms.people.models import Organisation, User
from lms.people.services import tell
from lms.people.wording import sentence
from lms.rules.identity import mask
from lms.rules.refusals import Invalid, Refusal

AT_A_TIME = 100
HOLD = timedelta(minutes=2)
CHUNK = 2000


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What became of an upload: ``batch`` is None after a dry run. ``errors`` are the rows that can't be checked."""

    batch: CheckBatch | None
    total: int
    errors: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """Rows of a batch by what they say now."""

    total: int
    done: int
    clear: int
    barred: int
    review: int
    errors: int


def create_batch(
    *,
    institution: Organisation,
    file: "File[bytes]",
    purpose: str,
    consent: bool,
    actor: Actor,
    now: datetime,
    dry_run: bool = False,
) -> BatchReport:
    """Take in a workbook or CSV. Rows that can't be checked are kept with what is wrong; the others are queued.

    Refuses as ``check_person`` does, a file without the needed columns, and one without rows.
    """
    require_asker(institution, actor)
    if purpose not in Purpose.values:
        raise Invalid("purpose_unknown", _("请选择核查用途。"), field="purpose")
    if consent is not True:
        raise Invalid("consent_required", _("核查前须取得每一位本人的同意。"), field="consent")
    asked = list(sheets.read(file, on=timezone.localdate(now)))
    if not asked:
        raise Invalid("no_rows", _("文件中没有要核查的人。"), field="file")
    errors = tuple(row for row in asked if row.error_code)
    if dry_run:
        return BatchReport(None, len(asked), errors)
    with transaction.atomic():
        batch = CheckBatch.objects.create(
            institution=institution,
            purpose=purpose,
            actor_kind=actor.kind,
            actor_id=actor.id,
            asked_by=actor.label,
            actor_role=actor.role,
            total=len(asked),
            created_at=now,
        )
        rows = (_row(batch, one) for one in asked)
        while some := list(islice(rows, CHUNK)):
            BatchRow.objects.bulk_create(some)
        changes = {"rows": len(asked), "errors": len(errors), "purpose": purpose}
        record(verb="check_batch.created", actor=actor, now=now, subject=batch, changes=changes)
        wake_on_commit("lms.hiring.tasks.run_batch", str(batch.pk))
    return BatchReport(batch, len(asked), errors)


def work_on(*, batch_id: UUID, now: datetime) -> bool:
    """Check the next rows of a batch that nobody holds. True while rows are left for another turn."""
    with taken(CheckBatch.objects.unfinished().filter(pk=batch_id), now=now, hold=HOLD) as batch:
        if batch is None:
            return False
        waiting = batch.rows.filter(checked=None, error_code="").order_by("number")
        for row in waiting[:AT_A_TIME]:
            _check(batch, row)
        left = waiting.exists()
        if not left:
            _finish(batch, now)
    return left


def progress_of(batch: CheckBatch) -> Progress:
    """How far the batch is. One query."""
    undecided = Q(checked__decision=None)

    def says(outcome: str) -> Q:
        return (undecided & Q(checked__outcome=outcome)) | Q(checked__decision__outcome=outcome)

    counts = batch.rows.aggregate(
        clear=Count("pk", filter=says("clear")),
        barred=Count("pk", filter=says("barred")),
        review=Count("pk", filter=says("review")),
        errors=Count("pk", filter=~Q(error_code="")),
        checked=Count("checked"),
    )
    done = counts.pop("checked") + counts["errors"]
    return Progress(total=batch.total, done=done, **counts)


def rows_of(batch: CheckBatch) -> QuerySet[BatchRow]:
    """Every row with its check, in the order of the file."""
    return batch.rows.select_related("checked__decision").order_by("number")


def _row(batch: CheckBatch, asked: Asked) -> BatchRow:
    row = BatchRow(
        batch=batch,
        number=asked.row,
        name=asked.name,
        date_of_birth=asked.date_of_birth,
        reference=asked.reference,
        error_code=asked.error_code,
        error=asked.error,
    )
    if asked.number is not None:
        sealed = vault.seal(asked.number.canonical)
        row.document_type = asked.number.type.value
        row.ciphertext, row.key_version = sealed.ciphertext, sealed.key_version
        row.masked = mask(asked.number.type, asked.number.canonical)
    return row


def _check(batch: CheckBatch, row: BatchRow) -> None:
    """One row is one verb of its own: what was checked stays checked, whatever happens to the rest."""
    assert row.key_version is not None
    try:
        check = check_person(
            institution=batch.institution,
            name=row.name,
            document_type=row.document_type,
            document_number=vault.unseal(row.ciphertext, row.key_version),
            date_of_birth=row.date_of_birth,
            purpose=batch.purpose,
            consent=True,
            reference=row.reference,
            actor=_asker(batch),
            now=timezone.now(),
            idempotency_key=f"batch-row:{row.pk}",
        )
    except Refusal as refusal:
        BatchRow.objects.filter(pk=row.pk).update(error_code=refusal.code, error=sentence(refusal)[:300])
    else:
        BatchRow.objects.filter(pk=row.pk).update(checked=check)


def _finish(batch: CheckBatch, now: datetime) -> None:
    with transaction.atomic():
        if not CheckBatch.objects.unfinished().filter(pk=batch.pk).update(finished_at=now):
            return
        record(verb="check_batch.finished", actor=Actor.system("check-batches"), now=now, subject=batch)
        user = User.objects.filter(pk=batch.actor_id).first() if batch.actor_kind == "user" and batch.actor_id else None
        if user is not None:
            tell(
                user=user,
                code="batch.finished",
                title=_("批量核查已完成，共 %(total)s 行") % {"total": batch.total},
                body=_("打开查看结果并下载。"),
                url=reverse("hiring:batch", args=[batch.pk]),
                dedupe_key=f"batch:{batch.pk}",
                now=now,
            )


def _asker(batch: CheckBatch) -> Actor:
    return Actor(
        kind=batch.actor_kind,
        label=batch.asked_by,
        id=batch.actor_id,
        organisation_id=batch.institution_id,
        organisation_name=batch.institution.name,
        role=batch.actor_role,
        region_code=batch.institution.region_code,
    )
