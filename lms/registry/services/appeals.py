"""An appeal marks a case; the ban stays in force until it is annulled."""

from datetime import datetime

from django.db import transaction

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people.models import Role
from lms.registry.models import BanCase, BanState, CaseState
from lms.registry.services import steps


def mark_appeal(*, case: BanCase, reason: str, actor: Actor, now: datetime) -> BanState:
    """Mark the case as under appeal (行政复议或诉讼). It goes on acting."""
    allowed = (CaseState.IN_FORCE, CaseState.APPEAL_CLOSED, CaseState.ANNULMENT_DECLINED)
    return _step(
        case, CaseState.UNDER_APPEAL, "ban_case.appealed", allowed=allowed, reason=reason, actor=actor, now=now
    )


def close_appeal(*, case: BanCase, reason: str, actor: Actor, now: datetime) -> BanState:
    """The appeal ended and the decision stands. One that overturned it needs ``propose_annulment``."""
    allowed = (CaseState.UNDER_APPEAL,)
    return _step(
        case, CaseState.APPEAL_CLOSED, "ban_case.appeal_closed", allowed=allowed, reason=reason, actor=actor, now=now
    )


def _step(
    case: BanCase, state: str, verb: str, *, allowed: tuple[str, ...], reason: str, actor: Actor, now: datetime
) -> BanState:
    steps.require_officer(actor, case, Role.REGISTRAR, Role.CONFIRMING_REGISTRAR)
    why = steps.given_reason(reason)
    with transaction.atomic():
        last = steps.lock(case)
        steps.require_state(last, *allowed)
        step = steps.take(case, state, after=last.number, actor=actor, now=now, reason=why)
        record(verb=verb, actor=actor, now=now, subject=case, reason=why)
    return step
