"""What subsidies do when a ban comes into force or is annulled: lines are blocked, or judged anew, in the same commit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.registry.models import BanCase, BanSubject
from lms.registry.signals import ban_annulled, ban_consequences, ban_in_force
from lms.subsidies.services import block_lines, lines_a_ban_would_block, unblock_lines


def _persons(subjects: Sequence[BanSubject]) -> set[UUID]:
    return {subject.person_id for subject in subjects if subject.person_id}


@receiver(ban_in_force, dispatch_uid="subsidies.ban_in_force")
def on_ban(case: BanCase, subjects: Sequence[BanSubject], actor: Actor, now: datetime, **_extra: Any) -> None:
    block_lines(person_ids=_persons(subjects), actor=actor, now=now, reason=str(case))


@receiver(ban_annulled, dispatch_uid="subsidies.ban_annulled")
def on_annulment(case: BanCase, subjects: Sequence[BanSubject], actor: Actor, now: datetime, **_extra: Any) -> None:
    unblock_lines(person_ids=_persons(subjects), actor=actor, now=now, reason=str(case))


@receiver(ban_consequences, dispatch_uid="subsidies.ban_consequences")
def on_consequences(subjects: Sequence[BanSubject], **_extra: Any) -> list[tuple[str, Any, int]]:
    """How many open claim lines a ban would block."""
    return [("claim_lines_blocked", _("条补贴申报明细将被冻结"), lines_a_ban_would_block(_persons(subjects)))]
