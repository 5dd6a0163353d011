"""API keys of organisations: ``Authorization: Bearer …``, scoped, hashed, revocable.

Keys are random (256 bits), so a fast hash finds them; nothing but the hash is kept.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from lms.audit.actors import Actor
from lms.people.models import ApiKey, Membership, Organisation
from lms.people.services import key_in_force

if TYPE_CHECKING:
    from rest_framework.views import APIView


@dataclass(frozen=True)
class ApiClient:
    """What DRF sees as the user of a request made with a key."""

    key: ApiKey
    is_authenticated: bool = True
    is_active: bool = True

    @property
    def pk(self) -> Any:
        return self.key.pk


class ApiKeyAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[ApiClient, ApiKey] | None:
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        key = key_in_force(token.strip())
        if key is None:
            raise exceptions.AuthenticationFailed("unknown or revoked key", code="invalid_key")
        return ApiClient(key), key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def request_actor(request: Request) -> Actor:
    """The actor behind an API request: the key's organisation, or the signed-in user in the current role."""
    if isinstance(request.auth, ApiKey):
        key = request.auth
        return Actor(
            kind="api_key",
            label=key.prefix,
            id=key.pk,
            organisation_id=key.organisation_id,
            organisation_name=key.organisation.name,
            role="api_key",
            region_code=key.organisation.region_code,
            request_id=request.headers.get("X-Request-ID", ""),
        )
    actor: Actor = request._request.actor  # type: ignore[attr-defined]
    return actor


def request_organisation(request: Request) -> Organisation | None:
    """The organisation the actor acts for, as it was read when this request was let in."""
    if isinstance(request.auth, ApiKey):
        return request.auth.organisation
    membership: Membership | None = request._request.membership  # type: ignore[attr-defined]
    return membership.organisation if membership else None


class HasScope(BasePermission):
    """A key needs the view's ``required_scope``; a signed-in user is judged by the verb."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if isinstance(request.auth, ApiKey):
            return bool(request.auth.scope == getattr(view, "required_scope", None))
        return bool(request.user and request.user.is_authenticated)
