"""Who can sign in to the demonstration, and with what. All of it is public, so none of it may exist in production.

User names follow from names, secrets of second factors from user names: the same on every machine.
"""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from pypinyin import lazy_pinyin

from lms.demo.population import PractitionerEntry, StaffEntry, load_people
from lms.people.access import STAFF_ROLES
from lms.people.models import User
from lms.rules.refusals import NotAllowed

PASSWORD = "tuoyu-demo-2026"
# Surnames that are read otherwise than the character alone.
_SURNAMES = {"曾": "zeng"}
_SHORTEST = 4


@dataclass(frozen=True, slots=True)
class Account:
    """One person of the demonstration and the user name they sign in with."""

    username: str
    entry: StaffEntry | PractitionerEntry

    @property
    def roles(self) -> tuple[str, ...]:
        return self.entry.roles if isinstance(self.entry, StaffEntry) else ("practitioner",)

    @property
    def organisation(self) -> str:
        """Slug of the organisation they sign in for, or work at."""
        return self.entry.organisation if isinstance(self.entry, StaffEntry) else self.entry.institution

    @property
    def needs_code(self) -> bool:
        return bool(STAFF_ROLES.intersection(self.roles))


def refuse_in_production() -> None:
    """Passwords that everybody knows are for one's own machine."""
    if not settings.LOCAL:
        raise NotAllowed(
            "not_local", _("演示账号的口令是公开的，只能在本机使用：PUBLIC_BASE_URL 须为 127.0.0.1 或 localhost。")
        )


@cache
def accounts() -> tuple[Account, ...]:
    """Staff first, then practitioners, each with a user name of their own."""
    people = load_people()
    return tuple(_named([*people.staff, *people.practitioners]))


def account(username: str) -> Account | None:
    return next((one for one in accounts() if one.username == username), None)


def _named(entries: list[StaffEntry | PractitionerEntry]) -> Iterator[Account]:
    taken: Counter[str] = Counter()
    for entry in entries:
        name = username_of(entry.name)
        taken[name] += 1
        yield Account(name if taken[name] == 1 else f"{name}{taken[name]}", entry)


def username_of(name: str) -> str:
    """How the name sounds, in small letters; a character without a reading is left out."""
    syllables = lazy_pinyin(name)
    if name[0] in _SURNAMES:
        syllables[0] = _SURNAMES[name[0]]
    sound = re.sub(r"[^a-z]", "", "".join(syllables).lower())
    return sound.ljust(_SHORTEST, "x")


def secret_of(username: str) -> str:
    """The secret of the second factor, as an authenticator app takes it."""
    return base64.b32encode(hashlib.sha256(f"demo:{username}".encode()).digest()[:20]).decode()


def code_of(username: str) -> str:
    """The code the second factor shows now."""
    counter = int(time.time()) // app_settings.TOTP_PERIOD
    return str(format_hotp_value(hotp_value(secret_of(username), counter)))


def give_second_factor(user: User) -> None:
    if not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
        TOTP.activate(user, secret_of(user.username))
