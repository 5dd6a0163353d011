"""Hash chains and list versions: change one old row, and every later hash is wrong.

The canonical text of a payload is JSON with sorted keys, no spaces, UTC times
and decimals as strings, so that what is hashed when a row is written and what
is hashed when it is read back are the same bytes.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

GENESIS = "0" * 64
_PLAIN = frozenset({str, int, bool, type(None)})
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical(payload: Any) -> str:
    """Return the one text of a payload.  Refuses (TypeError) floats, sets and times without a zone."""
    return _ENCODER.encode(_plain(payload))


def digest(payload: Any) -> str:
    """SHA-256 of the canonical text, 64 hexadecimal characters."""
    return hashlib.sha256(canonical(payload).encode()).hexdigest()


def link(previous_hash: str, payload: Mapping[str, Any]) -> str:
    """Return the hash of the next link."""
    return hashlib.sha256(f"{previous_hash}\n{canonical(payload)}".encode()).hexdigest()


def first_broken(links: Iterable[tuple[str, Mapping[str, Any]]], *, previous_hash: str = GENESIS) -> int | None:
    """Walk (hash, payload) pairs in order; return the place (from 0) of the first that is wrong, or None."""
    for place, (recorded, payload) in enumerate(links):
        previous_hash = link(previous_hash, payload)
        if recorded != previous_hash:
            return place
    return None


def _plain(value: Any) -> Any:
    """Reduce a value to what JSON has: text, whole numbers, booleans, null, lists, mappings."""
    kind = type(value)
    if kind in _PLAIN:  # most of what is hashed, and millions of it
        return value
    if write := _WRITTEN.get(kind):
        return write(value)
    match value:
        case Enum():
            plain = _plain(value.value)
        case Decimal() | UUID():
            plain = str(value)
        case None | bool() | int() | str():
            plain = value
        case datetime():
            plain = _moment(value)
        case date():
            plain = value.isoformat()
        case Mapping():
            plain = _plain_mapping(value)
        case list() | tuple():
            plain = [_plain(item) for item in value]
        case _:
            raise TypeError(f"{type(value).__name__} has no canonical form")
    return plain


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise TypeError("a time needs its zone")
    return value.astimezone(UTC).isoformat(timespec="microseconds")


# Without trying one case after the other; what derives from these goes the long way to the same text.
_WRITTEN: Mapping[type, Callable[[Any], str]] = {
    UUID: str,
    Decimal: str,
    datetime: _moment,
    date: date.isoformat,
}


def _plain_mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    """Without a call for what is plain already."""
    return {
        key if type(key) is str else str(_plain(key)): item if type(item) in _PLAIN else _plain(item)
        for key, item in value.items()
    }
