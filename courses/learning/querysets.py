"""Words for asking about enrolments and about flags."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models
from django.db.models import Case, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from courses.learning.risk import WEIGHTS
from lms.audit.actors import Actor
from lms.people.models import Person
from lms.people.querysets import in_region

if TYPE_CHECKING:
    from courses.learning.models import AnomalyFlag, Enrolment  # noqa: F401

COLLEGE_ROLES = frozenset({"college_author", "college_teacher", "college_publisher"})
REVIEWING_ROLES = frozenset({"bureau_auditor", "bureau_approver"})
OPEN = "open"


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def running(self) -> "EnrolmentQuerySet":
        return self.filter(state__in=["enrolled", "in_progress"])

    def visible_to(self, actor: Actor) -> "EnrolmentQuerySet":
        """One's own; a college's learners on its courses; a bureau's region; an employer's staff."""
        if actor.is_system:
            return self
        if actor.role in COLLEGE_ROLES:
            return self.filter(release__course__college_id=actor.organisation_id)
        return self.filter(Q(person__in=Person.objects.visible_to(actor)))


class AnomalyFlagQuerySet(models.QuerySet["AnomalyFlag"]):
    def visible_to(self, actor: Actor) -> "AnomalyFlagQuerySet":
        """A human-resources bureau sees its region's; whoever is flagged sees their own; nobody else any."""
        if actor.is_system:
            return self
        if actor.role in REVIEWING_ROLES:
            return self.filter(in_region("enrolment__person__region_code", actor.region_code))
        return self.of(actor.person_id)

    def of(self, person_id: UUID | None) -> "AnomalyFlagQuerySet":
        """One person's own; an account without a person has none."""
        return self.filter(enrolment__person_id=person_id) if person_id else self.none()

    def with_state(self) -> "AnomalyFlagQuerySet":
        """Adds ``state``, the latest decision or ``open``, and ``state_at``, when it was taken."""
        from courses.learning.models import FlagDecision

        latest = FlagDecision.objects.filter(flag=OuterRef("pk")).order_by("-number")
        rows: Any = self  # the model names these two itself
        annotated: AnomalyFlagQuerySet = rows.annotate(
            state=Coalesce(Subquery(latest.values("decision")[:1]), Value(OPEN)),
            state_at=Subquery(latest.values("at")[:1]),
        )
        return annotated

    def in_state(self, state: str) -> "AnomalyFlagQuerySet":
        """Flags in this state. An open one of a course that is void already can wait: there is nothing left to void."""
        rows: Any = self.with_state()
        found: AnomalyFlagQuerySet = rows.filter(state=state)
        return found.exclude(enrolment__state="voided") if state == OPEN else found

    def by_risk(self) -> "AnomalyFlagQuerySet":
        """Heaviest first: all flags of the enrolment together; of the same weight the oldest first."""
        weights = Case(
            *(When(code=code, then=Value(weight)) for code, weight in WEIGHTS.items()),
            default=Value(1),
            output_field=models.IntegerField(),
        )
        together = (
            self.model.objects.filter(enrolment=OuterRef("enrolment"))
            .order_by()
            .values("enrolment")
            .annotate(total=Sum(weights))
        )
        rows: Any = self  # the model names this one itself
        weighed = rows.annotate(weight=Subquery(together.values("total")))
        ordered: AnomalyFlagQuerySet = weighed.order_by("-weight", "at", "pk")
        return ordered
