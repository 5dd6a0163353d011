"""Taking in a whole list: one officer hands it in, a second confirms it as one batch, a worker enters it in the background.

A dry run says what would become of every row. What is on the list already is skipped and named; a file handed in
again is the batch it was.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.audit.work import wake_on_commit
from lms.documents import archive, uploads
from lms.documents.models import ArchivedDocument
from lms.people import vault
from lms.people.access import require
from lms.people.models import Role
from lms.registry.models import BanCase, BanSubjectIndex, Intake, IntakeRow, ListAct
from lms.registry.services import intake_sheet
from lms.registry.services.intake_sheet import Read
from lms.registry.services.known import unsealed
from lms.registry.services.steps import given_reason
from lms.rules import chain
from lms.rules.identity import WITHOUT_BIRTH_DATE, mask
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound

TASK = "lms.registry.tasks.run_intake"
CHUNK = 1000
DECISION = ("authority", "case_number", "decided_on", "facts_on", "facts_category", "legal_basis")
SUBJECT = ("name", "birth_date", "document_type", "masked", "role", "kind", "from_date", "until")


@dataclass(frozen=True, slots=True)
class IntakeReport:
    """What became of an upload: ``intake`` is None after a dry run, and while ``errors`` are left."""

    intake: Intake | None
    total: int
    errors: tuple[Read, ...]
    listed: tuple[IntakeRow, ...]
    fresh: int
    undated: int = 0  # of the fresh: neither column nor number tells a birth date


def propose_intake(
    *,
    file: "File[bytes]",
    letter: "File[bytes]",
    source: str,
    actor: Actor,
    now: datetime,
    dry_run: bool = False,
) -> IntakeReport:
    """Hand in a workbook with the letter it came with. Nothing acts before a second officer has confirmed it.

    While a row is wrong nothing is taken: half a list is worse than none. Refuses a file without rows, without the
    needed columns, or with nobody who is not listed already (``nobody_new``), and ``handed_in`` for the same file again.
    """
    require_proposer(actor)
    reads = list(intake_sheet.read(file, on=timezone.localdate(now)))
    if not reads:
        raise Invalid("no_rows", _("文件中没有人员。"), field="file")
    errors = tuple(read for read in reads if read.code)
    rows = [_row(read) for read in reads if not read.code]
    mark_listed(rows)
    listed = tuple(row for row in rows if row.outcome)
    report = IntakeReport(None, len(reads), errors, listed, len(rows) - len(listed), undated(rows))
    if dry_run or errors:
        return report
    content_type = uploads.check(letter, kind="document")
    with transaction.atomic():
        document = archive.store(
            kind="ban-list",
            file_name="list" + archive.SUFFIXES[content_type],
            content_type=content_type,
            content=letter.read(),
            now=now,
            actor=actor,
        )
        file.seek(0)
        digest = hashlib.sha256(file.read()).hexdigest()
        intake = keep(
            kind=Intake.Kind.WORKBOOK, source=source, document=document, sha256=digest, rows=rows, actor=actor, now=now
        )
    return replace(report, intake=intake)


def keep(
    *,
    kind: str,
    source: str,
    document: ArchivedDocument,
    sha256: str,
    rows: Sequence[IntakeRow],
    actor: Actor,
    now: datetime,
) -> Intake:
    """Put rows before a second officer as one batch. Runs in the caller's transaction."""
    assert actor.id is not None, "the verb asks require_proposer first"
    if all(row.outcome for row in rows):
        raise Conflict("nobody_new", _("文件中的人都已在名单中，没有要列入的。"), field="file")
    try:
        with transaction.atomic():
            intake = Intake.objects.create(
                kind=kind,
                region_code=actor.region_code,
                source=source.strip()[:200],
                document=document,
                sha256=sha256,
                total=len(rows),
                proposed_by_id=actor.id,
                proposed_at=now,
            )
    except IntegrityError:
        raise Conflict("handed_in", _("这份文件已经提交过，请在批次列表中查看。"), field="file") from None
    for row in rows:
        row.intake = intake
    IntakeRow.objects.bulk_create(rows, batch_size=CHUNK)
    changes = {"kind": kind, "source": intake.source, "rows": len(rows), "sha256": sha256}
    record(verb="ban_intake.proposed", actor=actor, now=now, subject=intake, changes=changes)
    return intake


def confirm_intake(*, intake: Intake, actor: Actor, now: datetime, shown: str = "") -> Intake:
    """The second officer's word: every row is entered in the background, in the names of both officers.

    Refuses who handed it in (``same_officer``), a batch that was decided, and something else than was ``shown``.
    """
    _require_second(intake, actor)
    if shown and shown != digest_of(intake):
        raise Conflict("shown_changed", _("在您查看之后，名单或决定有了变化。下面是现在的内容，请重新核对。"))
    with transaction.atomic():
        _decide(intake, Intake.State.RUNNING, actor, now)
        record(verb="ban_intake.confirmed", actor=actor, now=now, subject=intake, changes={"rows": intake.total})
        wake_on_commit(TASK, str(intake.pk))
    return intake


def decline_intake(*, intake: Intake, reason: str, actor: Actor, now: datetime) -> Intake:
    """The second officer does not agree. The file may be handed in again."""
    _require_second(intake, actor)
    why = given_reason(reason)
    with transaction.atomic():
        _decide(intake, Intake.State.DECLINED, actor, now, reason=why)
        record(verb="ban_intake.declined", actor=actor, now=now, subject=intake, reason=why)
    return intake


def progress_of(intake: Intake) -> dict[str, int]:
    """Rows by what they say now. One query."""
    outcomes = IntakeRow.Outcome
    counts = {
        name: Count("pk", filter=Q(outcome=outcome)) for name, outcome in zip(outcomes.names, outcomes, strict=True)
    }
    told = intake.rows.aggregate(left=Count("pk", filter=Q(outcome="")), **counts)
    return {"total": intake.total, **{name.lower(): count for name, count in told.items()}}


def digest_of(intake: Intake) -> str:
    """A digest of what a second officer is shown of a batch: every row, and the document it rests on."""
    rows = intake.rows.order_by("number", "act").values_list("number", "act", *DECISION, *SUBJECT)
    return chain.digest({"document": intake.document.sha256, "rows": [list(row) for row in rows.iterator()]})


def mark_listed(rows: Sequence[IntakeRow]) -> None:
    """Mark rows that change nothing: entered already by the same decision, or standing twice in the file."""
    seen: set[tuple[str, ...]] = set()
    for some in _chunks(rows):
        cases = {(case.authority, case.number): case for case in _cases_of(some)}
        known = _known(cases.values(), some)
        annulled = set(BanCase.objects.filter(pk__in=[case.pk for case in cases.values()], states__state="annulled"))
        for row in some:
            case = cases.get((row.authority, row.case_number))
            indexes = _indexes(row)
            key = (row.act, row.authority, row.case_number, indexes[0])
            twice, listed = key in seen, case is not None and any((case.pk, index) in known for index in indexes)
            done = listed if row.act == ListAct.ENTERED else case in annulled
            seen.add(key)
            if twice or done:
                row.outcome = IntakeRow.Outcome.LISTED


def undated(rows: Iterable[IntakeRow]) -> int:
    """How many of the rows that would be entered tell no birth date: they are found under no other document."""
    entering = (row for row in rows if row.act == ListAct.ENTERED and not row.outcome)
    return sum(row.birth_date is None and row.document_type in WITHOUT_BIRTH_DATE for row in entering)


def undated_rows(intake: Intake) -> int:
    """``undated`` of a batch that is kept. One query."""
    entering = intake.rows.filter(act=ListAct.ENTERED, outcome="", birth_date=None)
    return entering.filter(document_type__in=[kind.value for kind in WITHOUT_BIRTH_DATE]).count()


def require_proposer(actor: Actor) -> None:
    """A registrar with a region."""
    require(actor, Role.REGISTRAR)
    if actor.kind != "user" or actor.id is None or not actor.region_code:
        raise NotAllowed("officer_required", _("禁入案件只能由登记在册的工作人员办理。"))


def _row(read: Read) -> IntakeRow:
    assert read.number is not None
    sealed = vault.seal(read.number.canonical)
    return IntakeRow(
        number=read.row,
        ciphertext=sealed.ciphertext,
        key_version=sealed.key_version,
        masked=mask(read.number.type, read.number.canonical),
        **{**read.said, "document_type": read.number.type.value},
    )


def _indexes(row: IntakeRow) -> list[str]:
    return vault.blind_indexes(unsealed(row))


def _cases_of(rows: Iterable[IntakeRow]) -> list[BanCase]:
    numbers = {row.case_number for row in rows}
    return list(BanCase.objects.filter(number__in=numbers))


def _known(cases: Iterable[BanCase], rows: Iterable[IntakeRow]) -> set[tuple[Any, str]]:
    """(case, index) of everybody whom these cases name already."""
    keys = [case.pk for case in cases]
    if not keys:
        return set()
    found = BanSubjectIndex.objects.filter(subject__case__in=keys)
    return set(found.values_list("subject__case_id", "blind_index"))


def _chunks(rows: Sequence[IntakeRow]) -> Iterator[list[IntakeRow]]:
    left = iter(rows)
    while some := list(islice(left, CHUNK)):
        yield some


def _require_second(intake: Intake, actor: Actor) -> None:
    require(actor, Role.CONFIRMING_REGISTRAR)
    if actor.kind != "user" or actor.id is None:
        raise NotAllowed("officer_required", _("禁入案件只能由登记在册的工作人员办理。"))
    if not Intake.objects.visible_to(actor).filter(pk=intake.pk).exists():
        raise NotFound("intake_unknown", _("没有找到这个批次。"))
    if intake.proposed_by_id == actor.id:
        raise NotAllowed("same_officer", _("须由另一位工作人员复核，录入或提交的人不能复核自己的案件。"))


def _decide(intake: Intake, state: str, actor: Actor, now: datetime, *, reason: str = "") -> None:
    """Compare and set: of two decisions at once one is taken."""
    waiting = Intake.objects.filter(pk=intake.pk, state=Intake.State.WAITING)
    if not waiting.update(state=state, decided_by_id=actor.id, decided_at=now, reason=reason):
        raise Conflict("decided_already", _("这个批次已经处理过，请刷新后再看。"))
    intake.refresh_from_db()
