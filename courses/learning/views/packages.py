"""Courseware made elsewhere, shown in a frame of its own. Its scripts run, and reach nothing of ours.

The frame has no origin (``sandbox`` without ``allow-same-origin``, in the frame and once more in the header): no cookie, no
storage, no page of ours is within its reach. So its files can't be asked for by cookie either; the address carries a
signed word that opens one package for some hours. Whoever asks for the first page is asked who they are, and led there.

What the package tells an LMS (SCORM, xAPI) is not recorded: it comes from the learner's browser and proves nothing.
"""

import mimetypes
import re
import uuid
from pathlib import PurePosixPath

from django.core import signing
from django.core.files.storage import storages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from courses.catalogue.models import LessonKind
from courses.learning.views.media import served, visible_lesson
from lms.people.access import role_required

SALT = "courses.learning.packages"
OPEN_SECONDS = 6 * 3600
# ``'self'`` is where the files come from. Frames within the package have no origin either and could be named by no
# ``frame-ancestors``; whoever frames these pages elsewhere gains nothing by it.
POLICY = (
    "sandbox allow-scripts allow-forms; default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "base-uri 'self'; form-action 'self'; object-src 'none'"
)
_HEAD = re.compile(rb"<head[^>]*>", re.IGNORECASE)
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".vtt": "text/vtt", ".wasm": "application/wasm"}
HTML = frozenset({".html", ".htm", ".xhtml"})


def address_of(folder: str, entry: str) -> str:
    """Where the package in ``folder`` of the media storage begins, for the next hours. For those who may see it."""
    return reverse("learning:package-file", args=[signing.dumps(folder, salt=SALT), entry])


@require_safe
@role_required()
def package(request: HttpRequest, lesson_id: uuid.UUID, path: str) -> HttpResponseBase:
    """The way into a lesson's package, for those enrolled and for staff."""
    lesson = visible_lesson(request, lesson_id)
    if lesson.kind != LessonKind.PACKAGE or not lesson.package:
        raise Http404
    response = HttpResponseRedirect(address_of(lesson.package["folder"], path))
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@xframe_options_exempt
def package_file(request: HttpRequest, word: str, path: str) -> HttpResponseBase:
    """One file of a package whose way in was opened not long ago."""
    try:
        folder = signing.loads(word, salt=SALT, max_age=OPEN_SECONDS)
    except signing.BadSignature:
        raise Http404 from None
    if ".." in PurePosixPath(path).parts:
        raise Http404
    try:
        response = _file(request, f"{folder}/{path}")
    except IsADirectoryError:
        raise Http404 from None
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "no-referrer"
    # Fonts, modules and fetched data of a page without origin are asked for as from elsewhere.
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = "private, max-age=3600"
    return response


def _file(request: HttpRequest, name: str) -> HttpResponseBase:
    storage, suffix = storages["default"], PurePosixPath(name).suffix.lower()
    # A folder is there too, but nothing to show; every file of a package has an ending.
    if not suffix or not storage.exists(name):
        raise Http404
    kind = _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    if suffix in HTML:
        with storage.open(name) as file:
            page = file.read()
        return HttpResponse(_furnished(page), content_type=f"{kind}{_charset(page)}")
    response = served(request, name, '"package"')
    response["Content-Type"] = kind
    return response


def _charset(page: bytes) -> str:
    """Said where it is certain: a page that doesn't name its encoding itself would show Chinese as rubbish."""
    try:
        page.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return "; charset=utf-8"


def _furnished(page: bytes) -> bytes:
    """The page with the few things it expects of a browser and an LMS and can't have without an origin."""
    if page.startswith((b"\xff\xfe", b"\xfe\xff")):
        return page  # UTF-16: nothing of ours can be put into it
    script = f'<script src="{static("learning/package-room.js")}"></script>'.encode()
    head = _HEAD.search(page)
    place = head.end() if head else 0
    return page[:place] + script + page[place:]
