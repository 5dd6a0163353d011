"""Approved for a later hour: the release is frozen when that hour has come, as approved by that approver.

What may never happen: a release frozen early, twice, or after it was taken back; one that no longer holds by the policy
or the question banks of that hour.
"""

import logging
import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.log_actions import log
from wagtail.models import Revision

from cms import acting, news
from cms.drafts import check_page
from cms.models import CoursePage, ScheduledRelease
from cms.models.schedule import Outcome
from cms.services.common import fresh, locked, names, user_of
from courses.catalogue.models import Course, Release
from courses.catalogue.services import withdraw_course
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.audit.work import claim_due
from lms.people.models import Role
from lms.rules.refusals import Conflict, Refusal

logger = logging.getLogger(__name__)

TIMETABLE = Actor.system("timetable")
BATCH = 20
# Longer than freezing the largest course takes, so that no course is in two hands.
HOLD_SECONDS = 600


def put_on_schedule(*, page: CoursePage, revision: Revision, at: datetime, doing: acting.Acting) -> ScheduledRelease:
    """Note the approval of ``revision`` for ``at``; part of the approving verb's transaction."""
    actor = doing.actor
    row = ScheduledRelease.objects.create(
        page=page,
        revision=revision,
        go_live_at=at,
        approved_at=doing.now,
        approver=user_of(actor),
        approver_label=actor.label,
        bureau_id=actor.organisation_id,
    )
    page.revisions.exclude(pk=revision.pk).update(approved_go_live_at=None)
    page.revisions.filter(pk=revision.pk).update(approved_go_live_at=at)
    log(instance=page, action="wagtail.publish.schedule", user=user_of(actor), revision=revision, data=_logged(row))
    record(verb="course.scheduled", actor=actor, now=doing.now, subject=row, changes={**names(page), "go_live_at": at})
    news.scheduled(page, at, doing.now)
    return row


@transaction.atomic
def cancel_schedule(*, page: CoursePage, actor: Actor, now: datetime, reason: str = "") -> None:
    """Take an approval back before its hour; called by verbs that asked for permission and tell of it."""
    row = page.scheduled_releases.waiting().select_for_update().first()
    if row is None:
        raise Conflict("not_scheduled", _("课程没有等待定时发布，或已经发布。"))
    _end(row, Outcome.CANCELLED, now)
    record(verb="course.unscheduled", actor=actor, now=now, subject=row, changes=names(page), reason=reason)


def publish_scheduled(*, now: datetime) -> int:
    """Freeze every release whose hour has come; how many were. One that can't be leaves the others alone."""
    published = 0
    for row in claim_due(_due(now), now=now, hold_seconds=HOLD_SECONDS, limit=BATCH):
        try:
            published += publish_due(schedule_id=row.pk, now=now) is not None
        except Exception:
            # Nothing of it was kept, and its row comes up again: a file that can't be read now may be readable then.
            logger.exception("scheduled release %s was not frozen", row.pk)
    return published


def _due(now: datetime) -> Any:
    return ScheduledRelease.objects.waiting().filter(go_live_at__lte=now).order_by("go_live_at", "pk")


def publish_due(*, schedule_id: uuid.UUID, now: datetime) -> Release | None:
    """Freeze one release. Refused by what changed meanwhile, it goes back to its college with the reason."""
    try:
        return _publish(schedule_id, now)
    except Refusal as refusal:
        _give_back(schedule_id, refusal, now)
        return None


@transaction.atomic
def _publish(schedule_id: uuid.UUID, now: datetime) -> Release | None:
    page, row = _held(schedule_id)
    if row is None or row.go_live_at > now:
        return None
    revision = row.revision
    if revision.approved_go_live_at is None:
        # Taken off the timetable in Wagtail itself.
        _end(row, Outcome.CANCELLED, now)
        return None
    check_page(revision.as_object(), now)
    with acting.as_(acting.Acting(_approver(row), now, approves=True)):
        _go_live(row)
    _end(row, Outcome.PUBLISHED, now)
    news.approved(page, now, comment="")
    return Release.objects.filter(course_id=page.course_id).order_by("-number").first()


def _go_live(row: ScheduledRelease) -> None:
    action = PublishPageRevisionAction(row.revision, user=row.approver, log_action="wagtail.publish.scheduled")
    # Its hour has come by our clock; Wagtail need not ask its own.
    action.object.go_live_at = None
    action.execute()


@transaction.atomic
def _give_back(schedule_id: uuid.UUID, refusal: Refusal, now: datetime) -> None:
    page, row = _held(schedule_id)
    if row is None:
        return
    row.problem = str(refusal)[:500]
    _end(row, Outcome.REFUSED, now)
    changes = {**names(page), "code": refusal.code}
    record(verb="course.schedule_refused", actor=TIMETABLE, now=now, subject=row, changes=changes, reason=row.problem)
    news.schedule_refused(page, row, now)


def _held(schedule_id: uuid.UUID) -> tuple[CoursePage, ScheduledRelease | None]:
    """The course, locked as every step of it is, and its row on the timetable if that still waits."""
    known = ScheduledRelease.objects.select_related("page").get(pk=schedule_id)
    page = locked(known.page)
    waiting = ScheduledRelease.objects.waiting().select_related("revision", "approver", "bureau")
    return page, waiting.filter(pk=schedule_id).first()


def _end(row: ScheduledRelease, outcome: Outcome, now: datetime) -> None:
    row.outcome, row.ended_at, row.taken_until = outcome, now, None
    row.save(update_fields=["outcome", "ended_at", "taken_until", "problem"])
    if outcome != Outcome.PUBLISHED:
        Revision.objects.filter(pk=row.revision_id).update(approved_go_live_at=None)


def _approver(row: ScheduledRelease) -> Actor:
    """The approver as he was when he approved: that he may have left since does not undo it."""
    if row.bureau is None:
        return Actor.system(row.approver_label)
    return Actor(
        kind="user",
        label=row.approver_label,
        id=row.approver_id,
        person_id=row.approver.person_id if row.approver else None,
        organisation_id=row.bureau_id,
        organisation_name=row.bureau.name,
        role=Role.BUREAU_APPROVER,
        region_code=row.bureau.region_code,
    )


def withdraw_expired(*, now: datetime) -> int:
    """Withdraw the courses whose own last day has come: no new enrolments, running ones go on. How many were."""
    due = CoursePage.objects.filter(live=True, expired=False, expire_at__lte=now)
    withdrawn = 0
    for key in list(due.order_by("expire_at").values_list("pk", flat=True)[:BATCH]):
        try:
            withdrawn += _withdraw(key, now)
        except Exception:
            logger.exception("course page %s was not withdrawn", key)
    return withdrawn


@transaction.atomic
def _withdraw(page_id: int, now: datetime) -> bool:
    page = locked(CoursePage(pk=page_id))
    course = Course.objects.filter(pk=page.course_id, withdrawn_at=None).first()
    # Marked once: a bureau that reopens the course afterwards is not overruled by the same day.
    CoursePage.objects.filter(pk=page.pk).update(expired=True)
    if page.expired or course is None:
        return False
    withdraw_course(course=course, reason=str(_("到了计划的下架时间")), actor=TIMETABLE, now=now)
    news.expired(page, now)
    return True


def _logged(row: ScheduledRelease) -> dict[str, Any]:
    return {
        "revision": {
            "id": row.revision_id,
            "created": row.revision.created_at.isoformat(),
            "go_live_at": row.go_live_at.isoformat(),
            "has_live_version": fresh(row.page).live,
        }
    }
