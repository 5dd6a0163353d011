"""Puts ``request.actor`` beside ``request.user``, asks officers for their second factor, and turns refusals into pages."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.audit.actors import Actor
from lms.people.access import SESSION_MEMBERSHIP, STAFF_ROLES, actor_of, memberships_of
from lms.people.security_keys import second_factors
from lms.people.views.errors import refusal_page
from lms.rules.refusals import Refusal

ANONYMOUS = Actor(kind="user", label="anonymous")
# Where an officer may go before the second factor is set up: to set it up, to sign out, to act in another role.
WITHOUT_SECOND_FACTOR = ("mfa_", "account_", "set_language", "people:roles", "people:switch_role")
# The editor lets people do what any of their roles allows, whichever they act in; so any of them asks for the factor.
EDITOR = "cms/"


class ActorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = ANONYMOUS  # type: ignore[attr-defined]
        request.memberships = []  # type: ignore[attr-defined]
        request.membership = None  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            memberships = memberships_of(request.user, timezone.now())
            chosen = request.session.get(SESSION_MEMBERSHIP)
            current = next((row for row in memberships if str(row.pk) == chosen), None)
            current = current or (memberships[0] if memberships else None)
            request.memberships = memberships  # type: ignore[attr-defined]
            request.membership = current  # type: ignore[attr-defined]
            request.actor = actor_of(request.user, current, request.headers.get("X-Request-ID", ""))  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Whoever decides over others proves it with a second factor, on every page and every call."""
        if "\0" in request.path_info:  # a name no database can hold is the name of nothing
            raise Http404
        actor: Actor = request.actor  # type: ignore[attr-defined]
        match = request.resolver_match
        roles = {actor.role}
        if match and match.route.startswith(EDITOR):
            roles |= {row.role for row in request.memberships}  # type: ignore[attr-defined]
        if not roles & STAFF_ROLES or (match and match.view_name.startswith(WITHOUT_SECOND_FACTOR)):
            return None
        if second_factors(actor.id).exists():
            return None
        messages.warning(request, _("您的角色须使用两步验证，请先设置。"))
        return redirect("mfa_activate_totp")

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A refusal that no view caught is a page with its sentence, never a bare error."""
        return refusal_page(request, exception) if isinstance(exception, Refusal) else None
