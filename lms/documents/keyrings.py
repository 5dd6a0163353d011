"""Ed25519 keys that sign data for machines: from a file of the operator's, or made once for a machine of one's own.

The file holds PEM blocks. The first private key signs; every other key, private or public, is published beside it, so
that what an earlier key signed stays good when the key is changed. What is signed is a JWS (RFC 7515, EdDSA): any
program that knows the published keys can check it without us. What may never happen: an installation in production
that signs with a key of its own making.
"""

import base64
import binascii
import functools
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hpke, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from lms.rules.chain import canonical
from lms.secrets_store import embedded_secret

_SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
_BLOCK = re.compile(rb"-----BEGIN (PRIVATE|PUBLIC) KEY-----.+?-----END \1 KEY-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Ring:
    """``signer`` signs under the name ``kid``; ``published`` are the public keys by name, the signer's first."""

    signer: Ed25519PrivateKey
    kid: str
    published: dict[str, dict[str, str]]


class NotSealed(ValueError):
    """The text was not sealed for this installation, or not under these words."""


class NotSigned(ValueError):
    """The text is no JWS of a key that was asked for, or its signature does not hold."""


def ring(*, variable: str, path: str, embedded: str) -> Ring | None:
    """The keys in the file that ``variable`` names (``path``), or the ``embedded`` one; None where production has none."""
    if path:
        return _from_file(variable, Path(path))
    return _embedded(settings.KEYS_DIR, embedded) if settings.LOCAL else None


def jwk_of(key: Ed25519PublicKey) -> dict[str, str]:
    """The public key as a JSON Web Key (RFC 8037)."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return {"kty": "OKP", "crv": "Ed25519", "x": base64url(raw)}


def name_of(jwk: Mapping[str, str]) -> str:
    """The thumbprint of a key (RFC 7638): its name wherever it is published."""
    members = json.dumps({name: jwk[name] for name in ("crv", "kty", "x")}, sort_keys=True, separators=(",", ":"))
    return base64url(hashlib.sha256(members.encode()).digest())


def sign(payload: Mapping[str, Any], *, by: Ring, typ: str) -> str:
    """The payload as a compact JWS; the header says which key signed and, in ``typ``, what is said."""
    return compact({"alg": "EdDSA", "kid": by.kid, "typ": typ}, canonical(payload).encode(), by.signer)


def compact(header: Mapping[str, Any], payload: bytes, signer: Ed25519PrivateKey) -> str:
    """A compact JWS under exactly this header."""
    signed = f"{base64url(canonical(header).encode())}.{base64url(payload)}"
    return f"{signed}.{base64url(signer.sign(signed.encode()))}"


def opened(token: str, *, keys: Mapping[str, Mapping[str, str]], typ: str) -> dict[str, Any]:
    """What a JWS says, if one of ``keys`` (JWK by name) signed it as a ``typ``. Raises NotSigned."""
    try:
        header64, payload64, signature64 = token.split(".")
        header = json.loads(from_base64url(header64))
        if (header["alg"], header["typ"]) != ("EdDSA", typ):
            raise NotSigned("another kind of statement")
        key = Ed25519PublicKey.from_public_bytes(from_base64url(keys[header["kid"]]["x"]))
        key.verify(from_base64url(signature64), f"{header64}.{payload64}".encode())
        payload = json.loads(from_base64url(payload64))
    except (ValueError, KeyError, TypeError, InvalidSignature) as error:
        raise NotSigned("no signature of a known key") from error
    if not isinstance(payload, dict):
        raise NotSigned("no statement")
    return payload


def opener(keys: Ring) -> X25519PrivateKey:
    """The key that opens what was sealed for this installation: it follows from the one that signs."""
    seed = keys.signer.private_bytes(
        serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
    )
    return X25519PrivateKey.from_private_bytes(
        HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"lms/opener").derive(seed)
    )


def seal_jwk(keys: Ring) -> dict[str, str]:
    """The public key to seal for this installation with, as a JSON Web Key (RFC 8037)."""
    raw = opener(keys).public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return {"kty": "OKP", "crv": "X25519", "x": base64url(raw)}


def seal(content: bytes, *, to: Mapping[str, str], about: bytes) -> str:
    """Seal for whoever holds the key behind ``to`` (HPKE, RFC 9180, base mode); ``about`` has to be told again to open it."""
    key = X25519PublicKey.from_public_bytes(from_base64url(to["x"]))
    return base64url(_SUITE.encrypt(content, key, info=about))


def unseal(sealed: str, *, keys: Ring, about: bytes) -> bytes:
    """What was sealed for this installation. Raises NotSealed."""
    try:
        return _SUITE.decrypt(from_base64url(sealed), opener(keys), info=about)
    except (ValueError, InvalidTag) as error:
        raise NotSealed("not sealed for this installation") from error


def signer_of(token: str) -> str:
    """The name of the key that a JWS says signed it; empty where it says none. It proves nothing."""
    try:
        return str(json.loads(from_base64url(token.split(".", maxsplit=1)[0]))["kid"])
    except (ValueError, KeyError, TypeError):
        return ""


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """Raises ValueError for what is none."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("no base64url") from error


@functools.cache
def _from_file(variable: str, path: Path) -> Ring:
    try:
        blocks = [match[0] for match in _BLOCK.finditer(path.read_bytes())]
        keys = [_load(block) for block in blocks]
    except (OSError, ValueError, TypeError) as error:
        raise ImproperlyConfigured(f"{variable}: give PEM with Ed25519 keys that have no password") from error
    signer = next((key for key in keys if isinstance(key, Ed25519PrivateKey)), None)
    if signer is None:
        raise ImproperlyConfigured(f"{variable}: has no private key to sign with")
    return _ring(signer, [key.public_key() if isinstance(key, Ed25519PrivateKey) else key for key in keys])


@functools.cache
def _embedded(directory: Path, name: str) -> Ring:
    seed = hashlib.sha256(embedded_secret(directory, name).encode()).digest()
    return _ring(Ed25519PrivateKey.from_private_bytes(seed), [])


def _ring(signer: Ed25519PrivateKey, others: list[Ed25519PublicKey]) -> Ring:
    jwks = [jwk_of(key) for key in (signer.public_key(), *others)]
    return Ring(signer, name_of(jwks[0]), {name_of(jwk): jwk for jwk in jwks})


def _load(block: bytes) -> Ed25519PrivateKey | Ed25519PublicKey:
    private = b"PRIVATE" in block
    key = serialization.load_pem_private_key(block, None) if private else serialization.load_pem_public_key(block)
    if not isinstance(key, Ed25519PrivateKey | Ed25519PublicKey):
        raise TypeError("not an Ed25519 key")
    return key
