"""A possible match is a question to a registrar: the same person, or another one. Never an automatic refusal."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.hiring.models import Check, Outcome, ReviewDecision
from lms.people.access import require
from lms.people.models import Role
from lms.people.services import tell_members
from lms.registry.services import current_list_version
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound

ANSWERED_ROLES = (Role.INSTITUTION_CHECKER, Role.INSTITUTION_MANAGER)


def decide_review(*, checked: Check, outcome: str, reason: str, actor: Actor, now: datetime) -> ReviewDecision:
    """Say whether the person asked about is the one on the list (``barred``) or another (``clear``).

    Refuses a check of another region, one that is not under review or already decided, and ``barred`` where nobody on
    the list was a possible match (``no_candidate``).
    """
    require(actor, Role.REGISTRAR, Role.CONFIRMING_REGISTRAR)
    if actor.kind != "user" or actor.id is None:
        raise NotAllowed("officer_required", _("只能由登记在册的工作人员核对。"))
    if not Check.objects.visible_to(actor).filter(pk=checked.pk).exists():
        raise NotFound("check_unknown", _("没有找到这次核查。"))
    if checked.outcome != Outcome.REVIEW:
        raise Conflict("not_under_review", _("这次核查不需要人工核对。"))
    if outcome not in {Outcome.CLEAR, Outcome.BARRED}:
        raise Invalid("outcome_unknown", _("请选择核对结论。"), field="outcome")
    if outcome == Outcome.BARRED and not checked.candidates.exists():
        raise Conflict("no_candidate", _("名单上没有可能匹配的人，不能认定为禁入。"), field="outcome")
    why = reason.strip()
    if not why:
        raise Invalid("reason_required", _("请写明理由。"), field="reason")
    try:
        with transaction.atomic():
            decision = ReviewDecision.objects.create(
                checked=checked,
                outcome=outcome,
                reason=why[:300],
                decided_by_id=actor.id,
                list_version=current_list_version(),
                at=now,
            )
            _make_known(checked, outcome, why, actor, now)
    except IntegrityError:
        raise Conflict("decided_already", _("另一位工作人员已作出决定，请刷新后再看。")) from None
    return decision


def _make_known(checked: Check, outcome: str, why: str, actor: Actor, now: datetime) -> None:
    record(
        verb="hiring_check.reviewed",
        actor=actor,
        now=now,
        subject=checked,
        person_id=checked.person_id,
        changes={"outcome": outcome, "institution": checked.institution.name},
        reason=why,
    )
    tell_members(
        organisation=checked.institution,
        roles=ANSWERED_ROLES,
        code="check.reviewed",
        title=_("一次待核对的核查有了结论：%(outcome)s") % {"outcome": Outcome(outcome).label},
        body=_("打开核查记录查看结论和下一步。"),
        url=reverse("hiring:check", args=[checked.pk]),
        urgent=outcome == Outcome.BARRED,
        dedupe_key=f"reviewed:{checked.pk}",
        now=now,
    )
