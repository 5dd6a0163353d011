"""Whose page it is."""

from django.shortcuts import get_object_or_404

from lms.people.access import ActingRequest
from lms.people.models import Organisation


def own_body(request: ActingRequest) -> Organisation:
    """The college or bureau the actor acts for."""
    return get_object_or_404(Organisation.objects.visible_to(request.actor), pk=request.actor.organisation_id)
