"""What the start says about the key of the list."""

from typing import Any

from lms.registry.checks import check_registry_key


def test_a_machine_of_ones_own_is_told_nothing() -> None:
    assert check_registry_key() == []


def test_production_without_a_key_is_told(settings: Any) -> None:
    settings.LOCAL = False
    assert [message.id for message in check_registry_key()] == ["registry.I001"]


def test_a_key_that_can_not_be_used_stops_the_start(settings: Any) -> None:
    settings.REGISTRY_KEY_FILE = "/nowhere/key.pem"
    [message] = check_registry_key()
    assert message.id == "registry.E001"
    assert "REGISTRY_KEY_FILE" in message.msg
