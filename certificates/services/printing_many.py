"""The PDFs of many certificates: printed by the press, archived some dozens at a time.

Each dozen is kept or not kept as a whole; one that was printed by somebody else meanwhile sends the others of its dozen
one by one. Killed half-way leaves certificates without a file, and running it again makes just those.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import IntegrityError, InterfaceError, OperationalError, transaction

from certificates.models import Certificate, CertificateDocument
from certificates.services.papers import KIND, PRINTER, keep
from certificates.sheet import TEMPLATE, sheet_of
from lms.audit.actors import Actor
from lms.audit.services import About, record_many
from lms.documents import archive, press, signing
from lms.documents.archive import Paper
from lms.documents.models import ArchivedDocument

DOZEN = 50


@dataclass(frozen=True, slots=True)
class Made:
    """The archived PDF of a certificate."""

    certificate_id: uuid.UUID
    document_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class NotMade:
    """A certificate whose PDF could not be made, and why; it is still to be made."""

    certificate_id: uuid.UUID
    error: BaseException


def print_many(*, certificate_ids: Iterable[uuid.UUID], now: datetime) -> Iterator[Made | NotMade]:
    """Make, sign and archive the PDFs that are missing; what is there already is passed over. Read it to its end.

    What it has yielded is committed. Safe to stop, to run again, and to run twice at once.
    """
    remaining = iter(certificate_ids)
    while keys := list(islice(remaining, DOZEN)):
        found = Certificate.objects.unrendered().filter(pk__in=keys).select_related("type", "person", "issuer")
        waiting = {certificate.pk: certificate for certificate in found}
        yield from _made([waiting[key] for key in keys if key in waiting], now)


def _made(certificates: Sequence[Certificate], now: datetime) -> Iterator[Made | NotMade]:
    """The outcome of each, in their order, once all of them are kept."""
    outcomes: dict[uuid.UUID, Made | NotMade] = {}
    ready: list[tuple[Certificate, bytes]] = []
    drawn = _drawn(certificates, outcomes)
    papers = press.printed(
        template=TEMPLATE,
        sheets=(sheet for _one, sheet in drawn),
        reasons=(one.title for one, _sheet in drawn),
        now=now,
    )
    for (certificate, _sheet), paper in zip(drawn, papers, strict=True):
        if isinstance(paper, press.Spoiled):
            outcomes[certificate.pk] = NotMade(certificate.pk, paper.error)
        else:
            ready.append((certificate, paper))
    try:
        documents = _keep_all(ready, now)
    except IntegrityError:
        documents = [keep(certificate, content, now) for certificate, content in ready]
    for (certificate, _content), document in zip(ready, documents, strict=True):
        outcomes[certificate.pk] = Made(certificate.pk, document.pk)
    yield from (outcomes[certificate.pk] for certificate in certificates)


def _drawn(
    certificates: Sequence[Certificate], outcomes: dict[uuid.UUID, Made | NotMade]
) -> list[tuple[Certificate, dict[str, Any]]]:
    """Each with its sheet. One that has none, for a picture the archive lost, is told and keeps no other."""
    drawn = []
    for certificate in certificates:
        try:
            drawn.append((certificate, sheet_of(certificate)))
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, it is told in its place
            outcomes[certificate.pk] = NotMade(certificate.pk, error)
    return drawn


def _keep_all(ready: Sequence[tuple[Certificate, bytes]], now: datetime) -> list[ArchivedDocument]:
    actor = Actor.system(PRINTER)
    papers = (Paper(f"{one.serial}.pdf", content, signing.is_signed(content)) for one, content in ready)
    documents: list[ArchivedDocument] = []
    try:
        with transaction.atomic():
            documents += archive.store_many(
                kind=KIND, content_type="application/pdf", papers=papers, now=now, actor=actor
            )
            pairs = [(one, document) for (one, _content), document in zip(ready, documents, strict=True)]
            CertificateDocument.objects.bulk_create(
                CertificateDocument(certificate=one, document=document, at=now) for one, document in pairs
            )
            about = [
                About(one, one.person_id, {"serial": one.serial, "sha256": document.sha256}) for one, document in pairs
            ]
            record_many(verb="certificate.printed", actor=actor, now=now, about=about)
    except BaseException:
        archive.discard(documents)
        raise
    return documents
