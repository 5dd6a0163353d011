"""Programmes: what is offered, to everybody; the desk where colleges put them together and bureaus approve them."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from courses.catalogue import programmes as verbs
from courses.catalogue.forms import ProgrammeForm, ReasonForm
from courses.catalogue.models import Programme, ProgrammeState, Release
from courses.catalogue.programmes import WRITING_ROLES
from courses.catalogue.querysets import COLLEGE_ROLES, ProgrammeQuerySet
from courses.catalogue.views.courses import practitioner_of
from lms.audit.actors import Actor
from lms.people.access import role_required
from lms.people.models import Organisation, Role
from lms.people.querysets import in_region
from lms.people.wording import refuse, sentence
from lms.rules.refusals import Refusal

PER_PAGE = 20
DESK_ROLES = (*WRITING_ROLES, Role.BUREAU_APPROVER)
LAMPS = {
    ProgrammeState.DRAFT: "none",
    ProgrammeState.SUBMITTED: "attention",
    ProgrammeState.RETURNED: "attention",
    ProgrammeState.OFFERED: "ok",
    ProgrammeState.WITHDRAWN: "stop",
}


@require_safe
def programmes(request: HttpRequest) -> HttpResponse:
    """Programmes on offer, this year's first."""
    this_year = timezone.localdate().year
    offered = Programme.objects.offered().filter(year__gte=this_year)
    rows = offered.select_related("college").annotate(total=Count("items"))
    page = Paginator(rows.order_by("year", "title", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "catalogue/programmes.html", {"page": page, "at_desk": _actor(request).role in DESK_ROLES})


@require_safe
def programme(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One programme: its courses, what they come to; for a practitioner, how far they are."""
    found = _visible(request, pk)
    person, actor = practitioner_of(request), _actor(request)
    steps = verbs.steps_of(found, person)
    offered = found.state == ProgrammeState.OFFERED
    this_year = found.year == timezone.localdate().year
    left = [step for step in steps if step.open and not step.done]
    own = actor.role in WRITING_ROLES and actor.organisation_id == found.college_id
    deciding = actor.role == Role.BUREAU_APPROVER and _in_region(actor).filter(pk=found.pk).exists()
    context = {
        "programme": found,
        "steps": steps,
        "done": sum(step.done for step in steps),
        "worth": verbs.worth_of(_open_releases(steps), verbs.regions_of(found), found.year),
        "lamp": LAMPS[found.state],
        "learner": person,
        "may_enrol": person is not None and offered and this_year and bool(left),
        "this_year": this_year,
        "signed_in": request.user.is_authenticated,
        "may_edit": own and found.state in {ProgrammeState.DRAFT, ProgrammeState.RETURNED},
        "may_submit": own and actor.role == Role.COLLEGE_PUBLISHER,
        "may_decide": deciding and found.state == ProgrammeState.SUBMITTED,
        "may_withdraw": offered and ((own and actor.role == Role.COLLEGE_PUBLISHER) or deciding),
        "may_assign": offered and found.year >= timezone.localdate().year and actor.role == Role.INSTITUTION_MANAGER,
        "at_desk": own or deciding,
    }
    return render(request, "catalogue/programme.html", context)


@require_safe
@role_required(*DESK_ROLES)
def desk(request: HttpRequest) -> HttpResponse:
    """A college's own programmes; what waits for a bureau, first what was handed in."""
    rows = _of_desk(_actor(request)).select_related("college").annotate(total=Count("items"))
    page = Paginator(rows.order_by("approved_at", "-submitted_at", "title", "pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page,
        "rows": [{"programme": row, "lamp": LAMPS[row.state]} for row in page],
        "writes": _actor(request).role in WRITING_ROLES,
    }
    return render(request, "catalogue/desk.html", context)


@role_required(*WRITING_ROLES)
def edit(request: HttpRequest, pk: uuid.UUID | None = None) -> HttpResponse:
    """Put a programme together: courses ticked and numbered, and what they come to."""
    actor = _actor(request)
    college = get_object_or_404(Organisation, pk=actor.organisation_id)
    found = get_object_or_404(Programme, pk=pk, college=college) if pk else None
    form = ProgrammeForm(request.POST or None, college=college, programme=found, today=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        given: dict[str, Any] = {**form.arguments(), "actor": actor, "now": timezone.now()}
        try:
            if found:
                saved = verbs.change_programme(programme=found, **given)
            else:
                saved = verbs.create_programme(college=college, **given)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("培训计划已保存。"))
            return redirect("catalogue:programme", saved.pk)
    context = {"form": form, "programme": found, **_so_far(form)}
    return render(request, "catalogue/programme_edit.html", context, status=422 if form.errors else 200)


@require_safe
@role_required(*WRITING_ROLES)
def worth(request: HttpRequest) -> HttpResponse:
    """What the courses ticked so far come to: asked by the editor after each tick."""
    college = get_object_or_404(Organisation, pk=_actor(request).organisation_id)
    form = ProgrammeForm(request.GET, college=college, today=timezone.localdate())
    return render(request, "catalogue/_worth.html", _so_far(form))


@require_POST
@role_required(*WRITING_ROLES)
def submit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Programme, pk=pk, college=_actor(request).organisation_id)
    verbs.submit_programme(programme=found, actor=_actor(request), now=timezone.now())
    messages.success(request, _("培训计划已提交，等待主管部门审批。"))
    return redirect("catalogue:desk")


@require_POST
@role_required(Role.BUREAU_APPROVER)
def approve(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(_in_region(_actor(request)), pk=pk)
    verbs.approve_programme(programme=found, actor=_actor(request), now=timezone.now())
    messages.success(request, _("培训计划已批准，现在对学员开放。"))
    return redirect("catalogue:desk")


@require_POST
@role_required(Role.BUREAU_APPROVER)
def hand_back(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(_in_region(_actor(request)), pk=pk)
    reason = request.POST.get("reason", "")
    verbs.return_programme(programme=found, reason=reason, actor=_actor(request), now=timezone.now())
    messages.success(request, _("培训计划已退回院校。"))
    return redirect("catalogue:desk")


@role_required(Role.COLLEGE_PUBLISHER, Role.BUREAU_APPROVER)
def withdraw(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """No longer offer it, after showing what that means."""
    found = get_object_or_404(_of_desk(_actor(request)), pk=pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            verbs.withdraw_programme(
                programme=found, reason=form.cleaned_data["reason"], actor=_actor(request), now=timezone.now()
            )
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            messages.success(request, _("培训计划已下架。"))
            return redirect("catalogue:desk")
    consequences = [
        _("学员不能再按这个计划报名"),
        _("已报名的课程照常学习，学时照常计入"),
        _("机构按这个计划布置的学习不再提醒"),
    ]
    context = {"programme": found, "form": form, "consequences": consequences}
    return render(request, "catalogue/programme_withdraw.html", context, status=422 if form.errors else 200)


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _visible(request: HttpRequest, pk: uuid.UUID) -> Programme:
    rows = Programme.objects.visible_to(_actor(request)).select_related("college")
    return get_object_or_404(rows, pk=pk)


def _of_desk(actor: Actor) -> ProgrammeQuerySet:
    """What an actor answers for."""
    if actor.role in COLLEGE_ROLES:
        return Programme.objects.filter(college=actor.organisation_id)
    return _in_region(actor)


def _in_region(actor: Actor) -> ProgrammeQuerySet:
    submitted = Programme.objects.exclude(submitted_at=None)
    return submitted.filter(in_region("college__region_code", actor.region_code))


def _open_releases(steps: list[verbs.Step]) -> list[Release]:
    return [step.release for step in steps if step.open]


def _so_far(form: ProgrammeForm) -> dict[str, Any]:
    """What the form's courses come to now, as far as it says which and for when."""
    courses, regions, year = form.so_far()
    return {"worth": verbs.worth_of(verbs.releases_of(courses), regions, year), "chosen": len(courses)}
