"""Time stamps on signatures (RFC 3161): somebody else vouches that a paper was signed by then.

An authority that does not answer never keeps a paper from being issued: it is signed without a time stamp, that is
logged, and the authority is left alone for a minute, so that a thousand papers do not each wait for it. What is said of
revocation (lists, OCSP) is asked for once in some minutes and put into every paper of that time. What may never happen:
a paper signed with a key whose certificate its authority has revoked.
"""

import functools
import logging
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.general import SigningError
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.requests_client import RequestsHTTPTimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathError, RevokedError, ValidationError

from lms.documents import signing_keys

log = logging.getLogger(__name__)

# Seconds: how long an authority may take for one stamp, and how long it is left alone after it failed.
PATIENCE, REST = 5, 60
# Seconds: how long what was said of revocation is put into papers before it is asked for anew.
FRESH = 300
# What goes wrong with an authority, or with what its stamps are checked by.
FAILED = (OSError, SigningError, PathError, ValidationError, ValueError)

_rests_until: dict[str, float] = {}


@dataclass(frozen=True, slots=True)
class _Said:
    """What authorities said of revocation, and until when that is used."""

    until: float
    crls: tuple[Any, ...]
    ocsps: tuple[Any, ...]


_said: dict[str, _Said] = {}


@dataclass(frozen=True)
class Stamping:
    """A time-stamp authority, and the certificates that vouch for it and for the signer."""

    url: str
    authority: TimeStamper
    certificates: tuple[x509.Certificate, ...]

    @property
    def knows_roots(self) -> bool:
        return bool(self._roots())

    def context(self) -> ValidationContext:
        """What the signer and the stamps are validated by; revocation is asked for where their certificates say so."""
        known = _said.get(self.url)
        if known is not None and time.monotonic() >= known.until:
            known = None
        return ValidationContext(
            trust_roots=[_asn1(each) for each in self._roots()],
            other_certs=[_asn1(each) for each in self.certificates],
            allow_fetching=known is None,
            crls=known.crls if known else None,
            ocsps=known.ocsps if known else None,
            revocation_mode="soft-fail",
        )

    def used(self, context: ValidationContext) -> None:
        """Keep for the next papers what was asked for with this one."""
        if context.fetching_allowed:
            _said[self.url] = _Said(time.monotonic() + FRESH, tuple(context.crls), tuple(context.ocsps))

    def rests(self) -> bool:
        """Whether it failed a moment ago."""
        return time.monotonic() < _rests_until.get(self.url, 0)

    def failed(self, error: Exception) -> None:
        _rests_until[self.url] = time.monotonic() + REST
        log.warning("No time stamp could be had (%s): papers are signed without one", type(error).__name__)

    def _roots(self) -> list[x509.Certificate]:
        return [each for each in self.certificates if each.subject == each.issuer]


def forget() -> None:
    """Ask everybody anew."""
    _rests_until.clear()
    _said.clear()


def says_revoked(error: BaseException | None) -> bool:
    """Whether it failed because a certificate was revoked."""
    while error is not None:
        if isinstance(error, RevokedError):
            return True
        error = error.__cause__
    return False


@functools.cache
def stamping(url: str, *chain_files: tuple[str, str]) -> Stamping:
    """The authority at ``url`` (user and password may stand in it); ``chain_files``: (variable, path) of certificates."""
    parts = urlsplit(url)
    login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    host = f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
    address = parts._replace(netloc=host).geturl()
    client: Any = RequestsHTTPTimeStamper
    authority = client(address, timeout=PATIENCE, auth=login)
    found = [each for variable, path in chain_files for each in signing_keys.certificates(variable, path)]
    return Stamping(address, authority, tuple(found))


def _asn1(of: x509.Certificate) -> asn1.Certificate:
    loaded: asn1.Certificate = asn1.Certificate.load(of.public_bytes(Encoding.DER))
    return loaded
