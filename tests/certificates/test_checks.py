"""What the start says about the keys of badges."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core import checks

from certificates.checks import check_badge_key
from lms.documents import keyrings

PEM, PKCS8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    keyrings._from_file.cache_clear()


def pem(key: Any, password: str = "") -> bytes:
    locked = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    return bytes(key.private_bytes(PEM, PKCS8, locked))


def public_pem(key: Any) -> bytes:
    return bytes(key.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo))


def told(settings: Any, path: Path, content: bytes) -> list[str]:
    path.write_bytes(content)
    settings.BADGE_KEY_FILE = str(path)
    keyrings._from_file.cache_clear()
    return [f"{message.id} {message.msg}" for message in check_badge_key()]


def test_it_is_asked_at_every_start() -> None:
    assert check_badge_key in checks.registry.registry.get_checks()


def test_a_machine_of_ones_own_needs_none(settings: Any) -> None:
    settings.BADGE_KEY_FILE = ""
    assert check_badge_key() == []


def test_production_without_one_is_told(settings: Any) -> None:
    settings.BADGE_KEY_FILE, settings.LOCAL = "", False
    assert [message.id for message in check_badge_key()] == ["certificates.I001"]


def test_a_good_file_with_an_earlier_key_beside(settings: Any, tmp_path: Path) -> None:
    now, before = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    assert told(settings, tmp_path / "badges.pem", pem(now) + public_pem(before)) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no key at all",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        pem(ec.generate_private_key(ec.SECP256R1())),
        pem(Ed25519PrivateKey.generate(), password="secret"),
        public_pem(Ed25519PrivateKey.generate()),
    ],
    ids=["empty", "no key", "broken", "another curve", "with a password", "public half only"],
)
def test_one_that_can_not_sign_stops_the_start_by_its_name(settings: Any, tmp_path: Path, content: bytes) -> None:
    [message] = told(settings, tmp_path / "badges.pem", content)
    assert message.startswith("certificates.E001 BADGE_KEY_FILE")
    assert "secret" not in message


def test_a_file_that_is_gone_is_named_too(settings: Any, tmp_path: Path) -> None:
    settings.BADGE_KEY_FILE = str(tmp_path / "gone.pem")
    [message] = check_badge_key()
    assert "BADGE_KEY_FILE" in message.msg
