"""What became of a file that somebody was handed: ours to the last byte, ours and altered (where), or none of ours.

The bytes decide. Only a file that is not exactly an original is looked into, in a process of its own: who it says it
is, whose signature it carries, and in what it differs from the original in the archive. Nothing of it is kept.
What may never happen: a file that names a serial it read somewhere and so learns whose certificate that is.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from certificates.models import Certificate
from certificates.querysets import CertificateQuerySet
from certificates.services.validity import weigh
from lms.documents import archive, signing, strangers
from lms.documents.models import ArchivedDocument
from lms.documents.strangers import Changes, Seal
from lms.rules import serials

# A token as it stands in the address behind the QR, which the file carries as a link.
_TOKEN_IN_ADDRESS = re.compile(r"/verify/([A-Za-z0-9_-]{43})/")
_SERIAL = re.compile(r"[A-Z]{1,8}-[0-9]{4}-[0-9]{6}-[0-9]{7}-[0-9A-Z]")
ORIGINALS_COMPARED, LIMIT = 3, 20


class Finding(StrEnum):
    """What a file is. Stable codes."""

    ORIGINAL = "original"  # exactly these bytes were issued here
    APPENDED = "appended"  # an original with something behind it
    ALTERED = "altered"  # one of ours that shows or carries something else
    RESAVED = "resaved"  # one of ours that shows the same, written anew by another program
    FOREIGN = "foreign"  # names no certificate of ours
    ENCRYPTED = "encrypted"
    UNREADABLE = "unreadable"
    TOO_COMPLEX = "too_complex"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """``certificate`` (weighed) where one of ours is meant; ``appended`` bytes stand behind the original."""

    finding: Finding
    certificate: Certificate | None = None
    seal: Seal | None = None
    changes: Changes | None = None
    appended: int = 0
    replaced: bool = False  # the bytes of an earlier document: the same certificate has a newer one

    @property
    def untouched(self) -> bool:
        return self.finding is Finding.ORIGINAL


def by_file(content: bytes, on: date) -> FileVerdict:
    """Whether exactly these bytes were issued here, and if not, what was done to them."""
    digest = hashlib.sha256(content).hexdigest()
    exact = _weighed(Certificate.objects.filter(documents__document__sha256=digest), on)
    if exact is not None:
        newest = exact.documents.select_related("document").order_by("-number")[0]
        return FileVerdict(Finding.ORIGINAL, exact, replaced=newest.document.sha256 != digest)
    seen = strangers.look(content, ours=signing.ours())
    if seen.state != "read":
        return FileVerdict(Finding(seen.state))
    certificate = _meant(seen, on)
    if certificate is None:
        return FileVerdict(Finding.FOREIGN, seal=seen.seal)
    return _compared(content, certificate, seen.seal)


def _compared(content: bytes, certificate: Certificate, seal: Seal | None) -> FileVerdict:
    originals = [archive.read(row) for row in _originals(certificate)]
    if not originals:
        return FileVerdict(Finding.ALTERED, certificate, seal)
    for original in originals:
        if content.startswith(original):
            changes = strangers.changes(original, content)
            return FileVerdict(Finding.APPENDED, certificate, seal, changes, appended=len(content) - len(original))
    changes = strangers.changes(originals[0], content)
    # Whoever saves a file writes their own name and time into it.
    resaved = changes is not None and not changes.added and all(place == "metadata" for place, _page in changes.places)
    return FileVerdict(Finding.RESAVED if resaved else Finding.ALTERED, certificate, seal, changes)


def _meant(seen: strangers.Look, on: date) -> Certificate | None:
    """By the address it leads to; by the serial on it only together with the holder's name, as anywhere else."""
    text = "\n".join(seen.links) + "\n" + seen.text
    tokens = dict.fromkeys(_TOKEN_IN_ADDRESS.findall(text))
    if tokens and (found := _weighed(Certificate.objects.filter(token__in=list(tokens)[:LIMIT]), on)):
        return found
    named = filter(None, map(serials.normalise, dict.fromkeys(_SERIAL.findall(seen.text))))
    candidates: Iterable[Certificate] = Certificate.objects.filter(serial__in=list(named)[:LIMIT])
    return next((weigh(one, on) for one in candidates if one.holder_name in seen.text), None)


def _originals(certificate: Certificate) -> Iterable[ArchivedDocument]:
    """Its files in the archive, the newest first."""
    found = ArchivedDocument.objects.filter(certificate_document__certificate=certificate)
    return found.order_by("-certificate_document__number")[:ORIGINALS_COMPARED]


def _weighed(found: CertificateQuerySet, on: date) -> Certificate | None:
    certificate = found.first()
    return weigh(certificate, on) if certificate else None
