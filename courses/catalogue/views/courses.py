"""Courses: open to everybody; a practitioner also reads why a course counts for them."""

import mimetypes
import re
import uuid
from typing import Any

from django.core.files.storage import storages
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Subquery
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from courses.catalogue.files import FOLDER
from courses.catalogue.forms import CatalogueFilter
from courses.catalogue.models import Lesson, LessonKind, Programme, Release
from courses.catalogue.prerequisites import prerequisites_of
from courses.catalogue.reasons import Learner, learner, why_it_counts
from lms.people.access import role_required
from lms.people.models import Person, Role
from lms.policy.models import Region

PER_PAGE = 12
UNSHOWN = ("search_title", "search_text", "glossary", "notes")
SECONDS_PER_MINUTE = 60
YEAR = 365 * 24 * 3600
_FILE_NAME = re.compile(r"[\w-]+\.[a-z0-9]+", re.ASCII)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    who = learner_of(request)
    form = CatalogueFilter(request.GET, who=who)
    lessons = Lesson.objects.filter(release=OuterRef("pk")).order_by().values("release").annotate(n=Count("pk"))
    found = form.apply(Release.objects.current()).annotate(lesson_count=Subquery(lessons.values("n")))
    page = Paginator(found.defer(*UNSHOWN), PER_PAGE).get_page(request.GET.get("page"))
    cards = [{"release": release, "reasons": why_it_counts(release, who)} for release in page]
    context = {"form": form, "chips": form.chips(), "page": page, "cards": cards}
    return render(request, "catalogue/index.html", context)


@require_safe
def course(request: HttpRequest, course_id: uuid.UUID) -> HttpResponse:
    """The newest release of a course."""
    newest = Release.objects.filter(course_id=course_id, course__college__status="admitted")
    release = newest.select_related("course__college").order_by("-number").first()
    if release is None:
        raise Http404
    return _detail(request, release, newest=True)


@require_safe
def release(request: HttpRequest, release_id: uuid.UUID) -> HttpResponse:
    """One release, perhaps an earlier one: what was taught then stays to be read."""
    found = get_object_or_404(Release.objects.select_related("course__college"), pk=release_id)
    later = Release.objects.filter(course_id=found.course_id, number__gt=found.number).exists()
    return _detail(request, found, newest=not later)


@require_safe
def cover(request: HttpRequest, release_id: uuid.UUID) -> HttpResponseBase:
    """The picture on the card; public like the card itself."""
    name = Release.objects.filter(pk=release_id).values_list("cover", flat=True).first()
    if not name:
        raise Http404
    return _served(name)


@require_safe
@role_required()
def file(request: HttpRequest, name: str) -> HttpResponseBase:
    """A frozen picture or hand-out of a reading, named by its hash. Signed-in people only; recordings have their own way."""
    if not _FILE_NAME.fullmatch(name):  # a folder, or what no storage can hold
        raise Http404
    return _served(f"{FOLDER}/{name}")


def _served(name: str) -> HttpResponseBase:
    storage = storages["default"]
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if kind.startswith(("video/", "audio/")) or not storage.exists(name):
        raise Http404
    shown = kind in {"image/jpeg", "image/png", "image/webp", "image/gif"}
    response = FileResponse(storage.open(name), content_type=kind, as_attachment=not shown)
    response["Cache-Control"] = f"private, max-age={YEAR}, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def learner_of(request: HttpRequest) -> Learner | None:
    """What is known of the practitioner who looks; nobody else has a year to fill."""
    person = practitioner_of(request)
    return learner(person, timezone.localdate()) if person else None


def practitioner_of(request: HttpRequest) -> Person | None:
    """The practitioner who looks, if it is one."""
    user: Any = request.user
    return user.person if _role(request) == Role.PRACTITIONER else None


def _detail(request: HttpRequest, release: Release, *, newest: bool) -> HttpResponse:
    lessons = [
        {"lesson": lesson, "kind": LessonKind(lesson.kind), "minutes": -(-lesson.seconds // SECONDS_PER_MINUTE)}
        for lesson in release.lessons.defer("body", "captions")
    ]
    who = learner_of(request)
    asked_first = prerequisites_of(release, who.person if who else None)
    regions = Region.objects.filter(code__in=release.regions) if release.regions else []
    context: dict[str, Any] = {
        "release": release,
        "lessons": lessons,
        "regions": list(regions),
        "reasons": why_it_counts(release, who),
        "asked_first": asked_first,
        "missing": who is not None and any(course.missing for course in asked_first),
        "programmes": _programmes(release),
        "may_assign": _role(request) == Role.INSTITUTION_MANAGER and newest and not release.course.withdrawn_at,
        "newest": newest,
        "earlier": list(release.course.releases.filter(number__lt=release.number).order_by("-number")),
        "may_enrol": who is not None and newest and release.course.withdrawn_at is None,
        "signed_in": request.user.is_authenticated,
    }
    return render(request, "catalogue/detail.html", context)


def _programmes(release: Release) -> list[Programme]:
    """Programmes of this year or a later one that the course is part of."""
    offered = Programme.objects.offered().filter(items__course=release.course_id, year__gte=timezone.localdate().year)
    return list(offered.order_by("year", "title"))


def _role(request: HttpRequest) -> str:
    return request.actor.role  # type: ignore[attr-defined,no-any-return]
