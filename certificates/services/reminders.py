"""Whoever holds a certificate that ends is told 90, 60, 30 and 7 days before, and the day after it has ended.

Whether it has ended is worked out when asked and needs no job; this one only tells. A reminder is a row, unique for its
step, written in the transaction that tells: however often and by however many workers the run is made, nobody hears
the same thing twice. Who was revoked, is barred or has renewed hears nothing.
"""

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certificates.models import Certificate, ExpiryReminder
from certificates.querysets import CertificateQuerySet
from courses.learning.models import Enrolment
from lms.people.models import User
from lms.people.services.messages import tell_users
from lms.registry.services import barred_ids
from lms.rules.reminders import OVERDUE, STEPS, step_due

LOOK_BACK = 14  # days after its end that a certificate is still spoken of
BATCH = 500  # certificates in one transaction


def remind_expiring(*, now: datetime) -> int:
    """Tell everybody whose step has come. Returns how many certificates were spoken of; again it finds none."""
    today, count = timezone.localdate(now), 0
    for step, first, last in _windows(today):
        due = _due(step, first, last)
        after: uuid.UUID | None = None
        while batch := list((due.filter(pk__gt=after) if after else due)[:BATCH]):
            after = batch[-1].pk
            with transaction.atomic():
                count += _remind(batch, step, today, now)
    return count


def _windows(today: date) -> list[tuple[int, date, date]]:
    """For each step the last days of validity (both inclusive) to which it is the nearest one."""
    ends = [*STEPS, OVERDUE, -LOOK_BACK - 1]
    return [
        (step, today + timedelta(days=following + 1), today + timedelta(days=step))
        for step, following in pairwise(ends)
    ]


def _due(step: int, first: date, last: date) -> CertificateQuerySet:
    told = ExpiryReminder.objects.filter(certificate=OuterRef("pk"), days=step)
    ending = Certificate.objects.filter(valid_until__range=(first, last)).exclude(Exists(told))
    found: CertificateQuerySet = ending.standing().order_by("pk")
    return found


def _remind(batch: Sequence[Certificate], step: int, today: date, now: datetime) -> int:
    barred = barred_ids({row.person_id for row in batch}, today)
    renewed = _renewed(batch)
    rows = [row for row in batch if row.person_id not in barred and row.pk not in renewed and _has_come(row, today)]
    ExpiryReminder.objects.bulk_create(
        [ExpiryReminder(certificate=row, days=step, at=now) for row in rows], ignore_conflicts=True
    )
    accounts = dict(User.objects.filter(person__in={row.person_id for row in rows}).values_list("person_id", "pk"))
    alike: dict[tuple[str, date], list[uuid.UUID]] = defaultdict(list)
    for row in rows:
        if row.valid_until and row.person_id in accounts:
            alike[row.title, row.valid_until].append(accounts[row.person_id])
    for (title, last_day), users in alike.items():
        _tell(title, last_day, users, step, now=now)
    return len(rows)


def _has_come(row: Certificate, today: date) -> bool:
    """Whether there is something to say that its holder was not told when it was issued."""
    told_on = timezone.localdate(row.issued_at)
    return row.valid_until is not None and step_due(row.valid_until, today, told_on=told_on, sent=()) is not None


def _renewed(batch: Sequence[Certificate]) -> set[uuid.UUID]:
    """Those whose holder has another one of the same kind that lasts longer."""
    people = {row.person_id for row in batch}
    others = list(Certificate.objects.filter(person__in=people).standing())
    enrolments = {row.enrolment_id for row in (*batch, *others) if row.enrolment_id}
    courses = dict(Enrolment.objects.filter(pk__in=enrolments).values_list("pk", "release__course_id"))
    lasting: dict[tuple[Any, ...], date] = {}
    for row in others:
        kind = _kind(row, courses)
        lasting[kind] = max(lasting.get(kind, date.min), row.valid_until or date.max)
    return {row.pk for row in batch if row.valid_until and lasting.get(_kind(row, courses), date.min) > row.valid_until}


def _kind(row: Certificate, courses: dict[uuid.UUID, uuid.UUID]) -> tuple[Any, ...]:
    """Two of one kind take each other's place: the same type, for a course the same course, of the same person."""
    course = courses.get(row.enrolment_id) if row.enrolment_id else None
    return row.person_id, row.type_id, course or row.facts.get("programme")


def _tell(title: str, last_day: date, users: list[uuid.UUID], step: int, *, now: datetime) -> None:
    """One message to all who hold the same until the same day."""
    left = (last_day - timezone.localdate(now)).days
    figures = {"title": title, "on": last_day.isoformat(), "days": left}
    if step == OVERDUE:
        headline = _("您的“%(title)s”已于 %(on)s 到期") % figures
        body = _("证书已不能作为有效凭证。完成新一轮学习后会自动签发新证。")
    else:
        headline = (
            ngettext(
                "您的“%(title)s”还有 %(days)s 天到期（%(on)s）", "您的“%(title)s”还有 %(days)s 天到期（%(on)s）", left
            )
            % figures
        )
        body = _("到期前完成新一轮学习，证书不间断；到期日可在“我的证书”中加入日历。")
    key = hashlib.sha256(f"{title}|{last_day}".encode()).hexdigest()[:24]
    tell_users(
        users=users,
        code="certificate_expiring",
        title=headline[:200],
        body=body,
        url=reverse("certificates:mine"),
        urgent=step == OVERDUE,
        dedupe_key=f"certificate_expiring:{key}:{step}",
        mail=True,
        now=now,
    )
