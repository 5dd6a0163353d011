"""Makes ready for paper before anybody waits for one: a process that serves or works prints a page and throws it away.

The typesetter, the faces and the key take a process a second of processor time and more, once; whoever asks for the
first paper would wait for that. Commands and tests never come here. What may never happen: a start that waits for this,
or fails of it.
"""

import importlib
import logging
from datetime import UTC, datetime
from threading import Thread

from django.conf import settings

log = logging.getLogger(__name__)

NAME = "warming-paper"
PARTS = ("lms.documents.engine", "lms.documents.pades")
PAGE = """<html lang="zh-hans"><head><title>.</title></head><body>
<p style="font-family: 'Document Serif'">证书 0123456789</p><p style="font-family: 'Document Sans'">证书 certificate</p>
</body></html>"""


def load() -> None:
    """Only load what prints and signs; processes forked afterwards have it."""
    for part in PARTS:
        importlib.import_module(part)


def begin() -> Thread:
    """Warm up beside whatever this process has to do first."""
    thread = Thread(target=_warm, name=NAME, daemon=True)
    thread.start()
    return thread


def _warm() -> None:
    try:
        load()
        _print()
    except Exception as error:  # noqa: BLE001  the first paper will say what is wrong, to whom it concerns
        log.warning("Not ready for paper yet: %s", type(error).__name__)


def _print() -> None:
    from lms.documents import engine, signing

    page = engine.print_page(PAGE)
    # A time-stamp authority counts what it is asked, and is not asked for this.
    if settings.TIMESTAMP_URL:
        signing.ready()
    else:
        signing.sign(page, reason="-", now=datetime.now(UTC))
