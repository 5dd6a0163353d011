"""Hiring asks policy for its limits: the packs are loaded."""

import pytest

from tests.factories.policy import packs_loaded


@pytest.fixture(autouse=True)
def _packs(db: None) -> None:
    packs_loaded()
