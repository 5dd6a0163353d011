"""Hours learned elsewhere, as those who hand them in see them: upload or form, watch, take the result away."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.documents import archive
from lms.documents.uploads import XLSX
from lms.documents.workbooks import Sheet, write
from lms.ledger import services
from lms.ledger.forms import OutsideForm, OwnOutsideForm
from lms.ledger.models import OutsideBatch, OutsideRow
from lms.ledger.presenters import fields_of, state_of
from lms.ledger.services.outside import counts_of
from lms.ledger.services.outside_sheets import DELIVERIES, template_rows
from lms.people.access import ActingRequest, role_required
from lms.people.models import Organisation, Person, Role
from lms.people.views import exports
from lms.people.wording import refuse
from lms.rules.refusals import NotFound, Refusal

SUBMITTING_ROLES = (Role.PRACTITIONER, Role.INSTITUTION_MANAGER)
READING_ROLES = (*SUBMITTING_ROLES, Role.BUREAU_AUDITOR, Role.BUREAU_APPROVER)
LATEST, SHOWN_ERRORS, PAGE_SIZE = 20, 100, 25
COLUMNS = (
    *(gettext_lazy("行号"), gettext_lazy("姓名"), gettext_lazy("证件号（掩码）"), gettext_lazy("类别")),
    *(gettext_lazy("学时"), gettext_lazy("日期"), gettext_lazy("培训名称"), gettext_lazy("举办单位")),
    *(
        gettext_lazy("证书编号"),
        gettext_lazy("形式"),
        gettext_lazy("结果"),
        gettext_lazy("有误的列"),
        gettext_lazy("说明"),
    ),
)


@role_required(*SUBMITTING_ROLES)
def outside(request: ActingRequest) -> HttpResponse:
    """Hand in hours, a workbook for a staff or one course for oneself; and what was handed in before."""
    institution = request.actor.role == Role.INSTITUTION_MANAGER
    return _for_staff(request) if institution else _for_oneself(request)


@role_required(*SUBMITTING_ROLES)
def template(request: ActingRequest) -> HttpResponse:
    """The workbook to fill in."""
    titles, rows = template_rows()
    response = HttpResponse(write(sheets=[Sheet(_("外部学时"), titles, rows)]), content_type=XLSX)
    response.headers["Content-Disposition"] = exports.attachment(_("外部学时模板") + ".xlsx")
    return response


@role_required(*READING_ROLES)
def batch(request: ActingRequest, pk: UUID) -> HttpResponse:
    """One batch: how far it is, and what became of each row."""
    row = batch_of(request, pk)
    rows = row.rows.select_related("decision", "outcome").order_by("number")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "batch": row,
        "page": page,
        "rows": [(each, state_of(each), fields_of(each)) for each in page],
        "crumbs": [{"label": _("外部学时"), "url": reverse("ledger:outside")}],
    }
    return render(request, "ledger/outside_batch.html", context | _progress(row))


@role_required(*READING_ROLES)
def progress(request: ActingRequest, pk: UUID) -> HttpResponse:
    """The bar alone, asked for while the work goes on."""
    return render(request, "components/progress.html", _progress(batch_of(request, pk))["bar"])


@role_required(*READING_ROLES)
def result(request: ActingRequest, pk: UUID) -> HttpResponse:
    """Every row with what became of it, as a workbook."""
    rows = batch_of(request, pk).rows.select_related("decision", "outcome").order_by("number")
    return exports.workbook(_("外部学时结果"), COLUMNS, (_exported(row) for row in rows.iterator(chunk_size=2000)))


@role_required(*READING_ROLES)
def proof(request: ActingRequest, pk: UUID) -> HttpResponse:
    """The proof, exactly as it was handed in."""
    document = batch_of(request, pk).proof
    response = HttpResponse(archive.read(document), content_type=document.content_type)
    response.headers["Content-Disposition"] = exports.attachment(document.file_name)
    return response


def batch_of(request: ActingRequest, pk: UUID) -> OutsideBatch:
    visible = OutsideBatch.objects.visible_to(request.actor).select_related("institution", "person", "proof")
    return get_object_or_404(visible, pk=pk)


def _for_staff(request: ActingRequest) -> HttpResponse:
    form = OutsideForm(request.POST if request.method == "POST" else None, request.FILES or None)
    report: services.OutsideReport | None = None
    if request.method == "POST" and form.is_valid():
        institution = get_object_or_404(Organisation, pk=request.actor.organisation_id)
        try:
            report = services.submit_outside(
                institution=institution, **form.cleaned_data, actor=request.actor, now=timezone.now()
            )
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            if report.batch:
                return redirect("ledger:outside_batch", report.batch.pk)
    errors = [(row, fields_of(row)) for row in report.errors[:SHOWN_ERRORS]] if report else []
    return _shown(request, form, {"report": report, "errors": errors, "for_staff": True})


def _for_oneself(request: ActingRequest) -> HttpResponse:
    person = Person.objects.filter(pk=request.actor.person_id).first() if request.actor.person_id else None
    if person is None:
        raise NotFound("no_person", gettext_lazy("该账号没有关联到个人，因此没有学时台账。"))
    form = OwnOutsideForm(request.POST if request.method == "POST" else None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            handed_in = services.submit_own_outside(
                person=person,
                written=form.written(),
                proof=form.cleaned_data["proof"],
                actor=request.actor,
                now=timezone.now(),
            )
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            return redirect("ledger:outside_batch", handed_in.pk)
    return _shown(request, form, {"for_staff": False})


def _shown(request: ActingRequest, form: forms.Form, more: dict[str, Any]) -> HttpResponse:
    own = OutsideBatch.objects.visible_to(request.actor)
    context = {
        "form": form,
        "batches": own.order_by("-created_at")[:LATEST],
        "crumbs": [] if more["for_staff"] else [{"label": _("学时台账"), "url": reverse("ledger:mine")}],
        **more,
    }
    return render(request, "ledger/outside.html", context, status=422 if form.errors else 200)


def _progress(batch: OutsideBatch) -> dict[str, Any]:
    counts = counts_of(batch)
    examining = batch.examined_at is None
    running = examining or counts["settling"] > 0
    decided = batch.total - counts["waiting"] - counts["settling"]
    bar = {
        "id": "outside-progress",
        "label": _("核对进度") if examining else _("办理进度"),
        "value": counts["looked_at"] if examining else decided,
        "total": batch.total,
        "poll_url": reverse("ledger:outside_progress", args=[batch.pk]) if running else "",
        "result_url": "" if running else reverse("ledger:outside_result", args=[batch.pk]),
        "result_label": _("下载结果"),
    }
    return {"counts": counts, "bar": bar}


def _exported(row: OutsideRow) -> list[Any]:
    state = state_of(row)
    return [
        *(row.number, row.name, row.masked, row.get_category_display() if row.category else "", row.class_hours),
        *(row.on, row.title, row.provider, row.certificate_number, str(DELIVERIES.get(row.delivery, row.delivery))),
        *(str(state.word), fields_of(row), state.detail),
    ]
