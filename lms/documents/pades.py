"""The door to pyHanko: PAdES signatures at a given time, by a key in a file or in hardware (PKCS#11)."""

import asyncio
import contextlib
import functools
import os
import threading
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import cast

import pkcs11
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.config.pkcs11 import TokenCriteria
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.general import SigningError
from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session
from pyhanko.sign.signers.pdf_signer import PdfSigningSession

from lms.documents import signing_keys, stamps

FIELD = "Signature"
# What hardware raises that is away, locked or does not have the key.
TOKEN_FAILED = (pkcs11.PKCS11Error, SigningError, OSError)

# One session a process and key: whoever is logged in already can't log in again.
_open: dict[tuple[int, "Token"], PKCS11Signer] = {}
_opening = threading.Lock()


class _Revision(IncrementalPdfFileWriter):  # type: ignore[misc]
    """One more revision that leaves what the page says of itself as it was printed."""

    def _update_meta(self) -> None:
        """Neither producer nor time of the page change by being signed."""


class _SignerAt(signers.PdfSigner):  # type: ignore[misc]
    """Signs with the time it is given instead of the machine's."""

    at: datetime

    def init_signing_session(self, pdf_out: BasePdfFileWriter, existing_fields_only: bool = False) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self.at
        return session


@functools.cache
def signer(path: Path, password: str, certificate_file: str = "", chain_file: str = "") -> signers.SimpleSigner:
    """Whoever holds the key in ``path``. Raises OSError, ValueError or TypeError where the file can't be used."""
    chain = signing_keys.certificates("SIGNING_CHAIN_FILE", chain_file)
    own = signing_keys.certificates("SIGNING_CERTIFICATE_FILE", certificate_file)
    content, passphrase = signing_keys.load(path, password, (*own, *chain))
    loaded: signers.SimpleSigner = signers.SimpleSigner.load_pkcs12_data(
        content, other_certs=[_asn1(each) for each in chain], passphrase=passphrase
    )
    return loaded


@dataclass(frozen=True)
class Token:
    """Where a key lies in hardware. Its certificate lies beside it under the same label, or in ``certificate_file``."""

    module: str
    token: str
    key_label: str
    pin: str = field(repr=False)
    certificate_file: str = ""
    chain_file: str = ""


def token_signer(token: Token) -> PKCS11Signer:
    """Whoever holds the key in hardware. Raises one of TOKEN_FAILED where it can't be reached.

    A session belongs to the process that opened it: after a fork each opens its own.
    """
    place = (os.getpid(), token)
    with _opening:
        if place not in _open:
            _open[place] = _opened(token)
        return _open[place]


def forget_tokens() -> None:
    """Open hardware anew next time: after it was pulled out a session never comes back."""
    with _opening:
        for (process, _token), holder in _open.items():
            if process == os.getpid():
                with contextlib.suppress(pkcs11.PKCS11Error):
                    holder.pkcs11_session.close()
        _open.clear()


def certificate(of: signers.Signer) -> x509.Certificate:
    """The public half of the key ``of`` holds. Hardware is asked for it the first time."""
    return x509.load_der_x509_certificate(cast("asn1.Certificate", of.signing_cert).dump())


def sign(
    pdf: bytes, *, by: signers.Signer, reason: str, now: datetime, stamping: stamps.Stamping | None = None
) -> bytes:
    """The file with one more revision that holds the signature; with ``stamping`` the time of it is vouched for.

    Where ``stamping`` knows the roots of all concerned, what a reader needs to check the signature decades later goes
    into the file as well, under a time stamp of its own (PAdES B-LTA; else B-T, and B-B without ``stamping``).
    """
    context = stamping.context() if stamping and stamping.knows_roots else None
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        reason=reason,
        subfilter=fields.SigSeedSubFilter.PADES,
        embed_validation_info=context is not None,
        use_pades_lta=context is not None,
        validation_context=context,
    )
    # Not seen on the page: the field lies outside, where PDF/UA and PDF/A both allow it, and has a name to be read.
    place = fields.SigFieldSpec(
        FIELD,
        readable_field_name="数字签名 Digital signature",
        invis_sig_settings=fields.InvisSigSettings(box_out_of_bounds=True),
    )
    authority = stamping.authority if stamping else None
    pen = _SignerAt(metadata, signer=by, timestamper=authority, new_field_spec=place)
    pen.at = now
    output: BytesIO = pen.sign_pdf(_Revision(BytesIO(pdf)))
    if stamping and context is not None:
        stamping.used(context)
    return output.getvalue()


def raw_signature(data: bytes, *, by: signers.Signer) -> bytes:
    """The bare signature over ``data``, as a signature's form holds it."""
    signature: bytes = asyncio.run(by.async_sign_raw(data, "sha256"))
    return signature


def _opened(token: Token) -> PKCS11Signer:
    own = signing_keys.certificates("SIGNING_CERTIFICATE_FILE", token.certificate_file)
    chain = signing_keys.certificates("SIGNING_CHAIN_FILE", token.chain_file)
    session = open_pkcs11_session(
        token.module, token_criteria=TokenCriteria(label=token.token), user_pin=token.pin or None
    )
    holder = PKCS11Signer(
        session,
        signing_cert=_asn1(own[0]) if own else None,
        ca_chain=[_asn1(each) for each in (*own[1:], *chain)],
        cert_label=None if own else token.key_label,
        key_label=token.key_label,
    )
    try:
        found = holder.signing_cert is not None
    except TOKEN_FAILED:
        session.close()
        raise
    if not found:
        session.close()
        raise SigningError("no certificate belongs to the key")
    # Not every token hashes by itself what it signs by an elliptic curve; each signs a hash.
    holder.use_raw_mechanism = isinstance(certificate(holder).public_key(), ec.EllipticCurvePublicKey)
    return holder


def _asn1(of: x509.Certificate) -> asn1.Certificate:
    loaded: asn1.Certificate = asn1.Certificate.load(of.public_bytes(Encoding.DER))
    return loaded
