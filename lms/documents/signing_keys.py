"""Keys that sign: from a file of the operator's, or made once for a machine of one's own; and certificates beside them.

A key is always handed on as PKCS#12. The embedded one is readable by the owner only, and its certificate says that
it is for tests; see ``signing`` for when it may be used.
"""

import datetime as dt
import os
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

EMBEDDED_NAME = "signing.p12"
EMBEDDED_SUBJECT = "托育人才培训与认证（本机测试签名，非正式）"
# Long on both sides: demonstration data are signed at dates that have passed.
EMBEDDED_FROM, EMBEDDED_UNTIL = dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.datetime(2049, 12, 31, tzinfo=dt.UTC)


class UnusableFile(ValueError):
    """The file a variable names can't be used; the text names the variable."""


def load(path: Path, password: str, beside: Sequence[x509.Certificate] = ()) -> tuple[bytes, bytes | None]:
    """PKCS#12 and its password from a file of PKCS#12, or of PEM blocks (key, its certificate, others as the chain).

    ``beside`` are certificates from files of their own, for a PEM file that holds the key alone.
    """
    content, passphrase = path.read_bytes(), password.encode() or None
    if b"-----BEGIN" in content:
        return _as_pkcs12(content, passphrase, beside), None
    return content, passphrase


def certificates(variable: str, path: str) -> list[x509.Certificate]:
    """The certificates in the file that ``variable`` names, PEM or DER; none where it names no file."""
    if not path:
        return []
    try:
        content = Path(path).read_bytes()
        if b"-----BEGIN" in content:
            return x509.load_pem_x509_certificates(content)
        return [x509.load_der_x509_certificate(content)]
    except (OSError, ValueError) as error:
        raise UnusableFile(f"{variable}: give a file of certificates, PEM or DER") from error


def embedded(directory: Path) -> Path:
    """The file of the embedded key, made once; of two processes that start together, the first to finish is right."""
    path = directory / EMBEDDED_NAME
    if path.exists():
        return path
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = directory / f".{EMBEDDED_NAME}.{os.getpid()}.{os.urandom(4).hex()}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
        handle.write(_make_key())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path


def _make_key() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, EMBEDDED_SUBJECT)])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(EMBEDDED_FROM)
        .not_valid_after(EMBEDDED_UNTIL)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return pkcs12.serialize_key_and_certificates(None, key, certificate, None, serialization.NoEncryption())


def _as_pkcs12(pem: bytes, passphrase: bytes | None, beside: Sequence[x509.Certificate]) -> bytes:
    """The key with its own certificate first and the others as its chain."""
    key = serialization.load_pem_private_key(pem, passphrase)
    found = x509.load_pem_x509_certificates(pem) if b"-----BEGIN CERT" in pem else []
    found += [each for each in beside if each not in found]
    own = next((each for each in found if each.public_key() == key.public_key()), None)
    if own is None or not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise ValueError("no certificate belongs to the key")
    others = [each for each in found if each is not own]
    return pkcs12.serialize_key_and_certificates(None, key, own, others, serialization.NoEncryption())
