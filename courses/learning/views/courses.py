"""One's own course: enrol, look at its lessons, withdraw."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.catalogue.models import Release
from courses.learning.models import EnrolmentStateName
from courses.learning.outline import next_of, outline_of
from courses.learning.services import enrol as enrol_person
from courses.learning.services import withdraw as withdraw_from
from courses.learning.views.own import actor_of_request, own_enrolment, own_person
from lms.people.access import role_required
from lms.people.wording import sentence
from lms.rules.refusals import Refusal

TONES = {
    EnrolmentStateName.PASSED: "ok",
    EnrolmentStateName.IN_PROGRESS: "accent",
    EnrolmentStateName.ENROLLED: "accent",
    EnrolmentStateName.FAILED: "attention",
    EnrolmentStateName.STOPPED: "stop",
    EnrolmentStateName.VOIDED: "stop",
}


@require_POST
@role_required()
def enrol(request: HttpRequest, release_id: uuid.UUID) -> HttpResponse:
    release = get_object_or_404(Release.objects.select_related("course__college"), pk=release_id)
    try:
        enrolment = enrol_person(
            person=own_person(request), release=release, actor=actor_of_request(request), now=timezone.now()
        )
    except Refusal as refusal:
        if refusal.code != "prerequisite_missing":
            raise
        messages.warning(request, sentence(refusal))  # the course's own page links what comes first
        return redirect("catalogue:course", release.course_id)
    return redirect("learning:course", enrolment.pk)


@require_safe
@role_required()
def course(request: HttpRequest, enrolment_id: uuid.UUID) -> HttpResponse:
    enrolment = own_enrolment(request, enrolment_id)
    outline = outline_of(enrolment)
    running = enrolment.state in {EnrolmentStateName.ENROLLED, EnrolmentStateName.IN_PROGRESS}
    context = {
        "enrolment": enrolment,
        "release": enrolment.release,
        "outline": outline,
        "done": sum(row.done for row in outline),
        "next_lesson": next_of(outline) if running else None,
        "running": running,
        "tone": TONES.get(EnrolmentStateName(enrolment.state), ""),
        "last_state": None if running else enrolment.states.order_by("-number").first(),
    }
    return render(request, "learning/course.html", context)


@require_http_methods(["GET", "POST"])
@role_required()
def withdraw(request: HttpRequest, enrolment_id: uuid.UUID) -> HttpResponse:
    enrolment = own_enrolment(request, enrolment_id)
    if request.method == "POST":
        withdraw_from(enrolment=enrolment, reason="", actor=actor_of_request(request), now=timezone.now())
        messages.info(
            request, _("已退出“%(title)s”。学过的内容仍保留，本年度内可重新报名。") % {"title": enrolment.release.title}
        )
        return redirect("learning:home")
    consequences = [
        _("不再计时，也不能参加测验"),
        _("已学内容保留，本年度重新报名后继续"),
    ]
    context = {"enrolment": enrolment, "consequences": consequences}
    return render(request, "learning/withdraw.html", context)
