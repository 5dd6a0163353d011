"""The list of cases, one case, and its facts and documents."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.documents import archive
from lms.people import places
from lms.people.access import ActingRequest, role_required
from lms.people.models import Role
from lms.people.views import exports
from lms.people.wording import refuse
from lms.registry import services
from lms.registry.forms import CaseFilter, CaseForm
from lms.registry.models import BanCase, BanState, CaseDocument, CaseState, Intake
from lms.registry.presenters import acts_of, lamp_of, steps_of, timeline_of, with_phases
from lms.registry.querysets import REGISTRAR_ROLES
from lms.registry.services import matters
from lms.registry.services.steps import EDITABLE
from lms.rules.refusals import Refusal
from lms.rules.regions import covers

OFFICERS = tuple(sorted(REGISTRAR_ROLES))
PAGE_SIZE = 20
WAITING = (CaseState.SUBMITTED, CaseState.ANNULMENT_PROPOSED)  # for the second officer
FACTS = ("number", "authority", "decided_on", "facts_on", "facts_category", "legal_basis")


@role_required(*OFFICERS)
def home(request: ActingRequest) -> HttpResponse:
    """Cases of the officer's region; what waits for the second officer says so."""
    form = CaseFilter(request.GET)
    cases: Any = BanCase.objects.visible_to(request.actor).with_state().order_by("-created_at")
    waiting = cases.filter(state__in=WAITING).count()
    found = _filtered(cases, form)
    if exports.wanted(request):
        columns = (_("决定文号"), _("作出机关"), _("决定日期"), _("事实类别"), _("状态"), _("状态时间"))
        return exports.workbook(_("禁入案件"), columns, (_exported(row) for row in found))
    page = Paginator(found.annotate(people=Count("subjects")), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": [{"case": row, "lamp": lamp_of(row.state)} for row in page],
        "export_url": exports.address(request),
        "waiting": waiting,
        "lists_waiting": Intake.objects.visible_to(request.actor).filter(state=Intake.State.WAITING).count(),
        "may_enter": request.actor.role == Role.REGISTRAR,
        "version": services.current_list_version(),
    }
    return render(request, "registry/home.html", context)


@role_required(Role.REGISTRAR)
def create(request: ActingRequest) -> HttpResponse:
    """Enter a decision; its subjects come next."""
    first = own_case(request, request.GET["matter"]) if _is_key(request.GET.get("matter", "")) else None
    initial = {"facts_on": first.facts_on, "facts_category": first.facts_category} if first else {}
    region = first.region_code if first else request.actor.region_code
    form = CaseForm(
        request.POST if request.method == "POST" else None, request.FILES or None, region_code=region, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        try:
            case = services.draft_case(**form.cleaned_data, same_matter=first, actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("决定已录入。请登记决定所涉人员。"))
            return redirect("registry:take_over" if first else "registry:add_subject", case.pk)
    return render(request, "registry/create.html", {"form": form, "first": first}, status=422 if form.errors else 200)


@role_required(Role.REGISTRAR)
def edit(request: ActingRequest, pk: Any) -> HttpResponse:
    """Correct a draft or a returned case."""
    row = own_case(request, pk)
    initial = {name: getattr(row, name) for name in FACTS}
    form = CaseForm(
        request.POST if request.method == "POST" else None, request.FILES or None, drafted=True, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.edit_case(case=row, **form.cleaned_data, actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("案件已更新。"))
            return redirect("registry:case", row.pk)
    return render(request, "registry/edit.html", {"form": form, "case": row}, status=422 if form.errors else 200)


@role_required(*OFFICERS)
def case(request: ActingRequest, pk: Any) -> HttpResponse:
    """One case: where it is, what it says, whom it names, its files and its history."""
    row = own_case(request, pk)
    states = list(BanState.objects.filter(case=row).select_related("officer__person").order_by("number"))
    state = states[-1].state
    editable = state in EDITABLE and request.actor.role == Role.REGISTRAR
    subjects = with_phases(list(row.subjects.order_by("role", "name")))
    beside: Any = matters.beside(row)
    context = {
        "case": row,
        "lamp": lamp_of(state),
        "steps": steps_of(state),
        "returned": states[-1] if state == "returned" else None,
        "facts": facts_of(row),
        "subjects": subjects,
        "documents": row.documents.select_related("document").order_by("at"),
        "events": timeline_of(row, states),
        "beside": [{"case": other, "lamp": lamp_of(other.state)} for other in beside],
        "offered": editable and bool(matters.offered(row)),
        "others": [
            {"ban": other, "lamp": lamp_of(other.state), "own": own_region(request, other.subject.case)}
            for other in matters.other_bans(row, subjects)
        ],
        "may_enter": request.actor.role == Role.REGISTRAR,
        "notes": row.compensation_notes.select_related("officer__person"),
        "acts": acts_of(row, state, request.actor),
        "editable": editable,
        "proved": any(step.state == "in_force" for step in states),
        "managers": services.proposed_managers(row) if editable else [],
    }
    return render(request, "registry/case.html", context)


@role_required(*OFFICERS)
def document(request: ActingRequest, pk: Any, document_pk: Any) -> HttpResponse:
    """A file of the case, exactly as it was received."""
    row = get_object_or_404(
        CaseDocument.objects.select_related("document"), case=own_case(request, pk), document_id=document_pk
    )
    response = HttpResponse(archive.read(row.document), content_type=row.document.content_type)
    response.headers["Content-Disposition"] = exports.attachment(row.document.file_name)
    return response


def own_case(request: ActingRequest, pk: Any) -> BanCase:
    """The case, if it is one of the officer's region; else there is none (404)."""
    return get_object_or_404(BanCase.objects.visible_to(request.actor), pk=pk)


def own_region(request: ActingRequest, case: BanCase) -> bool:
    """Whether the officer's region answers for the case, so that they may open it."""
    return bool(request.actor.region_code) and covers(request.actor.region_code, case.region_code)


def _is_key(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def facts_of(case: BanCase) -> list[tuple[Any, Any]]:
    return [
        (_("决定文号"), case.number),
        (_("作出机关"), case.authority),
        (_("决定日期"), case.decided_on),
        (_("事实发生日期"), case.facts_on),
        (_("事实类别"), case.get_facts_category_display()),
        (_("法律依据"), case.legal_basis),
        (_("所属地区"), places.name_of(case.region_code)),
    ]


def _filtered(cases: Any, form: CaseFilter) -> Any:
    if not form.is_valid():
        return cases
    asked = form.cleaned_data
    if asked["q"]:
        words = asked["q"].strip()
        named = BanCase.objects.filter(subjects__name__icontains=words).values("pk")
        cases = cases.filter(Q(number__icontains=words) | Q(authority__icontains=words) | Q(pk__in=named))
    if asked["state"]:
        cases = cases.filter(state__in=WAITING if asked["state"] == CaseFilter.WAITING else [asked["state"]])
    if asked["category"]:
        cases = cases.filter(facts_category=asked["category"])
    return cases


def _exported(case: Any) -> list[Any]:
    return [
        case.number,
        case.authority,
        case.decided_on,
        case.get_facts_category_display(),
        str(lamp_of(case.state)[1]),
        case.state_at,
    ]
