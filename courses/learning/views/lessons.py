"""One lesson: the player for recordings, readings and packages; a quiz's way to its paper; a classroom day's sessions."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from courses.assessment.models import Attempt
from courses.assessment.services import exam_terms, start_attempt
from courses.catalogue.models import Lesson, LessonKind
from courses.classroom import devices
from courses.classroom.models import Booking, Session
from courses.classroom.services import book, cancel_booking
from courses.learning.models import Enrolment, EnrolmentStateName
from courses.learning.outline import next_of, outline_of
from courses.learning.player import player_context
from courses.learning.views.own import actor_of_request, lesson_of, own_enrolment
from lms.people.access import role_required
from lms.policy.pack import Pack
from lms.policy.services import pack_in_force
from lms.rules.refusals import Conflict


def _pack(enrolment: Enrolment) -> Pack:
    return pack_in_force(enrolment.person.region_code, timezone.localdate())


@require_safe
@role_required()
def lesson(request: HttpRequest, enrolment_id: uuid.UUID, lesson_id: uuid.UUID) -> HttpResponse:
    enrolment = own_enrolment(request, enrolment_id)
    outline = outline_of(enrolment, lesson_id)
    row = next((each for each in outline if each.lesson.pk == lesson_id), None)
    if row is None:
        raise Http404
    current = row.lesson
    current.release = enrolment.release
    if current.kind == LessonKind.QUIZ:
        return redirect("learning:exam", enrolment.pk, current.pk)
    if current.kind == LessonKind.CLASSROOM_DAY:
        return redirect("learning:sessions", enrolment.pk, current.pk)
    context = {
        "enrolment": enrolment,
        "release": enrolment.release,
        "lesson": current,
        "outline": outline,
        "row": row,
        "following": next_of(outline, after=current),
        **player_context(enrolment, row, _pack(enrolment)),
    }
    response = render(request, "learning/lesson.html", context)
    devices.give(response, devices.cookie_of(request), secure=settings.SECURE)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@role_required()
def exam(request: HttpRequest, enrolment_id: uuid.UUID, lesson_id: uuid.UUID) -> HttpResponse:
    """What the quiz asks and what was reached so far; POST begins a sitting or resumes the open one."""
    enrolment = own_enrolment(request, enrolment_id)
    quiz = lesson_of(enrolment, lesson_id)
    if quiz.kind != LessonKind.QUIZ:
        raise Http404
    now, pack = timezone.now(), _pack(enrolment)
    if request.method == "POST":
        _require_running(enrolment)
        attempt = start_attempt(
            person=enrolment.person,
            lesson=quiz,
            enrolment_id=enrolment.pk,
            pack=pack,
            actor=actor_of_request(request),
            now=now,
        )
        return redirect("assessment:attempt", attempt.pk)
    attempts = list(
        Attempt.objects.filter(enrolment_id=enrolment.pk, lesson=quiz).prefetch_related("results").order_by("number")
    )
    terms = exam_terms(lesson=quiz, pack=pack)
    results = [(attempt, max(attempt.results.all(), key=lambda one: one.number, default=None)) for attempt in attempts]
    passed = any(result and result.passed for _attempt, result in results)
    left = None if terms.attempts is None else terms.attempts - len(attempts)
    context = {
        "enrolment": enrolment,
        "lesson": quiz,
        "terms": terms,
        "questions": int(quiz.blueprint.get("draw") or len(quiz.blueprint.get("question_versions", []))),
        "results": results,
        "passed": passed,
        "open_attempt": next((one for one, result in results if result is None and one.deadline > now), None),
        "left": left,
        "startable": not passed and (left is None or left > 0) and enrolment.state in {"enrolled", "in_progress"},
        "pass_percent": int(enrolment.release.pass_share * 100),
    }
    return render(request, "learning/exam.html", context)


def _require_running(enrolment: Enrolment) -> None:
    if enrolment.state not in {EnrolmentStateName.ENROLLED, EnrolmentStateName.IN_PROGRESS}:
        raise Conflict("not_running", _("该报名%(state)s，不能参加测验。"), state=enrolment.get_state_display())


@require_http_methods(["GET", "HEAD", "POST"])
@role_required()
def sessions(request: HttpRequest, enrolment_id: uuid.UUID, lesson_id: uuid.UUID) -> HttpResponse:
    """The sessions of a classroom day: take a place, give it back."""
    enrolment = own_enrolment(request, enrolment_id)
    day = lesson_of(enrolment, lesson_id)
    if day.kind != LessonKind.CLASSROOM_DAY:
        raise Http404
    now = timezone.now()
    if request.method == "POST":
        return _take_place(request, enrolment, day)
    rows: QuerySet[Any] = (
        Session.objects.standing()
        .filter(lesson=day)
        .with_booked()
        .select_related("teacher__person")
        .order_by("starts_at")
    )
    booked = set(
        Booking.objects.filter(person=enrolment.person, session__lesson=day, cancelled_at=None).values_list(
            "session_id", flat=True
        )
    )
    upcoming = [row for row in rows if row.ends_at > now or row.pk in booked]
    context = {
        "enrolment": enrolment,
        "lesson": day,
        "rows": [(row, row.pk in booked, max(0, row.capacity - row.booked), row.starts_at > now) for row in upcoming],
        "has_booked": bool(booked),
        "done": enrolment.lesson_completions.filter(lesson=day).exists(),
    }
    return render(request, "learning/sessions.html", context)


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Http404 from None


def _take_place(request: HttpRequest, enrolment: Enrolment, day: Lesson) -> HttpResponse:
    _require_running(enrolment)
    session = get_object_or_404(Session, pk=_uuid(request.POST.get("session", "")), lesson=day)
    actor, now = actor_of_request(request), timezone.now()
    if request.POST.get("action") == "cancel":
        cancel_booking(session=session, person=enrolment.person, actor=actor, now=now)
        messages.info(request, _("已取消预约。"))
    else:
        book(session=session, person=enrolment.person, enrolment_id=enrolment.pk, actor=actor, now=now)
        at = timezone.localtime(session.starts_at)
        messages.success(
            request,
            _("已预约 %(at)s，%(venue)s。到场后用手机扫墙上的二维码签到。")
            % {"at": f"{at:%Y-%m-%d %H:%M}", "venue": session.venue},
        )
    return redirect(reverse("learning:sessions", args=[enrolment.pk, day.pk]))
