"""Going out to an address that somebody else has named, without being led where no stranger may look.

Only to what is public on the internet: every address a name stands for is looked at, and the connection goes to the
very address that was looked at, so that a name which answers differently a moment later leads nowhere. The certificate
is still that of the name. Redirects are not followed, an answer is not read beyond its status, and whoever answers
drop by drop is hung up on. With DEBUG, on a developer's own machine, http and local addresses are allowed.
"""

import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from lms.rules.refusals import Invalid

LONGEST_URL = 500
QUIET_SECONDS, TOTAL_SECONDS = 5, 12  # without a byte; from the first to the last
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_OWN_PORTS_BELOW = 1024
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Target:
    """A parsed address that may be tried."""

    host: str
    port: int
    path: str
    tls: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """``status`` is 0 where nobody answered; ``error`` then says which kind of failure, never an address."""

    status: int
    error: str = ""
    retry_after: str = ""


def target_of(url: str) -> Target:
    """Refuses what is no https address, and one with credentials, a fragment or a port of the system's own."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _wrong_address() from None
    tls = parts.scheme == "https"
    if len(url) > LONGEST_URL or not host or not url.isascii() or any(sign.isspace() for sign in url):
        raise _wrong_address()
    if not (tls or (settings.DEBUG and parts.scheme == "http")) or parts.username or parts.password or parts.fragment:
        raise _wrong_address()
    number = port or (443 if tls else 80)
    if number < _OWN_PORTS_BELOW and number != 443 and not settings.DEBUG:
        raise _wrong_address()
    return Target(host, number, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), tls)


def public_address(target: Target) -> tuple[str, int]:
    """Where to connect to. Refuses ``host_unknown``, and ``address_not_public`` if any of its addresses is not."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Invalid("host_unknown", _("找不到这个域名，请检查地址。"), field="url") from None
    addresses = [str(place[4][0]) for place in found]
    if not settings.DEBUG and not all(is_public(ipaddress.ip_address(one.partition("%")[0])) for one in addresses):
        raise Invalid("address_not_public", _("这个地址不在公网上，不能使用。"), field="url")
    return addresses[0], target.port


def is_public(address: Address) -> bool:
    """Whether the address is one of the open internet, also where it is wrapped into one of the newer kind."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def post(url: str, *, body: bytes, headers: Mapping[str, str]) -> Reply:
    """POST once. Never raises for what the other side does."""
    try:
        target = target_of(url)
        line = _Line(target, public_address(target))
    except Invalid as refusal:
        return Reply(0, refusal.code)
    hang_up = Timer(TOTAL_SECONDS, line.hang_up)
    hang_up.start()
    try:
        line.request("POST", target.path, body=body, headers=dict(headers))
        answer = line.getresponse()
        return Reply(answer.status, retry_after=answer.headers.get("Retry-After", ""))
    except (OSError, HTTPException) as error:
        return Reply(0, "TimeoutError" if line.hung_up else type(error).__name__)
    finally:
        hang_up.cancel()
        line.close()


class _Line(HTTPConnection):
    """A connection to one address under the name it was asked for."""

    def __init__(self, target: Target, address: tuple[str, int]) -> None:
        super().__init__(target.host, target.port, timeout=QUIET_SECONDS)
        self._target, self._address, self.hung_up = target, address, False
        self.default_port = 443 if target.tls else 80
        self._plain: socket.socket | None = None

    def connect(self) -> None:
        self._plain = socket.create_connection(self._address, QUIET_SECONDS)
        self.sock: Any = self._plain
        if self._target.tls:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self._plain, server_hostname=self._target.host)

    def hang_up(self) -> None:
        self.hung_up = True
        line = self.sock or self._plain
        if line is not None:
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                return


def _wrong_address() -> Invalid:
    return Invalid(
        "url_not_allowed",
        _("请填写以 https:// 开头的公网地址，不带用户名、密码和 #，端口为 443 或 1024 以上。"),
        field="url",
    )
