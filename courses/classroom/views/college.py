"""A college's sessions: list, open, roster with the paper roll, the page for the wall, cancel, substitute."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from courses.classroom.forms import CancelForm, PaperForm, SessionFilter, SessionForm, SubstituteForm
from courses.classroom.models import Session
from courses.classroom.querysets import COLLEGE_ROLES
from courses.classroom.roster import roster_of
from courses.classroom.services import (
    cancel_session,
    current_code,
    open_session,
    record_on_paper,
    substitute_teacher,
)
from courses.classroom.services.presence import CODE_SECONDS
from lms.audit.actors import Actor
from lms.documents import qr, workbooks
from lms.people.access import role_required
from lms.people.models import Person
from lms.rules.refusals import Refusal

_PAGE = 20
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _own(request: HttpRequest, session_id: uuid.UUID) -> Session:
    """404 for another college's."""
    rows = Session.objects.visible_to(_actor(request)).select_related("lesson__release", "teacher__person", "college")
    return get_object_or_404(rows, pk=session_id)


def _sessions(request: HttpRequest, form: SessionFilter) -> QuerySet[Session]:
    now = timezone.now()
    rows = (
        Session.objects.visible_to(_actor(request)).with_booked().select_related("lesson__release", "teacher__person")
    )
    chosen = form.cleaned_data if form.is_valid() else {}
    match chosen.get("when"):
        case "past":
            rows = rows.standing().filter(ends_at__lt=now).order_by("-starts_at")
        case "cancelled":
            rows = rows.exclude(cancelled_at=None).order_by("-starts_at")
        case _:
            rows = rows.standing().filter(ends_at__gte=now).order_by("starts_at")
    text = (chosen.get("q") or "").strip()
    if text:
        rows = rows.filter(
            Q(lesson__title__icontains=text)
            | Q(lesson__release__title__icontains=text)
            | Q(venue__icontains=text)
            | Q(teacher__person__name__icontains=text)
            | Q(teacher__username__icontains=text)
        )
    return rows


@require_safe
@role_required(*COLLEGE_ROLES)
def sessions(request: HttpRequest) -> HttpResponse:
    form = SessionFilter(request.GET or None)
    page = Paginator(_sessions(request, form), _PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "total": page.paginator.count,
        "create_url": reverse("classroom:new"),
        "create_label": _("安排班次"),
    }
    return render(request, "classroom/sessions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*COLLEGE_ROLES)
def new(request: HttpRequest) -> HttpResponse:
    form = SessionForm(request.POST or None, actor=_actor(request))
    if request.method == "POST" and form.is_valid():
        try:
            session = open_session(**form.cleaned_data, actor=_actor(request), now=timezone.now())
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("已安排。学员现在可以预约。"))
            return redirect("classroom:session", session.pk)
    return render(request, "classroom/new.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*COLLEGE_ROLES)
def session(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """The roster; POST enters one line of the paper roll."""
    own = _own(request, session_id)
    roster = roster_of(own)
    names = [(str(row.person.pk), row.person.name) for row in roster]
    form = PaperForm(request.POST or None, persons=names, initial={"at": own.starts_at})
    if request.method == "POST" and form.is_valid():
        try:
            record_on_paper(
                session=own,
                person=Person.objects.get(pk=form.cleaned_data["person"]),
                kind=form.cleaned_data["kind"],
                at=form.cleaned_data["at"],
                reason=form.cleaned_data["reason"],
                actor=_actor(request),
                now=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("已补登。"))
            return redirect("classroom:session", own.pk)
    context = {"session": own, "roster": roster, "form": form, "booked": len(roster)}
    return render(request, "classroom/session.html", context)


@require_safe
@role_required(*COLLEGE_ROLES)
def export(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    own = _own(request, session_id)
    sheet = workbooks.Sheet(
        name=_("签到表"),
        columns=[_("姓名"), _("签到"), _("签到方式"), _("签退"), _("签退方式"), _("计入分钟"), _("补登原因")],
        rows=[
            [row.person.name, row.came_at, row.came_by, row.left_at, row.left_by, row.minutes, row.reasons]
            for row in roster_of(own)
        ],
    )
    response = HttpResponse(workbooks.write(sheets=[sheet]), content_type=_XLSX)
    day = timezone.localtime(own.starts_at)
    response["Content-Disposition"] = f'attachment; filename="attendance-{day:%Y%m%d-%H%M}.xlsx"'
    return response


def _wall(own: Session) -> dict[str, Any]:
    now = timezone.now()
    code = current_code(own, now)
    address = f"{settings.PUBLIC_BASE_URL}{reverse('classroom:scan', args=[own.pk, code])}"
    present = own.scans.filter(kind="in").count()
    return {
        "session": own,
        "code": f"{code[:3]} {code[3:]}",
        "qr_src": qr.png_data_uri(address),
        "seconds": CODE_SECONDS - int(now.timestamp()) % CODE_SECONDS,
        "present": present,
        "booked": own.bookings.filter(cancelled_at=None).count(),
    }


@require_safe
@never_cache
@role_required(*COLLEGE_ROLES)
def wall(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """For the projector: the code of this half minute."""
    return render(request, "classroom/wall.html", _wall(_own(request, session_id)))


@require_safe
@never_cache
@role_required(*COLLEGE_ROLES)
def wall_code(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """The part of the wall that changes; polled by the page."""
    return render(request, "classroom/wall_code.html", _wall(_own(request, session_id)))


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*COLLEGE_ROLES)
def cancel(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    own = _own(request, session_id)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        cancel_session(session=own, reason=form.cleaned_data["reason"], actor=_actor(request), now=timezone.now())
        messages.info(request, _("已取消并通知预约的学员。"))
        return redirect("classroom:sessions")
    booked = own.bookings.filter(cancelled_at=None).count()
    consequences = [_("%(count)s 位已预约的学员会收到通知") % {"count": booked}, _("预约作废，地点和教师的时间空出")]
    return render(request, "classroom/cancel.html", {"session": own, "form": form, "consequences": consequences})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*COLLEGE_ROLES)
def substitute(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    own = _own(request, session_id)
    form = SubstituteForm(request.POST or None, actor=_actor(request))
    if request.method == "POST" and form.is_valid():
        try:
            substitute_teacher(session=own, **form.cleaned_data, actor=_actor(request), now=timezone.now())
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("已更换授课教师。"))
            return redirect("classroom:session", own.pk)
    return render(request, "classroom/substitute.html", {"session": own, "form": form})
