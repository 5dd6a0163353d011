"""Words for asking the list: which subjects act on a day, and which cases an officer may see."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery

from lms.audit.actors import Actor
from lms.people.querysets import in_region

if TYPE_CHECKING:
    from lms.registry.models import BanCase, BanSubject, Intake  # noqa: F401


REGISTRAR_ROLES = frozenset({"registrar", "confirming_registrar"})


class BanCaseQuerySet(models.QuerySet["BanCase"]):
    def visible_to(self, actor: Actor) -> "BanCaseQuerySet":
        """Registrars of the region; nobody else ever finds a case."""
        if actor.is_system:
            return self
        if actor.role not in REGISTRAR_ROLES:
            return self.none()
        return self.filter(in_region("region_code", actor.region_code))

    def with_state(self) -> "BanCaseQuerySet":
        """Adds ``state``, the case's latest step, and ``state_at``."""
        from lms.registry.models import BanState

        latest = BanState.objects.filter(case_id=OuterRef("pk")).order_by("-number")
        return self.annotate(state=Subquery(latest.values("state")[:1]), state_at=Subquery(latest.values("at")[:1]))


class BanSubjectQuerySet(models.QuerySet["BanSubject"]):
    def acting(self, on: date) -> "BanSubjectQuerySet":
        """Subjects whose ban acts on ``on``: in force, not annulled, begun and (when dated) not over."""
        return self.listed().filter(Q(until=None) | Q(until__gte=on), from_date__lte=on)

    def listed(self) -> "BanSubjectQuerySet":
        """Subjects of cases in force and not annulled, whatever their dates: what a list version covers."""
        from lms.registry.models import BanState

        of_case = BanState.objects.filter(case_id=OuterRef("case_id"))
        return self.filter(Exists(of_case.filter(state="in_force")), ~Exists(of_case.filter(state="annulled")))

    def found_under(self, blind_indexes: Iterable[str]) -> "BanSubjectQuerySet":
        """Subjects known under any of these blind indexes."""
        from lms.registry.models import BanSubjectIndex

        hits = BanSubjectIndex.objects.filter(blind_index__in=list(blind_indexes)).values("subject_id")
        return self.filter(pk__in=hits)


class IntakeQuerySet(models.QuerySet["Intake"]):
    def visible_to(self, actor: Actor) -> "IntakeQuerySet":
        """Registrars of the region."""
        if actor.is_system:
            return self
        if actor.role not in REGISTRAR_ROLES:
            return self.none()
        return self.filter(in_region("region_code", actor.region_code))

    def running(self) -> "IntakeQuerySet":
        return self.filter(state="running")
