"""Checking a whole staff: upload, watch, leave and come back, take the result away."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.documents import archive
from lms.documents.models import ArchivedDocument
from lms.documents.uploads import XLSX
from lms.hiring import services
from lms.hiring.forms.checks import BatchForm
from lms.hiring.limits import require_allowance
from lms.hiring.models import BatchReceipt, BatchUpload, Check, CheckBatch
from lms.hiring.services import sheets
from lms.hiring.views.checks import INSTITUTION_ROLES, row_of
from lms.people.access import ActingRequest, role_required
from lms.people.models import Organisation
from lms.people.views import exports
from lms.people.wording import refuse
from lms.rules.refusals import Refusal, TooMany

LATEST, LATEST_UPLOADS, SHOWN_ERRORS = 20, 5, 50


@role_required(*INSTITUTION_ROLES)
def batches(request: ActingRequest) -> HttpResponse:
    """Upload a list, or read what one would do; and the batches before."""
    if exports.wanted(request):
        return exports.workbook(_("批量核查模板"), sheets.template_columns(), [])
    form = BatchForm(request.POST if request.method == "POST" else None, request.FILES or None)
    report: services.BatchReport | None = None
    status = 422
    if request.method == "POST" and form.is_valid():
        institution = get_object_or_404(Organisation, pk=request.actor.organisation_id)
        try:
            require_allowance(request)
            report = services.hand_in_list(
                institution=institution, **form.cleaned_data, actor=request.actor, now=timezone.now()
            )
        except Refusal as refusal:
            refuse(form, refusal)
            status = refusal.status if isinstance(refusal, TooMany) else 422
        else:
            kept = report.batch or report.upload
            if kept:
                return redirect("hiring:batch", kept.pk)
    context = {
        "form": form,
        "report": report,
        "errors": [(one.row, one.name, one.error) for one in report.errors[:SHOWN_ERRORS]] if report else [],
        "uploads": BatchUpload.objects.telling().visible_to(request.actor)[:LATEST_UPLOADS],
        "batches": CheckBatch.objects.visible_to(request.actor)[:LATEST],
        "template_url": exports.address(request),
    }
    return render(request, "hiring/batches.html", context, status=status if form.errors else 200)


@role_required(*INSTITUTION_ROLES)
def batch(request: ActingRequest, pk: Any) -> HttpResponse:
    """One batch: how far it is, and what came out; a long list that is no batch: what was read of it."""
    upload = _own_upload(request, pk)
    if upload is not None:
        return render(request, "hiring/batch_upload.html", _told_of_upload(upload))
    row = own_batch(request, pk)
    wrong = row.rows.exclude(error_code="").order_by("number").values_list("number", "name", "error")
    receipt = BatchReceipt.objects.filter(batch=row).select_related("workbook").first()
    context = {
        "batch": row,
        "errors": wrong[:SHOWN_ERRORS],
        "receipt": receipt,
        "rows": _not_clear(row),
        "undated": services.undated_rows(row),
    }
    return render(request, "hiring/batch.html", context | _progress(row))


@role_required(*INSTITUTION_ROLES)
def progress(request: ActingRequest, pk: Any) -> HttpResponse:
    """The bar alone, asked for while the work goes on."""
    upload = _own_upload(request, pk)
    bar = _reading(upload) if upload is not None else _progress(own_batch(request, pk))["bar"]
    return render(request, "components/progress.html", bar)


@role_required(*INSTITUTION_ROLES)
def result(request: ActingRequest, pk: Any) -> HttpResponse:
    """Every row with its outcome, as a workbook: as it was archived, or so far."""
    return workbook_of(own_batch(request, pk))


@role_required(*INSTITUTION_ROLES)
def receipt_file(request: ActingRequest, pk: Any) -> HttpResponse:
    """The signed receipt over the workbook; there is none (404) while the batch goes on."""
    receipt = get_object_or_404(BatchReceipt.objects.select_related("document"), batch=own_batch(request, pk))
    return filed(receipt.document)


@role_required(*INSTITUTION_ROLES)
def cancel(request: ActingRequest, pk: Any) -> HttpResponse:
    """What calling the batch off would leave, and the act itself."""
    row = own_batch(request, pk)
    if request.method == "POST":
        services.cancel_batch(batch=row, actor=request.actor, now=timezone.now())
        messages.success(request, _("已取消：不再核查其余的人。"))
        return redirect("hiring:batch", row.pk)
    return render(request, "hiring/batch_cancel.html", {"batch": row, "counts": services.progress_of(row)})


def _not_clear(batch: CheckBatch) -> list[dict[str, Any]]:
    """Those of the batch whom nobody may employ on it: barred, or under review; the first of them."""
    says = Check.objects.saying
    found = Check.objects.filter(says("barred") | says("review"), batch_row__batch=batch)
    found = found.select_related("institution", "decision__revocation", "dispute__answer")
    return [row_of(check) for check in found.order_by("outcome", "batch_row__number")[:SHOWN_ERRORS]]


def own_batch(request: ActingRequest, pk: Any) -> CheckBatch:
    return get_object_or_404(CheckBatch.objects.visible_to(request.actor).select_related("institution"), pk=pk)


def _own_upload(request: ActingRequest, pk: Any) -> BatchUpload | None:
    return BatchUpload.objects.telling().visible_to(request.actor).filter(pk=pk).first()


def workbook_of(batch: CheckBatch) -> HttpResponse:
    """The result as it was archived when the batch was finished; before that, the result so far."""
    receipt = BatchReceipt.objects.filter(batch=batch).select_related("workbook").first()
    if receipt:
        return filed(receipt.workbook)
    response = HttpResponse(services.workbook_of(batch), content_type=XLSX)
    response.headers["Content-Disposition"] = exports.attachment(f"{_('批量核查结果')}.xlsx")
    return response


def filed(document: ArchivedDocument) -> HttpResponse:
    """A file of the archive to take away."""
    response = HttpResponse(archive.read(document), content_type=document.content_type)
    response.headers["Content-Disposition"] = exports.attachment(document.file_name)
    return response


def _progress(batch: CheckBatch) -> dict[str, Any]:
    counts = services.progress_of(batch)
    running = batch.finished_at is None
    bar = {
        "id": "batch-progress",
        "label": _("核查进度"),
        "value": counts.done,
        "total": counts.total,
        "poll_url": reverse("hiring:batch_progress", args=[batch.pk]) if running else "",
        "result_url": "" if running else reverse("hiring:batch", args=[batch.pk]),
        "result_label": _("查看结果"),
    }
    return {"counts": counts, "bar": bar}


def _told_of_upload(upload: BatchUpload) -> dict[str, Any]:
    errors = [(number, name, error) for number, name, _code, error in upload.first_errors[:SHOWN_ERRORS]]
    return {"upload": upload, "errors": errors, "bar": _reading(upload)}


def _reading(upload: BatchUpload) -> dict[str, Any]:
    reading = upload.finished_at is None
    page = reverse("hiring:batch", args=[upload.pk])
    return {
        "id": "batch-progress",
        "label": _("读取名单"),
        "value": upload.done,
        "total": max(upload.total, 1),
        "poll_url": reverse("hiring:batch_progress", args=[upload.pk]) if reading else "",
        "result_url": "" if reading else page,
        "result_label": _("查看读取结果"),
    }
