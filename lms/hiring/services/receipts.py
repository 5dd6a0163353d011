"""The receipt: a signed PDF that proves an institution asked, and what it was told. It never says why.

A check without a receipt is work to be done: a worker is woken when the check is committed, a sweep finds what was
lost, and whoever asks for a receipt that is not there yet gets it made at once.
"""

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from lms.audit.actors import Actor
from lms.documents import archive, fonts, pdf, qr, signing
from lms.documents.models import ArchivedDocument
from lms.hiring.models import Check, CheckReceipt

JOB = "issue-receipts"


def receipt_pdf(check: Check) -> ArchivedDocument:
    """The archived receipt, made now if no worker has made it yet."""
    return make_receipt(check=check, now=timezone.now())


def make_receipt(*, check: Check, now: datetime) -> ArchivedDocument:
    """Render, sign and archive the receipt once. Two at once: the first to commit stands and both return it."""
    known = _existing(check)
    if known:
        return known
    actor = Actor.system(JOB)
    content = signing.sign(pdf.render("hiring/receipt.html", _facts(check)), reason="入职核查回执", now=now)
    try:
        with transaction.atomic():
            document = archive.store(
                kind="receipt",
                file_name=f"receipt-{check.pk}.pdf",
                content_type="application/pdf",
                content=content,
                signed=signing.is_signed(content),
                now=now,
                actor=actor,
            )
            CheckReceipt.objects.create(checked=check, document=document, at=now)
    except IntegrityError:
        winner = _existing(check)
        if winner is None:
            raise
        return winner
    return document


def public_address(check: Check) -> str:
    """Where the QR of the receipt leads."""
    return f"{settings.PUBLIC_BASE_URL}{reverse('hiring:receipt', args=[check.receipt_token])}"


def printable(text: str) -> str:
    """The text with characters no face has written as their code point: a check is never refused over a rare name."""
    for glyph in fonts.missing_glyphs(text):
        text = text.replace(glyph, f"〔U+{ord(glyph):04X}〕")
    return text


def _existing(check: Check) -> ArchivedDocument | None:
    row = CheckReceipt.objects.filter(checked=check).select_related("document").first()
    return row.document if row else None


def _facts(check: Check) -> dict[str, object]:
    return {
        "check": check,
        "name": printable(check.name),
        "institution": printable(check.institution.name),
        "address": public_address(check),
        "code": qr.svg_path(public_address(check)),
        "created": check.checked_at,
    }
