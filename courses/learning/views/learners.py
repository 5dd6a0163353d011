"""A college's learners on its courses: who is enrolled, how far, since when. Searched, filtered, exported."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from courses.catalogue.models import Course
from courses.learning.models import Enrolment, EnrolmentStateName
from courses.learning.querysets import COLLEGE_ROLES
from courses.learning.views.own import actor_of_request
from lms.audit.actors import Actor
from lms.documents import workbooks
from lms.people.access import role_required

_PAGE = 25
_EXPORT_AT_MOST = 50_000
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class CourseChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Courses under the title of their newest release."""

    def label_from_instance(self, obj: Any) -> str:
        newest = max(obj.releases.all(), key=lambda release: release.number, default=None)
        return str(newest.title if newest else obj.slug)


class LearnerFilter(forms.Form):
    q = forms.CharField(label=gettext_lazy("姓名"), required=False, max_length=100)
    course = CourseChoice(
        label=gettext_lazy("课程"), required=False, queryset=Course.objects.none(), empty_label=gettext_lazy("全部")
    )
    state = forms.ChoiceField(
        label=gettext_lazy("状态"),
        required=False,
        choices=[("", gettext_lazy("全部")), *EnrolmentStateName.choices],
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        courses = Course.objects.filter(college=actor.organisation_id).prefetch_related("releases")
        self.fields["course"].queryset = courses  # type: ignore[attr-defined]


def _rows(actor: Actor, form: LearnerFilter) -> QuerySet[Any]:
    rows = (
        Enrolment.objects.visible_to(actor)
        .select_related("person", "release")
        .annotate(
            lessons_total=Count("release__lessons", distinct=True),
            lessons_done=Count("lesson_completions", distinct=True),
            flagged=Count("flags", distinct=True),
            last_at=Max("progress__updated_at"),
        )
        .order_by("-enrolled_at", "pk")
    )
    if not form.is_valid():
        return rows
    if form.cleaned_data["q"]:
        rows = rows.filter(person__name__icontains=form.cleaned_data["q"].strip())
    if form.cleaned_data["course"]:
        rows = rows.filter(release__course=form.cleaned_data["course"])
    if form.cleaned_data["state"]:
        rows = rows.filter(state=form.cleaned_data["state"])
    return rows


@require_safe
@role_required(*COLLEGE_ROLES)
def learners(request: HttpRequest) -> HttpResponse:
    actor = actor_of_request(request)
    form = LearnerFilter(request.GET or None, actor=actor)
    page = Paginator(_rows(actor, form), _PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    export_url = reverse("learning:learners_export") + (f"?{query.urlencode()}" if query else "")
    context = {"form": form, "page": page, "total": page.paginator.count, "export_url": export_url}
    return render(request, "learning/learners.html", context)


@require_safe
@role_required(*COLLEGE_ROLES)
def export(request: HttpRequest) -> HttpResponse:
    actor = actor_of_request(request)
    rows = _rows(actor, LearnerFilter(request.GET or None, actor=actor))[:_EXPORT_AT_MOST]
    sheet = workbooks.Sheet(
        name=_("学员"),
        columns=[
            _("姓名"),
            _("课程"),
            _("版次"),
            _("年度"),
            _("状态"),
            _("已完成课节"),
            _("课节数"),
            _("报名时间"),
            _("最近学习"),
        ],
        rows=[
            [
                row.person.name,
                row.release.title,
                row.release.number,
                row.year,
                row.get_state_display(),
                row.lessons_done,
                row.lessons_total,
                row.enrolled_at,
                row.last_at,
            ]
            for row in rows
        ],
    )
    response = HttpResponse(workbooks.write(sheets=[sheet]), content_type=_XLSX)
    response["Content-Disposition"] = f'attachment; filename="learners-{timezone.localdate():%Y%m%d}.xlsx"'
    return response
