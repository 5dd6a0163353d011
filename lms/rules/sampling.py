"""Chance that can be repeated: the same seed gives the same order, on any machine and in any year.

Order comes from SHA-256 of seed and id, not from a library's random numbers,
so that an auditor can re-draw a sample ten years later with any tool.
"""

import hashlib
import math
from collections.abc import Iterable
from decimal import Decimal


def seeded_order(ids: Iterable[str], seed: str) -> tuple[str, ...]:
    """Return the ids, each once, in the order this seed gives them; the order they came in is irrelevant."""
    return tuple(sorted(set(ids), key=lambda one: (_place(seed, one), one)))


def sample(ids: Iterable[str], seed: str, share: Decimal) -> tuple[str, ...]:
    """Draw a share (0–1) of the ids, rounded up: of anything at all at least one, unless the share is 0."""
    if not 0 <= share <= 1:
        raise ValueError("a share lies between 0 and 1")
    order = seeded_order(ids, seed)
    return order[: math.ceil(Decimal(len(order)) * share)]


def _place(seed: str, one: str) -> bytes:
    return hashlib.sha256(f"{seed}\n{one}".encode()).digest()
