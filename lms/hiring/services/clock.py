"""How long registrars may take over a check under review: the policy's working days, counted from the day it was asked.

The clock stands while the institution owes a document. What is overdue is told once, to the bureau and the one above.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.hiring.models import Check, Review
from lms.hiring.services import news
from lms.policy.pack import Pack
from lms.rules import working_days

JOB = Actor.system("review-deadlines")


def opened(check: Check, pack: Pack) -> Review:
    """The clock of a check that came to ``review``, from when it is asked; to be written with the check."""
    asked = timezone.localdate(check.checked_at)
    due = working_days.after(asked, pack.hiring.review_working_days)
    return Review(checked=check, opened_at=check.checked_at, due_at=_end_of(due))


def stop(check: Check, now: datetime) -> None:
    """The institution owes something: the clock stands."""
    Review.objects.filter(checked=check, waiting_since=None).update(waiting_since=now)


def go_on(check: Check, now: datetime) -> None:
    """The institution has delivered: the working days that were left when the clock stopped are left again."""
    review = Review.objects.select_for_update().get(checked=check)
    if review.waiting_since is None:
        return
    left = working_days.between(timezone.localdate(review.waiting_since), timezone.localdate(review.due_at))
    due = _end_of(working_days.after(timezone.localdate(now), left))
    Review.objects.filter(pk=review.pk).update(waiting_since=None, due_at=max(due, review.due_at))


def close(checks: Iterable[Check], now: datetime) -> None:
    """A decision was made."""
    Review.objects.filter(checked__in=list(checks), closed_at=None).update(closed_at=now)


def overdue(now: datetime) -> "QuerySet[Review]":
    """Reviews whose time is over and whose clock runs."""
    return Review.objects.filter(closed_at=None, waiting_since=None, due_at__lt=now)


def escalate(*, now: datetime, limit: int = 100) -> int:
    """Tell of reviews whose time is over, each once. Returns how many were told."""
    told = 0
    while told < limit:
        with transaction.atomic():
            due = overdue(now).filter(escalated_at=None).select_related("checked__institution").order_by("due_at")
            review = due.select_for_update(of=("self",), skip_locked=True).first()
            if review is None:
                break
            Review.objects.filter(pk=review.pk).update(escalated_at=now)
            _tell(review, now)
            told += 1
    return told


def _tell(review: Review, now: datetime) -> None:
    check = review.checked
    record(
        verb="hiring_check.review_overdue",
        actor=JOB,
        now=now,
        subject=check,
        person_id=check.person_id,
        changes={"due_at": review.due_at},
    )
    news.tell_registrars(
        check.institution.region_code,
        code="check.review_overdue",
        title=_("一次核对已超过答复时限：%(institution)s") % {"institution": check.institution.name},
        body=_("机构在等待答复，这期间不能安排此人上岗。请尽快作出结论。"),
        url=reverse("hiring:review", args=[check.pk]),
        urgent=True,
        also_above=True,
        dedupe_key=f"review-overdue:{check.pk}",
        now=now,
    )


def _end_of(day: date) -> datetime:
    """The last moment of a local day."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min)) - timedelta(seconds=1)
