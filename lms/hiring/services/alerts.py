"""When a ban comes into force, everyone who employs the person is told in the same commit and has a deadline to act."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import About, record, record_many
from lms.hiring.models import AlertConfirmation, BanAlert, WebhookDelivery
from lms.hiring.services import deliveries
from lms.people.access import require
from lms.people.models import Employment, Role
from lms.people.querysets import EmploymentQuerySet
from lms.people.services import BodyNews, end_employment, tell_bodies
from lms.policy.services import packs_in_force
from lms.registry.models import BanState, BanSubject
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound

TOLD_ROLES = (Role.INSTITUTION_CHECKER, Role.INSTITUTION_MANAGER)


def open_employments(subjects: Sequence[BanSubject], now: datetime) -> EmploymentQuerySet:
    """Employments of these subjects that are not over."""
    persons = [subject.person_id or (subject.person.pk if subject.person else None) for subject in subjects]
    running = Q(to_date=None) | Q(to_date__gte=timezone.localdate(now))
    return Employment.objects.filter(running, person_id__in=[key for key in persons if key])


def raise_alerts(*, state: BanState, subjects: Sequence[BanSubject], actor: Actor, now: datetime) -> list[BanAlert]:
    """One alert for each open employment of each subject, inside the ban's own transaction; told once however often run.

    Returns those that were new. The number of queries does not grow with the employers.
    """
    rows = list(open_employments(subjects, now).select_related("institution", "person"))
    return raise_for(rows, state=state, subjects=subjects, actor=actor, now=now)


def raise_for(
    rows: Sequence[Employment], *, state: BanState, subjects: Sequence[BanSubject], actor: Actor, now: datetime
) -> list[BanAlert]:
    """Alerts for these employments of the subjects, with all that tells of them."""
    by_person = {subject.person_id: subject for subject in subjects if subject.person_id}
    packs = packs_in_force([row.institution.region_code for row in rows], timezone.localdate(now))
    alerts = []
    for row in rows:
        pack = packs.get(row.institution.region_code)
        hours = pack.hiring.removal_confirm_hours if pack else 0
        alerts.append(
            BanAlert(
                state=state,
                subject=by_person[row.person_id],
                institution=row.institution,
                employment=row,
                confirm_by=now + timedelta(hours=hours),
                at=now,
            )
        )
    BanAlert.objects.bulk_create(alerts, ignore_conflicts=True)
    mine = [alert.pk for alert in alerts]
    stored = set(BanAlert.objects.filter(state=state, pk__in=mine).values_list("pk", flat=True))
    fresh = [alert for alert in alerts if alert.pk in stored]
    about = [
        About(
            alert, alert.employment.person_id, {"institution": alert.institution.name, "confirm_by": alert.confirm_by}
        )
        for alert in fresh
    ]
    record_many(verb="ban_alert.raised", actor=actor, now=now, about=about)
    _tell_employers(fresh, now)
    deliveries.queue(WebhookDelivery.Kind.ALERT, fresh, now)
    return fresh


def withdraw_alerts(*, state: BanState, freed: Collection[UUID], now: datetime) -> int:
    """The ban was annulled: its alerts ask for nothing any more, and the employers hear it.

    ``freed`` are the persons whom no other ban holds. Of anybody else employers hear that they still may not work there.
    """
    alerts = list(
        BanAlert.objects.filter(state__case=state.case_id).select_related("institution", "employment__person")
    )
    news = _by_employer(
        [alert for alert in alerts if alert.employment.person_id in freed],
        code=f"annulled:{state.pk}",
        title=_("%(names)s的禁入决定已撤销"),
        body=_("原决定已被依法撤销，此前的离岗要求不再适用。"),
    )
    news += _by_employer(
        [alert for alert in alerts if alert.employment.person_id not in freed],
        code=f"still-barred:{state.pk}",
        title=_("%(names)s的一项禁入决定已撤销，仍受其他决定禁入"),
        body=_("另有禁入决定仍然有效，此人仍不得从事接触婴幼儿的工作；离岗要求以仍有效的决定为准。"),
    )
    told = tell_bodies(
        roles=TOLD_ROLES, code="ban.annulled", news=news, url=reverse("hiring:alerts"), mail=True, now=now
    )
    deliveries.call_off(alerts)
    deliveries.queue(WebhookDelivery.Kind.ANNULLED, alerts, now)
    return told


def confirm_removal(*, alert: BanAlert, note: str, actor: Actor, now: datetime) -> AlertConfirmation:
    """The employer's word that the person no longer works with children there. It ends the employment today.

    Refuses another organisation's alert, a word without what was done, and ``confirmed_already``.
    """
    require(actor, *TOLD_ROLES)
    if actor.kind != "user" or actor.id is None:
        raise NotAllowed("role_required", _("只能由机构的工作人员确认。"))
    if not BanAlert.objects.visible_to(actor).filter(pk=alert.pk).exists():
        raise NotFound("alert_unknown", _("没有找到这条警报。"))
    what = note.strip()
    if not what:
        raise Invalid("note_required", _("请写明处理情况。"), field="note")
    try:
        with transaction.atomic():
            confirmation = AlertConfirmation.objects.create(
                alert=alert, note=what[:300], confirmed_by_id=actor.id, at=now
            )
            _end(alert.employment, actor, now)
            record(
                verb="ban_alert.removal_confirmed",
                actor=actor,
                now=now,
                subject=alert,
                person_id=alert.employment.person_id,
                changes={"institution": alert.institution.name},
                reason=what,
            )
    except IntegrityError:
        raise Conflict("confirmed_already", _("这条警报已经确认过。")) from None
    return confirmation


def _tell_employers(alerts: Sequence[BanAlert], now: datetime) -> None:
    if not alerts:
        return
    # Of one ban there may be more to tell later; an alert is raised once, and so is told once.
    news = _by_employer(
        alerts,
        code=f"ban:{min(alert.pk for alert in alerts)}",
        title=_("紧急：%(names)s已被禁入，须立即离岗"),
        body=_("请立即停止其接触婴幼儿的工作，并在期限内确认离岗。"),
    )
    tell_bodies(
        roles=TOLD_ROLES,
        code="ban.alert",
        news=news,
        url=reverse("hiring:alerts"),
        urgent=True,
        mail=True,
        now=now,
    )


def _by_employer(alerts: Sequence[BanAlert], *, code: str, title: Any, body: Any) -> list[BodyNews]:
    """One message for each employer, naming everyone it concerns there."""
    names: dict[UUID, list[str]] = defaultdict(list)
    for alert in alerts:
        names[alert.institution_id].append(alert.employment.person.name)
    return [
        BodyNews(key, title % {"names": gettext("、").join(people)[:100]}, body, f"{code}:{key}")
        for key, people in names.items()
    ]


def _end(employment: Employment, actor: Actor, now: datetime) -> None:
    employment.refresh_from_db()
    if employment.to_date is None:
        last_day = max(employment.from_date, timezone.localdate(now))
        end_employment(employment=employment, to_date=last_day, reason="禁入离岗", actor=actor, now=now)
