"""What hiring does when the registry speaks. Everything here runs inside the registry's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.hiring.models import BanAlert
from lms.hiring.services import alerts, annulments
from lms.registry import signals
from lms.registry.effects import Consequence, Item
from lms.registry.models import BanCase, BanState, BanSubject
from lms.registry.services import freed_persons


@receiver(signals.ban_in_force, dispatch_uid="hiring-alerts")
def tell_employers(
    *, state: BanState, subjects: Sequence[BanSubject], actor: Actor, now: datetime, **_news: Any
) -> None:
    alerts.raise_alerts(state=state, subjects=subjects, actor=actor, now=now)


@receiver(signals.ban_annulled, dispatch_uid="hiring-annulled")
def tell_employers_of_annulment(
    *, state: BanState, case: BanCase, subjects: Sequence[BanSubject], now: datetime, **_news: Any
) -> None:
    alerts.withdraw_alerts(state=state, freed=freed_persons(case, subjects, now), now=now)


@receiver(signals.ban_annulled, dispatch_uid="hiring-askers-told")
def tell_askers_of_annulment(
    *, case: BanCase, subjects: Sequence[BanSubject], actor: Actor, now: datetime, **_news: Any
) -> None:
    freed = freed_persons(case, subjects, now)
    annulments.tell_askers(case_id=case.pk, subjects=subjects, freed=freed, actor=actor, now=now)


@receiver(signals.ban_consequences, dispatch_uid="hiring-consequences")
def employers_concerned(*, subjects: Sequence[BanSubject], now: datetime, **_news: Any) -> list[Consequence]:
    found = alerts.open_employments(subjects, now).select_related("institution", "person")
    items = [
        Item(
            f"{row.person.name} · {row.institution.name} · {row.get_post_display()}",
            row.institution.region_code,
            row.person_id,
        )
        for row in found
    ]
    return [Consequence("employers_alerted", _("段在职任职将立即通知用人单位，并要求限期确认离岗"), items)]


@receiver(signals.annulment_consequences, dispatch_uid="hiring-annulment-consequences")
def who_hears_of_annulment(
    *, case: BanCase, subjects: Sequence[BanSubject], freed: set[UUID], now: datetime, **_news: Any
) -> list[Consequence]:
    raised = BanAlert.objects.filter(state__case=case).select_related("institution", "employment__person")
    alerted = [
        Item(f"{row.employment.person.name} · {row.institution.name}", row.institution.region_code) for row in raised
    ]
    asked = [
        Item(f"{row.name} · {row.institution.name} · {timezone.localdate(row.checked_at)}", row.institution.region_code)
        for row in annulments.answered_barred(subjects, freed=freed, now=now)
    ]
    return [
        Consequence("employers_told", _("条离岗警报失效，用人单位收到撤销通知"), alerted),
        Consequence("askers_told", _("次近三年答复为“禁入”的核查，查询单位收到撤销通知"), asked),
    ]
