"""Leave: an institution proposes, an auditor decides, the person reads."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.documents import archive
from lms.ledger import services
from lms.ledger.forms import LeaveDecisionForm, LeaveFilter, LeaveForm
from lms.ledger.models import Leave, LeaveState, LeaveStateName
from lms.ledger.presenters import LEAVE_LAMPS
from lms.ledger.views.checking import tabs
from lms.ledger.wording import leave_state
from lms.people.access import ActingRequest, role_required
from lms.people.models import Employment, Organisation, Role
from lms.people.views import exports
from lms.people.wording import refuse
from lms.rules.refusals import Invalid, NotFound, Refusal

LISTING_ROLES = (Role.INSTITUTION_MANAGER, Role.BUREAU_AUDITOR)
READING_ROLES = (Role.PRACTITIONER, *LISTING_ROLES)
PAGE_SIZE = 25
ACTIONS = {
    (Role.BUREAU_AUDITOR, LeaveStateName.PROPOSED): ("confirm", "refuse"),
    (Role.BUREAU_AUDITOR, LeaveStateName.CONFIRMED): ("revoke",),
    (Role.INSTITUTION_MANAGER, LeaveStateName.PROPOSED): ("withdraw",),
}


@role_required(*LISTING_ROLES)
def leaves(request: ActingRequest) -> HttpResponse:
    """Leaves of one's staff, or of one's region; those that wait first."""
    form = LeaveFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    found = Leave.objects.visible_to(request.actor).with_state()
    if text := wanted.get("q", "").strip():
        found = found.filter(Q(institution__name__icontains=text) | Q(person__name__icontains=text))
    if wanted.get("state"):
        found = found.in_state(wanted["state"])
    found = found.select_related("person", "institution").order_by("-at", "pk")
    if exports.wanted(request):
        columns = (_("姓名"), _("机构"), _("假别"), _("自"), _("至"), _("状态"))
        return exports.workbook(_("假期"), columns, ((*_cells(row), word) for row, _lamp, word in _stated(found)))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    auditor = request.actor.role == Role.BUREAU_AUDITOR
    context = {
        "form": form,
        "page": page,
        "rows": _stated(page),
        "tabs": tabs(request, "leaves") if auditor else [],
        "create_url": "" if auditor else reverse("ledger:leave_new"),
        "export_url": exports.address(request),
    }
    return render(request, "ledger/leaves.html", context)


@role_required(Role.INSTITUTION_MANAGER)
def propose(request: ActingRequest) -> HttpResponse:
    """Propose the leave of somebody of the own staff."""
    here = Employment.objects.filter(institution=request.actor.organisation_id).select_related("person")
    staff = here.order_by("to_date", "person__name", "pk")
    form = LeaveForm(request.POST if request.method == "POST" else None, request.FILES or None, staff=staff)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        try:
            row = services.record_leave(
                person=given.pop("employment").person,
                institution=get_object_or_404(Organisation, pk=request.actor.organisation_id),
                **given,
                actor=request.actor,
                now=timezone.now(),
            )
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("已提交，主管部门确认后生效。"))
            return redirect("ledger:leave", row.pk)
    context = {"form": form, "crumbs": [{"label": _("假期"), "url": reverse("ledger:leaves")}]}
    return render(request, "ledger/leave_new.html", context, status=422 if form.errors else 200)


@role_required(*READING_ROLES)
def leave(request: ActingRequest, pk: UUID) -> HttpResponse:
    """One leave with its history, and what the reader may do about it."""
    row = _leave_of(request, pk)
    states = list(row.states.order_by("number"))
    last = states[-1]
    form = LeaveDecisionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            _act(request, row, form.cleaned_data["reason"])
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("已办理。"))
            return redirect("ledger:leave", row.pk)
    listed = request.actor.role in LISTING_ROLES
    parent = (_("假期"), reverse("ledger:leaves")) if listed else (_("学时台账"), reverse("ledger:mine"))
    context = {
        "leave": row,
        "form": form,
        "state": (LEAVE_LAMPS[LeaveStateName(last.state)], last.get_state_display()),
        "facts": [
            (_("人员"), row.person.name),
            (_("机构"), row.institution.name),
            (_("假别"), row.get_kind_display()),
            (_("自"), row.from_date),
            (_("至"), row.to_date),
        ],
        "events": [_event(step) for step in states],
        "actions": ACTIONS.get((Role(request.actor.role), LeaveStateName(last.state)), ()),
        "crumbs": [{"label": parent[0], "url": parent[1]}],
    }
    return render(request, "ledger/leave.html", context, status=422 if form.errors else 200)


@role_required(*READING_ROLES)
def document(request: ActingRequest, pk: UUID) -> HttpResponse:
    """The paper that shows the leave, exactly as it was handed in."""
    paper = _leave_of(request, pk).document
    response = HttpResponse(archive.read(paper), content_type=paper.content_type)
    response.headers["Content-Disposition"] = exports.attachment(paper.file_name)
    return response


def _act(request: ActingRequest, row: Leave, reason: str) -> LeaveState:
    actor, now = request.actor, timezone.now()
    match request.POST.get("decision"):
        case "confirm":
            return services.confirm_leave(leave=row, actor=actor, now=now)
        case "refuse":
            return services.refuse_leave(leave=row, reason=reason, actor=actor, now=now)
        case "revoke":
            return services.revoke_leave(leave=row, reason=reason, actor=actor, now=now)
        case "withdraw":
            return services.withdraw_leave(leave=row, reason=reason, actor=actor, now=now)
    raise Invalid("nothing_chosen", _("请选择要怎样办理。"))


def _leave_of(request: ActingRequest, pk: UUID) -> Leave:
    found = Leave.objects.visible_to(request.actor).select_related("person", "institution", "document")
    row = found.filter(pk=pk).first()
    if row is None:
        raise NotFound("leave_unknown", _("没有找到这段假期。"))
    return row


def _stated(rows: Iterable[Leave]) -> list[tuple[Leave, str, str]]:
    return [(row, LEAVE_LAMPS[state], str(state.label)) for row in rows for state in [leave_state(row)]]


def _cells(row: Leave) -> tuple[object, ...]:
    return row.person.name, row.institution.name, str(row.get_kind_display()), row.from_date, row.to_date


def _event(step: LeaveState) -> dict[str, object]:
    lamp = LEAVE_LAMPS[LeaveStateName(step.state)]
    return {"at": step.at, "title": f"{step.get_state_display()} · {step.by}", "detail": step.reason, "state": lamp}
