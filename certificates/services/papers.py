"""The PDF of a certificate: made once, signed, archived with its hash. A certificate without one is work to be done.

So is a document that was ordered anew (``Reissue``) and is not there yet. Earlier ones stay in the archive, and verify.

A worker is woken when the certificate is committed; the sweep, and whoever opens the certificate first, make what a
lost wake-up left undone. Killed half-way leaves the certificate as it was: without a file, still to be made.
"""

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction

from certificates.models import Certificate, CertificateDocument, Reissue
from certificates.sheet import TEMPLATE, sheet_of
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.documents import archive, pdf, signing
from lms.documents.models import ArchivedDocument

KIND = "certificate"
PRINTER = "print-certificates"


def paper_of(*, certificate: Certificate, now: datetime) -> ArchivedDocument:
    """The newest archived PDF; made at once when it is not there yet."""
    return render_pending(certificate_id=certificate.pk, now=now)


def render_pending(*, certificate_id: uuid.UUID | str, now: datetime) -> ArchivedDocument:
    """Make, sign and archive the document that is due, or return the newest. Safe to run twice, or twice at once."""
    certificate = Certificate.objects.select_related("type", "person", "issuer").get(pk=certificate_id)
    number, order = _due(certificate)
    if number is None:
        return _newest(certificate)
    sheet = sheet_of(certificate, reissue=order)
    content = signing.sign(pdf.render(TEMPLATE, sheet), reason=certificate.title, now=now)
    return keep(certificate, content, now, number=number)


def keep(certificate: Certificate, content: bytes, now: datetime, *, number: int = 1) -> ArchivedDocument:
    """Archive ``content`` as the certificate's PDF of that number; who comes second is given the newest there is."""
    try:
        return _keep(certificate, number, content, now)
    except IntegrityError:
        if certificate.documents.filter(number=number).exists():
            return _newest(certificate)
        raise


@transaction.atomic
def _keep(certificate: Certificate, number: int, content: bytes, now: datetime) -> ArchivedDocument:
    actor = Actor.system(PRINTER)
    document = archive.store(
        kind=KIND,
        file_name=f"{certificate.serial}.pdf",
        content_type="application/pdf",
        content=content,
        signed=signing.is_signed(content),
        now=now,
        actor=actor,
    )
    CertificateDocument.objects.create(certificate=certificate, number=number, document=document, at=now)
    record(
        verb="certificate.printed",
        actor=actor,
        now=now,
        subject=certificate,
        person_id=certificate.person_id,
        changes={"serial": certificate.serial, "sha256": document.sha256} | ({"number": number} if number > 1 else {}),
    )
    return document


def _due(certificate: Certificate) -> tuple[int | None, Reissue | None]:
    """The number of the document to be made next, and the order behind it; the first one needs none."""
    made = set(certificate.documents.values_list("number", flat=True))
    if not made:
        return 1, None
    order = certificate.reissues.exclude(number__in=made).order_by("number").first()
    return (order.number, order) if order else (None, None)


def _newest(certificate: Certificate) -> ArchivedDocument:
    found = ArchivedDocument.objects.filter(certificate_document__certificate=certificate)
    return found.order_by("-certificate_document__number")[0]
