"""Checking a whole staff: upload, watch, leave and come back, take the result away."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.hiring import services
from lms.hiring.forms import BatchForm
from lms.hiring.models import BatchRow, CheckBatch
from lms.hiring.presenters import answer_of
from lms.hiring.views.checks import INSTITUTION_ROLES
from lms.people.access import ActingRequest, role_required
from lms.people.models import Organisation
from lms.people.views import exports
from lms.people.wording import refuse
from lms.rules.refusals import Refusal

LATEST, SHOWN_ERRORS = 20, 50
COLUMNS = (
    *(gettext_lazy("行号"), gettext_lazy("姓名"), gettext_lazy("证件号（掩码）"), gettext_lazy("内部编号")),
    *(gettext_lazy("结果"), gettext_lazy("有效期至"), gettext_lazy("回执编号")),
    *(gettext_lazy("错误代码"), gettext_lazy("错误")),
)


@role_required(*INSTITUTION_ROLES)
def batches(request: ActingRequest) -> HttpResponse:
    """Upload a list, or read what one would do; and the batches before."""
    form = BatchForm(request.POST if request.method == "POST" else None, request.FILES or None)
    report: services.BatchReport | None = None
    if request.method == "POST" and form.is_valid():
        institution = get_object_or_404(Organisation, pk=request.actor.organisation_id)
        try:
            report = services.create_batch(
                institution=institution, **form.cleaned_data, actor=request.actor, now=timezone.now()
            )
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            if report.batch:
                return redirect("hiring:batch", report.batch.pk)
    context = {
        "form": form,
        "report": report,
        "errors": [(one.row, one.name, one.error) for one in report.errors[:SHOWN_ERRORS]] if report else [],
        "batches": CheckBatch.objects.visible_to(request.actor)[:LATEST],
    }
    return render(request, "hiring/batches.html", context, status=422 if form.errors else 200)


@role_required(*INSTITUTION_ROLES)
def batch(request: ActingRequest, pk: Any) -> HttpResponse:
    """One batch: how far it is, and what came out."""
    row = own_batch(request, pk)
    wrong = row.rows.exclude(error_code="").order_by("number").values_list("number", "name", "error")
    context = {"batch": row, "errors": wrong[:SHOWN_ERRORS]}
    return render(request, "hiring/batch.html", context | _progress(row))


@role_required(*INSTITUTION_ROLES)
def progress(request: ActingRequest, pk: Any) -> HttpResponse:
    """The bar alone, asked for while the work goes on."""
    row = own_batch(request, pk)
    return render(request, "components/progress.html", _progress(row)["bar"])


@role_required(*INSTITUTION_ROLES)
def result(request: ActingRequest, pk: Any) -> HttpResponse:
    """Every row with its outcome, as a workbook."""
    return workbook_of(own_batch(request, pk))


def own_batch(request: ActingRequest, pk: Any) -> CheckBatch:
    return get_object_or_404(CheckBatch.objects.visible_to(request.actor), pk=pk)


def workbook_of(batch: CheckBatch) -> HttpResponse:
    """The result of a batch so far."""
    return exports.workbook(_("批量核查结果"), COLUMNS, (_exported(row) for row in services.rows_of(batch)))


def _progress(batch: CheckBatch) -> dict[str, Any]:
    counts = services.progress_of(batch)
    running = batch.finished_at is None
    bar = {
        "id": "batch-progress",
        "label": _("核查进度"),
        "value": counts.done,
        "total": counts.total,
        "poll_url": reverse("hiring:batch_progress", args=[batch.pk]) if running else "",
        "result_url": "" if running else reverse("hiring:batch_result", args=[batch.pk]),
        "result_label": _("下载结果"),
    }
    return {"counts": counts, "bar": bar}


def _exported(row: BatchRow) -> list[Any]:
    check = row.checked
    return [
        row.number,
        row.name,
        row.masked,
        row.reference,
        str(answer_of(check).word) if check else "",
        check.valid_until if check else None,
        str(check.pk) if check else "",
        row.error_code,
        row.error,
    ]
