"""What is taken away from an order: archive, sheets to print, index. Who took it is on record."""

from uuid import UUID

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from certificates import batch_files
from certificates.batch_forms import RowFilter
from certificates.views.batches import READERS, one_batch
from lms.documents.uploads import XLSX
from lms.people.access import ActingRequest, role_required
from lms.people.views import exports


@require_safe
@role_required(*READERS)
def archive(request: ActingRequest, batch_id: UUID) -> StreamingHttpResponse:
    """Every PDF in one ZIP, sent as it is made."""
    batch, now = one_batch(request, batch_id), timezone.now()
    batch_files.note_export(batch=batch, kind="zip", actor=request.actor, now=now)
    pieces = batch_files.zip_of(batch=batch, now=now)
    response = StreamingHttpResponse(pieces, content_type="application/zip")
    response["Content-Disposition"] = exports.attachment(f"{_('证书')} {timezone.localdate(now):%Y%m%d}.zip")
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@role_required(*READERS)
def sheets(request: ActingRequest, batch_id: UUID, volume: int) -> HttpResponse:
    """One volume of certificates to print."""
    batch, now = one_batch(request, batch_id), timezone.now()
    if not 1 <= volume <= batch_files.volumes_of(batch):
        raise Http404
    content = batch_files.print_of(batch=batch, volume=volume, now=now)
    batch_files.note_export(batch=batch, kind="print", actor=request.actor, now=now)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = exports.attachment(f"{_('打印件')} {volume}.pdf")
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@role_required(*READERS)
def index(request: ActingRequest, batch_id: UUID) -> HttpResponse:
    """Everybody with outcome and reason; filtered as the page is."""
    batch, now = one_batch(request, batch_id), timezone.now()
    rows = RowFilter(request.GET).narrow(batch.rows.all())
    content = batch_files.index_of(batch=batch, rows=rows, now=now)
    batch_files.note_export(batch=batch, kind="index", actor=request.actor, now=now)
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = exports.attachment(f"{_('批量签发目录')} {timezone.localdate(now):%Y%m%d}.xlsx")
    return response
