"""What a PDF says of itself when it is handed back: who signed it, when, and whether it is as it was signed.

Any bytes may be asked about, hostile ones too: what can't be read is an ``Examination`` that is not ``readable``,
never an error. Nothing is fetched. Whether a document was issued here, and what it is worth today, is for its room to
say; here stands only what cryptography can say.
"""

import asyncio
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from asn1crypto import x509
from pyhanko.pdf_utils.decode_limits import DecodeLimits, DocumentDecodeBudget, StreamDecodeLimits
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from lms.documents import comparison
from lms.documents.comparison import Difference

# What a file made to break a reader can raise on the way through one.
UNREADABLE = (
    PdfError,
    SignatureValidationError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    zlib.error,
)
# A few bytes can unfold to gigabytes; a document of ours unfolds to less than one megabyte.
LIMITS = DecodeLimits(
    per_stream=StreamDecodeLimits(max_output_size=16 * 1024 * 1024),
    document_budget=DocumentDecodeBudget(base_allowance=64 * 1024 * 1024, max_ratio=2),
)
# What may stand behind a signed document: nothing, or time stamps and validation data.
HARMLESS = (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES)


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature of a file. Times are aware; ``said_at`` is what the signer claims, ``proven_at`` what a time-stamp
    authority vouches for (None without one)."""

    signer: str
    fingerprint: str  # SHA-256 of the signer's certificate, hexadecimal
    ours: bool  # by a key this installation signs with, or has signed with
    intact: bool  # what it covers is bit for bit what was signed
    whole: bool  # it covers the file; behind it stand at most time stamps and validation data
    in_time: bool  # made while the signer's certificate was valid
    said_at: datetime | None = None
    proven_at: datetime | None = None
    proven_by: str = ""
    reason: str = ""
    changed_after: tuple[Difference, ...] = ()

    @property
    def good(self) -> bool:
        return self.ours and self.intact and self.whole and self.in_time


@dataclass(frozen=True, slots=True)
class Examination:
    """``signatures`` in the order they were made; ``signature`` is the one that counts: ours where there is one."""

    readable: bool
    signatures: tuple[Signature, ...] = ()

    @property
    def signature(self) -> Signature | None:
        return next((each for each in self.signatures if each.ours), next(iter(self.signatures), None))

    @property
    def signed(self) -> bool:
        return bool(self.signatures)

    @property
    def good(self) -> bool:
        """By a key of ours, made in its time, and nothing in the file is other than it was signed."""
        return self.signature is not None and self.signature.good

    @property
    def intact(self) -> bool:
        return self.signature is not None and self.signature.intact

    @property
    def whole(self) -> bool:
        return self.signature is not None and self.signature.whole

    @property
    def ours(self) -> bool:
        return self.signature is not None and self.signature.ours

    @property
    def signer(self) -> str:
        return self.signature.signer if self.signature else ""

    @property
    def changed_after(self) -> tuple[Difference, ...]:
        return self.signature.changed_after if self.signature else ()


def examine(content: bytes, ours: Mapping[str, str]) -> Examination:
    """Every signature in ``content``. ``ours``: SHA-256 of the certificates of this installation → name."""
    if not content.startswith(b"%PDF-"):
        return Examination(readable=False)
    try:
        found = PdfFileReader(BytesIO(content), decode_limits=LIMITS).embedded_regular_signatures
        return Examination(readable=True, signatures=tuple(_one(each, content, ours) for each in found))
    except UNREADABLE:
        return Examination(readable=False)


def _one(signature: EmbeddedPdfSignature, content: bytes, ours: Mapping[str, str]) -> Signature:
    certificate = signature.signer_cert
    fingerprint = certificate.sha256.hex()
    try:
        status = _status(signature)
    except UNREADABLE:
        return Signature(certificate.subject.human_friendly, fingerprint, fingerprint in ours, *(False,) * 3)
    stamp = status.timestamp_validity
    proven_at = stamp.timestamp if stamp and stamp.valid and stamp.intact else None
    said_at = status.signer_reported_dt
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE or status.modification_level in HARMLESS
    return Signature(
        signer=_name(certificate),
        fingerprint=fingerprint,
        ours=fingerprint in ours,
        intact=bool(status.intact and status.valid),
        whole=whole,
        in_time=_in_time(certificate, proven_at or said_at),
        said_at=said_at,
        proven_at=proven_at,
        proven_by=_name(stamp.signing_cert) if stamp and proven_at else "",
        reason=str(signature.sig_object.get("/Reason", "")),
        changed_after=() if whole else comparison.differences(_as_signed(signature, content), content),
    )


def _status(signature: EmbeddedPdfSignature) -> PdfSignatureStatus:
    """Who is trusted is decided by fingerprint, so the only root here is the signer itself."""
    nobody = ValidationContext(trust_roots=[signature.signer_cert], allow_fetching=False)
    return asyncio.run(async_validate_pdf_signature(signature, nobody, nobody))


def _as_signed(signature: EmbeddedPdfSignature, content: bytes) -> bytes:
    """The file as it was when it was signed: everything behind came later."""
    *_start, second, length = (int(each) for each in signature.byte_range)
    return content[: second + length]


def _in_time(certificate: x509.Certificate, at: datetime | None) -> bool:
    return at is not None and certificate.not_valid_before <= at <= certificate.not_valid_after


def _name(certificate: x509.Certificate) -> str:
    """What a person calls the holder of a certificate."""
    subject = certificate.subject.native
    parts = [subject.get("common_name"), subject.get("organization_name")]
    return " · ".join(dict.fromkeys(str(part) for part in parts if part)) or certificate.subject.human_friendly
