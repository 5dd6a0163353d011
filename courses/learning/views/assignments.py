"""Required courses: an institution's manager assigns, looks who is done, cancels. Programmes are enrolled in here too."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from courses.catalogue.models import Course, Programme, Release
from courses.learning.assignment_forms import AssignForm, PeopleFilter
from courses.learning.models import Assignment
from courses.learning.required import DONE, LATE, Obligation, obligations, own_assignments, things_of
from courses.learning.services.assignments import assign as assign_thing
from courses.learning.services.assignments import cancel_assignment
from courses.learning.services.enrolments import enrol_programme
from courses.learning.views.own import actor_of_request, own_person
from lms.people.access import role_required
from lms.people.models import Employment, Organisation, Post, Role
from lms.people.views import exports
from lms.people.wording import refuse, sentence
from lms.rules.refusals import Refusal

PER_PAGE = 25


@require_safe
@role_required(Role.INSTITUTION_MANAGER)
def assignments(request: HttpRequest) -> HttpResponse:
    """What is assigned, with how many are done and late. Cancelled ones on request."""
    cancelled = request.GET.get("cancelled") == "1"
    rows = own_assignments(actor_of_request(request)).filter(cancelled_at__isnull=not cancelled)
    page = Paginator(rows.select_related("person").order_by("-due_on", "-assigned_at", "pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    shown = list(page)
    found = obligations(shown, timezone.localdate())
    things = things_of(shown)
    of: dict[uuid.UUID, list[Obligation]] = {assignment.pk: [] for assignment in shown}
    for row in found:
        of[row.assignment.pk].append(row)
    context = {
        "page": page,
        "cancelled": cancelled,
        "rows": [
            {
                "assignment": assignment,
                "title": things[assignment.pk].title,
                "whom": _whom(assignment),
                "total": len(of[assignment.pk]),
                "done": sum(row.state == DONE for row in of[assignment.pk]),
                "late": sum(row.state == LATE for row in of[assignment.pk]),
            }
            for assignment in shown
        ],
    }
    return render(request, "learning/assignments.html", context)


@require_safe
@role_required(Role.INSTITUTION_MANAGER)
def people(request: HttpRequest) -> HttpResponse:
    """Person by person: what each has to learn, by when, and whether it is done. Filtered, exported."""
    running = list(own_assignments(actor_of_request(request)).filter(cancelled_at=None).select_related("person"))
    things = things_of(running)
    form = PeopleFilter(request.GET, assignments=[(str(row.pk), _named(row, things[row.pk].title)) for row in running])
    rows = [row for row in obligations(running, timezone.localdate()) if form.matches(row)]
    if exports.wanted(request):
        columns = (
            _("姓名"),
            _("岗位"),
            _("课程或计划"),
            _("完成期限"),
            _("已完成"),
            _("应完成"),
            _("完成日期"),
            _("状态"),
        )
        return exports.workbook(_("必修完成情况"), columns, (_exported(row) for row in rows))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "any": bool(running),
        "total": page.paginator.count,
        "export_url": exports.address(request),
    }
    return render(request, "learning/assigned_people.html", context)


@role_required(Role.INSTITUTION_MANAGER)
def assign(request: HttpRequest) -> HttpResponse:
    """Assign the course or the programme that the address names: to whom, by when."""
    actor, today = actor_of_request(request), timezone.localdate()
    institution = get_object_or_404(Organisation, pk=actor.organisation_id)
    course, programme = _thing(request)
    if course is None and programme is None:
        return redirect("catalogue:index")
    staff = Employment.objects.on(today).filter(institution=institution).select_related("person")
    form = AssignForm(request.POST if request.method == "POST" else None, staff=staff, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            assignment = assign_thing(
                institution=institution,
                course=course,
                programme=programme,
                **form.arguments(),
                actor=actor,
                now=timezone.now(),
            )
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            total = len(obligations([assignment], today))
            said = ngettext(
                "已布置给 %(total)s 人，还没学完的人已收到通知；以后入职的人自动列入。",
                "已布置给 %(total)s 人，还没学完的人已收到通知；以后入职的人自动列入。",
                total,
            )
            messages.success(request, said % {"total": total})
            return redirect("learning:assignments")
    newest = Release.objects.newest().filter(course=course).first() if course else None
    context = {"form": form, "title": newest.title if newest else programme, "programme": programme, "course": course}
    return render(request, "learning/assign.html", context, status=422 if form.errors else 200)


@role_required(Role.INSTITUTION_MANAGER)
def cancel(request: HttpRequest, assignment_id: uuid.UUID) -> HttpResponse:
    """No longer require it, after showing what that means."""
    actor = actor_of_request(request)
    assignment = get_object_or_404(own_assignments(actor).select_related("person"), pk=assignment_id)
    if request.method == "POST":
        cancel_assignment(assignment=assignment, actor=actor, now=timezone.now())
        messages.success(request, _("已撤销，还没学完的人已收到通知。"))
        return redirect("learning:assignments")
    consequences = [
        _("还没学完的人会收到通知，不再提醒"),
        _("已报名的课程照常学习，学时照常计入"),
        _("要改期限，撤销后重新布置"),
    ]
    context = {
        "assignment": assignment,
        "title": things_of([assignment])[assignment.pk].title,
        "whom": _whom(assignment),
        "consequences": consequences,
    }
    return render(request, "learning/assignment_cancel.html", context)


@require_POST
@role_required(Role.PRACTITIONER)
def programme_enrol(request: HttpRequest, programme_id: uuid.UUID) -> HttpResponse:
    """Enrol in the next course of a programme, or in all that are left."""
    programme = get_object_or_404(Programme.objects.offered().select_related("college"), pk=programme_id)
    result = enrol_programme(
        person=own_person(request),
        programme=programme,
        only_next=request.POST.get("which") != "all",
        actor=actor_of_request(request),
        now=timezone.now(),
    )
    for title, refusal in result.refused:
        messages.warning(request, _("“%(title)s”没有报名：%(why)s") % {"title": title, "why": sentence(refusal)})
    if len(result.made) == 1:
        return redirect("learning:course", result.made[0].pk)
    if result.made:
        total = len(result.made)
        said = ngettext("已报名 %(total)s 门课程，从这里开始学。", "已报名 %(total)s 门课程，从这里开始学。", total)
        messages.success(request, said % {"total": total})
        return redirect("learning:home")
    return redirect("catalogue:programme", programme.pk)


def _thing(request: HttpRequest) -> tuple[Course | None, Programme | None]:
    """The course or programme named in the address; what is not open to everybody is not found."""
    form_key = request.GET.get("course") or request.GET.get("programme")
    if not form_key:
        return None, None
    key = _key(form_key)
    if request.GET.get("course"):
        return get_object_or_404(Course.objects.open(), pk=key, releases__number=1), None
    return None, get_object_or_404(Programme.objects.offered().select_related("college"), pk=key)


def _key(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)


def _whom(assignment: Assignment) -> str:
    if assignment.person:
        return assignment.person.name
    return str(Post(assignment.post).label) if assignment.post else _("全体员工")


def _named(assignment: Assignment, title: str) -> str:
    return f"{title} · {_whom(assignment)} · {assignment.due_on.isoformat()}"


def _exported(row: Obligation) -> list[Any]:
    return [
        row.person.name,
        row.employment.get_post_display(),
        row.thing.title,
        row.assignment.due_on,
        row.done,
        row.total,
        row.done_on,
        row.state_label,
    ]
