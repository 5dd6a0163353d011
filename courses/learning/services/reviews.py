"""What becomes of a flag: an auditor clears it or voids the course, the person may appeal once, an approver decides.

A flag is a question, not a blame: until somebody decides, nothing changes for the person. What may never happen: hours
taken without a reason the person can read, one officer for both steps, or an officer deciding about themselves.
"""

import uuid
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from courses.learning.models import AnomalyFlag, Enrolment, EnrolmentStateName, FlagDecision, FlagDecisionName
from courses.learning.services.enrolments import end_leases, local_day
from courses.learning.services.voiding import restore_course, void_course
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people.access import require
from lms.people.models import Organisation, OrganisationKind, OrganisationStatus, Role
from lms.people.services import tell_members, tell_person
from lms.policy.services import pack_in_force
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound
from lms.rules.regions import ancestors

_TEXT_AT_MOST = 1000  # characters


@transaction.atomic
def clear_flag(*, flag: AnomalyFlag, reason: str, actor: Actor, now: datetime) -> FlagDecision:
    """Nothing is wrong with what was flagged; nothing changes for the person, who can read the reason.

    Refuses ``decided_already``, a missing reason, one's own case; another region's flag is unknown.
    """
    require(actor, Role.BUREAU_AUDITOR)
    why = _given(reason)
    held = _held(flag, actor)
    _refuse_decided(held)
    return _decide(held, FlagDecisionName.CLEARED, why, actor=actor, now=now)


@transaction.atomic
def void_flag(*, flag: AnomalyFlag, reason: str, actor: Actor, now: datetime) -> FlagDecision:
    """What was learned in this enrolment does not count: it ends, its hours are reversed, the person is told why.

    The last day of the appeal is fixed here, by the policy in force. Refuses what ``clear_flag`` refuses, and a course
    that is void already by another flag (``voided_already``).
    """
    require(actor, Role.BUREAU_AUDITOR)
    why = _given(reason)
    end_leases([flag.enrolment.person_id], "stopped", now, enrolment_id=flag.enrolment_id)
    held = _held(flag, actor)
    _refuse_decided(held)
    enrolment = held.enrolment
    if enrolment.state == EnrolmentStateName.VOIDED:
        raise Conflict("voided_already", _("这门课程已因另一条标记作废，没有可以再作废的学时。"))
    on = local_day(now)
    days = pack_in_force(enrolment.person.region_code, on).review.appeal_days
    decision = _decide(held, FlagDecisionName.VOIDED, why, actor=actor, now=now, appeal_until=on + timedelta(days=days))
    minutes = void_course(enrolment=enrolment, reason=why, actor=actor, now=now)
    body = _(
        "%(office)s审核后决定：这次学习的记录作废。理由：“%(reason)s”。%(hours)s如有异议，最迟可在 %(until)s 提出申诉。"
    )
    taken = _("已计入的 %(minutes)s 分钟学时已冲销。") % {"minutes": minutes} if minutes else ""
    _tell(
        decision,
        _("“%(title)s”的学习记录已作废") % {"title": enrolment.release.title},
        body % {"office": decision.by_label, "reason": why, "hours": taken, "until": decision.appeal_until},
        now,
    )
    return decision


@transaction.atomic
def appeal_flag(*, flag: AnomalyFlag, text: str, actor: Actor, now: datetime) -> FlagDecision:
    """The person objects to a voiding, in their own words, once and within the days the policy gives.

    Refuses ``nothing_to_appeal``, ``appealed_already`` and ``appeal_late`` (with the last day); ``NotFound`` for
    another's flag.
    """
    _require_user(actor)
    why = _given(text, field="text")
    held = _held(flag, actor, own=True)
    last = _last(held)
    if last is None or last.decision == FlagDecisionName.CLEARED:
        raise Conflict("nothing_to_appeal", _("这条标记没有作废您的学习记录，不需要申诉。"))
    if last.decision != FlagDecisionName.VOIDED:
        raise Conflict("appealed_already", _("您已经申诉过：%(state)s。"), state=last.get_decision_display())
    if days_left(last, local_day(now)) < 0:
        raise Conflict("appeal_late", _("申诉期限已于 %(until)s 截止。"), until=f"{last.appeal_until:%Y-%m-%d}")
    decision = _decide(held, FlagDecisionName.APPEALED, why, actor=actor, now=now)
    _tell_approvers(decision, now)
    return decision


@transaction.atomic
def decide_appeal(*, flag: AnomalyFlag, overturn: bool, reason: str, actor: Actor, now: datetime) -> FlagDecision:
    """Another officer than the one who voided upholds that or overturns it: then the course counts again.

    Refuses ``not_appealed``, ``same_officer``, one's own case and a missing reason; another region's is unknown.
    """
    require(actor, Role.BUREAU_APPROVER)
    why = _given(reason)
    held = _held(flag, actor)
    steps = list(held.decisions.order_by("number"))
    if not steps or steps[-1].decision != FlagDecisionName.APPEALED:
        raise Conflict("not_appealed", _("这条标记没有待决定的申诉。"))
    voided = next(step for step in reversed(steps) if step.decision == FlagDecisionName.VOIDED)
    if voided.by_id == actor.id:
        raise NotAllowed("same_officer", _("须由另一位工作人员决定，作出作废决定的人不能决定对它的申诉。"))
    name = FlagDecisionName.OVERTURNED if overturn else FlagDecisionName.UPHELD
    decision = _decide(held, name, why, actor=actor, now=now)
    title = held.enrolment.release.title
    if not overturn:
        _tell(
            decision,
            _("申诉结果：维持“%(title)s”的作废决定") % {"title": title},
            _("理由：“%(reason)s”。") % {"reason": why},
            now,
        )
        return decision
    minutes = restore_course(enrolment=held.enrolment, voided=voided, overturned=decision, actor=actor, now=now)
    again = _("%(minutes)s 分钟学时已重新计入。") % {"minutes": minutes} if minutes else ""
    body = _("理由：“%(reason)s”。%(hours)s") % {"reason": why, "hours": again}
    _tell(decision, _("申诉成立，“%(title)s”的作废决定已撤销") % {"title": title}, body, now)
    return decision


def days_left(voided: FlagDecision, on: date) -> int:
    """Whole days left to appeal after today: 0 on the last day, negative when it is over."""
    return (voided.appeal_until - on).days if voided.appeal_until else -1


def _given(reason: str, field: str = "reason") -> str:
    tidy = reason.strip()
    if not tidy:
        raise Invalid("reason_required", _("请写明理由。"), field=field)
    if len(tidy) > _TEXT_AT_MOST:
        raise Invalid("reason_too_long", _("理由不能超过 %(most)s 字。"), field=field, most=_TEXT_AT_MOST)
    return tidy


def _require_user(actor: Actor) -> uuid.UUID:
    if actor.kind != "user" or actor.id is None:
        raise NotAllowed("officer_required", _("只能由登记在册的人员办理。"))
    return actor.id


def _held(flag: AnomalyFlag, actor: Actor, *, own: bool = False) -> AnomalyFlag:
    """The flag with its enrolment locked: every decision about one enrolment waits for the one before."""
    _require_user(actor)
    found = AnomalyFlag.objects.of(actor.person_id) if own else AnomalyFlag.objects.visible_to(actor)
    held = found.select_related("enrolment").filter(pk=flag.pk).first()
    if held is None:
        raise NotFound("flag_unknown", _("没有找到这条标记。"))
    if not own and held.enrolment.person_id == actor.person_id:
        raise NotAllowed("own_case", _("这是您本人的学习记录，须由另一位工作人员审核。"))
    # Its completion is read after the lock: what a join had read before waiting for it might be of a moment ago.
    held.enrolment = (
        Enrolment.objects.select_for_update(no_key=True, of=("self",))
        .select_related("person", "release")
        .get(pk=held.enrolment_id)
    )
    return held


def _last(flag: AnomalyFlag) -> FlagDecision | None:
    return flag.decisions.order_by("-number").first()


def _refuse_decided(flag: AnomalyFlag) -> None:
    last = _last(flag)
    if last:
        raise Conflict(
            "decided_already",
            _("这条标记已由%(by)s处理：%(state)s。"),
            by=last.by_label,
            state=last.get_decision_display(),
        )


def _decide(
    flag: AnomalyFlag,
    name: FlagDecisionName,
    reason: str,
    *,
    actor: Actor,
    now: datetime,
    appeal_until: date | None = None,
) -> FlagDecision:
    last = _last(flag)
    appeal = name == FlagDecisionName.APPEALED
    try:
        with transaction.atomic():
            decision = FlagDecision.objects.create(
                flag=flag,
                number=last.number + 1 if last else 1,
                decision=name,
                reason=reason,
                by_id=_require_user(actor),
                by_label=(flag.enrolment.person.name if appeal else actor.organisation_name or actor.label)[:150],
                appeal_until=appeal_until,
                at=now,
            )
    except IntegrityError:
        raise Conflict("decided_meanwhile", _("另一位工作人员刚刚处理了这条标记，请刷新后再看。")) from None
    record(
        verb=f"flag.{name.value}",
        actor=actor,
        now=now,
        subject=flag,
        person_id=flag.enrolment.person_id,
        changes={"code": flag.code, "enrolment": str(flag.enrolment_id), "number": decision.number},
        reason=reason,
    )
    return decision


def _tell(decision: FlagDecision, title: str, body: str, now: datetime) -> None:
    """A decision has a term for the appeal: it goes into the inbox and out by e-mail."""
    enrolment = decision.flag.enrolment
    tell_person(
        person=enrolment.person,
        code=f"flag_{decision.decision}",
        title=title,
        body=body,
        url=reverse("learning:own_flags", args=[enrolment.pk]),
        urgent=decision.decision == FlagDecisionName.VOIDED,
        dedupe_key=f"flag:{decision.pk}",
        mail=True,
        now=now,
    )


def _tell_approvers(decision: FlagDecision, now: datetime) -> None:
    """The approvers of the nearest human-resources bureau that answers for the person's place."""
    enrolment = decision.flag.enrolment
    code = enrolment.person.region_code
    bureaus = Organisation.objects.filter(
        kind=OrganisationKind.HR_BUREAU, status=OrganisationStatus.ADMITTED, region_code__in=[code, *ancestors(code)]
    )
    # The nearest has the longest significant code; GB/T 2260 fills up with zeros.
    nearest = max(bureaus, key=lambda one: len(one.region_code.rstrip("0")), default=None)
    if nearest is None:
        return
    tell_members(
        organisation=nearest,
        roles=[Role.BUREAU_APPROVER],
        code="flag_appealed",
        title=_("“%(title)s”的作废决定有一件申诉待决定") % {"title": enrolment.release.title},
        body=_("须由作废决定以外的另一位工作人员决定。"),
        url=reverse("learning:review", args=[decision.flag_id]),
        dedupe_key=f"flag:{decision.pk}",
        now=now,
    )
