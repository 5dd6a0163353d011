"""Frozen files: what a release shows is kept under the SHA-256 of its bytes and never replaced.

A college may change or delete what is in its media library; people enrolled stay on the bytes that were approved.
"""

import hashlib
from dataclasses import dataclass

from django.core.files.base import File
from django.core.files.storage import storages

FOLDER = "releases"


@dataclass(frozen=True, slots=True)
class FrozenFile:
    """``name`` in the media storage; ``sha256`` of its bytes."""

    name: str
    sha256: str


def sha256_of(file: "File[bytes]") -> str:
    """Hexadecimal SHA-256 of the whole file, read in pieces."""
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def freeze(file: "File[bytes]", *, suffix: str) -> FrozenFile:
    """Keep the bytes of ``file``; the same bytes are kept once. ``suffix`` is the lower-case extension with its dot."""
    digest = sha256_of(file)
    name = f"{FOLDER}/{digest}{suffix}"
    storage = storages["default"]
    if not storage.exists(name):
        storage.save(name, file)
    return FrozenFile(name, digest)
