"""The way of a claim: submitted by the college, audited by one officer, decided by another, paid.

Money is granted for lines whose verdict is *pay* at the moment of the decision, and goes out for those that still are
when it is paid. What may never happen: one officer for both, more than the budget, a grant with lines still in doubt.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people.models import Person, Role
from lms.people.services import tell_members
from lms.rules.refusals import Conflict, NotAllowed
from lms.subsidies.models import Claim, ClaimState, LineVerdict, Scheme
from lms.subsidies.querysets import COLLEGE_ROLES
from lms.subsidies.services.schemes import refuse_above_budget, yuan
from lms.subsidies.services.steps import EDITABLE, given_reason, last_step, locked, require_state, require_user, take
from lms.subsidies.services.verdicts import judge_again

Verdict = LineVerdict.Verdict
IN_AUDIT = frozenset({ClaimState.SUBMITTED, ClaimState.AUDITED})


def totals(claim: Claim) -> dict[str, tuple[int, int]]:
    """(lines, fen) of the current lines by verdict; every verdict is there."""
    nothing = dict.fromkeys(Verdict.values, (0, 0))
    return claim.lines.current().totals().get(claim.pk, nothing)


@transaction.atomic
def submit_claim(*, claim: Claim, actor: Actor, now: datetime) -> Claim:
    """Hand a draft, or one sent back, to the bureau. Verdicts are brought up to date first. Twice is once."""
    require_user(actor, Role.COLLEGE_PUBLISHER)
    held = locked(claim, actor)
    if held.state == ClaimState.SUBMITTED:
        return held
    require_state(held, EDITABLE)
    _refuse_closed(held, now)
    _hold_persons(held)
    judge_again(held, actor, now)
    take(held, ClaimState.SUBMITTED, actor=actor, now=now)
    _recorded("claim.submitted", held, actor, now)
    title = _("%(college)s 提交了补贴申报 %(number)s") % {"college": held.college.name, "number": held.number}
    _tell_bureau(held, Role.BUREAU_AUDITOR, "claim_submitted", title, now)
    return held


@transaction.atomic
def audit_claim(*, claim: Claim, note: str, actor: Actor, now: datetime) -> Claim:
    """The auditor has looked: no line is in doubt any more (``lines_in_doubt``). The note goes to the approver."""
    require_user(actor, Role.BUREAU_AUDITOR)
    held = locked(claim, actor)
    require_state(held, {ClaimState.SUBMITTED})
    judge_again(held, actor, now)
    _refuse_doubt(held)
    take(held, ClaimState.AUDITED, actor=actor, now=now, reason=given_reason(note))
    _recorded("claim.audited", held, actor, now, reason=note.strip())
    title = _("补贴申报 %(number)s 已审计，待决定") % {"number": held.number}
    _tell_bureau(held, Role.BUREAU_APPROVER, "claim_audited", title, now)
    return held


@transaction.atomic
def return_claim(*, claim: Claim, reason: str, actor: Actor, now: datetime) -> Claim:
    """Send a claim back to the college, saying what to put right."""
    require_user(actor, Role.BUREAU_AUDITOR, Role.BUREAU_APPROVER)
    why = given_reason(reason)
    held = locked(claim, actor)
    require_state(held, IN_AUDIT)
    take(held, ClaimState.RETURNED, actor=actor, now=now, reason=why)
    _recorded("claim.returned", held, actor, now, reason=why)
    title = _("补贴申报 %(number)s 被退回，请补正后再提交") % {"number": held.number}
    _tell_college(held, "claim_returned", title, why, now)
    return held


@transaction.atomic
def decide_claim(*, claim: Claim, approve: bool, reason: str, actor: Actor, now: datetime) -> Claim:
    """Grant or reject. Another officer than the auditor decides (``same_officer``); a rejection needs its reason.

    A grant covers the lines whose verdict is *pay*: bans, certificates and other claims are looked up again first.
    Refuses ``lines_in_doubt``, ``nothing_to_pay`` and ``budget_exceeded`` (with the figures).
    """
    require_user(actor, Role.BUREAU_APPROVER)
    # Schemes before claims, everywhere: the budget is counted while nobody else grants under it.
    Scheme.objects.select_for_update().get(pk=claim.scheme_id)
    held = locked(claim, actor)
    require_state(held, {ClaimState.AUDITED})
    refuse_same_officer(held, actor)
    if not approve:
        why = given_reason(reason)
        take(held, ClaimState.REJECTED, actor=actor, now=now, reason=why, amount_fen=0)
        _recorded("claim.rejected", held, actor, now, reason=why)
        title = _("补贴申报 %(number)s 不予批准") % {"number": held.number}
        _tell_college(held, "claim_rejected", title, why, now)
        return held
    _hold_persons(held)
    judge_again(held, actor, now)
    _refuse_doubt(held)
    count, amount = _payable(held)
    refuse_above_budget(held.scheme, amount)
    take(held, ClaimState.APPROVED, actor=actor, now=now, reason=reason.strip(), amount_fen=amount)
    _recorded("claim.approved", held, actor, now, reason=reason.strip(), amount_fen=amount, lines=count)
    title = _("补贴申报 %(number)s 已批准：%(count)s 人，%(amount)s 元") % {
        "number": held.number,
        "count": count,
        "amount": yuan(amount),
    }
    _tell_college(held, "claim_approved", title, "", now)
    return held


@transaction.atomic
def mark_paid(*, claim: Claim, actor: Actor, now: datetime) -> Claim:
    """The money went out: for the lines that may still be paid, so less than granted where a ban came between."""
    require_user(actor, Role.BUREAU_APPROVER)
    held = locked(claim, actor)
    if held.state == ClaimState.PAID:
        return held
    require_state(held, {ClaimState.APPROVED})
    judge_again(held, actor, now)
    granted = last_step(held, ClaimState.APPROVED)
    count, amount = _payable(held, granted_at=granted.at if granted else now)
    take(held, ClaimState.PAID, actor=actor, now=now, amount_fen=amount)
    _recorded("claim.paid", held, actor, now, amount_fen=amount, lines=count)
    title = _("补贴申报 %(number)s 已拨付 %(amount)s 元") % {"number": held.number, "amount": yuan(amount)}
    _tell_college(held, "claim_paid", title, "", now)
    return held


def refuse_same_officer(claim: Claim, actor: Actor) -> None:
    """Refuse the officer who audited the claim, or who settled one of its lines, before or after the audit (四眼原则)."""
    audited = last_step(claim, ClaimState.AUDITED)
    settled = LineVerdict.objects.filter(line__in=claim.lines.current(), by=actor.label).exclude(reason="")
    if (audited and audited.officer_id == actor.id) or settled.exists():
        raise NotAllowed("same_officer", gettext_lazy("须由另一位工作人员决定，审计人不能决定自己审计的申报。"))


def _refuse_doubt(claim: Claim) -> None:
    in_doubt = totals(claim)[Verdict.QUERY][0]
    if in_doubt:
        raise Conflict(
            "lines_in_doubt", gettext_lazy("还有 %(count)s 行存疑，须由审计员逐行给出结论。"), count=in_doubt
        )


def _refuse_closed(claim: Claim, now: datetime) -> None:
    """A first submission keeps the window; what was sent back may be put right after it."""
    closes = claim.scheme.closes_on
    if claim.state == ClaimState.DRAFT and timezone.localdate(now) > closes:
        raise Conflict("scheme_closed", gettext_lazy("该项目的受理已于 %(closes)s 截止。"), closes=closes.isoformat())


def _payable(claim: Claim, granted_at: datetime | None = None) -> tuple[int, int]:
    """(lines, fen) that may be paid now; with ``granted_at`` only those the grant covered too."""
    lines = claim.lines.current().judged(Verdict.PAY)
    if granted_at:
        then = LineVerdict.objects.filter(line=OuterRef("pk"), at__lte=granted_at).order_by("-number")
        lines = lines.annotate(then=Subquery(then.values("verdict")[:1])).filter(then=Verdict.PAY)
    amounts = list(lines.values_list("amount_fen", flat=True))
    count, amount = len(amounts), sum(amounts)
    if not count:
        raise Conflict("nothing_to_pay", gettext_lazy("没有一行可以补贴，请退回或不予批准。"))
    return count, amount


def _hold_persons(claim: Claim) -> None:
    """Two claims with the same person wait for each other, so that the second sees the first."""
    people = claim.lines.current().values("person_id")
    list(Person.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk").values_list("pk"))


def _recorded(verb: str, claim: Claim, actor: Actor, now: datetime, *, reason: str = "", **changes: Any) -> None:
    facts = {"number": claim.number, "state": claim.state, **changes}
    record(verb=verb, actor=actor, now=now, subject=claim, changes=facts, reason=reason)


def _tell_bureau(claim: Claim, role: str, code: str, title: str, now: datetime) -> None:
    _tell(claim, now, organisation=claim.scheme.bureau, roles=[role], code=code, title=title)


def _tell_college(claim: Claim, code: str, title: str, body: str, now: datetime) -> None:
    _tell(claim, now, organisation=claim.college, roles=COLLEGE_ROLES, code=code, title=title, body=body)


def _tell(claim: Claim, now: datetime, *, code: str, **news: Any) -> None:
    number = claim.steps.count()
    tell_members(
        **news,
        code=code,
        url=reverse("subsidies:claim", args=[claim.pk]),
        dedupe_key=f"{code}:{claim.pk}:{number}",
        now=now,
    )
