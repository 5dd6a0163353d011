"""Admission: the applicant follows the application, the bureau of the region decides it."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.documents import archive
from lms.people import places, services
from lms.people.access import ActingRequest, role_required
from lms.people.forms import AdmissionFilter, DecisionForm, ProofForm
from lms.people.models import Organisation, OrganisationStatus, Role
from lms.people.services.organisations import admitted_kinds
from lms.people.services.proofs import attach_proofs
from lms.people.views import exports
from lms.people.wording import refuse
from lms.rules.refusals import Refusal

OFFICERS = (
    Role.REGISTRAR,
    Role.CONFIRMING_REGISTRAR,
    Role.BUREAU_AUDITOR,
    Role.BUREAU_APPROVER,
    Role.ADMINISTRATOR,
)
PAGE_SIZE = 25
LAMPS = {
    OrganisationStatus.APPLIED: "attention",
    OrganisationStatus.ADMITTED: "ok",
    OrganisationStatus.REFUSED: "stop",
    OrganisationStatus.CLOSED: "none",
}


@role_required()
def application(request: ActingRequest) -> HttpResponse:
    """Where one's own application stands; more documents, and a second try after a refusal."""
    organisation = _own(request)
    form = ProofForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            attach_proofs(organisation=organisation, files=form.cleaned_data["proofs"], actor=request.actor, now=now)
            if organisation.status == OrganisationStatus.REFUSED:
                services.resubmit_application(organisation=organisation, actor=request.actor, now=now)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("材料已送达主管部门。"))
            return redirect("people:application")
    context = _facts(organisation) | {"form": form, "steps": _steps(organisation)}
    return render(request, "people/application.html", context)


@role_required(*OFFICERS)
def admissions(request: ActingRequest) -> HttpResponse:
    """The bureau's queue: who applied in its region, those waiting first."""
    form = AdmissionFilter(request.GET or {"status": OrganisationStatus.APPLIED})
    found = _decidable(request)
    if form.is_valid():
        text, status = form.cleaned_data["q"].strip(), form.cleaned_data["status"]
        if text:
            found = found.filter(Q(name__icontains=text) | Q(credit_code__iexact=text))
        if status:
            found = found.filter(status=status)
    found = found.order_by("created_at", "pk")
    names = places.names()
    if exports.wanted(request):
        return _admissions_workbook(found, names)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [(row, names.get(row.region_code, row.region_code), LAMPS[OrganisationStatus(row.status)]) for row in page]
    context = {"form": form, "page": page, "rows": rows, "export_url": exports.address(request)}
    return render(request, "people/admissions.html", context)


@role_required(*OFFICERS)
def admission(request: ActingRequest, pk: UUID) -> HttpResponse:
    """One application: its facts and documents, and the decision."""
    organisation = get_object_or_404(_decidable(request), pk=pk)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        admit = request.POST.get("decision") == "admit"
        try:
            services.decide_admission(
                organisation=organisation,
                admit=admit,
                reason=form.cleaned_data["reason"],
                actor=request.actor,
                now=timezone.now(),
            )
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("已准入，申请人已得到通知。") if admit else _("已退回，申请人已得到通知。"))
            return redirect("people:admissions")
    return render(request, "people/admission.html", _facts(organisation) | {"form": form})


@role_required()
def proof(request: ActingRequest, pk: UUID, proof_pk: UUID) -> HttpResponse:
    """One document of an application, to those who decide it and to the applicant."""
    visible = Organisation.objects.filter(Q(pk__in=_decidable(request).values("pk")) | _mine(request))
    row = get_object_or_404(get_object_or_404(visible.distinct(), pk=pk).proofs.select_related("document"), pk=proof_pk)
    response = HttpResponse(archive.read(row.document), content_type="application/octet-stream")
    response.headers["Content-Disposition"] = exports.attachment(row.document.file_name)
    return response


def _admissions_workbook(found: QuerySet[Organisation], names: dict[str, str]) -> HttpResponse:
    columns = (_("名称"), _("类型"), _("信用代码"), _("校验位"), _("地区"), _("申请时间"), _("状态"))
    rows = (
        (
            row.name,
            str(row.get_kind_display()),
            row.credit_code or "",
            _("不符") if row.credit_code_warning else "",
            names.get(row.region_code, row.region_code),
            row.created_at,
            str(row.get_status_display()),
        )
        for row in found
    )
    return exports.workbook(_("机构准入"), columns, rows)


def _decidable(request: ActingRequest) -> QuerySet[Organisation]:
    return Organisation.objects.visible_to(request.actor).filter(kind__in=admitted_kinds(request.actor.role))


def _mine(request: ActingRequest) -> Q:
    return Q(memberships__user=request.user, memberships__to_at=None)


def _own(request: ActingRequest) -> Organisation:
    organisation = Organisation.objects.filter(_mine(request)).order_by("created_at").first()
    if organisation is None:
        raise Http404
    return organisation


def _facts(organisation: Organisation) -> dict[str, object]:
    decisions = organisation.decisions.select_related("decided_by").order_by("-at")
    return {
        "organisation": organisation,
        "lamp": LAMPS[OrganisationStatus(organisation.status)],
        "facts": [
            (_("类型"), organisation.get_kind_display()),
            (_("统一社会信用代码"), organisation.credit_code),
            (_("所在地区"), places.name_of(organisation.region_code)),
            (_("地址"), organisation.address or None),
            (_("联系人"), organisation.contact_name or None),
            (_("联系电话"), organisation.contact_phone or None),
        ],
        "proofs": organisation.proofs.select_related("document"),
        "decisions": [
            {
                "at": row.at,
                "title": row.get_status_display(),
                "detail": row.reason,
                "state": LAMPS[OrganisationStatus(row.status)],
            }
            for row in decisions
        ],
    }


def _steps(organisation: Organisation) -> list[dict[str, str]]:
    refused = organisation.status == OrganisationStatus.REFUSED
    admitted = organisation.status == OrganisationStatus.ADMITTED
    decided = "stop" if refused else "done" if admitted else "todo"
    return [
        {"label": _("已提交申请"), "state": "done"},
        {"label": _("主管部门审核"), "state": "done" if refused or admitted else "current"},
        {"label": _("未通过，可补正后再提交") if refused else _("准入"), "state": decided},
    ]
