"""Who is asking: the actor behind a request, and what a verb or a view demands of one."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.people.models import Membership, Role, User
from lms.rules.refusals import NotAllowed

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)
SESSION_MEMBERSHIP = "membership"
# Roles that decide over others sign in with a second factor.
STAFF_ROLES = frozenset(
    {Role.BUREAU_AUDITOR, Role.BUREAU_APPROVER, Role.REGISTRAR, Role.CONFIRMING_REGISTRAR, Role.ADMINISTRATOR}
)


class ActingRequest(HttpRequest):
    """A request as views see it: who is signed in, in which of their roles. Set by ``ActorMiddleware``."""

    user: User
    actor: Actor
    membership: Membership | None
    memberships: list[Membership]


def actor_of(user: User, membership: Membership | None, request_id: str = "") -> Actor:
    """The actor a signed-in user is in one of their roles."""
    organisation = membership.organisation if membership else None
    return Actor(
        kind="user",
        label=user.username,
        id=user.pk,
        person_id=user.person_id,
        organisation_id=organisation.pk if organisation else None,
        organisation_name=organisation.name if organisation else "",
        role=membership.role if membership else "",
        region_code=organisation.region_code if organisation else "",
        request_id=request_id,
    )


def memberships_of(user: User, now: datetime) -> list[Membership]:
    """Roles in force at ``now``, the most responsible first."""
    order = list(Role.values)
    rows = user.memberships.open(now).select_related("organisation")
    return sorted(rows, key=lambda row: order.index(row.role), reverse=True)


def require(actor: Actor, *roles: str) -> None:
    """Refuse unless the actor is a system job or holds one of ``roles``."""
    if actor.is_system or actor.role in roles:
        return
    raise NotAllowed("role_required", _("您当前的角色不能执行此操作。"))


def role_required(*roles: str) -> Callable[[Callable[P, R]], Callable[P, R | HttpResponse]]:
    """View decorator: sign in first, then hold one of ``roles`` (any role when none is named)."""

    def decorate(view: Callable[P, R]) -> Callable[P, R | HttpResponse]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | HttpResponse:
            request: Any = args[0]
            assert isinstance(request, HttpRequest)
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if roles:
                require(request.actor, *roles)  # type: ignore[attr-defined]
            return view(*args, **kwargs)

        return guarded

    return decorate
