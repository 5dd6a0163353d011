"""Words for asking about schemes, claims and their lines."""

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models
from django.db.models import Count, F, OuterRef, Subquery, Sum

from lms.audit.actors import Actor
from lms.people.querysets import in_region
from lms.rules.regions import ancestors

if TYPE_CHECKING:
    from lms.subsidies.models import Claim, ClaimLine, Scheme  # noqa: F401

AUDITING_ROLES = frozenset({"bureau_auditor", "bureau_approver"})
COLLEGE_ROLES = frozenset({"college_author", "college_teacher", "college_publisher"})


class SchemeQuerySet(models.QuerySet["Scheme"]):
    def open(self, on: date) -> "SchemeQuerySet":
        return self.filter(opens_on__lte=on, closes_on__gte=on)

    def visible_to(self, actor: Actor) -> "SchemeQuerySet":
        """A human-resources bureau sees its region's; a college the schemes of the regions it lies in."""
        if actor.is_system:
            return self
        if actor.role in AUDITING_ROLES:
            return self.filter(in_region("bureau__region_code", actor.region_code))
        if actor.role in COLLEGE_ROLES and actor.region_code:
            return self.filter(bureau__region_code__in=[*ancestors(actor.region_code), actor.region_code])
        return self.none()


class ClaimQuerySet(models.QuerySet["Claim"]):
    def visible_to(self, actor: Actor) -> "ClaimQuerySet":
        """A college sees its own; a human-resources bureau what was submitted to its region."""
        if actor.is_system:
            return self
        if actor.role in AUDITING_ROLES:
            return self.filter(in_region("scheme__bureau__region_code", actor.region_code)).exclude(state="draft")
        if actor.role in COLLEGE_ROLES and actor.organisation_id:
            return self.filter(college_id=actor.organisation_id)
        return self.none()

    def open(self) -> "ClaimQuerySet":
        """Claims whose money has not gone out and may still go out."""
        return self.exclude(state__in=["rejected", "paid"])

    def claiming(self) -> "ClaimQuerySet":
        """Claims that keep others from claiming the same training: handed in, and not rejected."""
        return self.exclude(state__in=["draft", "rejected"])


class ClaimLineQuerySet(models.QuerySet["ClaimLine"]):
    def current(self) -> "ClaimLineQuerySet":
        """Lines of the assembly that counts."""
        return self.filter(assembly=F("claim__assembly"))

    def with_verdict(self) -> "ClaimLineQuerySet":
        """Adds ``verdict``, ``verdict_findings``, ``verdict_reason`` and ``verdict_number`` of the latest verdict."""
        from lms.subsidies.models import LineVerdict

        latest = LineVerdict.objects.filter(line=OuterRef("pk")).order_by("-number")
        rows: Any = self  # the model names these four itself
        annotated: ClaimLineQuerySet = rows.annotate(
            verdict=Subquery(latest.values("verdict")[:1]),
            verdict_findings=Subquery(latest.values("findings")[:1]),
            verdict_reason=Subquery(latest.values("reason")[:1]),
            verdict_number=Subquery(latest.values("number")[:1]),
        )
        return annotated

    def judged(self, *verdicts: str) -> "ClaimLineQuerySet":
        """Lines whose latest verdict is one of these."""
        rows: Any = self.with_verdict()
        found: ClaimLineQuerySet = rows.filter(verdict__in=verdicts)
        return found

    def judged_other_than(self, *verdicts: str) -> "ClaimLineQuerySet":
        rows: Any = self.with_verdict()
        found: ClaimLineQuerySet = rows.exclude(verdict__in=verdicts)
        return found

    def totals(self) -> dict[UUID, dict[str, tuple[int, int]]]:
        """(lines, fen) by claim and latest verdict. One query."""
        from lms.subsidies.models import LineVerdict

        rows: Any = self.with_verdict().order_by()
        found: dict[UUID, dict[str, tuple[int, int]]] = {}
        for row in rows.values("claim_id", "verdict").annotate(count=Count("pk"), fen=Sum("amount_fen")):
            nothing = dict.fromkeys(LineVerdict.Verdict.values, (0, 0))
            found.setdefault(row["claim_id"], nothing)[row["verdict"]] = (row["count"], row["fen"])
        return found

    def claiming(self, occupation: str, level: str) -> "ClaimLineQuerySet":
        """Lines that ask, or got, money for this occupation and level: not refused, not blocked."""
        from lms.subsidies.models import Claim

        claims = Claim.objects.claiming().filter(scheme__occupation=occupation, scheme__level=level)
        return self.current().filter(claim__in=claims.values("pk")).judged_other_than("refuse", "blocked")
