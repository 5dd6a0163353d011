"""How often may be asked: by an organisation, whoever asks for it, and by one person signed in. The rates are settings."""

from math import ceil
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from lms.audit.actors import Actor
from lms.people.api import request_actor
from lms.rules.refusals import TooMany

SCOPE = "hiring-checks"


class PerOrganisation(SimpleRateThrottle):
    """All keys and people of an organisation share one allowance; beyond it 429 with Retry-After."""

    scope = SCOPE

    def get_cache_key(self, request: Any, view: Any) -> str | None:
        return self.cache_format % {"scope": self.scope, "ident": _actor(request).organisation_id}


class PerUser(SimpleRateThrottle):
    """Each person signed in has an allowance of their own within it; a key of the organisation has none."""

    scope = "hiring-checks-user"

    def get_cache_key(self, request: Any, view: Any) -> str | None:
        actor = _actor(request)
        return self.cache_format % {"scope": self.scope, "ident": actor.id} if actor.kind == "user" else None


THROTTLES: tuple[type[SimpleRateThrottle], ...] = (PerOrganisation, PerUser)


def require_allowance(request: HttpRequest) -> None:
    """The same for a page. Refuses ``too_many`` with the seconds until the next question."""
    for throttle in (one() for one in THROTTLES):
        if not throttle.allow_request(request, None):  # type: ignore[arg-type]
            seconds = ceil(throttle.wait() or 1)
            raise TooMany("too_many", _("查询过于频繁，请在 %(seconds)s 秒后再试。"), seconds=seconds)


def _actor(request: HttpRequest | Request) -> Actor:
    if isinstance(request, Request):
        return request_actor(request)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor
