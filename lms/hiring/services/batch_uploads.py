"""A long list is handed in by whoever uploads it, and read by a worker: no request waits for a hundred thousand rows.

What can be told without reading the rows is told at once; what is wrong with columns or rows is told where the progress
is read. A short list is read at once. What may never happen: a file of identity numbers that lies about in the clear,
or longer than until it is read.
"""

import logging
from datetime import datetime, timedelta
from pathlib import PurePath
from uuid import UUID

from django.core.files.base import ContentFile, File
from django.db import InterfaceError, OperationalError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.audit.work import taken, wake_on_commit
from lms.hiring.models import BatchUpload
from lms.hiring.services import batches, sheets
from lms.hiring.services.batches import BatchReport
from lms.hiring.services.sheets import Asked
from lms.people import vault
from lms.people.models import Organisation, User
from lms.people.services import tell
from lms.people.wording import sentence
from lms.rules.refusals import Refusal

log = logging.getLogger(__name__)

HOLD = timedelta(minutes=5)
TOLD_EVERY = 5_000  # rows
MOST_ERRORS = 1_000  # of a dry run that are kept with their sentence


def hand_in_list(
    *,
    institution: Organisation,
    file: "File[bytes]",
    purpose: str,
    consent: bool,
    actor: Actor,
    now: datetime,
    dry_run: bool = False,
) -> BatchReport:
    """Take in a workbook or CSV: a short one as ``create_batch`` does, a long one for a worker to read.

    Refuses as ``create_batch`` does, but for what only the rows of a long list tell: no columns, no rows, too many.
    """
    batches.require_terms(institution, purpose, consent, actor)
    if sheets.is_short(file):
        return batches.create_batch(
            institution=institution,
            file=file,
            purpose=purpose,
            consent=consent,
            actor=actor,
            now=now,
            dry_run=dry_run,
        )
    file.seek(0)
    sealed, version = vault.seal_file(file.read())
    with transaction.atomic():
        upload = BatchUpload.objects.create(
            institution=institution,
            purpose=purpose,
            dry_run=dry_run,
            actor_kind=actor.kind,
            actor_id=actor.id,
            asked_by=actor.label,
            actor_role=actor.role,
            ending=PurePath(file.name or "").suffix.lower()[:5],
            sealed=sealed,
            key_version=version,
            created_at=now,
        )
        changes = {"purpose": purpose, "bytes": file.size, "dry_run": dry_run}
        record(verb="check_batch.handed_in", actor=actor, now=now, subject=upload, changes=changes)
        wake_on_commit("lms.hiring.tasks.read_batch", str(upload.pk))
    return BatchReport(None, 0, (), upload=upload)


def read_in(*, upload_id: UUID, now: datetime) -> None:
    """Read a list that nobody holds. Killed half-way it is read again; twice at once it is one batch."""
    due = BatchUpload.objects.waiting().filter(pk=upload_id).select_related("institution")
    with taken(due, now=now, hold=HOLD) as upload:
        if upload is None:
            return
        try:
            asked = _read(upload)
        except Refusal as refusal:
            _close(upload, now, error_code=refusal.code, error=sentence(refusal)[:300])
        except (OperationalError, InterfaceError):
            raise  # the database is away, and the list is as good as before
        except Exception:
            # Read again it would break again, and its numbers would lie here for ever.
            log.exception("upload %s could not be read", upload.pk)
            _close(
                upload,
                now,
                error_code="upload_unreadable",
                error=str(_("读不懂这个文件，已不再保留。请另存后重新上传。")),
            )
        else:
            _keep(upload, asked, now)


def _read(upload: BatchUpload) -> list[Asked]:
    """Its rows, judged as on the day it was handed in; how far it is stands in the row meanwhile."""
    content = vault.unseal_file(bytes(upload.sealed), upload.key_version)
    file = ContentFile(content, name=f"list{upload.ending}")
    row = BatchUpload.objects.filter(pk=upload.pk)

    def counted(most: int) -> None:
        row.update(total=most)

    asked: list[Asked] = []
    for one in sheets.read(file, on=timezone.localdate(upload.created_at), counted=counted):
        asked.append(one)
        if len(asked) % TOLD_EVERY == 0:
            row.update(done=len(asked))
    return batches.some(asked)


def _keep(upload: BatchUpload, asked: list[Asked], now: datetime) -> None:
    report = batches.report_of(asked, None)
    first = report.errors[:MOST_ERRORS] if upload.dry_run else ()
    with transaction.atomic():
        closed = _close(
            upload,
            now,
            total=report.total,
            done=report.total,
            undated=report.undated,
            errors=len(report.errors),
            first_errors=[[one.row, one.name, one.error_code, one.error] for one in first],
        )
        if closed and not upload.dry_run:
            batches.keep(
                asked,
                institution=upload.institution,
                purpose=upload.purpose,
                actor=batches.asker_of(upload),
                now=now,
                key=upload.pk,
            )


def _close(upload: BatchUpload, now: datetime, **facts: object) -> bool:
    """Say what became of it, once, and let go of the file; who handed it in is told where there is no batch to tell of."""
    with transaction.atomic():
        waiting = BatchUpload.objects.waiting().filter(pk=upload.pk)
        if not waiting.update(finished_at=now, sealed=b"", **facts):
            return False
        if upload.dry_run or facts.get("error_code"):
            _tell_asker(upload, now)
    return True


def _tell_asker(upload: BatchUpload, now: datetime) -> None:
    user = User.objects.filter(pk=upload.actor_id).first() if upload.actor_kind == "user" and upload.actor_id else None
    if user is not None:
        tell(
            user=user,
            code="batch.read",
            title=_("上传的名单已读完，没有开始核查"),
            body=_("打开查看读到了什么、哪里须更正。"),
            url=reverse("hiring:batch", args=[upload.pk]),
            dedupe_key=f"batch-upload:{upload.pk}",
            now=now,
        )
