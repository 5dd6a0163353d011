"""The certificates this installation signs with and has signed with, kept as long as there are papers of theirs.

A key is replaced sooner or later; what it signed stays signed. Each certificate is kept the first time a paper signed
with its key is archived, and all are published, so that anybody can check an old paper. Only public halves are here.
"""

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import IntegrityError, transaction

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.documents.models import SigningCertificate

# What this process knows to be kept: a paper costs no question to the database after the first.
_kept: set[str] = set()


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate, hexadecimal: what people compare by eye."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def keep(*, certificate: x509.Certificate, now: datetime, actor: Actor) -> None:
    """Keep ``certificate`` among ours. Twice, or two at once, keeps it once."""
    print_of_it = fingerprint(certificate)
    if print_of_it in _kept:
        return
    if not SigningCertificate.objects.filter(sha256=print_of_it).exists():
        try:
            with transaction.atomic():
                _write(certificate, print_of_it, now, actor)
        except IntegrityError:
            if not SigningCertificate.objects.filter(sha256=print_of_it).exists():
                raise
    # Only what is committed is known: a paper that is rolled back takes its certificate along.
    transaction.on_commit(lambda: _kept.add(print_of_it))


def known() -> dict[str, str]:
    """SHA-256 → subject of every certificate of ours, the newest last."""
    return dict(SigningCertificate.objects.order_by("created_at").values_list("sha256", "subject"))


def bundle() -> str:
    """Every certificate of ours as PEM, the newest first, as published."""
    return "".join(SigningCertificate.objects.order_by("-created_at").values_list("pem", flat=True))


def _write(certificate: x509.Certificate, print_of_it: str, now: datetime, actor: Actor) -> None:
    kept = SigningCertificate.objects.create(
        sha256=print_of_it,
        subject=certificate.subject.rfc4514_string()[:300],
        pem=certificate.public_bytes(Encoding.PEM).decode(),
        valid_from=certificate.not_valid_before_utc,
        valid_until=certificate.not_valid_after_utc,
        created_at=now,
    )
    record(verb="signing-certificate.kept", actor=actor, now=now, subject=kept, changes={"sha256": print_of_it})
