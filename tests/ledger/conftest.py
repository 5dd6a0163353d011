"""Evidence that tests can spoil: kind ``test`` is worth what it was credited for, unless a test says otherwise."""

import uuid
from collections.abc import Iterator

import pytest

from lms.ledger import evidence
from lms.ledger.evidence import Derived
from lms.ledger.models import HourEntry


@pytest.fixture
def worth() -> Iterator[dict[uuid.UUID, Derived | None]]:
    """What single pieces of evidence are worth now, by their id."""
    values: dict[uuid.UUID, Derived | None] = {}

    def derive(entry: HourEntry) -> Derived | None:
        return values.get(entry.evidence_id, Derived(entry.minutes, entry.evidence_digest))

    evidence.register("test", derive)
    yield values
    evidence._derivers.pop("test")
