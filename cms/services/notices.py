"""A new release tells the people who are learning an earlier one what changed. They stay on theirs."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from cms.models import ReleaseNotice
from courses.catalogue.models import Release
from courses.learning.models import Enrolment
from lms.audit.work import claim_due, wake_on_commit
from lms.people.services import tell_users

BATCH = 500
HOLD_SECONDS = 300
NOTICES = 5


def announce(*, release: Release, now: datetime) -> None:
    """Note that a new release is to be told of; part of the publishing verb's transaction. A first one is no news."""
    if release.number > 1:
        _notice, made = ReleaseNotice.objects.get_or_create(release=release, defaults={"created_at": now})
        if made:
            wake_on_commit("cms.timetable.sweep")


def tell_enrolled(*, now: datetime) -> int:
    """Tell everybody whom a new release concerns; how many were. Killed and run again, each is told once."""
    due = ReleaseNotice.objects.filter(done_at=None).order_by("created_at")
    notices = claim_due(due, now=now, hold_seconds=HOLD_SECONDS, limit=NOTICES)
    return sum(_tell(notice, now) for notice in notices)


def _tell(notice: ReleaseNotice, now: datetime) -> int:
    release = Release.objects.select_related("course").get(pk=notice.release_id)
    title = _("您在学的课程“%(title)s”有了第 %(number)s 版") % {"title": release.title, "number": release.number}
    stay = _("您继续学习已报名的版本，学时不受影响。")
    told, after = 0, None
    while batch := _learners(release, after):
        told += tell_users(
            users=batch,
            code="release.published",
            title=title[:200],
            body="\n\n".join(part for part in (release.notes.strip(), stay) if part),
            url=reverse("cms:release-changes", args=[release.pk]),
            dedupe_key=f"release:{release.pk}",
            mail=True,
            now=now,
        )
        after = batch[-1]
    ReleaseNotice.objects.filter(pk=notice.pk, done_at=None).update(done_at=now, told=told, taken_until=None)
    return told


def _learners(release: Release, after: UUID | None) -> list[UUID]:
    """The next accounts, in order of their keys, with a running enrolment in an earlier release of the course."""
    running = Enrolment.objects.running().filter(
        release__course=release.course_id, release__number__lt=release.number, person__user__isnull=False
    )
    later = Q(person__user__gt=after) if after else Q()
    keys = running.filter(later).order_by("person__user").values_list("person__user", flat=True).distinct()
    return list(keys[:BATCH])
