"""The receipt: a signed PDF that proves an institution asked, and what it was told. It never says why.

A check of its own without a receipt is work to be done: a worker is woken when the check is committed, a sweep finds
what was lost, and whoever asks for a receipt that is not there yet gets it made at once. With the receipt, in one
transaction, whoever has to be told is told: the person asked about, and the registrars where one must decide. What may
never happen: a check that stays without a receipt, or one whose subject never hears of it.

Checks of a batch are covered by the batch's receipt (``batch_receipts``); each has one of its own when it is asked for.
"""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.audit.actors import Actor
from lms.documents import archive, aside, fonts, press, qr, signing
from lms.documents.archive import Paper
from lms.documents.models import ArchivedDocument
from lms.documents.press import Spoiled
from lms.hiring.models import Check, CheckReceipt
from lms.hiring.services import telling
from lms.people.services import tell_administrators

log = logging.getLogger(__name__)

JOB, KIND = "issue-receipts", "receipt"
TEMPLATE, REASON = "hiring/receipt.html", "入职核查回执"
AT_ONCE = 60
# Every check with a smaller key has its receipt: kept for a while, so that a sweep need not walk over all of history.
ALL_DONE, KEPT_SECONDS = "hiring:receipts-done", 3600
# A key is drawn before its row is committed, by the clock of whichever machine draws it.
DRAWN_BEFORE = timedelta(minutes=10)


class NotMade(Exception):
    """The receipt could not be printed; what went wrong is its cause."""


def receipt_pdf(check: Check) -> ArchivedDocument:
    """The archived receipt, made now if no worker has made it yet."""
    return make_receipt(check=check, now=timezone.now())


def make_receipt(*, check: Check, now: datetime) -> ArchivedDocument:
    """Render, sign and archive the receipt once. Two at once: the first to commit stands and both return it."""
    known = _existing(check)
    if known:
        return known
    made = make_receipts(checks=[check], now=now)
    if check.pk not in made:
        raise NotMade(str(check.pk))
    return made[check.pk]


def make_receipts(*, checks: Sequence[Check], now: datetime) -> dict[UUID, ArchivedDocument]:
    """The receipts of these checks by check, all kept or none; one that can't be printed is left out and stops no other."""
    sheets: dict[UUID, dict[str, object]] = {}
    for check in checks:
        try:
            sheets[check.pk] = _facts(check)
        except Exception:
            log.exception("the receipt of check %s could not be filled in", check.pk)
    printed = press.printed(template=TEMPLATE, sheets=sheets.values(), reasons=REASON, now=now)
    papers: dict[UUID, Paper] = {}
    for key, content in zip(sheets, printed, strict=True):
        if isinstance(content, Spoiled):
            log.error("the receipt of check %s could not be printed", key, exc_info=content.error)
        else:
            papers[key] = Paper(f"receipt-{key}.pdf", content, signing.is_signed(content))
    return _keep({check: papers[check.pk] for check in checks if check.pk in papers}, now)


def make_waiting(*, now: datetime, patience: timedelta = timedelta()) -> bool:
    """Make the next receipts that are missing, oldest first. True while there may be more of them.

    ``patience``: leave alone what was asked later than so long ago. One that fails stops no other and steps aside: they
    are taken oldest first, and it would hold them up for ever.
    """
    due = waiting().filter(checked_at__lte=now - patience).exclude(pk__in=aside.resting(KIND, now))
    with _in_hand(due) as checks:
        if not checks:
            _note_all_done(now)
            return False
        made = make_receipts(checks=checks, now=now)
        _set_aside({check.pk: None for check in checks if check.pk not in made}, now)
    return len(checks) == AT_ONCE


def forget_made() -> None:
    """What was set aside and has its receipt by now is trouble no more."""
    aside.forget_made(KIND, Check.objects.filter(receipt=None))


def waiting() -> "QuerySet[Check]":
    """Checks of their own that have no receipt yet, in the order they were made."""
    found = Check.objects.filter(receipt=None, batch_row=None).select_related("institution", "list_version")
    done = cache.get(ALL_DONE)
    return (found.filter(pk__gt=done) if done else found).order_by("pk")


def public_address(check: Check) -> str:
    """Where the QR of the receipt leads."""
    return f"{settings.PUBLIC_BASE_URL}{reverse('hiring:receipt', args=[check.receipt_token])}"


def printable(text: str) -> str:
    """The text with characters no face has written as their code point: a check is never refused over a rare name."""
    for glyph in fonts.missing_glyphs(text):
        text = text.replace(glyph, f"〔U+{ord(glyph):04X}〕")
    return text


@contextmanager
def _in_hand(checks: "QuerySet[Check]") -> Iterator[list[Check]]:
    """Some of the checks; on PostgreSQL no other worker's until their receipts are kept."""
    if connection.vendor != "postgresql":
        # The one writer of SQLite can't be held up for as long as printing takes.
        yield list(checks[:AT_ONCE])
        return
    with transaction.atomic():
        yield list(checks.select_for_update(skip_locked=True, of=("self",), no_key=True)[:AT_ONCE])


def _set_aside(failed: Mapping[UUID, BaseException | None], now: datetime) -> None:
    """The log has the reason; whoever runs the platform hears of what fails again and again."""
    if failed and (hopeless := aside.set_aside(KIND, failed, now=now)):
        tell_administrators(
            code="paper.unprinted",
            title=_("有核查回执多次未能生成：%(count)d 份") % {"count": len(hopeless)},
            body=_("系统会隔一段时间再试，不影响其他回执。原因已记入日志，请处理。"),
            dedupe_key=f"unprinted:{KIND}:{timezone.localdate(now)}",
            now=now,
        )


def _note_all_done(now: datetime) -> None:
    """Remember that nothing waits, but for what may have been on its way."""
    if not waiting().exists():
        drawn = int((time.time() - DRAWN_BEFORE.total_seconds()) * 1000)
        cache.set(ALL_DONE, UUID(int=drawn << 80), KEPT_SECONDS)


def _keep(papers: Mapping[Check, Paper], now: datetime) -> dict[UUID, ArchivedDocument]:
    documents: list[ArchivedDocument] = []
    try:
        with transaction.atomic():
            documents = archive.store_many(
                kind=KIND,
                content_type="application/pdf",
                papers=papers.values(),
                now=now,
                actor=Actor.system(JOB),
            )
            CheckReceipt.objects.bulk_create(
                CheckReceipt(checked=check, document=document, at=now)
                for check, document in zip(papers, documents, strict=True)
            )
            telling.tell_of(list(papers), now=now)
    except BaseException as error:
        archive.discard(documents)
        if not isinstance(error, IntegrityError):
            raise
        return _keep_what_is_missing(papers, now)
    return {check.pk: document for check, document in zip(papers, documents, strict=True)}


def _keep_what_is_missing(papers: Mapping[Check, Paper], now: datetime) -> dict[UUID, ArchivedDocument]:
    """Another worker kept some of them first: theirs stand."""
    rows = CheckReceipt.objects.filter(checked__in=list(papers)).select_related("document")
    theirs = {row.checked_id: row.document for row in rows}
    if not theirs:
        raise RuntimeError("receipts can't be kept, and nobody else has kept them")
    ours = {check: paper for check, paper in papers.items() if check.pk not in theirs}
    return theirs | (_keep(ours, now) if ours else {})


def _existing(check: Check) -> ArchivedDocument | None:
    row = CheckReceipt.objects.filter(checked=check).select_related("document").first()
    return row.document if row else None


def _facts(check: Check) -> dict[str, Any]:
    return {
        "check": check,
        "name": printable(check.name),
        "institution": printable(check.institution.name),
        "address": public_address(check),
        "code": qr.svg_path(public_address(check)),
        "created": check.checked_at,
    }
