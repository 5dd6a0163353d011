"""What registrars have said of a number and a name and a subject of the list is remembered, until a second one takes it back.

The same question asked again is answered by it. That changes nothing about the list: a subject is entered under
another document only by a case, by two officers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import About, record_many
from lms.hiring.models import Check, DecisionRevocation, Outcome, PairDecision, RememberedAnswer, ReviewDecision
from lms.hiring.querysets import DIFFERENT, SAME
from lms.hiring.services.impartial import require_impartial
from lms.people import vault
from lms.people.access import require
from lms.people.models import Role
from lms.people.services import tell, tell_members, tell_person
from lms.rules.identity import DocumentType, IdentityNumber
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound
from lms.rules.screening import ScreenResult

TOLD_ROLES = (Role.INSTITUTION_CHECKER, Role.INSTITUTION_MANAGER)


@dataclass(frozen=True, slots=True)
class Recalled:
    """What is left of a possible match: an outcome, its rule, the subjects it concerns, and what was remembered for it."""

    outcome: str
    rule: str
    subject_ids: tuple[str, ...]
    pairs: tuple[PairDecision, ...] = ()


def recall(number: IdentityNumber, name: str, result: ScreenResult) -> Recalled:
    """A screening that came to ``review``, in the light of what registrars said before. One query.

    Found to be the same person: barred. Found to be somebody else: no candidate any more, and clear when none is left.
    """
    fresh = Recalled(str(result.outcome), str(result.rule), result.subject_ids)
    said = {
        str(row.subject_id): row
        for row in PairDecision.objects.filter(
            blind_index__in=vault.blind_indexes(number),
            name=name,
            subject__in=[UUID(key) for key in result.subject_ids],
            decision__revocation=None,
        ).order_by("at", "number")
    }
    if not said:
        return fresh
    same = tuple(row for row in said.values() if row.same)
    if same:
        return Recalled(Outcome.BARRED.value, SAME, tuple(str(row.subject_id) for row in same), same)
    left = tuple(key for key in result.subject_ids if key not in said)
    if left:
        return replace(fresh, subject_ids=left, pairs=tuple(said.values()))
    return Recalled(Outcome.CLEAR.value, DIFFERENT, (), tuple(said.values()))


def indexes_of(check: Check) -> list[str]:
    """Every index under which the number of a check is kept: a check of before a new identity key has another one."""
    number = vault.unseal(check.ciphertext, check.key_version)
    return vault.blind_indexes(IdentityNumber(DocumentType(check.document_type), number))


def leaning_on(check: Check, pairs: Iterable[PairDecision]) -> list[RememberedAnswer]:
    """On what earlier words the check leans; to be written with the check."""
    return [RememberedAnswer(checked=check, pair=pair) for pair in pairs]


def withdrawn(check: Check) -> bool:
    """Whether a word that answered this check was taken back since."""
    return check.remembered.filter(pair__decision__revocation__isnull=False).exists()


def remember(decision: ReviewDecision, answers: Mapping[UUID, bool], now: datetime) -> list[PairDecision]:
    """Keep what a decision says of the number and name of its check and these subjects (``True``: the same person).

    Refuses ``decided_otherwise``: another decision that still stands says the contrary of the same pair.
    """
    check = decision.checked
    before = list(
        PairDecision.objects.filter(
            blind_index__in=indexes_of(check), name=check.name, subject__in=list(answers)
        ).select_related("decision__revocation")
    )
    if any(row.same != answers[row.subject_id] for row in before if not hasattr(row.decision, "revocation")):
        raise Conflict(
            "decided_otherwise", _("对同一号码、姓名和名单上的同一人已有相反的结论。如有异议，请先撤回那个结论。")
        )
    pairs = [
        PairDecision(
            decision=decision,
            subject_id=subject,
            document_type=check.document_type,
            blind_index=check.blind_index,
            name=check.name,
            same=same,
            number=1 + sum(row.subject_id == subject for row in before),
            at=now,
        )
        for subject, same in answers.items()
    ]
    return PairDecision.objects.bulk_create(pairs)


def revoke_decision(*, decision: ReviewDecision, reason: str, actor: Actor, now: datetime) -> DecisionRevocation:
    """A second registrar takes a decision back: every check it answered is under review again, and all concerned hear it.

    Refuses who decided it (``same_officer``), whom it concerns (``own_check``), a check of another region, no reason, and ``revoked_already``.
    """
    require(actor, Role.REGISTRAR, Role.CONFIRMING_REGISTRAR)
    if actor.kind != "user" or actor.id is None:
        raise NotAllowed("officer_required", _("只能由登记在册的工作人员核对。"))
    if not Check.objects.visible_to(actor).filter(pk=decision.checked_id).exists():
        raise NotFound("check_unknown", _("没有找到这次核查。"))
    require_impartial(decision.checked, actor)
    if actor.id == decision.decided_by_id:
        raise NotAllowed("same_officer", _("须由另一位工作人员撤回，作出结论的人不能撤回自己的结论。"))
    why = reason.strip()
    if not why:
        raise Invalid("reason_required", _("请写明理由。"), field="reason")
    try:
        with transaction.atomic():
            revoked = DecisionRevocation.objects.create(
                decision=decision, reason=why[:300], revoked_by_id=actor.id, at=now
            )
            checks = _reopen(decision, revoked)
            about = [
                About(check, check.person_id, {"institution": check.institution.name}, why) for check in checks.values()
            ]
            record_many(verb="hiring_check.decision_revoked", actor=actor, now=now, about=about)
            for check in checks.values():
                _tell(check, now)
            tell(
                user=decision.decided_by,
                code="check.decision_revoked",
                title=_("您的一个核对结论已被撤回"),
                body=_("理由：%(reason)s") % {"reason": why},
                url=reverse("hiring:review", args=[decision.checked_id]),
                dedupe_key=f"revoked:{decision.pk}",
                now=now,
            )
    except IntegrityError:
        raise Conflict("revoked_already", _("这个结论已经撤回。")) from None
    return revoked


def _reopen(decision: ReviewDecision, revoked: DecisionRevocation) -> dict[UUID, Check]:
    """Every check that the decision answered, itself or by being remembered; decisions that leaned on it go with it."""
    leaning = Check.objects.filter(Q(pk=decision.checked_id) | Q(remembered__pair__decision=decision))
    checks = {row.pk: row for row in leaning.select_related("institution", "person", "decision__revocation")}
    others = [
        row.decision
        for row in checks.values()
        if row.pk != decision.checked_id and hasattr(row, "decision") and not hasattr(row.decision, "revocation")
    ]
    DecisionRevocation.objects.bulk_create(
        DecisionRevocation(decision=one, reason=revoked.reason, revoked_by_id=revoked.revoked_by_id, at=revoked.at)
        for one in others
    )
    return checks


def _tell(check: Check, now: datetime) -> None:
    """The institution has to ask again; the person hears what the institution hears."""
    tell_members(
        organisation=check.institution,
        roles=TOLD_ROLES,
        code="check.decision_revoked",
        title=_("%(name)s的核查结论已被撤回，请重新核查") % {"name": check.name},
        body=_("卫生健康部门复查后撤回了原来的结论。新的结论出来之前，请勿依据原结论安排上岗。"),
        url=reverse("hiring:check", args=[check.pk]),
        urgent=True,
        dedupe_key=f"revoked:{check.pk}",
        mail=True,
        now=now,
    )
    if check.person is not None:
        tell_person(
            person=check.person,
            code="check.decision_revoked",
            title=_("%(institution)s对您的核查，原结论已被撤回") % {"institution": check.institution.name},
            body=_("机构须重新核查。如有疑问，请向所在地卫生健康部门反映。"),
            url=reverse("people:lookups"),
            dedupe_key=f"revoked:{check.pk}",
            now=now,
        )
