"""Which device a browser is: a random cookie, of which only the digest is ever kept."""

import hashlib
import secrets

from django.http import HttpRequest, HttpResponse

from lms.people import vault

COOKIE = "device"
_YEAR = 365 * 24 * 3600


def cookie_of(request: HttpRequest) -> str:
    """The browser's cookie, or a fresh one to be given to it."""
    return request.COOKIES.get(COOKIE, "") or secrets.token_urlsafe(24)


def give(response: HttpResponse, cookie: str, *, secure: bool) -> None:
    response.set_cookie(COOKIE, cookie, max_age=_YEAR, httponly=True, samesite="Lax", secure=secure)


def digest(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()


def address_of(request: HttpRequest) -> str:
    """Keyed digest of the network address, for anomaly rules; the address itself is not kept."""
    address = request.META.get("REMOTE_ADDR", "")
    return vault.keyed_digest(address, purpose="address") if address else ""


def label_of(request: HttpRequest) -> str:
    """What a person would call the device: ``iPhone``, ``Android``, ``Windows`` …"""
    agent = request.headers.get("User-Agent", "")
    for mark in ("iPhone", "iPad", "HarmonyOS", "Android", "Windows", "Macintosh", "Linux"):
        if mark in agent:
            return "Mac" if mark == "Macintosh" else mark
    return ""
