"""A possible match is a question to a registrar: the same person, or another one. Never an automatic refusal."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.hiring.models import Check, CheckCandidate, Outcome, PairDecision, RememberedAnswer, ReviewDecision
from lms.hiring.services import clock, memory
from lms.hiring.services.impartial import require_impartial
from lms.hiring.services.papers import require_open
from lms.people.access import require
from lms.people.models import Role
from lms.people.services import tell_members, tell_person
from lms.registry.models import BanSubject
from lms.registry.services import current_list_version
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound

ANSWERED_ROLES = (Role.INSTITUTION_CHECKER, Role.INSTITUTION_MANAGER)


def decide_review(
    *,
    checked: Check,
    outcome: str,
    reason: str,
    subject: BanSubject | None = None,
    actor: Actor,
    now: datetime,
) -> ReviewDecision:
    """Say whether the person asked about is one on the list (``barred``: ``subject``) or none of them (``clear``).

    What is said is remembered for the number and name asked about, and answers every other open check that asks the
    same. Refuses a check of another region, one about the officer (``own_check``), one that is not under review or already decided, ``barred`` where nobody
    on the list was a possible match (``no_candidate``) or where it is not said which of several (``subject_required``),
    and what contradicts a decision that stands (``decided_otherwise``).
    """
    why = _require_terms(checked, outcome, reason, actor)
    candidates = list(checked.candidates.all())
    answers = _answers(candidates, outcome, subject)
    try:
        with transaction.atomic():
            decision = _decide(checked, outcome, why, actor, now)
            pairs = memory.remember(decision, answers, now)
            for other in _asking_the_same(checked):
                _follow(other, pairs, decision, actor, now)
    except IntegrityError:
        raise Conflict("decided_already", _("另一位工作人员已作出决定，请刷新后再看。")) from None
    return decision


def _require_terms(checked: Check, outcome: str, reason: str, actor: Actor) -> str:
    """The tidy reason, or a refusal."""
    require(actor, Role.REGISTRAR, Role.CONFIRMING_REGISTRAR)
    if actor.kind != "user" or actor.id is None:
        raise NotAllowed("officer_required", _("只能由登记在册的工作人员核对。"))
    if not Check.objects.visible_to(actor).filter(pk=checked.pk).exists():
        raise NotFound("check_unknown", _("没有找到这次核查。"))
    require_impartial(checked, actor)
    require_open(checked)
    if outcome not in {Outcome.CLEAR, Outcome.BARRED}:
        raise Invalid("outcome_unknown", _("请选择核对结论。"), field="outcome")
    why = reason.strip()
    if not why:
        raise Invalid("reason_required", _("请写明理由。"), field="reason")
    return why


def _answers(candidates: list[CheckCandidate], outcome: str, subject: BanSubject | None) -> Mapping[UUID, bool]:
    """What the decision says of each subject: one is the same person, or none is."""
    if outcome == Outcome.CLEAR:
        return {row.subject_id: False for row in candidates}
    if not candidates:
        raise Conflict("no_candidate", _("名单上没有可能匹配的人，不能认定为禁入。"), field="outcome")
    if subject is None and len(candidates) > 1:
        raise Invalid("subject_required", _("请指明与名单上的哪一人是同一人。"), field="outcome")
    key = subject.pk if subject else candidates[0].subject_id
    if all(row.subject_id != key for row in candidates):
        raise NotFound("subject_unknown", _("这个人不在可能匹配之列。"), field="outcome")
    return {key: True}


def _decide(checked: Check, outcome: str, why: str, actor: Actor, now: datetime) -> ReviewDecision:
    assert actor.id is not None
    decision = ReviewDecision.objects.create(
        checked=checked,
        outcome=outcome,
        reason=why[:300],
        decided_by_id=actor.id,
        list_version=current_list_version(),
        at=now,
    )
    clock.close([checked], now)
    _make_known(checked, outcome, why, actor, now)
    return decision


def _asking_the_same(checked: Check) -> list[Check]:
    """Other checks under review that ask about this number under this name."""
    same = Check.objects.filter(
        outcome=Outcome.REVIEW, decision=None, blind_index__in=memory.indexes_of(checked), name=checked.name
    )
    rows = same.exclude(pk=checked.pk).select_related("institution", "person", "list_version")
    return list(rows.prefetch_related("candidates"))


def _follow(other: Check, pairs: list[PairDecision], decision: ReviewDecision, actor: Actor, now: datetime) -> None:
    """Answer ``other`` too where the words just said leave nothing open in it."""
    said = {pair.subject_id: pair for pair in pairs}
    meant = [said[row.subject_id] for row in other.candidates.all() if row.subject_id in said]
    whole = bool(meant) and (any(pair.same for pair in meant) or len(meant) == len(other.candidates.all()))
    if whole:
        _decide(other, decision.outcome, decision.reason, actor, now)
        RememberedAnswer.objects.bulk_create(memory.leaning_on(other, meant))


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
        mail=True,
        now=now,
    )
    if checked.person is not None:
        tell_person(
            person=checked.person,
            code="check.reviewed",
            title=_("%(institution)s对您的核查有了结论：%(outcome)s")
            % {"institution": checked.institution.name, "outcome": Outcome(outcome).label},
            body=_("卫生健康部门核对后作出了结论。如有异议，请向所在地卫生健康部门反映。"),
            url=reverse("people:lookups"),
            dedupe_key=f"reviewed:{checked.pk}",
            now=now,
        )
