"""What hiring does when the registry speaks. Everything here runs inside the registry's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.hiring.services import alerts
from lms.registry import signals
from lms.registry.models import BanState, BanSubject


@receiver(signals.ban_in_force, dispatch_uid="hiring-alerts")
def tell_employers(
    *, state: BanState, subjects: Sequence[BanSubject], actor: Actor, now: datetime, **_news: Any
) -> None:
    alerts.raise_alerts(state=state, subjects=subjects, actor=actor, now=now)


@receiver(signals.ban_annulled, dispatch_uid="hiring-annulled")
def tell_employers_of_annulment(*, state: BanState, now: datetime, **_news: Any) -> None:
    alerts.withdraw_alerts(state=state, now=now)


@receiver(signals.ban_consequences, dispatch_uid="hiring-consequences")
def employers_concerned(*, subjects: Sequence[BanSubject], **_news: Any) -> list[tuple[str, Any, int]]:
    count = alerts.open_employments(subjects, timezone.now()).count()
    return [("employers_alerted", _("段在职任职将立即通知用人单位，并要求限期确认离岗"), count)]
