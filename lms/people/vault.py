"""Identity numbers at rest: encrypted with AES-GCM under a versioned key, found by a keyed blind index.

Keys come from ``IDENTITY_KEYS``. The highest version writes; every version reads. From each key two are derived, one
for encryption and one for the index, so that the index reveals nothing about the other.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from lms.rules.identity import IdentityNumber, written_forms


@dataclass(frozen=True, slots=True)
class Sealed:
    """A number as it is stored: base64 of nonce and ciphertext, and the version of the key that wrote it."""

    ciphertext: str
    key_version: int


def _derived(version: int, purpose: str) -> bytes:
    return _derive(settings.IDENTITY_KEYS[version], purpose)


@lru_cache(maxsize=64)
def _derive(key: bytes, purpose: str) -> bytes:
    """A check derives the same few keys two dozen times; the key they come from is in memory all the same."""
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=f"lms/{purpose}".encode()).derive(key)


def newest_version() -> int:
    return max(settings.IDENTITY_KEYS)


def seal(canonical: str) -> Sealed:
    """Encrypt a canonical number under the newest key."""
    version = newest_version()
    nonce = os.urandom(12)
    sealed = AESGCM(_derived(version, "encrypt")).encrypt(nonce, canonical.encode(), str(version).encode())
    return Sealed(base64.b64encode(nonce + sealed).decode(), version)


def unseal(ciphertext: str, key_version: int) -> str:
    """The canonical number again. Raises KeyError when its key is gone, InvalidTag when the row was tampered with."""
    raw = base64.b64decode(ciphertext)
    opened = AESGCM(_derived(key_version, "encrypt")).decrypt(raw[:12], raw[12:], str(key_version).encode())
    return opened.decode()


def seal_file(content: bytes) -> tuple[bytes, int]:
    """Encrypt a file that holds identity numbers; the version of the key with it."""
    version = newest_version()
    nonce = os.urandom(12)
    return nonce + AESGCM(_derived(version, "file")).encrypt(nonce, content, str(version).encode()), version


def unseal_file(sealed: bytes, key_version: int) -> bytes:
    """The file again; raises as ``unseal`` does."""
    return AESGCM(_derived(key_version, "file")).decrypt(sealed[:12], sealed[12:], str(key_version).encode())


def keyed_digest(message: str, *, purpose: str, version: int | None = None) -> str:
    """HMAC-SHA-256, hex: the same message can be recognised again, never read."""
    key = _derived(version or newest_version(), purpose)
    return hmac.new(key, message.encode(), hashlib.sha256).hexdigest()


def blind_index(number: IdentityNumber, *, version: int | None = None) -> str:
    """The index a document is stored under: type and canonical form under the newest key."""
    return keyed_digest(f"{number.type}:{number.canonical}", purpose="index", version=version)


def blind_indexes(number: IdentityNumber) -> list[str]:
    """Every index under which this document may be found: all its canonical forms, under all keys still held."""
    return [
        keyed_digest(f"{number.type}:{form}", purpose="index", version=version)
        for version in sorted(settings.IDENTITY_KEYS, reverse=True)
        for form in sorted(written_forms(number))
    ]


def match_keys(texts: Iterable[str], *, version: int | None = None) -> set[int]:
    """Keyed digests of the texts of ``lms.rules.finding``, 64 bits each, under every key still held (or that version).

    Two texts may share one by chance: it finds, and decides nothing.
    """
    told = [text.encode() for text in texts]
    versions = settings.IDENTITY_KEYS if version is None else [version]
    begun = [hmac.new(_derived(one, "match"), digestmod="sha256") for one in versions]
    return {int.from_bytes(_ended(keyed, text)[:8], signed=True) for keyed in begun for text in told}


def _ended(keyed: hmac.HMAC, text: bytes) -> bytes:
    # A copy of what was begun with the key. ``hmac.digest`` would let go of the interpreter for each of a question's dozen
    # keys, and wait its turn among the other threads every time to get it back.
    one = keyed.copy()
    one.update(text)
    return one.digest()
