"""A person says that a look-up was wrong: it was not them, they never agreed, or the answer is wrong.

A registrar of the region of whoever asked answers, with a reason. An answer may change what the check says (to *clear*);
then the institution is told. The list itself is never touched: who is on it is taken off it by annulment alone.
"""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.models import AuditEvent
from lms.audit.services import record
from lms.hiring.models import Check, CheckDispute, DisputeAnswer, Ground, Outcome
from lms.hiring.services import clock, news
from lms.hiring.services.asking import LOOKED_UP
from lms.hiring.services.checks import effective_outcome
from lms.hiring.services.impartial import require_impartial
from lms.people.access import require
from lms.people.models import Role
from lms.people.services import tell_members, tell_person
from lms.registry.services import is_barred
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound

LONGEST = 500
TOLD_ROLES = (Role.INSTITUTION_CHECKER, Role.INSTITUTION_MANAGER)


def disputable_by(actor: Actor) -> "QuerySet[Check]":
    """Look-ups of the actor's own number, also those under another name than theirs."""
    if actor.person_id is None:
        return Check.objects.none()
    about = AuditEvent.objects.filter(
        person_id=actor.person_id, verb=LOOKED_UP, subject_type=Check._meta.label_lower
    ).values("subject_id")
    return Check.objects.filter(pk__in=about).select_related("institution", "decision__revocation")


def dispute_check(*, checked: Check, ground: str, statement: str, actor: Actor, now: datetime) -> CheckDispute:
    """Say what is wrong with a look-up of oneself.

    Refuses checks about somebody else (``check_unknown``), an unknown ground, no statement, ``disputed_already``, and
    ``outcome_not_wrong``: who was told to be clear has nothing to gain by calling it wrong.
    """
    own = disputable_by(actor).filter(pk=checked.pk).exists()
    if actor.kind != "user" or actor.id is None or actor.person_id is None or not own:
        raise NotFound("check_unknown", _("没有找到这次核查。"))
    if ground not in Ground.values:
        raise Invalid("ground_unknown", _("请选择理由。"), field="ground")
    if ground == Ground.OUTCOME_WRONG and effective_outcome(checked) == Outcome.CLEAR:
        raise Conflict("outcome_not_wrong", _("这次核查的结果是“未见禁入”，没有可以更正的结果。"), field="ground")
    said = statement.strip()
    if not said:
        raise Invalid("statement_required", _("请说明情况。"), field="statement")
    try:
        with transaction.atomic():
            dispute = CheckDispute.objects.create(
                checked=checked,
                person_id=actor.person_id,
                ground=ground,
                statement=said[:LONGEST],
                raised_by_id=actor.id,
                at=now,
            )
            record(
                verb="hiring_check.disputed",
                actor=actor,
                now=now,
                subject=checked,
                person_id=actor.person_id,
                changes={"ground": ground, "institution": checked.institution.name},
            )
            news.tell_registrars(
                checked.institution.region_code,
                code="check.disputed",
                title=_("有人对一次核查提出异议：%(ground)s") % {"ground": Ground(ground).label},
                body=_("核查机构：%(institution)s。请查看并答复。") % {"institution": checked.institution.name},
                url=reverse("hiring:dispute", args=[dispute.pk]),
                dedupe_key=f"disputed:{dispute.pk}",
                now=now,
            )
    except IntegrityError:
        raise Conflict("disputed_already", _("您已对这次核查提出过异议，请等待答复。")) from None
    return dispute


def answer_dispute(
    *, dispute: CheckDispute, upheld: bool, clears: bool = False, reason: str, actor: Actor, now: datetime
) -> DisputeAnswer:
    """Answer with a reason. ``clears``: from now on the check says *clear*, and the institution is told.

    Refuses another region's, an answer without a reason, a second answer (``answered_already``), ``clears`` without
    ``upheld`` or where there is nothing to clear, and ``still_listed``: the person is on the list today.
    """
    require(actor, Role.REGISTRAR, Role.CONFIRMING_REGISTRAR)
    if actor.kind != "user" or actor.id is None:
        raise NotAllowed("officer_required", _("只能由登记在册的工作人员答复。"))
    if not CheckDispute.objects.visible_to(actor).filter(pk=dispute.pk).exists():
        raise NotFound("dispute_unknown", _("没有找到这项异议。"))
    if dispute.person_id == actor.person_id:
        raise NotAllowed("own_dispute", _("不能答复自己提出的异议。"))
    require_impartial(dispute.checked, actor)
    why = reason.strip()
    if not why:
        raise Invalid("reason_required", _("请写明理由。"), field="reason")
    if clears:
        _require_clearable(dispute, upheld, now)
    outcome = Outcome.CLEAR.value if clears else ""
    try:
        with transaction.atomic():
            answer = DisputeAnswer.objects.create(
                dispute=dispute, upheld=upheld, outcome=outcome, reason=why[:LONGEST], answered_by_id=actor.id, at=now
            )
            if clears:
                clock.close([dispute.checked], now)
            _make_known(answer, actor, now)
    except IntegrityError:
        raise Conflict("answered_already", _("另一位工作人员已经答复，请刷新后再看。")) from None
    return answer


def _require_clearable(dispute: CheckDispute, upheld: bool, now: datetime) -> None:
    if not upheld or effective_outcome(dispute.checked) == Outcome.CLEAR:
        raise Invalid("nothing_to_clear", _("只有异议成立、且原结果不是“未见禁入”时才能更正结果。"), field="clears")
    if is_barred(dispute.person, timezone.localdate(now)):
        raise Conflict(
            "still_listed",
            _("此人目前在禁入名单上。名单有误的，须由两位工作人员凭撤销文件撤销决定，不能在这里更正。"),
            field="clears",
        )


def _make_known(answer: DisputeAnswer, actor: Actor, now: datetime) -> None:
    dispute, checked = answer.dispute, answer.dispute.checked
    record(
        verb="hiring_check.dispute_answered",
        actor=actor,
        now=now,
        subject=checked,
        person_id=dispute.person_id,
        changes={"upheld": answer.upheld, "outcome": answer.outcome, "institution": checked.institution.name},
        reason=answer.reason,
    )
    tell_person(
        person=dispute.person,
        code="check.dispute_answered",
        title=_("您的异议已答复：成立") if answer.upheld else _("您的异议已答复：不成立"),
        body=_("%(institution)s的核查。理由：%(reason)s")
        % {"institution": checked.institution.name, "reason": answer.reason},
        url=reverse("hiring:dispute", args=[dispute.pk]),
        dedupe_key=f"dispute-answered:{dispute.pk}",
        now=now,
    )
    if answer.outcome:
        _tell_institution(
            checked,
            title=_("一次核查的结果已更正为“未见禁入”"),
            body=_("卫生健康部门核实了本人的异议。打开核查记录查看。"),
            key=f"corrected:{dispute.pk}",
            now=now,
        )
    elif answer.upheld:
        _tell_institution(
            checked,
            title=_("本人对一次核查的异议成立：%(ground)s") % {"ground": Ground(dispute.ground).label},
            body=_("未经本人同意或查错人的核查会被追究。请核对内部手续。"),
            key=f"upheld:{dispute.pk}",
            now=now,
        )


def _tell_institution(checked: Check, *, title: object, body: object, key: str, now: datetime) -> None:
    tell_members(
        organisation=checked.institution,
        roles=TOLD_ROLES,
        code="check.dispute_answered",
        title=title,
        body=body,
        url=reverse("hiring:check", args=[checked.pk]),
        dedupe_key=key,
        now=now,
    )
