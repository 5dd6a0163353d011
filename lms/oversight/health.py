"""What machines ask before they send traffic here: is the process alive, can it do its work, what does it count.

Each part of ``/readyz`` is tried for real (a query, a connection, a file) and named when it fails; why it failed goes to
the log and not to whoever asks. What may never happen: a probe that is green while nothing can be written.
"""

import logging
import uuid
from collections.abc import Callable
from ipaddress import ip_address
from tempfile import TemporaryFile

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView
from kombu import Connection

from lms.audit import chain
from lms.rules.chain import link

logger = logging.getLogger(__name__)
QUEUE_PATIENCE_SECONDS = 2
PROBE_FOLDER = "readiness"


class NotReady(Exception):
    """A part answers, but wrongly."""


def database_answers() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        if cursor.fetchone() != (1,):
            raise NotReady("the database answers nonsense")


def queue_answers() -> None:
    """A connection to the broker can be opened; the broker on the disk can write in its folders."""
    options = getattr(settings, "CELERY_BROKER_TRANSPORT_OPTIONS", {})
    for option, folder in options.items():
        if "folder" in option:
            TemporaryFile(dir=folder).close()
    patience = QUEUE_PATIENCE_SECONDS
    with Connection(settings.CELERY_BROKER_URL, transport_options=options, connect_timeout=patience) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=patience)


def storage_answers() -> None:
    """A file can be written, read again and removed where media and where archived documents are kept."""
    for area in ("default", "archive"):
        storage = storages[area]
        content = uuid.uuid4().bytes
        name = storage.save(f"{PROBE_FOLDER}/{uuid.uuid4()}", ContentFile(content))
        try:
            with storage.open(name) as written:
                if written.read() != content:
                    raise NotReady(f"{area} gives back other bytes than it was given")
        finally:
            storage.delete(name)


def chain_head_holds() -> None:
    """The newest link of the audit chain covers its event. No link yet is fine: nothing was sealed."""
    head = chain.head()
    if head is not None and head.hash != link(head.previous_hash, chain.payload(head.event)):
        raise NotReady("the head of the audit chain does not cover its event")


CHECKS: dict[str, Callable[[], None]] = {
    "database": database_answers,
    "queue": queue_answers,
    "storage": storage_answers,
    "audit_chain": chain_head_holds,
}


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers. Touches nothing else, so that a database that is away does not get processes killed."""
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when every part works, else 503 with the names of those that don't."""
    parts = {name: "ok" if _holds(name, check) else "failing" for name, check in CHECKS.items()}
    failing = [name for name, state in parts.items() if state != "ok"]
    body = {"status": "failing" if failing else "ready", "parts": parts, "failing": failing}
    return JsonResponse(body, status=503 if failing else 200)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus, for a scraper on this machine alone: to anyone else there is no such page."""
    if not _from_this_machine(request):
        return HttpResponseNotFound()
    answer: HttpResponse = ExportToDjangoView(request)
    return answer


def _holds(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except Exception:  # whatever is wrong with a part, the answer is that this part is wrong
        logger.exception("readiness: %s fails", name)
        return False
    return True


def _from_this_machine(request: HttpRequest) -> bool:
    """A request passed on by a proxy of this machine comes from elsewhere."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
