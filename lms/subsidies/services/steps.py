"""One step in a claim's life: who may take it, from where, and once.

The claim's row is locked while a step is taken, and the number of a step is unique within its claim: of two officers at
once one wins, and the other reads what has happened meanwhile.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.people.access import require
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound
from lms.subsidies.models import Claim, ClaimState, ClaimStep

# While the claim is still the college's own paper.
EDITABLE = frozenset({ClaimState.DRAFT, ClaimState.RETURNED})


def require_user(actor: Actor, *roles: str) -> UUID:
    """Refuse whoever holds none of ``roles``; money is asked for and granted by people, never by a job.

    Returns the user's key.
    """
    require(actor, *roles)
    return user_of(actor)


def user_of(actor: Actor) -> UUID:
    if actor.kind != "user" or actor.id is None:
        raise NotAllowed("officer_required", _("补贴申报只能由登记在册的人员办理。"))
    return actor.id


def locked(claim: Claim, actor: Actor) -> Claim:
    """The claim, held until the transaction ends. Somebody else's claim is not found."""
    held = Claim.objects.visible_to(actor).filter(pk=claim.pk).values_list("pk", flat=True)
    row = (
        Claim.objects.select_for_update(of=("self",))
        .select_related("scheme__bureau", "college", "release")
        .filter(pk__in=held)
        .first()
    )
    if row is None:
        raise NotFound("claim_unknown", _("没有找到这份申报。"))
    return row


def require_state(claim: Claim, allowed: Collection[str]) -> None:
    """Refuse a step that does not follow from where the claim is, saying where it is."""
    if claim.state not in allowed:
        raise Conflict("wrong_state", _("申报当前为“%(state)s”，不能进行这一步。"), state=claim.get_state_display())


def given_reason(reason: str) -> str:
    """A tidy reason, or the refusal ``reason_required``."""
    tidy = reason.strip()
    if not tidy:
        raise Invalid("reason_required", _("请写明理由。"), field="reason")
    return tidy


def take(
    claim: Claim, state: str, *, actor: Actor, now: datetime, reason: str = "", amount_fen: int | None = None
) -> ClaimStep:
    """Append the next step and keep its state on the claim. Refuses ``claim_moved_on`` when another was first."""
    last = claim.steps.order_by("-number").values_list("number", flat=True).first() or 0
    try:
        with transaction.atomic():
            step = ClaimStep.objects.create(
                claim=claim,
                number=last + 1,
                state=state,
                officer_id=user_of(actor),
                reason=reason,
                amount_fen=amount_fen,
                at=now,
            )
    except IntegrityError:
        raise Conflict("claim_moved_on", _("另一位工作人员刚刚办理了这份申报，请刷新后再看。")) from None
    claim.state = state
    claim.save(update_fields=["state"])
    return step


def last_step(claim: Claim, state: str) -> ClaimStep | None:
    return claim.steps.filter(state=state).order_by("-number").first()
