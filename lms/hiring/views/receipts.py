"""The receipt: the file for those concerned, and the page behind its QR for whoever holds it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from lms.documents import archive
from lms.hiring import services
from lms.hiring.models import BatchReceipt, Check
from lms.hiring.presenters import answer_of
from lms.people.access import ActingRequest, role_required
from lms.people.limits import knock
from lms.people.views import exports
from lms.registry.services import current_list_version
from lms.rules import names

TRIES, SECONDS = 60, 60


@role_required()
def receipt_file(request: ActingRequest, pk: Any) -> HttpResponse:
    """The signed PDF, for the organisation that asked, officers of its region and the person; others find nothing."""
    check = get_object_or_404(
        Check.objects.visible_to(request.actor).select_related("institution", "list_version"), pk=pk
    )
    document = services.make_receipt(check=check, now=timezone.now())
    response = HttpResponse(archive.read(document), content_type=document.content_type)
    response.headers["Content-Disposition"] = exports.attachment(document.file_name)
    return response


@never_cache
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    """Public: that this check was made, and what it says by now. The name is masked, the reason is not told."""
    knock(request, door="receipt", limit=TRIES, seconds=SECONDS)
    check = (
        Check.objects.filter(receipt_token=token)
        .select_related("institution", "list_version", "decision__revocation", "dispute__answer")
        .first()
    )
    if check is None:
        return render(request, "hiring/receipt_unknown.html", status=404)
    context = {
        "check": check,
        "answer": answer_of(check),
        "name": names.mask(check.name),
        "outdated": check.valid_until < timezone.localdate(),
        "newest": current_list_version().number,
    }
    return render(request, "hiring/receipt_page.html", context)


@never_cache
def batch_receipt(request: HttpRequest, token: str) -> HttpResponse:
    """Public: that this batch was asked, how many were answered how, and the hash of its workbook. It names nobody."""
    knock(request, door="receipt", limit=TRIES, seconds=SECONDS)
    found = BatchReceipt.objects.filter(token=token).select_related("batch__institution", "workbook")
    receipt = found.first()
    if receipt is None:
        return render(request, "hiring/receipt_unknown.html", status=404)
    return render(request, "hiring/batch_receipt_page.html", {"receipt": receipt, "batch": receipt.batch})
