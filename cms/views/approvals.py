"""Courses handed in, read as a learner will: by the college's publisher, then by the bureau; decided with a comment."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from wagtail.models import TaskState

from cms.access import page_ids_in_review_by, writing_membership
from cms.drafts import Files, glossary_of, newest, preview_lessons, questions_of, release_draft
from cms.hours import weigh
from cms.models import BureauApprovalTask, CollegeReviewTask, CoursePage
from cms.presenters import cases, remarks_on
from cms.services import approve, forward, return_with_comment
from courses.catalogue.models import Release
from lms.people.access import role_required
from lms.people.models import Role
from lms.policy.models import Region
from lms.rules.refusals import Refusal
from lms.rules.regions import covers

PER_PAGE = 20


class DecisionForm(forms.Form):
    comment = forms.CharField(
        label=_("意见"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("退回时必须写明需要修改的地方；作者会看到全文。"),
    )


@role_required(Role.BUREAU_APPROVER)
def approvals(request: HttpRequest) -> HttpResponse:
    decided = request.GET.get("show") == "decided"
    states = _states(request)
    waiting = states.filter(status=TaskState.STATUS_IN_PROGRESS)
    past = states.filter(status__in=[TaskState.STATUS_APPROVED, TaskState.STATUS_REJECTED])
    shown = past.order_by("-finished_at") if decided else waiting.order_by("started_at")
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "cases": cases(shown.filter(pk__in=[state.pk for state in page])),
        "decided": decided,
        "waiting_count": waiting.count() if decided else page.paginator.count,
    }
    return render(request, "cms/approvals.html", context)


@role_required(Role.BUREAU_APPROVER)
def approval(request: HttpRequest, page_id: int) -> HttpResponse:
    """One course before the bureau: what it claims, what it holds, every lesson, and the decision."""
    page = _page(request, page_id)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _decide(request, page, form):
        return redirect("cms:approvals")
    return render(request, "cms/approval.html", {**_read(page, BureauApprovalTask), "form": form, "bureau": True})


@role_required(Role.COLLEGE_PUBLISHER)
def review(request: HttpRequest, page_id: int) -> HttpResponse:
    """One course before its college's publisher: the same page, to be forwarded or sent back."""
    actor = request.actor  # type: ignore[attr-defined]
    page = get_object_or_404(_pages(), pk=page_id, college_id=actor.organisation_id)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _decide_at_college(request, page, form):
        return redirect(reverse("cms:workbench") + "?show=review")
    return render(request, "cms/approval.html", {**_read(page, CollegeReviewTask), "form": form, "bureau": False})


@role_required()
def preview(request: HttpRequest, page_id: int) -> HttpResponse:
    """The newest draft as a learner will meet it; for the college's authors and their bureau."""
    page = get_object_or_404(_pages(), pk=page_id)
    require_reader(request, page)
    latest = newest(page)
    context = {"page": latest, "lessons": preview_lessons(latest), "glossary": glossary_of(latest)}
    return render(request, "cms/course_page.html", context)


def require_reader(request: HttpRequest, page: CoursePage) -> None:
    """A draft is read by its college's authors and, once handed in, by the approvers of its region."""
    if not writing_membership(request.user, page.college, timezone.now()):  # type: ignore[arg-type]
        _require_region(request, page)


def _read(page: CoursePage, step: type[BureauApprovalTask | CollegeReviewTask]) -> dict[str, Any]:
    """All there is to read of a course before deciding. Whoever gets here may read its whole history."""
    latest = newest(page)
    draft = release_draft(latest, files=Files(), college=page.college)
    reviews = TaskState.objects.filter(workflow_state__object_id=str(page.pk)).exclude(comment="")
    current = page.current_workflow_task_state
    waits = current is not None and current.status == TaskState.STATUS_IN_PROGRESS
    return {
        "course": latest,
        "course_page": page,
        "hours": weigh(draft),
        "lessons": preview_lessons(latest),
        "glossary": draft.glossary,
        "questions": questions_of(draft),
        "regions": list(Region.objects.filter(code__in=latest.regions)),
        "prerequisites": list(Release.objects.current().filter(course__in=latest.prerequisites)),
        "remarks": remarks_on(page, latest),
        "open": waits and issubclass(current.task.specific_class, step),
        "released": page.live,
        "scheduled": None if waits else page.scheduled_releases.waiting().first(),
        "history": reviews.select_related("finished_by__person", "task").order_by("-finished_at"),
    }


def _decide(request: HttpRequest, page: CoursePage, form: DecisionForm) -> bool:
    actor, now = request.actor, timezone.now()  # type: ignore[attr-defined]
    comment = form.cleaned_data["comment"]
    try:
        if "approve" in request.POST:
            messages.success(request, _approved(page, approve(page=page, actor=actor, now=now, comment=comment)))
        else:
            return_with_comment(page=page, actor=actor, now=now, comment=comment)
            messages.success(request, _("已退回，院校会看到您的意见。"))
    except Refusal as refusal:
        form.add_error("comment" if refusal.field == "comment" else None, str(refusal))
        return False
    return True


def _approved(page: CoursePage, release: Release | None) -> Any:
    if release:
        words = {"title": release.title, "number": release.number}
        return _("已批准“%(title)s”，第 %(number)s 版已发布。") % words
    at = page.scheduled_releases.waiting().get().go_live_at
    words = {"title": page.draft_title, "at": date_format(timezone.localtime(at), "DATETIME_FORMAT")}
    return _("已批准“%(title)s”，将于 %(at)s 发布。") % words


def _decide_at_college(request: HttpRequest, page: CoursePage, form: DecisionForm) -> bool:
    actor, now = request.actor, timezone.now()  # type: ignore[attr-defined]
    comment = form.cleaned_data["comment"]
    try:
        if "approve" in request.POST:
            forward(page=page, actor=actor, now=now, comment=comment)
            messages.success(request, _("已转交主管部门。"))
        else:
            return_with_comment(page=page, actor=actor, now=now, comment=comment)
            messages.success(request, _("已退回，作者会看到您的意见。"))
    except Refusal as refusal:
        form.add_error("comment" if refusal.field == "comment" else None, str(refusal))
        return False
    return True


def _states(request: HttpRequest) -> QuerySet[TaskState]:
    ids = page_ids_in_review_by(request.user, timezone.now())  # type: ignore[arg-type]
    states: QuerySet[TaskState] = TaskState.objects.filter(
        task__in=BureauApprovalTask.objects.values("pk"), workflow_state__object_id__in=ids
    )
    return states


def _pages() -> QuerySet[CoursePage]:
    pages: QuerySet[CoursePage] = CoursePage.objects.select_related("college", "latest_revision")
    return pages


def _page(request: HttpRequest, page_id: int) -> CoursePage:
    page = get_object_or_404(_pages(), pk=page_id)
    _require_region(request, page)
    return page


def _require_region(request: HttpRequest, page: CoursePage) -> None:
    actor = request.actor  # type: ignore[attr-defined]
    inside = bool(actor.region_code) and covers(actor.region_code, page.college.region_code)
    # A draft that never came before the bureau is the college's own business.
    if actor.role != Role.BUREAU_APPROVER or not inside or not _came_before_bureau(page):
        raise Http404


def _came_before_bureau(page: CoursePage) -> bool:
    steps = BureauApprovalTask.objects.values("pk")
    states: QuerySet[TaskState] = TaskState.objects.filter(task__in=steps, workflow_state__object_id=str(page.pk))
    return states.exists()
