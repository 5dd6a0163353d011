"""What papers are signed with in these tests: one authority for all of them, and a page to sign."""

from pathlib import Path

import pytest

from lms.documents import pades, signers
from lms.documents.engine import print_page
from tests.factories.authority import Authority


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="session")
def printed_page() -> bytes:
    return print_page("<html lang='zh-hans'><head><title>证书</title></head><body><p>王敏</p></body></html>")


@pytest.fixture
def keys(settings: object, tmp_path: Path) -> Path:
    """Where a key of the installation's own would be made: a place of this test's own."""
    settings.KEYS_DIR = tmp_path / "keys"  # type: ignore[attr-defined]
    return tmp_path / "keys"


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    signers._kept.clear()
    pades.signer.cache_clear()
