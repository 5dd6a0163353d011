"""Keys of Open Badges: Ed25519, from ``BADGE_KEY_FILE`` or made once for a machine of one's own.

The file holds PEM blocks. The first private key signs; every other key, private or public, is published beside it, so
that what an earlier key signed stays good when the key is changed. What may never happen: an installation in
production that signs with the key of its own making.
"""

import base64
import functools
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from lms.secrets_store import embedded_secret

EMBEDDED = "badge_key"
_BLOCK = re.compile(rb"-----BEGIN (PRIVATE|PUBLIC) KEY-----.+?-----END \1 KEY-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Ring:
    """``signer`` signs under the name ``kid``; ``published`` are the public keys by name, the signer's first."""

    signer: Ed25519PrivateKey
    kid: str
    published: dict[str, dict[str, str]]


def ring() -> Ring | None:
    """The keys of this installation; None where production has none, and so makes no Open Badges."""
    if settings.BADGE_KEY_FILE:
        return _from_file(Path(settings.BADGE_KEY_FILE))
    return _embedded(settings.KEYS_DIR) if settings.LOCAL else None


def jwk_of(key: Ed25519PublicKey) -> dict[str, str]:
    """The public key as a JSON Web Key (RFC 8037)."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return {"kty": "OKP", "crv": "Ed25519", "x": _base64url(raw)}


def name_of(jwk: dict[str, str]) -> str:
    """The thumbprint of a key (RFC 7638): its name wherever it is published."""
    members = json.dumps({name: jwk[name] for name in ("crv", "kty", "x")}, sort_keys=True, separators=(",", ":"))
    return _base64url(hashlib.sha256(members.encode()).digest())


@functools.cache
def _from_file(path: Path) -> Ring:
    try:
        blocks = [match[0] for match in _BLOCK.finditer(path.read_bytes())]
        keys = [_load(block) for block in blocks]
    except (OSError, ValueError, TypeError) as error:
        raise ImproperlyConfigured("BADGE_KEY_FILE: give PEM with Ed25519 keys that have no password") from error
    signer = next((key for key in keys if isinstance(key, Ed25519PrivateKey)), None)
    if signer is None:
        raise ImproperlyConfigured("BADGE_KEY_FILE: has no private key to sign with")
    return _ring(signer, [key.public_key() if isinstance(key, Ed25519PrivateKey) else key for key in keys])


@functools.cache
def _embedded(directory: Path) -> Ring:
    signer = Ed25519PrivateKey.from_private_bytes(
        hashlib.sha256(embedded_secret(directory, EMBEDDED).encode()).digest()
    )
    return _ring(signer, [])


def _ring(signer: Ed25519PrivateKey, others: list[Ed25519PublicKey]) -> Ring:
    jwks = [jwk_of(key) for key in (signer.public_key(), *others)]
    return Ring(signer, name_of(jwks[0]), {name_of(jwk): jwk for jwk in jwks})


def _load(block: bytes) -> Ed25519PrivateKey | Ed25519PublicKey:
    private = b"PRIVATE" in block
    key = serialization.load_pem_private_key(block, None) if private else serialization.load_pem_public_key(block)
    if not isinstance(key, Ed25519PrivateKey | Ed25519PublicKey):
        raise TypeError("not an Ed25519 key")
    return key


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
