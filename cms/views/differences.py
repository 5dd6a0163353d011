"""What changed: for whoever decides over a draft, and for people who are learning an earlier release."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from wagtail.models import TaskState

from cms.drafts import newest
from cms.models import CoursePage
from cms.sheets import sheet_of_page, sheet_of_release
from cms.views.approvals import require_reader
from courses.catalogue.models import Release
from courses.learning.models import Enrolment
from lms.people.access import role_required
from lms.people.models import Role
from lms.rules.differences import Sheet, compare

RELEASE = "release"
EARLIER = 10


@require_safe
@role_required(Role.COLLEGE_AUTHOR, Role.COLLEGE_PUBLISHER, Role.BUREAU_APPROVER)
def draft(request: HttpRequest, page_id: int) -> HttpResponse:
    """The newest draft beside the last release, or beside what was handed in before."""
    page = get_object_or_404(CoursePage.objects.select_related("college", "latest_revision"), pk=page_id)
    require_reader(request, page)
    last = Release.objects.filter(course_id=page.course_id).order_by("-number").first()
    choices = _earlier(page, last)
    wanted = request.GET.get("from") or next(iter(choices), "")
    if wanted and wanted not in choices:
        raise Http404
    before = _sheet(page, last, wanted)
    context = {
        "course_page": page,
        "choices": choices,
        "chosen": wanted,
        "differences": compare(before, sheet_of_page(newest(page))) if before else None,
        "bureau": request.actor.role == Role.BUREAU_APPROVER,  # type: ignore[attr-defined]
    }
    return render(request, "cms/differences.html", context)


@require_safe
@role_required(Role.PRACTITIONER)
def release(request: HttpRequest, release_id: str) -> HttpResponse:
    """A release beside the one the person is learning."""
    person = request.actor.person_id  # type: ignore[attr-defined]
    new = get_object_or_404(Release.objects.select_related("course__college"), pk=release_id)
    mine = Enrolment.objects.filter(person=person, release__course=new.course_id).select_related("release")
    enrolment = mine.order_by("-release__number").first()
    if enrolment is None:
        raise Http404
    old = enrolment.release
    changes = compare(sheet_of_release(old), sheet_of_release(new)) if old.number < new.number else None
    context = {"new": new, "old": old, "enrolment": enrolment, "differences": changes}
    return render(request, "cms/release_changes.html", context)


def _earlier(page: CoursePage, last: Release | None) -> dict[str, str]:
    """What the draft can be compared with, newest first: key and words."""
    choices = {}
    if last:
        words: dict[str, Any] = {"number": last.number, "at": _moment(last.published_at)}
        choices[RELEASE] = _("已发布的第 %(number)s 版（%(at)s）") % words
    states = TaskState.objects.filter(workflow_state__object_id=str(page.pk), status=TaskState.STATUS_REJECTED)
    for state in states.order_by("-finished_at")[:EARLIER]:
        choices[str(state.pk)] = _("退回时的稿子（%(at)s）") % {"at": _moment(state.finished_at)}
    return choices


def _sheet(page: CoursePage, last: Release | None, wanted: str) -> Sheet | None:
    """``wanted``: one of the choices, or nothing."""
    if wanted == RELEASE and last:
        return sheet_of_release(last)
    if not wanted:
        return None
    return sheet_of_page(newest(page, TaskState.objects.select_related("revision").get(pk=wanted).revision))


def _moment(at: Any) -> str:
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")
