"""Scope as querysets: what an actor may see, by organisation and by region. Nobody else's row is ever found."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from lms.audit.actors import Actor
from lms.rules.regions import prefix

if TYPE_CHECKING:
    from lms.people.models import Employment, Membership, Organisation, Person, Qualification  # noqa: F401

# A key of an organisation sees what an employer sees: its own staff.
EMPLOYER_ROLES = frozenset({"institution_checker", "institution_manager", "api_key"})
BUREAU_ROLES = frozenset({"bureau_auditor", "bureau_approver", "registrar", "confirming_registrar", "administrator"})


def in_region(field: str, code: str) -> Q:
    """Rows whose GB/T 2260 code in ``field`` lies within ``code``; an actor without a region sees none."""
    if not code:
        return Q(pk__in=[])
    return Q(**{f"{field}__startswith": prefix(code)})


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, actor: Actor) -> "PersonQuerySet":
        """Oneself; a bureau's region; an employer's own staff while they work there."""
        if actor.is_system:
            return self
        own = Q(pk=actor.person_id) if actor.person_id else Q(pk__in=[])
        if actor.role in BUREAU_ROLES:
            return self.filter(own | in_region("region_code", actor.region_code))
        if actor.role in EMPLOYER_ROLES and actor.organisation_id:
            # A subquery, not a join: a person with two employments is still one row.
            staff = self.model.objects.filter(
                employments__institution_id=actor.organisation_id, employments__to_date=None
            ).values("pk")
            return self.filter(own | Q(pk__in=staff))
        return self.filter(own)


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def admitted(self) -> "OrganisationQuerySet":
        return self.filter(status="admitted")

    def visible_to(self, actor: Actor) -> "OrganisationQuerySet":
        if actor.is_system:
            return self
        own = Q(pk=actor.organisation_id) if actor.organisation_id else Q(pk__in=[])
        if actor.role in BUREAU_ROLES:
            return self.filter(own | in_region("region_code", actor.region_code))
        return self.filter(own)


class EmploymentQuerySet(models.QuerySet["Employment"]):
    def on(self, day: date) -> "EmploymentQuerySet":
        """Employments that cover ``day`` (both ends inclusive)."""
        return self.filter(Q(to_date=None) | Q(to_date__gte=day), from_date__lte=day)

    def visible_to(self, actor: Actor) -> "EmploymentQuerySet":
        if actor.is_system:
            return self
        own = Q(person_id=actor.person_id) if actor.person_id else Q(pk__in=[])
        if actor.role in BUREAU_ROLES:
            return self.filter(own | in_region("institution__region_code", actor.region_code))
        if actor.role in {"institution_checker", "institution_manager"} and actor.organisation_id:
            return self.filter(own | Q(institution_id=actor.organisation_id))
        return self.filter(own)


class QualificationQuerySet(models.QuerySet["Qualification"]):
    def visible_to(self, actor: Actor) -> "QualificationQuerySet":
        """Those of the persons the actor may see."""
        if actor.is_system:
            return self
        from lms.people.models import Person

        return self.filter(person__in=Person.objects.visible_to(actor).values("pk"))

    def unverified(self) -> "QualificationQuerySet":
        return self.filter(verified_at=None)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def open(self, now: datetime) -> "MembershipQuerySet":
        """Roles in force at ``now`` whose organisation, if any, is admitted."""
        return self.filter(
            Q(to_at=None) | Q(to_at__gt=now),
            Q(organisation=None) | Q(organisation__status="admitted"),
            from_at__lte=now,
        )

    def with_role(self, *roles: Any) -> "MembershipQuerySet":
        return self.filter(role__in=roles)
