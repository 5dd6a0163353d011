"""One step in a case's life: who may take it, from where, and once.

The case row is locked while a step is taken, and the number of a step is unique within its case: of two officers at
once one wins, and the other reads what has happened meanwhile.
"""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.documents.models import ArchivedDocument
from lms.people.access import require
from lms.people.models import IdentityDocument, Person
from lms.registry.models import BanCase, BanState, BanSubjectIndex, CaseState
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound

EDITABLE = frozenset({CaseState.DRAFT, CaseState.RETURNED})
# In force, whatever else is going on. Appeal and a proposed annulment change nothing about that.
ACTING = frozenset(
    {
        CaseState.IN_FORCE,
        CaseState.UNDER_APPEAL,
        CaseState.APPEAL_CLOSED,
        CaseState.ANNULMENT_PROPOSED,
        CaseState.ANNULMENT_DECLINED,
    }
)


def require_officer(actor: Actor, case: BanCase, *roles: str) -> None:
    """Refuse whoever is no officer in one of ``roles``, or is named in the case; a case of another region is not found."""
    require(actor, *roles)
    if actor.kind != "user" or actor.id is None:
        raise NotAllowed("officer_required", _("禁入案件只能由登记在册的工作人员办理。"))
    if not BanCase.objects.visible_to(actor).filter(pk=case.pk).exists():
        raise NotFound("case_unknown", _("没有找到这个案件。"))
    if names_officer(case, actor.id):
        raise own_case()


def names_officer(case: BanCase, *officers: UUID) -> bool:
    """Whether one of these accounts is that of somebody the case names, linked or by a document they hold (回避)."""
    persons = Person.objects.filter(user__in=officers)
    held = IdentityDocument.objects.filter(person__in=persons.values("pk")).values("blind_index")
    indexes = BanSubjectIndex.objects.filter(subject__case=case, blind_index__in=held)
    return case.subjects.filter(person__in=persons.values("pk")).exists() or indexes.exists()


def own_case() -> NotAllowed:
    """Nobody takes part in a case about themselves, for or against."""
    return NotAllowed("own_case", _("案件涉及本人，应当回避，请由其他工作人员办理。"))


def lock(case: BanCase) -> BanState:
    """Hold the case until the transaction ends, and return its latest step."""
    BanCase.objects.select_for_update().get(pk=case.pk)
    return latest(case)


def latest(case: BanCase) -> BanState:
    """The latest step. Every case has one: it is drafted in the transaction that creates it."""
    step = case.states.order_by("-number").first()
    if step is None:
        raise NotFound("case_unknown", _("没有找到这个案件。"))
    return step


def require_state(last: BanState, *allowed: str) -> None:
    """Refuse a step that does not follow from where the case is, saying where it is."""
    if last.state in allowed:
        return
    if last.state == CaseState.ANNULLED:
        raise Conflict("case_annulled", _("案件已经撤销，不能再办理。"))
    if last.state in ACTING and CaseState.SUBMITTED in allowed:
        raise Conflict("already_in_force", _("案件已由另一位工作人员复核生效，无需再次办理。"))
    raise Conflict("wrong_state", _("案件当前为“%(state)s”，不能进行这一步。"), state=last.get_state_display())


def require_editable(case: BanCase) -> None:
    """Refuse to touch what another officer is about to confirm, or has confirmed."""
    if lock(case).state not in EDITABLE:
        raise Conflict("case_fixed", _("案件已提交或已生效，内容不能再修改。"))


def require_other_officer(actor: Actor, *steps: BanState) -> None:
    """Entry and lifting each take two different officers (四眼原则)."""
    if any(step.officer_id == actor.id for step in steps):
        raise NotAllowed("same_officer", _("须由另一位工作人员复核，录入或提交的人不能复核自己的案件。"))


def given_reason(reason: str) -> str:
    """A tidy reason, or the refusal ``reason_required``."""
    tidy = reason.strip()
    if not tidy:
        raise Invalid("reason_required", _("请写明理由。"), field="reason")
    return tidy


def take(
    case: BanCase,
    state: str,
    *,
    after: int,
    actor: Actor,
    now: datetime,
    reason: str = "",
    document: ArchivedDocument | None = None,
) -> BanState:
    """Append the step after number ``after``. Refuses ``case_moved_on`` when another officer took it first."""
    assert actor.id is not None, "the verb asks require_officer first"
    try:
        with transaction.atomic():
            return BanState.objects.create(
                case=case, number=after + 1, state=state, officer_id=actor.id, reason=reason, document=document, at=now
            )
    except IntegrityError:
        raise Conflict("case_moved_on", _("另一位工作人员刚刚办理了这个案件，请刷新后再看。")) from None
