"""Whoever has several roles acts in one of them at a time."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from lms.people.access import SESSION_MEMBERSHIP, ActingRequest, role_required
from lms.rules.refusals import NotFound


@role_required()
def roles(request: ActingRequest) -> HttpResponse:
    """One's own roles, to choose from."""
    return render(request, "people/roles.html", {"current": request.membership})


@require_POST
@role_required()
def switch_role(request: ActingRequest, pk: UUID) -> HttpResponse:
    """Act in another of one's own roles from now on."""
    if pk not in {row.pk for row in request.memberships}:
        raise NotFound("membership_unknown", _("您没有这个角色，或它已经停用。"))
    request.session[SESSION_MEMBERSHIP] = str(pk)
    return redirect("home")
