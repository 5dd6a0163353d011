"""Nobody leads the server, by an address of theirs, to where only it may look."""

import ipaddress
import socket
from typing import Any

import pytest

from lms.hiring import outbound
from lms.rules.refusals import Invalid
from tests.hiring.receiver import receiver

PUBLIC = "93.184.215.14"


def answers(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Names stand for these addresses; what was asked is kept."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, **_more: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize(
    "url",
    [
        "http://alerts.example.org/",
        "ftp://alerts.example.org/",
        "file:///etc/passwd",
        "https://user:secret@alerts.example.org/",
        "https://alerts.example.org/#part",
        "https://alerts.example.org:22/",
        "https://alerts.example.org:99999/",
        "https:///alerts",
        "https://alerts.example.org/\r\nHost: inside",
        "https://[::1",
        "https://" + "a" * 500 + ".example.org/",
        "javascript:alert(1)",
        "",
    ],
)
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        outbound.target_of(url)
    assert refused.value.code == "url_not_allowed"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_what_is_not_public(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not outbound.is_public(ipaddress.ip_address(address))
    answers(monkeypatch, address)
    with pytest.raises(Invalid) as refused:
        outbound.public_address(outbound.target_of("https://alerts.example.org/"))
    assert refused.value.code == "address_not_public"


def test_what_is_public(monkeypatch: pytest.MonkeyPatch) -> None:
    for address in (PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c"):
        assert outbound.is_public(ipaddress.ip_address(address))
    answers(monkeypatch, PUBLIC)
    assert outbound.public_address(outbound.target_of("https://alerts.example.org:8443/")) == (PUBLIC, 8443)


def test_one_private_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, PUBLIC, "10.0.0.1")
    assert outbound.post("https://alerts.example.org/", body=b"", headers={}) == outbound.Reply(0, "address_not_public")


def test_a_name_that_answers_differently_a_moment_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection goes to the address that was looked at: the name is asked once."""
    asked = answers(monkeypatch, PUBLIC)
    went: list[Any] = []

    def create_connection(address: Any, *_more: Any) -> Any:
        went.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", create_connection)
    reply = outbound.post("https://alerts.example.org/", body=b"", headers={})
    assert reply == outbound.Reply(0, "ConnectionRefusedError")
    assert asked == ["alerts.example.org"]
    assert went == [(PUBLIC, 443)]


def test_no_local_address_without_debug() -> None:
    with receiver() as inside:
        reply = outbound.post(inside.url, body=b"{}", headers={})
        assert reply == outbound.Reply(0, "url_not_allowed")
        reply = outbound.post(inside.url.replace("http:", "https:"), body=b"{}", headers={})
        assert reply == outbound.Reply(0, "address_not_public")
        assert inside.received == []
