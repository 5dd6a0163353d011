"""What subsidies do when a ban comes into force or is annulled: lines are blocked, or judged anew, in the same commit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.registry.effects import Consequence, Item
from lms.registry.models import BanCase, BanSubject
from lms.registry.signals import annulment_consequences, ban_annulled, ban_consequences, ban_in_force
from lms.subsidies.querysets import ClaimLineQuerySet
from lms.subsidies.services import block_lines, lines_a_ban_would_block, lines_an_annulment_would_free, unblock_lines


def _persons(subjects: Sequence[BanSubject]) -> set[UUID]:
    return {subject.person_id for subject in subjects if subject.person_id}


@receiver(ban_in_force, dispatch_uid="subsidies.ban_in_force")
def on_ban(case: BanCase, subjects: Sequence[BanSubject], actor: Actor, now: datetime, **_extra: Any) -> None:
    block_lines(person_ids=_persons(subjects), actor=actor, now=now, reason=str(case))


@receiver(ban_annulled, dispatch_uid="subsidies.ban_annulled")
def on_annulment(case: BanCase, subjects: Sequence[BanSubject], actor: Actor, now: datetime, **_extra: Any) -> None:
    unblock_lines(person_ids=_persons(subjects), actor=actor, now=now, reason=str(case))


@receiver(ban_consequences, dispatch_uid="subsidies.ban_consequences")
def on_consequences(subjects: Sequence[BanSubject], now: datetime | None = None, **_extra: Any) -> list[Consequence]:
    """Open claim lines a ban would block."""
    barred = _persons([subject for subject in subjects if subject.would_act(timezone.localdate(now))])
    lines = _items(lines_a_ban_would_block(barred))
    return [Consequence("claim_lines_blocked", _("条补贴申报明细将被冻结"), lines)]


@receiver(annulment_consequences, dispatch_uid="subsidies.annulment_consequences")
def on_annulment_consequences(freed: set[UUID], **_extra: Any) -> list[Consequence]:
    """Blocked claim lines that would be judged anew."""
    lines = _items(lines_an_annulment_would_free(freed))
    return [Consequence("claim_lines_unblocked", _("条冻结的补贴申报明细将重新判定"), lines)]


def _items(lines: ClaimLineQuerySet) -> list[Item]:
    rows = lines.select_related("claim__scheme__bureau", "person")
    return [
        Item(f"{row.person.name} · {row.claim.number}", row.claim.scheme.bureau.region_code, row.person_id)
        for row in rows
    ]
