"""Watching the watchers: patterns in how institutions look people up, one alert for each pattern and day.

The rules are ``lms.rules.look_ups``, their bounds are settings. Read are the checks of the day, rows of batches among
them; numbers are opened in memory to see which belong together, and nothing of them is kept: an alert holds counts.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.models import AuditEvent
from lms.audit.services import record
from lms.hiring.models import Check, LookUpAlert, LookUpDecision, PatternChoices
from lms.hiring.services import news
from lms.hiring.services.asking import LOOKED_UP
from lms.people import vault
from lms.people.access import require
from lms.people.models import Organisation, Role
from lms.people.services import tell_members
from lms.rules import names
from lms.rules.look_ups import Bounds, Found, LookUp, patterns
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound

JOB = Actor.system("watch-look-ups")
Verdict = LookUpDecision.Verdict
# How long after midnight the day before is still looked at.
INTO_THE_NEXT_DAY = timedelta(hours=1)
READ_AT_ONCE = 2_000


def bounds() -> Bounds:
    """From where on a pattern is one (``LOOK_UP_BOUNDS``)."""
    given = dict(settings.LOOK_UP_BOUNDS)
    opens, closes = given.pop("hours")
    within = timedelta(minutes=given.pop("burst_minutes"))
    return Bounds(opens=time(opens), closes=time(closes), burst_within=within, **given)


def watch(*, now: datetime) -> list[LookUpAlert]:
    """Raise an alert for each pattern of each institution today that has none yet, and tell the bureau's registrars."""
    raised: list[LookUpAlert] = []
    limits = bounds()
    for day in sorted({timezone.localdate(now), timezone.localdate(now - INTO_THE_NEXT_DAY)}):
        begin = timezone.make_aware(datetime.combine(day, time.min))
        checks = Check.objects.filter(checked_at__gte=begin, checked_at__lt=begin + timedelta(days=1))
        busy = checks.order_by().values("institution").annotate(asked=Count("pk")).filter(asked__gte=limits.least)
        for institution in Organisation.objects.filter(pk__in=busy.values("institution")):
            own = checks.filter(institution=institution)
            raised += _raise_new(institution, day, patterns(_look_ups(own), limits), now)
    return raised


def decide_alert(*, alert: LookUpAlert, verdict: str, reason: str, actor: Actor, now: datetime) -> LookUpDecision:
    """Say what became of it: the institution explained it, or is warned and told so.

    Refuses another region's alert, one without a reason, and a second decision (``decided_already``).
    """
    require(actor, Role.REGISTRAR, Role.CONFIRMING_REGISTRAR)
    if actor.kind != "user" or actor.id is None:
        raise NotAllowed("officer_required", _("只能由登记在册的工作人员处理。"))
    if not LookUpAlert.objects.visible_to(actor).filter(pk=alert.pk).exists():
        raise NotFound("alert_unknown", _("没有找到这条提醒。"))
    if verdict not in Verdict.values:
        raise Invalid("verdict_unknown", _("请选择处理方式。"), field="verdict")
    why = reason.strip()
    if not why:
        raise Invalid("reason_required", _("请写明理由。"), field="reason")
    try:
        with transaction.atomic():
            decision = LookUpDecision.objects.create(
                alert=alert, verdict=verdict, reason=why[:300], decided_by_id=actor.id, at=now
            )
            changes = {"verdict": verdict, "pattern": alert.pattern, "institution": alert.institution.name}
            record(verb="look_up_alert.decided", actor=actor, now=now, subject=alert, changes=changes, reason=why)
            if verdict == Verdict.WARNED:
                _warn(alert, why, now)
    except IntegrityError:
        raise Conflict("decided_already", _("另一位工作人员已作出处理，请刷新后再看。")) from None
    return decision


def _look_ups(checks: Any) -> Iterator[LookUp]:
    rows = list(
        checks.values_list(
            "pk", "checked_at", "asked_by", "document_type", "ciphertext", "key_version", "name", "batch_row"
        )
    )
    held = _held([row[0] for row in rows if row[-1] is None])
    for key, at, asker, kind, ciphertext, version, name, batch_row in rows:
        number, keys = vault.unseal(ciphertext, version), names.match_keys(name)
        yield LookUp(
            at=timezone.localtime(at).replace(tzinfo=None),
            asker=asker,
            number=(kind, number),
            # Place and day of birth; what follows counts the people born there that day.
            family=number[:14] if len(number) == 18 else "",
            sound=min(keys.pinyin_keys, default=name),
            name=keys.variant_folded,
            held=key in held,
            listed=batch_row is not None,
        )


def _held(keys: list[UUID]) -> set[UUID]:
    """Those of the checks whose number somebody here held, under whichever name."""
    held: set[UUID] = set()
    for start in range(0, len(keys), READ_AT_ONCE):
        events = AuditEvent.objects.filter(
            subject_type=Check._meta.label_lower,
            subject_id__in=keys[start : start + READ_AT_ONCE],
            verb=LOOKED_UP,
            person_id__isnull=False,
        )
        held.update(key for key in events.values_list("subject_id", flat=True) if key)
    return held


def _raise_new(institution: Organisation, day: date, found: Iterable[Found], now: datetime) -> list[LookUpAlert]:
    known = set(LookUpAlert.objects.filter(institution=institution, day=day).values_list("pattern", flat=True))
    alerts = (_raise(institution, day, one, now) for one in found if str(one.pattern) not in known)
    return [alert for alert in alerts if alert]


def _raise(institution: Organisation, day: date, found: Found, now: datetime) -> LookUpAlert | None:
    """The alert, told to the registrars; None where another worker has just raised it."""
    alert = LookUpAlert(
        institution=institution,
        pattern=str(found.pattern),
        day=day,
        count=found.count,
        total=found.total,
        figures=dict(found.figures),
        at=now,
    )
    try:
        with transaction.atomic():
            alert.save()
            changes = {"pattern": alert.pattern, "institution": institution.name, "count": alert.count}
            record(verb="look_up_alert.raised", actor=JOB, now=now, subject=alert, changes=changes)
            news.tell_registrars(
                institution.region_code,
                code="look_ups.unusual",
                title=_("%(institution)s的查询有异常：%(pattern)s")
                % {"institution": institution.name, "pattern": PatternChoices(alert.pattern).label},
                body=_("请向机构了解情况后作出处理。"),
                url=reverse("hiring:look_up", args=[alert.pk]),
                dedupe_key=f"look-ups:{alert.pk}",
                now=now,
            )
    except IntegrityError:
        return None
    return alert


def _warn(alert: LookUpAlert, why: str, now: datetime) -> None:
    tell_members(
        organisation=alert.institution,
        roles=[Role.INSTITUTION_MANAGER],
        code="look_ups.warned",
        title=_("卫生健康部门对贵机构的查询提出警示"),
        body=_("理由：%(reason)s。每次查询须有用途并取得本人同意。") % {"reason": why},
        url=reverse("hiring:checks"),
        urgent=True,
        dedupe_key=f"look-ups-warned:{alert.pk}",
        mail=True,
        now=now,
    )
