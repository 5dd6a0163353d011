"""Issuing to everybody a rule selects. The rows are the work: a worker takes a batch, does some rows, and lets it go.

A piece of rows is one transaction: the certificates and what the rows say of them are kept together or not at all, so
that a worker killed anywhere, or two at once, make no second certificate and leave nobody out. Pausing and cancelling
wait for the piece in hand and nothing more. Printing follows each piece; a certificate without a PDF is work left over.
"""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certificates.models import BatchState, CertificateDocument, CertificateType, IssueBatch, IssueBatchRow
from certificates.querysets import IssueBatchQuerySet
from certificates.services.choosing import Candidate, Selection, select, types_for
from certificates.services.foreseeing import HELD, WEIGHED_TOGETHER, Foreseen, foresee, why
from certificates.services.issuing_many import Issued, Refused, issue_many
from certificates.services.printing_many import NotMade, print_many
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.audit.work import taken, wake_on_commit
from lms.people.access import require
from lms.people.models import Organisation, Role, User
from lms.people.services import tell
from lms.rules.refusals import Conflict, NotFound, Refusal

log = logging.getLogger(__name__)

ORDERING_ROLES = (Role.COLLEGE_PUBLISHER, Role.BUREAU_APPROVER)
MOST = 20_000  # persons in one order
MOST_ONE_BY_ONE = 1_000  # where each has to be weighed by itself
PIECE = 20  # persons in one transaction: as long as a pause has to wait
PIECES = 5  # in one turn of a worker
HOLD = timedelta(minutes=2)
CHUNK = 2000
JOB = "issue-batches"
TASK = "certificates.tasks.run_batch"
PRINT_FAILED = "print_failed"
Outcome = IssueBatchRow.Outcome


@dataclass(frozen=True, slots=True)
class Progress:
    """Rows of a batch by what they say now. ``done`` counts a certificate when its PDF is there."""

    total: int
    issued: int
    held: int
    refused: int
    waiting: int
    printed: int
    eligible: int  # of the waiting: those the dry run foresaw a certificate for
    holding: int  # of the waiting: those the dry run found holding one

    @property
    def done(self) -> int:
        return self.refused + self.printed


def plan_batch(*, type: CertificateType, selection: Selection, actor: Actor, now: datetime) -> IssueBatch:
    """Look at everybody the rule selects and say what would become of them. Nothing is issued.

    Refuses types and people the actor has no say over, ``nobody_selected``, and ``too_many_selected``.
    """
    require(actor, *ORDERING_ROLES)
    organisation = Organisation.objects.filter(pk=actor.organisation_id).first() if actor.organisation_id else None
    if organisation is None or not types_for(actor).filter(pk=type.pk).exists():
        raise NotFound("type_unknown", gettext_lazy("没有找到这种证书。"), field="type")
    most = MOST if type.rule in WEIGHED_TOGETHER else MOST_ONE_BY_ONE
    candidates = select(type=type, selection=selection, actor=actor, now=now, most=most)
    if not candidates:
        raise Conflict("nobody_selected", gettext_lazy("没有符合这个范围的人员，请放宽条件再试。"))
    foreseen = foresee(type=type, candidates=candidates, now=now)
    with transaction.atomic():
        batch = IssueBatch.objects.create(
            type=type,
            period=_period(candidates),
            rule=selection.as_rule(),
            organisation=organisation,
            region_code=organisation.region_code,
            actor_id=actor.id,
            asked_by=actor.label,
            actor_role=actor.role,
            total=len(candidates),
            drafted_at=now,
        )
        rows = (_row(batch, *row) for row in enumerate(zip(candidates, foreseen, strict=True), start=1))
        while some := list(islice(rows, CHUNK)):
            IssueBatchRow.objects.bulk_create(some)
        changes = {"type": type.key, "rule": batch.rule, "selected": len(candidates)}
        changes["eligible"] = sum(not one.code for one in foreseen)
        record(verb="issue_batch.drafted", actor=actor, now=now, subject=batch, changes=changes)
    return batch


def start_batch(*, batch: IssueBatch, actor: Actor, now: datetime) -> IssueBatch:
    """Issue what was planned; everybody is weighed anew when their turn comes. Started twice is started once.

    Refuses ``nobody_eligible`` when the dry run found nobody who would get or who holds one.
    """
    _require_own(batch, actor)
    if not batch.rows.filter(foreseen__in=["", HELD]).exists():
        raise Conflict("nobody_eligible", gettext_lazy("所选人员都不符合签发条件，没有可以签发的证书。"))
    return _step(batch, BatchState.RUNNING, after=[BatchState.DRAFTED], actor=actor, now=now, started_at=now)


def pause_batch(*, batch: IssueBatch, actor: Actor, now: datetime) -> IssueBatch:
    """Stop after the piece in hand; what was issued stays."""
    _require_own(batch, actor)
    return _step(batch, BatchState.PAUSED, after=[BatchState.RUNNING], actor=actor, now=now)


def resume_batch(*, batch: IssueBatch, actor: Actor, now: datetime) -> IssueBatch:
    """Go on where it was paused."""
    _require_own(batch, actor)
    return _step(batch, BatchState.RUNNING, after=[BatchState.PAUSED], actor=actor, now=now)


def cancel_batch(*, batch: IssueBatch, actor: Actor, now: datetime) -> IssueBatch:
    """End it for good; what was issued stays issued and is revoked, if it has to be, like any certificate."""
    _require_own(batch, actor)
    unended = [BatchState.DRAFTED, BatchState.RUNNING, BatchState.PAUSED]
    return _step(batch, BatchState.CANCELLED, after=unended, actor=actor, now=now, ended_at=now)


def work_on(*, batch_id: uuid.UUID, now: datetime) -> bool:
    """Issue and print the next rows of a running batch that nobody holds. True while it is to be gone on with."""
    with taken(_running(batch_id), now=now, hold=HOLD) as batch:
        if batch is None:
            return False
        for _turn in range(PIECES):
            _print_next(batch, now)
            if not _settle_next(batch, now):
                break
        if batch.rows.waiting().exists() or batch.rows.unprinted().exists():
            return IssueBatch.objects.running().filter(pk=batch.pk).exists()
        _finish(batch, now)
    return False


def progress_of(batch: IssueBatch) -> Progress:
    """How far the batch is. One query."""
    has_paper = Exists(CertificateDocument.objects.filter(certificate=OuterRef("certificate")))
    rows = batch.rows.annotate(has_paper=has_paper)
    waiting, certified = Q(outcome=""), Q(outcome__in=[Outcome.ISSUED, Outcome.HELD])
    counts = rows.aggregate(
        issued=Count("pk", filter=Q(outcome=Outcome.ISSUED)),
        held=Count("pk", filter=Q(outcome=Outcome.HELD)),
        refused=Count("pk", filter=Q(outcome=Outcome.REFUSED)),
        waiting=Count("pk", filter=waiting),
        printed=Count("pk", filter=certified & (Q(has_paper=True) | Q(code=PRINT_FAILED))),
        eligible=Count("pk", filter=waiting & Q(foreseen="")),
        holding=Count("pk", filter=waiting & Q(foreseen=HELD)),
    )
    return Progress(total=batch.total, **counts)


def orderer(batch: IssueBatch) -> Actor:
    """In whose name a batch issues, whichever worker does it."""
    return Actor(
        kind="user" if batch.actor_id else "system",
        label=batch.asked_by,
        id=batch.actor_id,
        organisation_id=batch.organisation_id,
        organisation_name=batch.organisation.name,
        role=batch.actor_role,
        region_code=batch.region_code,
    )


def _running(batch_id: uuid.UUID) -> IssueBatchQuerySet:
    found: IssueBatchQuerySet = IssueBatch.objects.running().filter(pk=batch_id).select_related("type", "organisation")
    return found


def _row(batch: IssueBatch, number: int, one: tuple[Candidate, Foreseen]) -> IssueBatchRow:
    candidate, foreseen = one
    return IssueBatchRow(
        batch=batch,
        number=number,
        person_id=candidate.person_id,
        period=candidate.period,
        foreseen=foreseen.code,
        params=foreseen.params,
    )


def _period(candidates: Sequence[Candidate]) -> str:
    periods = {one.period for one in candidates}
    return periods.pop() if len(periods) == 1 else ""


def _settle_next(batch: IssueBatch, now: datetime) -> bool:
    """Settle the next piece; False when nothing is left or the batch was stopped.

    A person at whom something breaks is settled alone and told as failed, so that nobody behind them waits for ever.
    What breaks in the database itself is nobody's fault: it is raised, and the piece comes again.
    """
    try:
        return _settle(batch, PIECE, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("a piece of issue batch %s failed; its rows are tried one by one", batch.pk)
    for _place in range(PIECE):
        try:
            if not _settle(batch, 1, now):
                return False
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("a row of issue batch %s failed", batch.pk)
            _give_up_next(batch)
    return True


@transaction.atomic
def _settle(batch: IssueBatch, most: int, now: datetime) -> bool:
    """One piece, kept as a whole, under the lock of the batch's row: whoever stops the batch waits for it."""
    if IssueBatch.objects.running().select_for_update(of=("self",)).filter(pk=batch.pk).first() is None:
        return False
    rows = _next(batch, most)
    candidates = [Candidate(row.person_id, row.person.name, row.person.region_code, row.period) for row in rows]
    able: dict[uuid.UUID, IssueBatchRow] = {}
    for row, foreseen in zip(rows, foresee(type=batch.type, candidates=candidates, now=now), strict=True):
        if foreseen.code:
            _settle_as(row, foreseen)
        else:
            able[row.person_id] = row
    periods = {person_id: row.period for person_id, row in able.items()}
    for told in issue_many(type=batch.type, period=periods, person_ids=able, actor=orderer(batch), now=now):
        _write_down(able[told.person_id], told)
    IssueBatchRow.objects.bulk_update(rows, ["outcome", "code", "params", "certificate"])
    return bool(rows)


def _next(batch: IssueBatch, most: int) -> list[IssueBatchRow]:
    """The next rows that wait, nobody twice: who learned a course in two years has their second turn later."""
    first: dict[uuid.UUID, IssueBatchRow] = {}
    for row in batch.rows.waiting().select_related("person").order_by("number")[:most]:
        first.setdefault(row.person_id, row)
    return list(first.values())


def _settle_as(row: IssueBatchRow, foreseen: Foreseen) -> None:
    if foreseen.code == HELD:
        row.outcome, row.certificate_id, row.params = Outcome.HELD, foreseen.certificate_id, {}
    else:
        row.outcome, row.code, row.params = Outcome.REFUSED, foreseen.code, foreseen.params


def _write_down(row: IssueBatchRow, told: Issued | Refused) -> None:
    if isinstance(told, Refused):
        row.outcome, row.code, row.params = Outcome.REFUSED, told.refusal.code, why(told.refusal)
    else:
        row.outcome = Outcome.ISSUED if told.fresh else Outcome.HELD
        row.certificate, row.params = told.certificate, {}


def _give_up_next(batch: IssueBatch) -> None:
    refusal = Refusal("failed", gettext_lazy("签发时系统出错，已记入日志；请稍后单独签发，或联系管理员。"))
    for row in _next(batch, 1):
        batch.rows.waiting().filter(pk=row.pk).update(outcome=Outcome.REFUSED, code=refusal.code, params=why(refusal))


def _print_next(batch: IssueBatch, now: datetime) -> None:
    """Make the PDFs that are missing so far. One that can't be made is told in its row and holds nobody up."""
    keys = list(batch.rows.unprinted().values_list("certificate", flat=True)[: PIECE * PIECES])
    for told in print_many(certificate_ids=keys, now=now):
        if isinstance(told, NotMade):
            log.error("certificate %s could not be printed", told.certificate_id, exc_info=told.error)
            batch.rows.filter(certificate=told.certificate_id).update(code=PRINT_FAILED)


def _finish(batch: IssueBatch, now: datetime) -> None:
    with transaction.atomic():
        running = IssueBatch.objects.running().filter(pk=batch.pk)
        if not running.update(state=BatchState.FINISHED, ended_at=now):
            return
        counts = progress_of(batch)
        changes = {"issued": counts.issued, "held": counts.held, "refused": counts.refused}
        record(verb="issue_batch.finished", actor=Actor.system(JOB), now=now, subject=batch, changes=changes)
        user = User.objects.filter(pk=batch.actor_id).first() if batch.actor_id else None
        if user is not None:
            tell(
                user=user,
                code="issue_batch.finished",
                title=_("批量签发已完成：签发 %(issued)s 份，未签发 %(refused)s 人") % changes,
                body=_("打开查看每个人的结果，下载压缩包、打印文件和目录。"),
                url=reverse("certificates:batch", args=[batch.pk]),
                dedupe_key=f"issue_batch:{batch.pk}",
                now=now,
            )


def _require_own(batch: IssueBatch, actor: Actor) -> None:
    """Whoever may order for the organisation may stop and go on with what a colleague ordered; a bureau only looks."""
    require(actor, *ORDERING_ROLES)
    if not actor.is_system and batch.organisation_id != actor.organisation_id:
        raise NotFound("batch_unknown", gettext_lazy("没有找到这次批量签发。"))


def _step(
    batch: IssueBatch, state: BatchState, *, after: Sequence[BatchState], actor: Actor, now: datetime, **times: Any
) -> IssueBatch:
    """Compare and set: of two steps at once one is taken. A running batch is worked on once this is committed."""
    with transaction.atomic():
        before = IssueBatch.objects.filter(pk=batch.pk, state__in=after)
        if not before.update(state=state, **times):
            raise Conflict("changed_meanwhile", gettext_lazy("这次批量签发的状态刚刚变了，请刷新后再看。"))
        record(verb=f"issue_batch.{state}", actor=actor, now=now, subject=batch, changes={"state": state})
        if state == BatchState.RUNNING:
            wake_on_commit(TASK, str(batch.pk))
    batch.refresh_from_db()
    return batch
