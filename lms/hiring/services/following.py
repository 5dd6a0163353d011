"""Alerts that nobody has answered: employers are reminded before their deadline, bureaus told after it, each once.

And what became of them all: how long it took from a ban to the last employer's word.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db import transaction
from django.db.models import Count, Max, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.hiring.models import AlertNotice, BanAlert
from lms.hiring.services import news
from lms.hiring.services.alerts import TOLD_ROLES
from lms.people.services import tell_members
from lms.rules import deadlines
from lms.rules.deadlines import Step

JOB = Actor.system("follow-alerts")
LOOKED_BACK = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class RemovalFigures:
    """Alerts of a region: open and overdue now; of the last year the hours from a ban to the last employer's word."""

    open: int
    overdue: int
    cases_confirmed: int
    median_hours: float | None
    longest_hours: float | None


def remind_employers(*, now: datetime) -> int:
    """Remind employers whose deadline is half over or nearly over. Returns how many were told now."""
    return sum(_once(alert, step, now, _remind) for alert, step in _unanswered(now) if step is not Step.OVERDUE)


def escalate_overdue(*, now: datetime) -> int:
    """Tell the registrars, once for each alert, that an employer has let its deadline pass. How many were told now."""
    return sum(_once(alert, step, now, _escalate) for alert, step in _unanswered(now) if step is Step.OVERDUE)


def removal_figures(*, actor: Actor, now: datetime) -> RemovalFigures:
    """What the actor may see of it. Three queries; bans annulled since are left out."""
    seen = BanAlert.objects.visible_to(actor)
    waiting = seen.open()
    cases = (
        seen.acting()
        .filter(at__gte=now - LOOKED_BACK)
        .order_by()
        .values("state")
        .annotate(first=Min("at"), last=Max("confirmation__at"), alerts=Count("pk"), answered=Count("confirmation"))
    )
    hours = [(row["last"] - row["first"]) / timedelta(hours=1) for row in cases if row["alerts"] == row["answered"]]
    return RemovalFigures(
        open=waiting.count(),
        overdue=waiting.filter(confirm_by__lt=now).count(),
        cases_confirmed=len(hours),
        median_hours=round(median(hours), 1) if hours else None,
        longest_hours=round(max(hours), 1) if hours else None,
    )


def _unanswered(now: datetime) -> list[tuple[BanAlert, Step]]:
    """Open alerts with the step each has reached and nobody was told of."""
    waiting = BanAlert.objects.open().exclude(notices__step=Step.OVERDUE)
    rows = waiting.select_related("institution", "employment__person").prefetch_related("notices")
    reached = ((alert, deadlines.step(alert.at, alert.confirm_by, now)) for alert in rows)
    return [(alert, step) for alert, step in reached if step and all(told.step != step for told in alert.notices.all())]


def _once(alert: BanAlert, step: Step, now: datetime, tell: Callable[[BanAlert, datetime], None]) -> bool:
    """Tell, unless another worker has told of this step."""
    with transaction.atomic():
        _notice, mine = AlertNotice.objects.get_or_create(alert=alert, step=step.value, defaults={"at": now})
        if mine:
            record(
                verb=f"ban_alert.{'escalated' if step is Step.OVERDUE else 'reminded'}",
                actor=JOB,
                now=now,
                subject=alert,
                person_id=alert.employment.person_id,
                changes={"institution": alert.institution.name, "step": step.value},
            )
            tell(alert, now)
    return mine


def _remind(alert: BanAlert, now: datetime) -> None:
    by = {"by": timezone.localtime(alert.confirm_by).strftime("%Y-%m-%d %H:%M")}
    tell_members(
        organisation=alert.institution,
        roles=TOLD_ROLES,
        code="ban.reminder",
        title=_("请确认%(name)s已离岗") % {"name": alert.employment.person.name},
        body=_("须在 %(by)s 前确认；逾期将通知卫生健康部门。") % by,
        url=reverse("hiring:confirm_removal", args=[alert.pk]),
        urgent=True,
        dedupe_key=f"remind:{alert.pk}:{deadlines.step(alert.at, alert.confirm_by, now)}",
        mail=True,
        now=now,
    )


def _escalate(alert: BanAlert, now: datetime) -> None:
    news.tell_registrars(
        alert.institution.region_code,
        code="alert.overdue",
        title=_("离岗确认已超期：%(institution)s") % {"institution": alert.institution.name},
        body=_("机构未在期限内确认禁入人员离岗，请跟进。"),
        url=reverse("hiring:alerts"),
        urgent=True,
        also_above=True,
        dedupe_key=f"overdue:{alert.pk}",
        now=now,
    )
    tell_members(
        organisation=alert.institution,
        roles=TOLD_ROLES,
        code="ban.overdue",
        title=_("离岗确认已超期：%(name)s") % {"name": alert.employment.person.name},
        body=_("卫生健康部门已得到通知。请立即停止其工作并确认离岗。"),
        url=reverse("hiring:confirm_removal", args=[alert.pk]),
        urgent=True,
        dedupe_key=f"overdue:{alert.pk}",
        mail=True,
        now=now,
    )
