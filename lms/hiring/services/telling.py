"""Who hears of a check: the person asked about, and the registrars where one of them must decide.

Told by whoever makes the receipt, in the transaction that keeps it; told twice it is told once.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lms.audit.models import AuditEvent
from lms.hiring.models import Check, CheckBatch, Outcome, Purpose
from lms.hiring.services import news
from lms.hiring.services.asking import LOOKED_UP
from lms.people.services import News, tell_persons


def tell_of(checks: Sequence[Check], *, now: datetime) -> None:
    """Tell of checks of their own, each to the person and, if it came near somebody, to the registrars."""
    by_key = {check.pk: check for check in checks}
    # The event names whoever holds the number, also where the check was about another name.
    events = AuditEvent.objects.filter(
        subject_type=Check._meta.label_lower, subject_id__in=list(by_key), verb=LOOKED_UP
    )
    held = events.values_list("subject_id", "person_id")
    tell_persons_of([(by_key[key], person) for key, person in held if key and person], now=now)
    for check in checks:
        if check.outcome == Outcome.REVIEW:
            _tell_registrars(check, now)


def tell_persons_of(checks: Sequence[tuple[Check, UUID]], *, now: datetime) -> None:
    """Tell those who hold the numbers asked about, where they have an account; told twice it is told once."""
    told = [_news(check, person) for check, person in checks]
    tell_persons(code=LOOKED_UP, news=told, url=reverse("people:lookups"), now=now)


def tell_registrars_of_batch(batch: CheckBatch, *, now: datetime) -> None:
    """One word for all rows of a batch that came near somebody."""
    news.tell_registrars(
        batch.institution.region_code,
        code="check.review",
        title=_("一次批量核查中有人等待人工核对"),
        body=_("%(institution)s的批量核查出现可能匹配，请核对后作出决定。") % {"institution": batch.institution.name},
        url=reverse("hiring:reviews"),
        dedupe_key=f"review-batch:{batch.pk}",
        now=now,
    )


def _news(check: Check, person_id: UUID) -> News:
    purpose = Purpose(check.purpose).label
    return News(
        person_id=person_id,
        title=_("%(institution)s查询了您的从业禁入情况") % {"institution": check.institution.name},
        body=_("用途：%(purpose)s。如果您没有同意过这次查询，请向所在地卫生健康部门反映。") % {"purpose": purpose},
        dedupe_key=f"lookup:{check.pk}",
    )


def _tell_registrars(check: Check, now: datetime) -> None:
    news.tell_registrars(
        check.institution.region_code,
        code="check.review",
        title=_("一次入职核查等待人工核对"),
        body=_("%(institution)s的一次核查出现可能匹配，请核对后作出决定。") % {"institution": check.institution.name},
        url=reverse("hiring:review", args=[check.pk]),
        dedupe_key=f"review:{check.pk}",
        now=now,
    )
