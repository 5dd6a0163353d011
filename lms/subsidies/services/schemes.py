"""Verbs and questions of schemes: what a bureau pays for, for whom, between which days, up to which amount."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people.models import Organisation, OrganisationKind, Role
from lms.rules.refusals import Conflict, Invalid, NotFound
from lms.subsidies.models import Claim, ClaimState, ClaimStep, Scheme, SchemeKind
from lms.subsidies.services.steps import require_user


@transaction.atomic
def create_scheme(
    *,
    bureau: Organisation,
    kind: str,
    name: str,
    occupation: str,
    level: str,
    amount_fen: int,
    budget_fen: int,
    opens_on: date,
    closes_on: date,
    requires_certificate: bool = True,
    actor: Actor,
    now: datetime,
) -> Scheme:
    """Announce a scheme of ``actor``'s own bureau. Money in fen; both days of the window are inclusive.

    Refuses amounts that are not positive, a ceiling below the amount for one person, a window that ends before it
    begins and the same name announced twice for one window (``scheme_exists``).
    """
    require_user(actor, Role.BUREAU_APPROVER)
    if bureau.pk != actor.organisation_id or bureau.kind != OrganisationKind.HR_BUREAU:
        raise NotFound("bureau_unknown", _("只能为本部门设立补贴项目。"))
    if kind not in SchemeKind.values:
        raise Invalid("scheme_kind", _("请选择补贴类别。"), field="kind")
    if not name.strip() or not occupation.strip():
        raise Invalid("scheme_incomplete", _("请填写项目名称和职业（工种）。"), field="name")
    if amount_fen <= 0:
        raise Invalid("amount_not_positive", _("补贴金额必须大于零。"), field="amount")
    if budget_fen < amount_fen:
        raise Invalid("budget_too_small", _("预算上限不能低于一人的补贴金额。"), field="budget")
    if closes_on < opens_on:
        raise Invalid("dates_reversed", _("受理截止不能早于受理开始。"), field="closes_on")
    try:
        with transaction.atomic():
            scheme = Scheme.objects.create(
                bureau=bureau,
                kind=kind,
                name=name.strip(),
                occupation=occupation.strip(),
                level=level.strip(),
                amount_fen=amount_fen,
                budget_fen=budget_fen,
                opens_on=opens_on,
                closes_on=closes_on,
                requires_certificate=requires_certificate,
                created_at=now,
            )
    except IntegrityError:
        raise Conflict("scheme_exists", _("已有同名、同一受理开始日期的项目。")) from None
    changes = {
        "name": scheme.name,
        "amount_fen": amount_fen,
        "budget_fen": budget_fen,
        "opens_on": opens_on,
        "closes_on": closes_on,
    }
    record(verb="scheme.created", actor=actor, now=now, subject=scheme, changes=changes)
    return scheme


def budget_used(scheme_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Fen granted so far under each scheme: what was approved, and where it has been paid, what was paid. One query."""
    granted = (
        ClaimStep.objects.filter(claim=OuterRef("pk"), state__in=[ClaimState.APPROVED, ClaimState.PAID])
        .order_by("-number")
        .values("amount_fen")[:1]
    )
    rows = (
        Claim.objects.filter(scheme__in=list(scheme_ids), state__in=[ClaimState.APPROVED, ClaimState.PAID])
        .annotate(granted=Coalesce(Subquery(granted), 0))
        .values("scheme_id")
        .annotate(total=Sum("granted"))
        .order_by()
    )
    return {row["scheme_id"]: row["total"] for row in rows}


def refuse_above_budget(scheme: Scheme, amount_fen: int) -> None:
    """Refuse to grant more than is left under the ceiling. The caller holds the scheme's lock."""
    used = budget_used([scheme.pk]).get(scheme.pk, 0)
    if used + amount_fen > scheme.budget_fen:
        raise Conflict(
            "budget_exceeded",
            _("项目预算 %(budget)s 元，已批准 %(used)s 元，本次 %(amount)s 元，超出预算。"),
            budget=yuan(scheme.budget_fen),
            used=yuan(used),
            amount=yuan(amount_fen),
        )


def yuan(fen: int) -> str:
    """Fen as people read money: 150000 → ``1,500.00``."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
