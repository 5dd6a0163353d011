"""The hour arithmetic of a course that is being written, saved or not."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_POST
from wagtail.log_actions import LogContext

from cms.hours import arithmetic
from cms.models import CollegePage, CoursePage
from lms.people.access import role_required


@require_POST
@role_required()
def hours(request: HttpRequest) -> HttpResponse:
    """Reads the editor's own form as it stands; ``editor`` names the page that shows it."""
    page, parent = _edited(request, request.GET.get("editor", ""))
    if "lessons-count" not in request.POST:
        raise Http404  # not the editor's form
    form_class: Any = CoursePage.get_edit_handler().get_form_class()
    form = form_class(request.POST, request.FILES, instance=page, parent_page=parent, for_user=request.user)
    form.defer_required_fields()
    # Banks, packages and texts may be chosen by whoever is at the editor; out here nobody is, unless we say so.
    with LogContext(user=request.user):
        form.is_valid()
    for name in ("class_hours", "lessons"):
        if name in form.cleaned_data:
            setattr(page, name, form.cleaned_data[name])
    return render(request, "cms/panels/hours_line.html", {"hours": arithmetic(page, college=form.college)})


def _edited(request: HttpRequest, path: str) -> tuple[CoursePage, CollegePage]:
    """The page in the editor and the branch it stands in; only for those who may write there."""
    try:
        match = resolve(path)
    except Resolver404:
        raise Http404 from None
    if match.view_name == "wagtailadmin_pages:edit":
        page = get_object_or_404(CoursePage, pk=match.kwargs["page_id"]).get_latest_revision_as_object()
        if not page.permissions_for_user(request.user).can_edit():
            raise Http404
        return page, page.get_parent().specific
    if match.view_name != "wagtailadmin_pages:add":
        raise Http404
    parent = get_object_or_404(CollegePage, pk=match.kwargs["parent_page_id"])
    if not parent.permissions_for_user(request.user).can_add_subpage():
        raise Http404
    return CoursePage(), parent
