"""Words for asking about sessions."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, Q

from lms.audit.actors import Actor
from lms.people.querysets import BUREAU_ROLES, in_region

if TYPE_CHECKING:
    from courses.classroom.models import Session  # noqa: F401

COLLEGE_ROLES = frozenset({"college_author", "college_teacher", "college_publisher"})


class SessionQuerySet(models.QuerySet["Session"]):
    def standing(self) -> "SessionQuerySet":
        """Sessions that were not cancelled."""
        return self.filter(cancelled_at=None)

    def overlapping(self, starts_at: datetime, ends_at: datetime) -> "SessionQuerySet":
        """Sessions that share time with [starts_at, ends_at); one that ends as the other begins does not."""
        return self.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)

    def with_booked(self) -> "SessionQuerySet":
        """Each with ``booked``: places taken."""
        return self.annotate(booked=Count("bookings", filter=Q(bookings__cancelled_at=None)))

    def visible_to(self, actor: Actor) -> "SessionQuerySet":
        """A college's own; a bureau's region; those a practitioner has booked."""
        if actor.is_system:
            return self
        if actor.role in COLLEGE_ROLES:
            return self.filter(college_id=actor.organisation_id)
        if actor.role in BUREAU_ROLES:
            return self.filter(in_region("college__region_code", actor.region_code))
        if actor.person_id is None:
            return self.none()
        booked = self.model.objects.filter(bookings__person_id=actor.person_id, bookings__cancelled_at=None)
        return self.filter(pk__in=booked.values("pk"))
