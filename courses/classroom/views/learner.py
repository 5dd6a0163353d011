"""The learner at the wall: scan the code (or type it), sign in if need be, confirm. A scan changes nothing by itself.

The server remembers in the session when this browser showed a valid code, so that signing in does not cost the code.
"""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from courses.classroom import devices
from courses.classroom.forms import CodeForm
from courses.classroom.models import Scan, Session
from courses.classroom.services import code_is_shown
from courses.classroom.services import scan as scan_code
from courses.classroom.services.presence import overlap_minutes
from lms.audit.actors import Actor
from lms.people.access import role_required
from lms.people.models import Person


def _seen_key(session_id: uuid.UUID) -> str:
    return f"classroom-code-{session_id}"


def _seen_at(request: HttpRequest, session: Session, code: str, now: datetime) -> datetime | None:
    """When this browser first showed this code while it was on the wall."""
    key = _seen_key(session.pk)
    seen: dict[str, str] = request.session.get(key, {})
    if seen.get("code") == code:
        return datetime.fromisoformat(seen["at"])
    if not code_is_shown(session, code, now):
        return None
    request.session[key] = {"code": code, "at": now.isoformat()}
    return now


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def scan(request: HttpRequest, session_id: uuid.UUID, code: str) -> HttpResponse:
    session = get_object_or_404(Session.objects.select_related("lesson__release"), pk=session_id)
    now = timezone.now()
    seen_at = _seen_at(request, session, code, now)
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    user: Any = request.user
    if user.person_id is None:
        raise Http404
    person: Person = user.person
    if request.method == "POST":
        return _confirmed(request, session, person, code, seen_at)
    booked = session.bookings.filter(person=person, cancelled_at=None).exists()
    if not booked and seen_at is None:
        raise Http404  # neither expected here nor in front of the wall: nothing to be read about this session
    scans = {row.kind: row for row in session.scans.filter(person=person)}
    context = {
        "session": session,
        "code": code,
        # The code one came in by does not lead out: a second tap is not leaving.
        "code_valid": seen_at is not None and ("in" not in scans or seen_at > scans["in"].at),
        "booked": booked,
        "came": scans.get(Scan.Kind.IN),
        "left": scans.get(Scan.Kind.OUT),
        "minutes": overlap_minutes(session, scans["in"].at, scans["out"].at) if len(scans) == 2 else 0,
    }
    response = render(request, "classroom/scan.html", context)
    devices.give(response, devices.cookie_of(request), secure=settings.SECURE)
    return response


def _confirmed(
    request: HttpRequest, session: Session, person: Person, code: str, seen_at: datetime | None
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    cookie = devices.cookie_of(request)
    scan_code(
        session=session,
        person=person,
        kind=request.POST.get("kind", ""),
        code=code,
        device=devices.digest(cookie),
        actor=actor,
        now=timezone.now(),
        seen_at=seen_at,
    )
    response = redirect("classroom:scan", session.pk, code)
    devices.give(response, cookie, secure=settings.SECURE)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@role_required()
def enter(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """For those whose camera is of no help: type what the wall says."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.person_id is None:
        raise Http404
    booked = Session.objects.filter(bookings__person=actor.person_id, bookings__cancelled_at=None).distinct()
    session = get_object_or_404(booked.select_related("lesson__release"), pk=session_id)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code = "".join(form.cleaned_data["code"].split()).replace("-", "").upper()
        if code.isalnum() and code_is_shown(session, code, timezone.now()):
            return redirect(reverse("classroom:scan", args=[session.pk, code]))
        form.add_error("code", _("签到码不对或已更换，请看墙上现在的文字。"))
    return render(request, "classroom/enter.html", {"session": session, "form": form})
