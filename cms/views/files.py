"""Files of the media library, served only to those who may see them: the college they belong to, its bureau."""

import mimetypes
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from django.core.files.storage import storages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.permissions import policy_registry

from cms.access import approving_membership
from cms.guard import FILE_ACTIONS
from cms.models import CollegePage, CourseMedia
from lms.people.access import role_required
from lms.people.models import User

_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")
_SHOWN = ("image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "video/", "audio/")
CHUNK = 256 * 1024


@require_safe
@role_required()
def file(request: HttpRequest, name: str) -> HttpResponseBase:
    """A file by its name in the storage. Whoever may not see it learns no more than that it isn't there."""
    item = _owner(name)
    if item is None or not _may_see(request.user, item):
        raise Http404
    storage = storages["default"]
    if not storage.exists(name):
        raise Http404
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    response = _ranged(storage.open(name), storage.size(name), request.headers.get("Range", ""), kind)
    response["Cache-Control"] = "private, max-age=600"
    response["X-Content-Type-Options"] = "nosniff"
    if not kind.startswith(_SHOWN):
        response["Content-Disposition"] = "attachment"
    return response


@require_safe
@role_required()
def document(request: HttpRequest, document_id: int, name: str) -> HttpResponseBase:
    """A document by its key; ``name`` is what the browser calls it."""
    found = get_object_or_404(get_document_model(), pk=document_id)
    return file(request, found.file.name)


@require_safe
@role_required()
def captions(request: HttpRequest, media_id: int) -> HttpResponse:
    media = get_object_or_404(CourseMedia, pk=media_id)
    if not _may_see(request.user, media):
        raise Http404
    return HttpResponse(media.captions, content_type="text/vtt; charset=utf-8")


def _owner(name: str) -> Any:
    """The library's item a stored file belongs to."""
    image = get_image_model()
    rendition = image.get_rendition_model().objects.filter(file=name).select_related("image").first()
    if rendition:
        return rendition.image
    for model, field in (
        (image, "file"),
        (get_document_model(), "file"),
        (CourseMedia, "file"),
        (CourseMedia, "thumbnail"),
    ):
        found = model.objects.filter(**{field: name}).first()
        if found:
            return found
    return None


def _may_see(user: Any, item: Any) -> bool:
    policy = policy_registry.get_by_type(type(item))
    if policy.user_has_any_permission_for_instance(user, FILE_ACTIONS, item):
        return True
    branch = CollegePage.objects.filter(collection_id=item.collection_id).select_related("organisation").first()
    return bool(branch and isinstance(user, User) and approving_membership(user, branch.organisation, timezone.now()))


def _ranged(handle: Any, size: int, wanted: str, kind: str) -> HttpResponseBase:
    """The whole file, or the one range asked for, so that a video can be wound."""
    match = _RANGE.match(wanted)
    if not match or not any(match.groups()):
        response: HttpResponseBase = FileResponse(handle, content_type=kind)
        response["Accept-Ranges"] = "bytes"
        return response
    first, last = match.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start > end:
        handle.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    response = StreamingHttpResponse(_pieces(handle, start, end - start + 1), status=206, content_type=kind)
    response["Content-Range"] = f"bytes {start}-{end}/{size}"
    response["Content-Length"] = str(end - start + 1)
    response["Accept-Ranges"] = "bytes"
    return response


def _pieces(handle: BinaryIO, start: int, left: int) -> Iterator[bytes]:
    with handle:
        handle.seek(start)
        while left > 0:
            piece = handle.read(min(CHUNK, left))
            if not piece:
                return
            left -= len(piece)
            yield piece
