"""Whom to tell at a bureau: the registrars of the nearest health bureau that answers for a place."""

from datetime import datetime
from typing import Any

from lms.people.models import Organisation, OrganisationKind, OrganisationStatus, Role
from lms.people.services import tell_members
from lms.rules.regions import ancestors

REGISTRARS = (Role.REGISTRAR, Role.CONFIRMING_REGISTRAR)


def tell_registrars(
    region_code: str,
    *,
    code: str,
    title: Any,
    body: Any,
    url: str,
    dedupe_key: str,
    now: datetime,
    urgent: bool = False,
    also_above: bool = False,
) -> int:
    """Put one message into their inboxes. Returns how many were addressed; 0 where no bureau takes part yet.

    ``also_above``: the bureau one step above the nearest hears it too.
    """
    places = [region_code, *ancestors(region_code)]
    bureaus = Organisation.objects.filter(
        kind=OrganisationKind.HEALTH_BUREAU, status=OrganisationStatus.ADMITTED, region_code__in=places
    )
    # The nearest has the longest significant code; GB/T 2260 fills up with zeros.
    nearest_first = sorted(bureaus, key=lambda one: len(one.region_code.rstrip("0")), reverse=True)
    return sum(
        tell_members(
            organisation=bureau,
            roles=REGISTRARS,
            code=code,
            title=title,
            body=body,
            url=url,
            urgent=urgent,
            dedupe_key=dedupe_key,
            now=now,
        )
        for bureau in nearest_first[: 1 + also_above]
    )
