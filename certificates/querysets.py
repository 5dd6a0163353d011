"""Words for asking about certificates: who may see which, and what each is worth on a day.

Validity is worked out in the query itself, from dates, states and the registry of bans, so that no page, list or
export can tell another story than the public verification.
"""

import re
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When
from django.utils import timezone

from lms.audit.actors import Actor
from lms.people.models import IdentityDocument, Organisation, Person, Role
from lms.people.querysets import BUREAU_ROLES, in_region
from lms.registry.models import BanSubject, BanSubjectIndex
from lms.rules.regions import ancestors

if TYPE_CHECKING:
    from certificates.models import (  # noqa: F401
        Certificate,
        CertificateType,
        IssueBatch,
        IssueBatchRow,
        Recall,
        Reissue,
        Share,
    )

BUREAUS = ("health_bureau", "hr_bureau")


# As ``secrets.token_urlsafe(32)`` makes them.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class Status(StrEnum):
    """What a certificate is worth on a day. ``unknown`` is no certificate of ours (or not yet one on that day)."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    UNKNOWN = "unknown"


class CertificateTypeQuerySet(models.QuerySet["CertificateType"]):
    def open(self) -> "CertificateTypeQuerySet":
        """Those of which certificates are still issued."""
        return self.filter(retired_at=None)

    def made_by_staff(self) -> "CertificateTypeQuerySet":
        """Those an issuer's staff made, unlike those that follow from policy."""
        from certificates.models.types import STAFF_RULES

        return self.filter(rule__in=STAFF_RULES)

    def managed_by(self, actor: Actor) -> "CertificateTypeQuerySet":
        """Whose sheet and rules the actor answers for.

        A college's publisher: those in its own name, and the sheet of its course certificates. A bureau's approver: those
        in the name of a bureau of the region, and the yearly ones of its cities.
        """
        if actor.is_system:
            return self
        if actor.role == Role.COLLEGE_PUBLISHER and actor.organisation_id:
            return self.filter(Q(issuer_id=actor.organisation_id) | Q(rule="course_passed", issuer=None))
        if actor.role == Role.BUREAU_APPROVER:
            named = Q(issuer__kind__in=BUREAUS) & in_region("issuer__region_code", actor.region_code)
            yearly = Q(issuer=None, rule="annual_requirement") & in_region("region_code", actor.region_code)
            return self.filter(named | yearly)
        return self.none()

    def following(self, college_id: Any, region_code: str) -> "CertificateTypeQuerySet":
        """Those that may follow by themselves for somebody of a region who passed a course of a college."""
        places = [region_code, *ancestors(region_code)]
        named = Q(issuer_id=college_id) | Q(issuer__kind__in=BUREAUS, issuer__region_code__in=places)
        return self.open().made_by_staff().filter(named, automatic=True)


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def with_state(self) -> "CertificateQuerySet":
        """Annotates ``state``: the latest appended one, and its ``state_code``."""
        from certificates.models import CertificateState

        latest = CertificateState.objects.filter(certificate=OuterRef("pk")).order_by("-number")
        return self.annotate(state=Subquery(latest.values("state")[:1]), state_code=Subquery(latest.values("code")[:1]))

    def standing(self) -> "CertificateQuerySet":
        """Neither revoked nor superseded by a state of their own."""
        return self.with_state().filter(Q(state__in=["issued", "reinstated"]))

    def with_status(self, on: date) -> "CertificateQuerySet":
        """Annotates ``status`` (a ``Status``) as of the end of ``on`` in local time, with the state it rests on.

        Also ``state``, ``state_code``, ``state_at``, ``state_authority``, ``successor_token`` and ``barred``.
        A ban outweighs a date: an expired certificate of a barred person reads revoked.
        """
        from certificates.models import CertificateState

        known = CertificateState.objects.filter(certificate=OuterRef("pk"), at__lt=end_of(on)).order_by("-number")
        told = self.annotate(
            state=Subquery(known.values("state")[:1]),
            state_code=Subquery(known.values("code")[:1]),
            state_at=Subquery(known.values("at")[:1]),
            state_authority=Subquery(known.values("authority")[:1]),
            successor_token=Subquery(known.values("successor__token")[:1]),
            barred=_holder_barred(on),
        )
        return told.annotate(
            status=Case(
                When(state__isnull=True, then=Value(Status.UNKNOWN.value)),
                When(state="superseded", then=Value(Status.SUPERSEDED.value)),
                When(Q(state="revoked") | Q(barred=True), then=Value(Status.REVOKED.value)),
                When(valid_until__lt=on, then=Value(Status.EXPIRED.value)),
                default=Value(Status.VALID.value),
                output_field=models.CharField(),
            )
        )

    def valid_on(self, on: date) -> "CertificateQuerySet":
        """Those valid on ``on``: issued, not revoked or superseded, not expired, the holder not barred."""
        return self.with_status(on).filter(Q(status=Status.VALID.value))

    def behind(self, token: str) -> "CertificateQuerySet":
        """The one behind a token. What can't be a token is asked for all the same: it takes as long, and finds as much."""
        return self.filter(token=asked_token(token))

    def unrendered(self) -> "CertificateQuerySet":
        """Those whose PDF is still to be made."""
        return self.filter(documents=None)

    def visible_to(self, actor: Actor) -> "CertificateQuerySet":
        """The holder's own; the issuer's; a bureau's region; an employer's staff."""
        if actor.is_system:
            return self
        issued = Q(issuer_id=actor.organisation_id) if actor.organisation_id else Q(pk__in=[])
        return self.filter(issued | Q(person__in=Person.objects.visible_to(actor).values("pk")))


class IssueBatchQuerySet(models.QuerySet["IssueBatch"]):
    def visible_to(self, actor: Actor) -> "IssueBatchQuerySet":
        """The organisation's that ordered it, to those who may order; and to the bureaus of its region."""
        if actor.is_system:
            return self
        own = Q(organisation_id=actor.organisation_id) if actor.organisation_id else Q(pk__in=[])
        if actor.role in BUREAU_ROLES:
            return self.filter(own | in_region("region_code", actor.region_code))
        return self.filter(own) if actor.role == "college_publisher" else self.none()

    def running(self) -> "IssueBatchQuerySet":
        return self.filter(state="running")


class IssueBatchRowQuerySet(models.QuerySet["IssueBatchRow"]):
    def waiting(self) -> "IssueBatchRowQuerySet":
        """Not settled yet."""
        return self.filter(outcome="")

    def unprinted(self) -> "IssueBatchRowQuerySet":
        """Those with a certificate whose PDF is still to be made, and that nobody has failed to make."""
        return self.filter(outcome__in=["issued", "held"], certificate__documents=None, code="")


class ReissueQuerySet(models.QuerySet["Reissue"]):
    def unmade(self) -> "ReissueQuerySet":
        """Those whose document is still to be made."""
        from certificates.models import CertificateDocument

        made = CertificateDocument.objects.filter(certificate=OuterRef("certificate"), number=OuterRef("number"))
        return self.filter(~Exists(made))


class ShareQuerySet(models.QuerySet["Share"]):
    def open(self, now: datetime) -> "ShareQuerySet":
        """Neither run out nor taken back."""
        return self.filter(withdrawn_at=None, expires_at__gt=now)


class RecallQuerySet(models.QuerySet["Recall"]):
    def visible_to(self, actor: Actor) -> "RecallQuerySet":
        """The issuer's own; those of every issuer in a bureau's region, wherever the holders live."""
        if actor.is_system:
            return self
        return self.filter(issuer__in=Organisation.objects.visible_to(actor).values("pk"))


def asked_token(token: str) -> str:
    """The token to ask for: itself, or empty where it can be none, which no certificate has."""
    return token if _TOKEN.fullmatch(token) else ""


def end_of(on: date) -> datetime:
    """The first moment after ``on`` in local time."""
    return timezone.make_aware(datetime.combine(on + timedelta(days=1), time.min))


def _holder_barred(on: date) -> Exists:
    """By the person the ban names, or by any document it is known under: the same question the registry answers."""
    acting = BanSubject.objects.acting(on)
    # Asked of each entry that is found: as a list, everybody who is barred would be read first.
    listed = Exists(acting.filter(pk=OuterRef("subject_id")))
    entries = BanSubjectIndex.objects.filter(listed, blind_index=OuterRef("blind_index"))
    documents = IdentityDocument.objects.filter(Exists(entries), person_id=OuterRef("person_id"))
    return Exists(acting.filter(person_id=OuterRef("person_id"))) | Exists(documents)  # type: ignore[return-value]
