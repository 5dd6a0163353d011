"""Signatures on PDF: PAdES, so that any reader can tell whether a file is as it was issued, and by whom.

With a time-stamp authority (``TIMESTAMP_URL``) also since when; see ``stamps`` for what happens when it is away.

The key comes from ``SIGNING_KEY_FILE`` or from hardware (``SIGNING_PKCS11_…``). On a machine of one's own both may be
missing: then a key is made once in ``var/keys``. In production without a key papers are issued all the same, saying
on their face that they are not signed. What may never happen: an installation in production that signs with a key it
made itself, or a paper issued unsigned because the configured key is out of reach for a moment.
"""

import logging
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.documents import signing_keys
from lms.rules.refusals import Refusal

if TYPE_CHECKING:
    from cryptography import x509
    from pyhanko.sign.signers import Signer

    from lms.documents.examination import Examination

log = logging.getLogger(__name__)


class OutOfReach(Refusal):
    """The configured key can't be used right now; the paper waits, and is made when it can."""

    default_status = 503


def sign(pdf: bytes, *, reason: str, now: datetime) -> bytes:
    """Sign ``pdf`` with ``reason`` at ``now``. Without a key the same bytes come back: ask ``is_signed``.

    Refuses ``signing_unavailable`` where a key is configured and its hardware does not answer, ``signing_revoked``
    where the authority that certified the key says so.
    """
    by = _signer()
    if by is None:
        return pdf
    from lms.documents import pades

    if stamped := _stamped(pdf, by, reason, now):
        return stamped
    try:
        return pades.sign(pdf, by=by, reason=reason, now=now)
    except pades.TOKEN_FAILED as error:
        pades.forget_tokens()
        raise _out_of_reach(error) from error


def raw_signature(data: bytes) -> bytes:
    """``data`` signed by the key that signs today, with SHA-256; for who writes the form of a signature themselves.

    Refuses ``signing_unavailable`` as ``sign`` does.
    """
    by = _signer()
    if by is None:
        raise _out_of_reach(LookupError("no key"))
    from lms.documents import pades

    try:
        return pades.raw_signature(data, by=by)
    except pades.TOKEN_FAILED as error:
        pades.forget_tokens()
        raise _out_of_reach(error) from error


def ready() -> bool:
    """Whether ``sign`` would sign: asked before printing, so that a paper without a signature says so."""
    return _signer() is not None


def is_signed(pdf: bytes) -> bool:
    """Whether the file carries a signature; whether that is a good one is for ``examine`` to say."""
    return b"/ETSI.CAdES.detached" in pdf


def examine(content: bytes) -> "Examination":
    """Who signed ``content``, whether by a key of ours (today's or an earlier one), and what was changed since."""
    from lms.documents import examination

    return examination.examine(content, ours())


def ours() -> dict[str, str]:
    """Certificates of the keys that sign or signed here: SHA-256 → subject."""
    from lms.documents import signers

    known = signers.known()
    if (today := certificate()) is not None:
        known.setdefault(signers.fingerprint(today), today.subject.rfc4514_string())
    return known


def certificate() -> "x509.Certificate | None":
    """The certificate of the key that signs today."""
    by = _signer()
    if by is None:
        return None
    from lms.documents import pades

    return pades.certificate(by)


def certificate_der() -> bytes:
    """The same as bytes; empty where there is none."""
    today = certificate()
    return today.public_bytes(Encoding.DER) if today else b""


def keep_certificate(*, now: datetime, actor: Actor) -> None:
    """Keep today's certificate among ours. Whoever archives a signed paper calls this in the same transaction."""
    from lms.documents import signers

    if (today := certificate()) is not None:
        signers.keep(certificate=today, now=now, actor=actor)


def require_configured_key() -> None:
    """Raise ImproperlyConfigured, naming the variable, where a key is configured and can't be used."""
    from lms.documents import pades

    if settings.SIGNING_PKCS11_MODULE:
        try:
            pades.certificate(_token_signer())
        except pades.TOKEN_FAILED as error:
            text = "SIGNING_PKCS11_MODULE, _TOKEN, _KEY_LABEL, _PIN: the key in the token can't be used"
            raise ImproperlyConfigured(f"{text} ({type(error).__name__})") from error
    elif settings.SIGNING_KEY_FILE:
        _file_signer()


def _stamped(pdf: bytes, by: "Signer", reason: str, now: datetime) -> bytes | None:
    """Signed with a time stamp where an authority is configured and answers."""
    if not settings.TIMESTAMP_URL:
        return None
    from lms.documents import pades, stamps

    chains = [(name, getattr(settings, name)) for name in ("SIGNING_CHAIN_FILE", "TIMESTAMP_CHAIN_FILE")]
    stamping = stamps.stamping(settings.TIMESTAMP_URL, *chains)
    if stamping.rests():
        return None
    try:
        return pades.sign(pdf, by=by, reason=reason, now=now, stamping=stamping)
    except stamps.FAILED as error:
        if stamps.says_revoked(error):
            log.exception("The certificate of the signing key is revoked: no paper is signed with it")
            raise OutOfReach(
                "signing_revoked", _("签名证书已被吊销，暂不能生成文件；更换签名证书后会自动补上。")
            ) from error
        stamping.failed(error)
        return None


def _signer() -> "Signer | None":
    """Whoever holds the key to sign with; None where there is none to be had."""
    from lms.documents import pades

    if settings.SIGNING_PKCS11_MODULE:
        try:
            return _token_signer()
        except pades.TOKEN_FAILED as error:
            raise _out_of_reach(error) from error
    if settings.SIGNING_KEY_FILE:
        return _file_signer()
    if not settings.LOCAL:
        log.warning("SIGNING_KEY_FILE is not set: documents are archived without a signature")
        return None
    try:
        return pades.signer(signing_keys.embedded(settings.KEYS_DIR), "")
    except OSError as error:
        log.warning("No signing key can be kept in %s: %s", settings.KEYS_DIR, error.strerror)
        return None


def _file_signer() -> "Signer":
    from lms.documents import pades

    try:
        return pades.signer(
            Path(settings.SIGNING_KEY_FILE),
            settings.SIGNING_KEY_PASSWORD,
            settings.SIGNING_CERTIFICATE_FILE,
            settings.SIGNING_CHAIN_FILE,
        )
    except signing_keys.UnusableFile as error:
        raise ImproperlyConfigured(str(error)) from error
    except (OSError, ValueError, TypeError) as error:
        raise ImproperlyConfigured("SIGNING_KEY_FILE: give PKCS#12, or PEM with the key and certificates") from error


def _token_signer() -> "Signer":
    from lms.documents import pades

    try:
        return pades.token_signer(
            pades.Token(
                module=settings.SIGNING_PKCS11_MODULE,
                token=settings.SIGNING_PKCS11_TOKEN,
                key_label=settings.SIGNING_PKCS11_KEY_LABEL,
                pin=settings.SIGNING_PKCS11_PIN,
                certificate_file=settings.SIGNING_CERTIFICATE_FILE,
                chain_file=settings.SIGNING_CHAIN_FILE,
            )
        )
    except signing_keys.UnusableFile as error:
        raise ImproperlyConfigured(str(error)) from error


def _out_of_reach(error: Exception) -> OutOfReach:
    log.error("The signing key is out of reach: %s", type(error).__name__)
    return OutOfReach("signing_unavailable", _("签名设备暂时无法使用，文件稍后会自动生成，请过几分钟再来查看。"))
