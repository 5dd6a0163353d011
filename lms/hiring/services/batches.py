"""Checking many at once. The rows are the work: a worker takes a batch, asks about some rows, and lets it go.

A piece of rows is one transaction: the checks, the word of each in the audit trail, what the persons are told and how
far the batch is are kept together or not at all. A check names its row, and no two may name the same: a worker killed
half-way, or two at once, never ask twice. When the last row is asked, the answers become a workbook and the batch gets
its one receipt (``batch_receipts``), which covers all of its checks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from django.core.files.base import File
from django.db import transaction
from django.db.models import Count, Model, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.keys import new_id
from lms.audit.rows import insert_many
from lms.audit.services import record
from lms.audit.work import taken, wake_on_commit
from lms.hiring.models import (
    BatchRow,
    BatchUpload,
    Check,
    CheckBatch,
    CheckCandidate,
    Outcome,
    RememberedAnswer,
    Review,
)
from lms.hiring.services import batch_receipts, sheets, telling
from lms.hiring.services.asking import Answer, Asker, Question, require_purpose
from lms.hiring.services.checks import answers_to, require_asker
from lms.hiring.services.sheets import Asked
from lms.people import vault
from lms.people.models import Organisation
from lms.people.vault import Sealed
from lms.policy.services import pack_in_force
from lms.rules.identity import WITHOUT_BIRTH_DATE, DocumentType, IdentityNumber, mask, parse
from lms.rules.refusals import Conflict, Invalid, NotFound

PIECE = 1_000  # rows in one transaction
PIECES = 5  # in one turn of a worker
HOLD = timedelta(minutes=2)
CHUNK = 2_000
# What is written of a check that came near somebody.
MORE: tuple[type[Model], ...] = (CheckCandidate, RememberedAnswer, Review)


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What became of an upload: ``batch`` is None after a dry run, and while an ``upload`` waits to be read.

    ``errors`` are the rows that can't be checked; ``undated`` of the others tell no birth date.
    """

    batch: CheckBatch | None
    total: int
    errors: tuple[Asked, ...]
    undated: int = 0
    upload: BatchUpload | None = None


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
    require_terms(institution, purpose, consent, actor)
    asked = some(sheets.read(file, on=timezone.localdate(now)))
    batch = None if dry_run else keep(asked, institution=institution, purpose=purpose, actor=actor, now=now)
    return report_of(asked, batch)


def require_terms(institution: Organisation, purpose: str, consent: bool, actor: Actor) -> None:
    """Refuse whoever may not ask, and a list without purpose or consent."""
    require_asker(institution, actor)
    require_purpose(purpose)
    if consent is not True:
        raise Invalid("consent_required", _("核查前须取得每一位本人的同意。"), field="consent")


def some(asked: Iterable[Asked]) -> list[Asked]:
    """All of them; refuses a list of nobody."""
    rows = list(asked)
    if not rows:
        raise Invalid("no_rows", _("文件中没有要核查的人。"), field="file")
    return rows


def report_of(asked: Sequence[Asked], batch: CheckBatch | None) -> BatchReport:
    errors = tuple(row for row in asked if row.error_code)
    return BatchReport(batch, len(asked), errors, sum(row.undated for row in asked))


def keep(
    asked: Sequence[Asked],
    *,
    institution: Organisation,
    purpose: str,
    actor: Actor,
    now: datetime,
    key: UUID | None = None,
) -> CheckBatch:
    """Write the rows of a list that was read, as a batch under ``key``, and have it worked on."""
    batch = CheckBatch(
        id=key or new_id(),
        institution=institution,
        purpose=purpose,
        actor_kind=actor.kind,
        actor_id=actor.id,
        asked_by=actor.label,
        actor_role=actor.role,
        total=len(asked),
        created_at=now,
    )
    with transaction.atomic():
        batch.save(force_insert=True)
        rows = (_row(batch, one) for one in asked)
        while piece := list(islice(rows, CHUNK)):
            insert_many(piece)
        errors = sum(bool(row.error_code) for row in asked)
        changes = {"rows": len(asked), "errors": errors, "purpose": purpose}
        record(verb="check_batch.created", actor=actor, now=now, subject=batch, changes=changes)
        wake_on_commit("lms.hiring.tasks.run_batch", str(batch.pk))
    return batch


def cancel_batch(*, batch: CheckBatch, actor: Actor, now: datetime) -> CheckBatch:
    """Ask about nobody more. Who was asked about stays asked about, with a receipt; cancelled twice is once.

    Refuses another organisation's batch, and one that is finished (``batch_finished``).
    """
    require_asker(batch.institution, actor)
    if not CheckBatch.objects.visible_to(actor).filter(pk=batch.pk).exists():
        raise NotFound("batch_unknown", _("没有找到这次批量核查。"))
    with transaction.atomic():
        first = CheckBatch.objects.unfinished().filter(pk=batch.pk, cancelled_at=None).update(cancelled_at=now)
        batch.refresh_from_db()
        if first:
            record(verb="check_batch.cancelled", actor=actor, now=now, subject=batch)
            wake_on_commit("lms.hiring.tasks.run_batch", str(batch.pk))
        elif batch.cancelled_at is None:
            raise Conflict("batch_finished", _("这次批量核查已经完成，不能取消。"))
    return batch


def work_on(*, batch_id: UUID, now: datetime) -> bool:
    """Ask about the next rows of a batch that nobody holds. True while something is left for another turn."""
    due = CheckBatch.objects.unfinished().filter(pk=batch_id).select_related("institution")
    with taken(due, now=now, hold=HOLD) as batch:
        if batch is None:
            return False
        for _turn in range(PIECES):
            if batch.cancelled_at or not _ask_next(batch, now):
                break
        else:
            return True
        batch_receipts.finish(batch, now=now)
    return False


def progress_of(batch: CheckBatch) -> Progress:
    """How far the batch is. One query."""

    def says(outcome: str) -> Q:
        return Check.objects.saying(outcome, "checked__")

    counts = batch.rows.aggregate(
        clear=Count("pk", filter=says("clear")),
        barred=Count("pk", filter=says("barred")),
        review=Count("pk", filter=says("review")),
        errors=Count("pk", filter=~Q(error_code="")),
        checked=Count("checked"),
    )
    done = counts.pop("checked") + counts["errors"]
    return Progress(total=batch.total, done=done, **counts)


def undated_rows(batch: CheckBatch) -> int:
    """How many rows tell no birth date: every namesake on the list is near."""
    asked = batch.rows.filter(error_code="", date_of_birth=None)
    return asked.filter(document_type__in=[kind.value for kind in WITHOUT_BIRTH_DATE]).count()


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


def _ask_next(batch: CheckBatch, now: datetime) -> bool:
    """Ask about the next piece; False where no row is left or somebody else has moved the batch."""
    rows = list(batch.rows.filter(number__gt=batch.done_through).order_by("number")[:PIECE])
    if not rows:
        return False
    asker = Asker(
        institution=batch.institution,
        actor=asker_of(batch),
        purpose=batch.purpose,
        pack=pack_in_force(batch.institution.region_code, timezone.localdate(now)),
        now=now,
    )
    answers = answers_to([_question(row) for row in rows if not row.error_code], asker)
    return _keep(batch, rows[-1].number, answers, now)


def _keep(batch: CheckBatch, through: int, answers: Sequence[Answer], now: datetime) -> bool:
    """Write the piece as a whole, unless another worker did or the batch was called off meanwhile."""
    with transaction.atomic():
        still = CheckBatch.objects.unfinished().filter(pk=batch.pk, cancelled_at=None, done_through=batch.done_through)
        if not still.update(done_through=through):
            batch.refresh_from_db(fields=["done_through", "cancelled_at"])
            return batch.cancelled_at is None
        insert_many([one.check for one in answers])
        insert_many([one.event for one in answers])
        for kind in MORE:
            kind._default_manager.bulk_create(row for one in answers for row in one.more if isinstance(row, kind))
        telling.tell_persons_of([(one.check, one.holder_id) for one in answers if one.holder_id], now=now)
        near = sum(one.check.outcome == Outcome.REVIEW for one in answers)
        if near:
            telling.tell_registrars_of_batch(batch, now=now)
    batch.done_through = through
    return True


def _question(row: BatchRow) -> Question:
    assert row.key_version is not None
    sealed = Sealed(row.ciphertext, row.key_version)
    return Question(
        name=row.name,
        number=_number(row.document_type, vault.unseal(sealed.ciphertext, sealed.key_version)),
        date_of_birth=row.date_of_birth,
        reference=row.reference,
        sealed=sealed,
        batch_row_id=row.pk,
    )


def _number(document_type: str, canonical: str) -> IdentityNumber:
    return parse(DocumentType(document_type), canonical)


def asker_of(batch: CheckBatch | BatchUpload) -> Actor:
    """Who asked, whichever worker does it."""
    return Actor(
        kind=batch.actor_kind,
        label=batch.asked_by,
        id=batch.actor_id,
        organisation_id=batch.institution_id,
        organisation_name=batch.institution.name,
        role=batch.actor_role,
        region_code=batch.institution.region_code,
    )
