"""Words for asking the ledger."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, Subquery, Sum, When

from lms.audit.actors import Actor
from lms.people.querysets import BUREAU_ROLES, in_region

if TYPE_CHECKING:
    from lms.ledger.models import HourEntry, Leave, OutsideBatch, OutsideRow  # noqa: F401

SIGNED_MINUTES = Case(When(kind="credit", then=F("minutes")), default=-F("minutes"), output_field=IntegerField())
CHECKING_ROLES = frozenset({"bureau_auditor", "bureau_approver"})


class HourEntryQuerySet(models.QuerySet["HourEntry"]):
    def recorded(self, before: datetime | None) -> "HourEntryQuerySet":
        """What stood in the books at a moment: entries recorded before it; everything when none is given."""
        return self if before is None else self.filter(recorded_at__lt=before)

    def standing_credits(self, before: datetime | None = None) -> "HourEntryQuerySet":
        """Credits that no reversal took back; as the books said at a moment, when one is given."""
        if before is None:
            return self.filter(kind="credit", reversed_by=None)
        taken_back = self.model.objects.filter(reverses=OuterRef("pk"), recorded_at__lt=before)
        return self.recorded(before).filter(~Exists(taken_back), kind="credit")

    def balances(self) -> dict[tuple[int, str], int]:
        """Minutes by (year, category), reversals subtracted."""
        rows = self.values("year", "category").annotate(total=Sum(SIGNED_MINUTES)).order_by()
        return {(row["year"], row["category"]): row["total"] for row in rows}

    def visible_to(self, actor: Actor) -> "HourEntryQuerySet":
        from lms.people.models import Person

        return self if actor.is_system else self.filter(Q(person__in=Person.objects.visible_to(actor)))


class LeaveQuerySet(models.QuerySet["Leave"]):
    def with_state(self, before: datetime | None = None) -> "LeaveQuerySet":
        """Annotate ``state``, the last one (of those before a moment)."""
        from lms.ledger.models import LeaveState

        states = LeaveState.objects.filter(leave=OuterRef("pk"))
        if before is not None:
            states = states.filter(at__lt=before)
        return self.annotate(state=Subquery(states.order_by("-number").values("state")[:1]))

    def in_state(self, *states: str, before: datetime | None = None) -> "LeaveQuerySet":
        """Leaves whose last state (before a moment) is one of these."""
        return self.with_state(before).filter(Q(("state__in", states)))

    def visible_to(self, actor: Actor) -> "LeaveQuerySet":
        """One's own; those an institution proposed; those of a bureau's region."""
        if actor.is_system:
            return self
        own = Q(person_id=actor.person_id) if actor.person_id else Q(pk__in=[])
        if actor.role in BUREAU_ROLES:
            return self.filter(own | in_region("institution__region_code", actor.region_code))
        if actor.role == "institution_manager" and actor.organisation_id:
            return self.filter(own | Q(institution_id=actor.organisation_id))
        return self.filter(own)


class OutsideBatchQuerySet(models.QuerySet["OutsideBatch"]):
    def visible_to(self, actor: Actor) -> "OutsideBatchQuerySet":
        """One's own; the institution's; for whoever checks, those of the region."""
        if actor.is_system:
            return self
        own = Q(person_id=actor.person_id) if actor.person_id else Q(pk__in=[])
        if actor.role in CHECKING_ROLES:
            return self.filter(own | in_region("region_code", actor.region_code))
        if actor.role == "institution_manager" and actor.organisation_id:
            return self.filter(own | Q(institution_id=actor.organisation_id))
        return self.filter(own)

    def unsettled(self) -> "OutsideBatchQuerySet":
        return self.filter(settled_at=None)

    def unexamined(self) -> "OutsideBatchQuerySet":
        return self.filter(examined_at=None)


class OutsideRowQuerySet(models.QuerySet["OutsideRow"]):
    def waiting(self) -> "OutsideRowQuerySet":
        """Right by themselves and not decided."""
        return self.filter(examined=True, error_code="", decision=None)

    def to_settle(self) -> "OutsideRowQuerySet":
        """Decided, and nothing came of it yet."""
        return self.filter(decision__isnull=False, outcome=None)
