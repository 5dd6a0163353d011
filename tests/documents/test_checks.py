"""What the start says about paper."""

import pytest

from lms.documents import checks, fonts


def test_a_complete_machine_is_told_nothing() -> None:
    assert [message.id for message in checks.check_libraries()] == []
    assert checks.check_signing_key() == []


def test_missing_libraries_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_loads", lambda *names: False)
    monkeypatch.setattr(fonts, "harfbuzz_subset", lambda: None)
    monkeypatch.setattr(fonts, "rare_faces", dict)
    messages = checks.check_libraries()
    assert [message.id for message in messages] == ["documents.W001", "documents.W002", "documents.W003"]
    assert all("libharfbuzz-subset0" in str(message.hint) for message in messages[:2])
    assert "fonts-hanazono" in str(messages[2].hint)


def test_libraries_are_looked_for_and_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not checks._loads("no-such-library", "libno-such-library.so.0")
    monkeypatch.setattr(fonts.ctypes.util, "find_library", lambda name: None)
    fonts.harfbuzz_subset.cache_clear()
    assert fonts.harfbuzz_subset() is not None


def test_a_signing_key_that_can_not_be_used_stops_the_start(settings: object) -> None:
    settings.SIGNING_KEY_FILE = "/nowhere/key.p12"  # type: ignore[attr-defined]
    [message] = checks.check_signing_key()
    assert message.id == "documents.E001"
    assert "SIGNING_KEY_FILE" in message.msg


def test_production_without_a_signing_key_is_told(settings: object) -> None:
    settings.LOCAL = False  # type: ignore[attr-defined]
    assert [message.id for message in checks.check_signing_key()] == ["documents.I001"]
