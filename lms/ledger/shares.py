"""A large book is proved by several processes at once, each a share of the persons: chains never cross persons."""

import gc
import os
import uuid
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context

import django

from lms.ledger.models import HourEntry
from lms.ledger.reconcile import Drift, Reconciled, Share, reconcile, vanished, walk

# Fewer entries than this a process are proved before a second one has started.
WORTH_A_PROCESS = 20_000


def prove(seen: Reconciled, *, processes: int | None = None) -> Iterator[Drift]:
    """Like ``reconcile``, in so many processes (None: as the machine and the book suggest)."""
    parts = shares(_as_suggested() if processes is None else processes)
    if len(parts) == 1:
        yield from reconcile(seen)
        return
    # A forked process would speak on its parent's connection to the database.
    with ProcessPoolExecutor(len(parts), mp_context=get_context("spawn"), initializer=django.setup) as pool:
        for part, drifts in pool.map(_prove_share, parts):
            seen.entries += part.entries
            seen.persons += part.persons
            yield from drifts
    yield from vanished()


def shares(parts: int) -> list[Share]:
    """Persons from a key (inclusive) to the next (exclusive): every entry lies in one share, about as many in each."""
    keys = HourEntry.objects.order_by("person_id").values_list("person_id", flat=True)
    total = HourEntry.objects.count()
    cuts = sorted({keys[total * part // parts] for part in range(1, parts)}) if total else []
    edges: list[uuid.UUID | None] = [None, *cuts, None]
    return list(pairwise(edges))


def _as_suggested() -> int:
    return max(1, min(os.cpu_count() or 1, HourEntry.objects.count() // WORTH_A_PROCESS))


def _prove_share(share: Share) -> tuple[Reconciled, list[Drift]]:
    # What was imported stays: the collector need not walk over it again for every few rows read.
    gc.freeze()
    seen = Reconciled()
    return seen, list(walk(seen, share=share))
