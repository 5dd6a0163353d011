"""What a college keeps in stock for its lessons: recordings, packages, terms. Only its own; another's don't exist."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cms.access import WRITING_ROLES, approving_membership
from cms.models import CollegePage, CourseMedia, CoursePackage, GlossaryTerm
from cms.renditions import retry_rendition
from cms.services import add_package, remove_term, retire_package, save_term
from cms.stock_forms import PackageForm, SearchForm, TermForm
from courses.catalogue.models import Rendition, RenditionState
from courses.learning.outline import duration
from courses.learning.views.packages import address_of
from lms.people.access import ActingRequest, role_required
from lms.people.models import Organisation, User
from lms.people.wording import refuse
from lms.rules.refusals import Refusal

PER_PAGE = 20


@require_safe
@role_required(*WRITING_ROLES)
def recordings(request: ActingRequest) -> HttpResponse:
    """Videos and sound of the college, with what the server found in them and how far their renditions are."""
    form = SearchForm(request.GET)
    words = form.cleaned_data["q"].strip() if form.is_valid() else ""
    rows = _own_media(request).filter(title__icontains=words).order_by("-created_at", "-pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    made = {one.media_sha256: one for one in Rendition.objects.filter(media_sha256__in=[row.sha256 for row in page])}
    context = {"form": form, "page": page, "rows": [_line(row, made) for row in page]}
    return render(request, "cms/recordings.html", {**context, "tabs": tabs("recordings")})


@require_safe
@role_required(*WRITING_ROLES)
def rendition(request: ActingRequest, media_id: int) -> HttpResponse:
    """How far one recording's rendition is, asked for again and again while it is being made."""
    media = get_object_or_404(_own_media(request), pk=media_id)
    bar = _bar(media, Rendition.objects.filter(media_sha256=media.sha256).first())
    return render(request, "cms/_rendition.html", {"media": media, "bar": bar})


@require_POST
@role_required(*WRITING_ROLES)
def retry(request: ActingRequest, media_id: int) -> HttpResponse:
    media = get_object_or_404(_own_media(request), pk=media_id)
    retry_rendition(media=media, actor=request.actor, now=timezone.now())
    messages.success(request, _("已重新排队转码。"))
    return redirect("cms:recordings")


@role_required(*WRITING_ROLES)
def packages(request: ActingRequest) -> HttpResponse:
    """Courseware made elsewhere: what there is, and the form for another."""
    form = PackageForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            found = add_package(college=_college(request), **form.cleaned_data, actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("课件包“%(title)s”可以在课程里选用了。") % {"title": found.title})
            return redirect("cms:packages")
    rows = CoursePackage.objects.filter(college=request.actor.organisation_id).order_by("retired_at", "-created_at")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "tabs": tabs("packages")}
    return render(request, "cms/packages.html", context, status=422 if form.errors else 200)


@require_safe
@role_required()
def package(request: HttpRequest, package_id: uuid.UUID) -> HttpResponse:
    """The way into a package, for its college and for the approver of its region."""
    found = get_object_or_404(CoursePackage.objects.select_related("college"), pk=package_id)
    actor = request.actor  # type: ignore[attr-defined]
    own = actor.role in WRITING_ROLES and actor.organisation_id == found.college_id
    if not own and not (
        isinstance(request.user, User) and approving_membership(request.user, found.college, timezone.now())
    ):
        raise Http404
    return redirect(address_of(found.folder, found.entry))


@require_safe
@role_required(*WRITING_ROLES)
def package_preview(request: ActingRequest, package_id: uuid.UUID) -> HttpResponse:
    """The package as a learner will meet it: in its frame."""
    found = get_object_or_404(CoursePackage, pk=package_id, college=request.actor.organisation_id)
    return render(request, "cms/package_preview.html", {"package": found})


@require_POST
@role_required(*WRITING_ROLES)
def package_retire(request: ActingRequest, package_id: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(CoursePackage, pk=package_id, college=request.actor.organisation_id)
    retire_package(package=found, actor=request.actor, now=timezone.now())
    messages.success(request, _("课件包已停用，用到它的课程不受影响。再次上传同一个文件即可恢复。"))
    return redirect("cms:packages")


@role_required(*WRITING_ROLES)
def terms(request: ActingRequest, term_id: uuid.UUID | None = None) -> HttpResponse:
    """The college's glossary: search, explain a term, explain it anew."""
    own = GlossaryTerm.objects.filter(college=request.actor.organisation_id)
    existing = get_object_or_404(own, pk=term_id) if term_id else None
    initial = {"term": existing.term, "text": existing.text} if existing else None
    form = TermForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            save_term(
                college=_college(request),
                **form.cleaned_data,
                existing=existing,
                actor=request.actor,
                now=timezone.now(),
            )
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("术语已保存，下次发布时随课程冻结。"))
            return redirect("cms:terms")
    found = SearchForm(request.GET)
    words = found.cleaned_data["q"].strip() if found.is_valid() else ""
    page = Paginator(own.filter(term__icontains=words).order_by("term"), PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "search": found, "page": page, "existing": existing, "tabs": tabs("terms")}
    return render(request, "cms/terms.html", context, status=422 if form.errors else 200)


@require_POST
@role_required(*WRITING_ROLES)
def term_remove(request: ActingRequest, term_id: uuid.UUID) -> HttpResponse:
    own = GlossaryTerm.objects.select_related("college").filter(college=request.actor.organisation_id)
    remove_term(term=get_object_or_404(own, pk=term_id), actor=request.actor, now=timezone.now())
    messages.success(request, _("术语已删除，已发布的课程不受影响。"))
    return redirect("cms:terms")


def tabs(active: str) -> list[dict[str, Any]]:
    """The ways between the kinds of stock."""
    labels = {
        "recordings": _("视频和音频"),
        "packages": _("课件包"),
        "texts": _("常用文字"),
        "terms": _("术语"),
    }
    return [{"label": label, "url": reverse(f"cms:{name}"), "active": name == active} for name, label in labels.items()]


def _college(request: ActingRequest) -> Organisation:
    return get_object_or_404(Organisation, pk=request.actor.organisation_id)


def _own_media(request: ActingRequest) -> Any:
    branch = CollegePage.objects.filter(organisation=request.actor.organisation_id).select_related("collection").first()
    if branch is None:
        return CourseMedia.objects.none()
    return CourseMedia.objects.filter(collection__in=branch.collection.get_descendants(inclusive=True))


def _line(media: CourseMedia, made: dict[str, Rendition]) -> tuple[CourseMedia, str, dict[str, Any] | None]:
    return media, duration(int(media.duration)), _bar(media, made.get(media.sha256))


_LAMPS = {
    RenditionState.WAITING: "none",
    RenditionState.WORKING: "none",
    RenditionState.READY: "ok",
    RenditionState.FAILED: "attention",
}


def _bar(media: CourseMedia, made: Rendition | None) -> dict[str, Any] | None:
    """What is shown of a rendition: its state in words, its progress while it is being made."""
    if made is None or not media.is_video:
        return None
    running = made.state in {RenditionState.WAITING, RenditionState.WORKING}
    return {
        "lamp": _LAMPS[RenditionState(made.state)],
        "state": made.get_state_display(),
        "progress": made.progress,
        "running": running,
        "working": made.state == RenditionState.WORKING,
        "problem": _(made.problem) if made.problem else "",
        "failed": made.state == RenditionState.FAILED,
    }
