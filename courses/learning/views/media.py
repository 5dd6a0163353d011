"""What a lesson plays: the file in ranges, its renditions, its poster, its captions. Only for those enrolled, and for staff.

A phone on a bad network asks for the next stretch only (RFC 9110, section 14); a seek never loads the film from the start.
A rendition is the same recording in pieces of two sizes (HLS, RFC 8216), each piece asked for like any other file.
"""

import mimetypes
import re
import uuid
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, Any

from django.core.files.storage import storages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_safe

from courses.catalogue.models import Lesson
from courses.learning.models import Enrolment
from courses.learning.player import rendition_of
from courses.learning.querysets import COLLEGE_ROLES
from courses.learning.views.own import actor_of_request
from lms.people.access import role_required
from lms.people.querysets import BUREAU_ROLES
from lms.rules.regions import covers

_CHUNK = 256 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
# What a rendition consists of, at most one folder deep. Types are named here because a system may not know them.
_PIECE = re.compile(r"(?:[\w-]+/)?[\w-]+\.(?:m3u8|ts|m4s|mp4)", re.ASCII)
_TYPES = {".m3u8": "application/vnd.apple.mpegurl", ".ts": "video/mp2t", ".m4s": "video/iso.segment"}
_CLOSED = ("withdrawn", "stopped", "voided")


def visible_lesson(request: HttpRequest, lesson_id: uuid.UUID) -> Lesson:
    """404 for anybody who is neither enrolled nor staff of the college or of a bureau of its region."""
    lesson = Lesson.objects.select_related("release__course__college").filter(pk=lesson_id).first()
    if lesson is None:
        raise Http404
    actor = actor_of_request(request)
    college = lesson.release.course.college
    own_college = actor.role in COLLEGE_ROLES and actor.organisation_id == college.pk
    own_region = (
        actor.role in BUREAU_ROLES and bool(actor.region_code) and covers(actor.region_code, college.region_code)
    )
    if own_college or own_region:
        return lesson
    enrolled = Enrolment.objects.filter(person=actor.person_id, release=lesson.release_id).exclude(state__in=_CLOSED)
    if actor.person_id is None or not enrolled.exists():
        raise Http404
    return lesson


@require_safe
@role_required()
def media(request: HttpRequest, lesson_id: uuid.UUID) -> HttpResponseBase:
    lesson = visible_lesson(request, lesson_id)
    return served(request, lesson.media, f'"{lesson.media_sha256}"')


@require_safe
@role_required()
def stream(request: HttpRequest, lesson_id: uuid.UUID, name: str) -> HttpResponseBase:
    """A playlist or a piece of the lesson's rendition."""
    rendition = rendition_of(visible_lesson(request, lesson_id))
    if rendition is None or _PIECE.fullmatch(name) is None:
        raise Http404
    return served(request, f"{rendition.folder}/{name}", f'"{rendition.media_sha256[:16]}-{name}"')


@require_safe
@role_required()
def poster(request: HttpRequest, lesson_id: uuid.UUID) -> HttpResponseBase:
    lesson = visible_lesson(request, lesson_id)
    return served(request, lesson.poster, f'"{lesson.pk}"')


@require_safe
@role_required()
def captions(request: HttpRequest, lesson_id: uuid.UUID) -> HttpResponse:
    lesson = visible_lesson(request, lesson_id)
    if not lesson.captions:
        raise Http404
    response = HttpResponse(lesson.captions, content_type="text/vtt; charset=utf-8")
    response["Cache-Control"] = "private, max-age=3600"
    return response


def served(request: HttpRequest, name: str, etag: str) -> HttpResponseBase:
    storage = storages["default"]
    if not name or not storage.exists(name):
        raise Http404
    size = storage.size(name)
    asked = request.headers.get("Range", "")
    current = request.headers.get("If-Range", etag) == etag
    stretch = _stretch(asked, size) if asked and current else (0, size - 1)
    if stretch is None:
        response: HttpResponseBase = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
        return response
    first, last = stretch
    partial = bool(asked) and current and _RANGE.fullmatch(asked.strip()) is not None
    response = _body(request, storage.open(name), first, last, partial=partial)
    response["Content-Type"] = _type_of(name)
    response["Content-Length"] = str(last - first + 1)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    if partial:
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


def _type_of(name: str) -> str:
    return _TYPES.get(PurePosixPath(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def _stretch(asked: str, size: int) -> tuple[int, int] | None:
    """First and last byte of a single range; what can't be read is ignored, what can't be met is None."""
    match = _RANGE.fullmatch(asked.strip())
    if match is None or match.groups() == ("", ""):
        return 0, size - 1
    first, last = match.groups()
    if not first:
        length = min(int(last), size)
        return (size - length, size - 1) if length else None
    start = int(first)
    end = min(int(last), size - 1) if last else size - 1
    return (start, end) if start <= end and start < size else None


def _body(request: HttpRequest, file: Any, first: int, last: int, *, partial: bool) -> HttpResponseBase:
    if request.method == "HEAD":
        file.close()
        return HttpResponse(status=206 if partial else 200)
    if not partial:
        return FileResponse(file)
    return StreamingHttpResponse(_slice(file, first, last), status=206)


def _slice(file: IO[bytes], first: int, last: int) -> Iterator[bytes]:
    with file:
        file.seek(first)
        left = last - first + 1
        while left > 0:
            chunk = file.read(min(_CHUNK, left))
            if not chunk:
                return
            left -= len(chunk)
            yield chunk
