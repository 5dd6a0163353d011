"""Reusable texts: a list of the college's own, and Wagtail's editor for the body of one."""

import uuid
from typing import Any

from csp.decorators import csp_update
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.auth import require_admin_access
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.telepath import JSContext

from cms.access import WRITING_ROLES
from cms.drafts import files_of_body, foreign_among
from cms.models import ReusableText
from cms.services import retire_text, save_text
from cms.views.stock import PER_PAGE, tabs
from lms.people.access import ActingRequest, role_required
from lms.people.models import Organisation
from lms.rules.refusals import Refusal

_HANDLER = ObjectList([FieldPanel("title"), FieldPanel("body")])


@require_safe
@role_required(*WRITING_ROLES)
def texts(request: ActingRequest) -> HttpResponse:
    rows = _own(request).defer("body").order_by("retired_at", "title")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "cms/texts.html", {"page": page, "tabs": tabs("texts")})


# Wagtail's rich text editor writes style attributes.
@csp_update({"style-src": ["'unsafe-inline'"]})  # type: ignore[arg-type]
@role_required(*WRITING_ROLES)
@require_admin_access  # in the language and with the rights of the rest of the editor
def text(request: ActingRequest, text_id: uuid.UUID | None = None) -> HttpResponse:
    """Write a reusable text, or write it anew."""
    existing = get_object_or_404(_own(request), pk=text_id) if text_id else ReusableText()
    panel = _HANDLER.bind_to_model(ReusableText)
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = panel.get_form_class()(*data, instance=existing, for_user=request.user)
    college = get_object_or_404(Organisation, pk=request.actor.organisation_id)
    if form.is_bound:
        posted = form.fields["body"].widget.value_from_datadict(form.data, form.files, "body")
        # A file of somebody else's never came from a chooser: it does not exist, or the form shown again would name it.
        if set(foreign_among(files_of_body(posted), college)) - set(files_of_body(existing.body)):
            raise Http404
    if form.is_bound and form.is_valid():
        filled = form.save(commit=False)
        try:
            save_text(text=filled, college=college, actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("常用文字已保存，用到它的草稿随之更新。"))
            return redirect("cms:texts")
    status = 422 if form.errors else 200
    return render(request, "cms/text.html", _context(request, panel, form, existing), status=status)


@require_POST
@role_required(*WRITING_ROLES)
def text_retire(request: ActingRequest, text_id: uuid.UUID) -> HttpResponse:
    retire_text(text=get_object_or_404(_own(request), pk=text_id), actor=request.actor, now=timezone.now())
    messages.success(request, _("已停用，用到它的课程不受影响。打开并保存一次即可恢复。"))
    return redirect("cms:texts")


def _own(request: ActingRequest) -> Any:
    return ReusableText.objects.select_related("college").filter(college=request.actor.organisation_id)


def _context(request: ActingRequest, panel: Any, form: Any, existing: ReusableText) -> dict[str, Any]:
    """What Wagtail's template of a form asks for."""
    bound = panel.get_bound_panel(instance=existing, request=request, form=form)
    packing = JSContext()
    packed = packing.pack(bound)
    title = existing.title or _("新的常用文字")
    return {
        "form": form,
        "panel": bound,
        "media": bound.media + form.media + packing.media,
        "edit_handler_data": packed,
        "action_url": request.path,
        "page_title": title,
        "header_title": title,
        "breadcrumbs_items": [
            {"url": reverse("cms:texts"), "label": _("常用文字")},
            {"url": "", "label": title},
        ],
        "submit_button_label": _("保存"),
        "submit_button_active_label": _("正在保存…"),
    }
