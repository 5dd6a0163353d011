"""A sitting in the browser: the paper on one page, saved as it is answered, looked over, handed in; then the result."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.assessment.answers import answer_from, in_words, paper_of, shown_paper
from courses.assessment.models import Attempt, AttemptResult
from courses.assessment.services import exam_terms, marks_of, save_answer, submit_attempt
from lms.audit.actors import Actor
from lms.people.access import role_required
from lms.policy.services import pack_in_force
from lms.rules.refusals import Refusal


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _own(request: HttpRequest, attempt_id: uuid.UUID) -> Attempt:
    """404 for anybody else's paper."""
    user: Any = request.user
    attempt = (
        Attempt.objects.select_related("lesson__release", "person").filter(pk=attempt_id, person=user.person_id).first()
    )
    if attempt is None:
        raise Http404
    return attempt


def _result(attempt: Attempt) -> AttemptResult | None:
    return attempt.results.order_by("-number").first()


@require_http_methods(["GET", "HEAD", "POST"])
@role_required()
def attempt(request: HttpRequest, attempt_id: uuid.UUID) -> HttpResponse:
    """The paper. POST keeps every answer of the form and goes on to where ``go`` says."""
    own, now = _own(request, attempt_id), timezone.now()
    if _result(own):
        return redirect("assessment:result", own.pk)
    if now > own.deadline:
        submit_attempt(attempt=own, actor=_actor(request), now=now)
        messages.info(request, _("答题时间已到，已按保存的答案交卷。"))
        return redirect("assessment:result", own.pk)
    if request.method == "POST":
        for number, version in enumerate(paper_of(own), start=1):
            answer = answer_from(request.POST, number, version)
            save_answer(attempt=own, question_version_id=version.pk, answer=answer, actor=_actor(request), now=now)
        if request.POST.get("go") == "review":
            return redirect("assessment:review", own.pk)
        messages.success(request, _("已保存。"))
        return redirect("assessment:attempt", own.pk)
    context = {
        "attempt": own,
        "questions": shown_paper(own),
        "seconds_left": max(0, int((own.deadline - now).total_seconds())),
    }
    return render(request, "assessment/attempt.html", context)


@require_POST
@role_required()
def save(request: HttpRequest, attempt_id: uuid.UUID, number: int) -> JsonResponse:
    """Keep the answer to one question, as the page sends it on every change."""
    own = _own(request, attempt_id)
    paper = paper_of(own)
    if not 1 <= number <= len(paper):
        raise Http404
    version = paper[number - 1]
    try:
        save_answer(
            attempt=own,
            question_version_id=version.pk,
            answer=answer_from(request.POST, number, version),
            actor=_actor(request),
            now=timezone.now(),
        )
    except Refusal as refusal:
        return JsonResponse(
            {"status": refusal.status, "code": refusal.code, "detail": str(refusal)},
            status=refusal.status,
            content_type="application/problem+json",
        )
    return JsonResponse({"saved": True})


@require_safe
@role_required()
def review(request: HttpRequest, attempt_id: uuid.UUID) -> HttpResponse:
    """Before handing in: what is answered and what is not."""
    own = _own(request, attempt_id)
    now = timezone.now()
    if _result(own) or now > own.deadline:
        return redirect("assessment:attempt", own.pk)
    questions = shown_paper(own)
    context = {
        "attempt": own,
        "questions": questions,
        "missing": [question.number for question in questions if not question.answered],
        "seconds_left": int((own.deadline - now).total_seconds()),
    }
    return render(request, "assessment/review.html", context)


@require_POST
@role_required()
def submit(request: HttpRequest, attempt_id: uuid.UUID) -> HttpResponse:
    own = _own(request, attempt_id)
    submit_attempt(attempt=own, actor=_actor(request), now=timezone.now())
    return redirect("assessment:result", own.pk)


@require_safe
@role_required()
def result(request: HttpRequest, attempt_id: uuid.UUID) -> HttpResponse:
    """What was right. Keys and explanations only when passed, or when no attempt is left that they could help."""
    own = _own(request, attempt_id)
    graded = _result(own)
    if graded is None:
        return redirect("assessment:attempt", own.pk)
    terms = exam_terms(lesson=own.lesson, pack=pack_in_force(own.person.region_code, timezone.localdate()))
    exhausted = terms.attempts is not None and own.number >= terms.attempts
    tell = graded.passed or exhausted
    context = {
        "attempt": own,
        "result": graded,
        "exhausted": exhausted,
        "tell": tell,
        "cool_down": terms.cool_down_minutes,
        "pass_percent": int(own.pass_share * 100),
        "marks": [
            {
                "number": number,
                "stem": version.stem,
                "given": in_words(version, answer),
                "mark": mark,
                "key": in_words(version, version.answer) if tell else "",
                "explanation": version.explanation if tell else "",
                "knowledge_point": version.knowledge_point,
            }
            for number, (version, answer, mark) in enumerate(marks_of(own), start=1)
        ],
    }
    return render(request, "assessment/result.html", context)
