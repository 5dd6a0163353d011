"""Entering a confirmed batch, some decisions at a time. A piece is one transaction: cases, versions and everything that
follows are kept together or not at all, so that a worker killed anywhere, or two at once, enter nobody twice.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.audit.work import taken
from lms.people import vault
from lms.people.models import Role, User
from lms.people.services import tell
from lms.people.wording import sentence
from lms.registry.models import BanCase, BanState, BanSubject, CaseDocument, CaseState, Intake, IntakeRow, ListAct
from lms.registry.services import annulment, cases, exchange, steps, versions
from lms.registry.services.intake import DECISION, progress_of
from lms.registry.services.known import unsealed
from lms.registry.services.subjects import new_subject, settle_subjects
from lms.rules.refusals import Conflict, Refusal

log = logging.getLogger(__name__)

HOLD = timedelta(minutes=2)
PIECE = 20  # decisions in one transaction
PIECES = 10  # in one turn of a worker
JOB = "ban-intakes"
Outcome = IntakeRow.Outcome
Change = tuple[BanState, list[BanSubject]]


def work_on(*, intake_id: UUID, now: datetime) -> bool:
    """Enter the next decisions of a confirmed batch that nobody holds. True while rows are left for another turn."""
    with taken(Intake.objects.running().filter(pk=intake_id), now=now, hold=HOLD) as intake:
        if intake is None:
            return False
        for _turn in range(PIECES):
            if not _settle_next(intake, now):
                _finish(intake, now)
                return False
    return True


def _settle_next(intake: Intake, now: datetime) -> bool:
    """One piece; False when nothing is left. A decision at which something breaks is told as failed, alone.

    What breaks in the database itself is nobody's fault: it is raised, and the piece comes again.
    """
    try:
        return _settle(intake, PIECE, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("a piece of intake %s failed; its decisions are tried one by one", intake.pk)
    for _place in range(PIECE):
        try:
            if not _settle(intake, 1, now):
                return False
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("a decision of intake %s failed", intake.pk)
            _fail(_next(intake, 1), Refusal("failed", _("列入时系统出错，已记入日志；请单独录入，或联系管理员。")))
    return True


@transaction.atomic
def _settle(intake: Intake, most: int, now: datetime) -> bool:
    locked = Intake.objects.running().select_for_update(of=("self",)).filter(pk=intake.pk).first()
    rows = _next(intake, most) if locked else []
    changes: list[Change] = []
    for _decision, some in groupby(rows, key=lambda row: (row.authority, row.case_number)):
        changes += _decided(intake, list(some), now)
    if changes:
        version = versions.new_version(changes, now=now)
        for state, subjects in changes:
            announce = cases.announce if state.state == CaseState.IN_FORCE else annulment.announce
            announce(state, subjects, version, actor=_officer(intake.decided_by, intake), now=now)
    return bool(rows)


def _next(intake: Intake, most: int) -> list[IntakeRow]:
    """All waiting rows of the next decisions: a case is entered whole, because it is fixed once it is in force."""
    waiting = intake.rows.filter(outcome="")
    decisions = list(dict.fromkeys(waiting.order_by("number").values_list("authority", "case_number")[: most * 50]))
    wanted = decisions[:most]
    found = waiting.filter(case_number__in=[number for _authority, number in wanted]).order_by("number")
    rows = [row for row in found if (row.authority, row.case_number) in wanted]
    # What enters goes before what annuls.
    return sorted(rows, key=lambda row: (row.authority, row.case_number, row.act != ListAct.ENTERED, row.number))


def _decided(intake: Intake, rows: Sequence[IntakeRow], now: datetime) -> list[Change]:
    """Enter one decision, annul it, or say why not."""
    first = rows[0]
    try:
        with transaction.atomic():
            case = BanCase.objects.filter(authority=first.authority, number=first.case_number).first()
            entered = [row for row in rows if row.act == ListAct.ENTERED]
            changes = []
            if entered and case is None:
                case = _draft(intake, entered, now)
                changes.append(_enter(intake, case, entered, now))
            elif entered and case is not None:
                _compare(case, entered)
            annulling = [row for row in rows if row.act == ListAct.ANNULLED]
            if annulling:
                changes += _annul(intake, case, annulling, now)
    except Refusal as refusal:
        _fail(rows, refusal)
        return []
    return changes


def _draft(intake: Intake, rows: Sequence[IntakeRow], now: datetime) -> BanCase:
    first, proposer = rows[0], _officer(intake.proposed_by, intake)
    for row in rows:
        if any(getattr(row, name) != getattr(first, name) for name in DECISION):
            raise Conflict("decision_differs", _("同一文号的各行，决定内容不一致，请核对。"))
    case = BanCase(region_code=first.region_code or intake.region_code, created_at=now)
    facts = {name: getattr(first, name) for name in DECISION if name != "case_number"}
    cases.fill(case, number=first.case_number, now=now, **facts)
    cases.save_once(case, force_insert=True)
    CaseDocument.objects.create(case=case, purpose="list", document=intake.document, at=now)
    for row in rows:
        number = unsealed(row)
        terms: dict[str, Any] = {name: getattr(row, name) for name in ("name", "birth_date", "role", "kind", "until")}
        subject = new_subject(case=case, number=number, from_date=row.from_date or case.decided_on, now=now, **terms)
        subject.save(force_insert=True)
        IntakeRow.objects.filter(pk=row.pk).update(outcome=Outcome.TAKEN, subject=subject)
    drafted = steps.take(case, CaseState.DRAFT, after=0, actor=proposer, now=intake.proposed_at)
    steps.take(case, CaseState.SUBMITTED, after=drafted.number, actor=proposer, now=intake.proposed_at)
    record(verb="ban_case.taken_in", actor=proposer, now=now, subject=case, changes={"intake": str(intake.pk)})
    return case


def _enter(intake: Intake, case: BanCase, rows: Sequence[IntakeRow], now: datetime) -> Change:
    reason = f"{intake.source} #{rows[0].number}"
    decider = _officer(intake.decided_by, intake)
    step = steps.take(case, CaseState.IN_FORCE, after=2, actor=decider, now=now, reason=reason)
    subjects = settle_subjects(case)
    _require_impartial(intake, case)
    return step, subjects


def _compare(case: BanCase, rows: Sequence[IntakeRow]) -> None:
    """The decision is here already: who is named in it is listed; somebody else would change what is fixed."""
    for row in rows:
        subject = case.subjects.filter(indexes__blind_index__in=vault.blind_indexes(unsealed(row))).first()
        if subject is None:
            _fail([row], Conflict("decision_fixed", _("这份决定已经录入，但其中没有此人。请人工核对后单独办理。")))
        else:
            IntakeRow.objects.filter(pk=row.pk).update(outcome=Outcome.LISTED, subject=subject)


def _annul(intake: Intake, case: BanCase | None, rows: Sequence[IntakeRow], now: datetime) -> list[Change]:
    """Another region has annulled a decision it sent: it is annulled here too, on the same word of two officers.

    Refuses a decision that did not come from there (``not_theirs``): nobody lifts what another authority has decided.
    """
    keys = [row.pk for row in rows]
    last = steps.latest(case) if case else None
    if case is None or last is None:
        raise Conflict("decision_unknown", _("没有找到要撤销的决定。"))
    if last.state == CaseState.ANNULLED:
        IntakeRow.objects.filter(pk__in=keys).update(outcome=Outcome.LISTED)
        return []
    if not exchange.came_from_sender_of(intake.document, case=case):
        raise Conflict("not_theirs", _("这份决定不是由对方地区送来的，对方无权撤销。请与对方核对。"))
    _require_impartial(intake, case)
    steps.require_state(last, *steps.ACTING)
    after = last.number
    if last.state != CaseState.ANNULMENT_PROPOSED or last.officer_id == intake.decided_by_id:
        proposer = _officer(intake.proposed_by, intake)
        state = CaseState.ANNULMENT_PROPOSED
        after = steps.take(
            case, state, after=after, actor=proposer, now=now, reason=intake.source, document=intake.document
        ).number
    step = steps.take(
        case,
        CaseState.ANNULLED,
        after=after,
        actor=_officer(intake.decided_by, intake),
        now=now,
        reason=intake.source,
        document=intake.document,
    )
    IntakeRow.objects.filter(pk__in=keys).update(outcome=Outcome.ANNULLED)
    return [(step, list(case.subjects.select_related("person").order_by("pk")))]


def _require_impartial(intake: Intake, case: BanCase) -> None:
    """Refuse a decision that names one of the two officers who answer for the batch."""
    assert intake.decided_by_id is not None, "a batch is worked on once it was confirmed"
    if steps.names_officer(case, intake.proposed_by_id, intake.decided_by_id):
        raise steps.own_case()


def _fail(rows: Sequence[IntakeRow], refusal: Refusal) -> None:
    said = {"outcome": Outcome.FAILED, "code": refusal.code, "error": sentence(refusal)[:300], "subject": None}
    IntakeRow.objects.filter(pk__in=[row.pk for row in rows]).update(**said)


def _officer(user: User | None, intake: Intake) -> Actor:
    """In whose name a worker writes: the two officers of the batch."""
    assert user is not None, "a batch is worked on once it was confirmed"
    role = Role.REGISTRAR if user.pk == intake.proposed_by_id else Role.CONFIRMING_REGISTRAR
    return Actor(kind="user", label=user.username, id=user.pk, role=role, region_code=intake.region_code)


def _finish(intake: Intake, now: datetime) -> None:
    with transaction.atomic():
        running = Intake.objects.running().filter(pk=intake.pk)
        if not running.update(state=Intake.State.FINISHED, finished_at=now):
            return
        counts = progress_of(intake)
        record(verb="ban_intake.finished", actor=Actor.system(JOB), now=now, subject=intake, changes=counts)
        for user in (intake.proposed_by, intake.decided_by):
            assert user is not None
            tell(
                user=user,
                code="ban_intake.finished",
                title=_("名单批次已完成：列入 %(taken)s 人，跳过 %(listed)s 人，未能列入 %(failed)s 人") % counts,
                body=_("打开查看每一行的结果。"),
                url=reverse("registry:intake", args=[intake.pk]),
                dedupe_key=f"ban_intake:{intake.pk}",
                now=now,
            )
