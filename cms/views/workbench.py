"""A college's workbench: its courses, where each stands, and the next step."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe
from wagtail.models import TaskState

from cms.access import COLLEGE_ROLES, WRITING_ROLES
from cms.models import CollegePage, CollegeReviewTask, CoursePage
from cms.prerequisites import courses_called
from cms.presenters import workbench_rows
from cms.services import copy_course, recall, submit_for_approval
from courses.catalogue.models import Course
from courses.catalogue.services import withdraw_course
from lms.people.access import role_required
from lms.people.models import Role
from lms.rules.refusals import Refusal

PER_PAGE = 20


class CourseFilter(forms.Form):
    q = forms.CharField(label=_("课程名称"), required=False, max_length=100, widget=forms.SearchInput)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("理由"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("会写入审计记录。")
    )


@require_safe
@role_required(*COLLEGE_ROLES)
def workbench(request: HttpRequest) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    form = CourseFilter(request.GET)
    words = form.cleaned_data["q"].strip() if form.is_valid() else ""
    pages = CoursePage.objects.filter(college_id=actor.organisation_id).defer("lessons")
    if words:
        pages = pages.filter(Q(draft_title__icontains=words) | Q(title_en__icontains=words))
    publishes = actor.role == Role.COLLEGE_PUBLISHER
    to_review = _waiting_for_publisher(CoursePage.objects.filter(college_id=actor.organisation_id)) if publishes else []
    only = publishes and request.GET.get("show") == "review"
    if only:
        pages = pages.filter(pk__in=to_review)
    page = Paginator(pages.order_by("-latest_revision_created_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": workbench_rows(list(page)),
        "branch": CollegePage.objects.filter(organisation_id=actor.organisation_id).first(),
        "writes": actor.role in WRITING_ROLES,
        "publishes": publishes,
        "to_review": len(to_review),
        "only_review": only,
    }
    return render(request, "cms/workbench.html", context)


@require_POST
@role_required(*WRITING_ROLES)
def submit(request: HttpRequest, page_id: int) -> HttpResponse:
    page = _own_page(request, page_id)
    try:
        submit_for_approval(page=page, actor=request.actor, now=timezone.now())  # type: ignore[attr-defined]
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("已提交审批。批准或退回时会通知您。"))
    return redirect("cms:workbench")


@require_POST
@role_required(*WRITING_ROLES)
def take_back(request: HttpRequest, page_id: int) -> HttpResponse:
    """Take a submission back, or an approval that waits for its hour."""
    page = _own_page(request, page_id)
    try:
        recall(page=page, actor=request.actor, now=timezone.now())  # type: ignore[attr-defined]
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("已撤回，可以继续修改。"))
    return redirect("cms:workbench")


@require_POST
@role_required(*WRITING_ROLES)
def copy(request: HttpRequest, page_id: int) -> HttpResponse:
    """Begin a new course from this one, and open it in the editor."""
    page = _own_page(request, page_id)
    made = copy_course(page=page, actor=request.actor, now=timezone.now())  # type: ignore[attr-defined]
    messages.success(request, _("已复制为新的草稿，请改好名称再提交。"))
    return redirect("wagtailadmin_pages:edit", made.pk)


@require_safe
@role_required(*WRITING_ROLES)
def search(request: HttpRequest) -> JsonResponse:
    """Released courses by name, for the editor's choice of prerequisites."""
    return JsonResponse({"courses": courses_called(request.GET.get("q", ""))})


@role_required("college_publisher")
def withdraw(request: HttpRequest, page_id: int) -> HttpResponse:
    """Take a released course out of the catalogue; the page says what that means before it happens."""
    page = _own_page(request, page_id)
    course = get_object_or_404(Course, pk=page.course_id, college_id=page.college_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            withdraw_course(course=course, reason=form.cleaned_data["reason"], actor=request.actor, now=now)  # type: ignore[attr-defined]
        except Refusal as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("课程已下架。"))
        return redirect("cms:workbench")
    return render(request, "cms/withdraw.html", {"form": form, "course_page": page})


def _waiting_for_publisher(pages: QuerySet[CoursePage]) -> list[int]:
    """Keys of the pages that an author handed in and nobody forwarded yet."""
    waiting = TaskState.objects.filter(
        task__in=CollegeReviewTask.objects.values("pk"),
        status=TaskState.STATUS_IN_PROGRESS,
        workflow_state__object_id__in=[str(key) for key in pages.values_list("pk", flat=True)],
    )
    return [int(key) for key in waiting.values_list("workflow_state__object_id", flat=True)]


def _own_page(request: HttpRequest, page_id: int) -> CoursePage:
    actor = request.actor  # type: ignore[attr-defined]
    return get_object_or_404(CoursePage, pk=page_id, college_id=actor.organisation_id)
