"""Which certificates of an issuer a recall is about: by course, classroom session, batch or time of issue."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certificates.models import Certificate, IssueBatch, IssueBatchRow
from certificates.querysets import CertificateQuerySet, end_of
from courses.catalogue.models import Release
from courses.classroom.models import Booking, Session
from courses.learning.models import Enrolment
from lms.people.models import Organisation
from lms.rules.refusals import Invalid


@dataclass(frozen=True, slots=True)
class Scope:
    """Everything given has to be true of a certificate. Days of issue are inclusive, in local time."""

    release: Release | None = None
    session: Session | None = None
    batch: IssueBatch | None = None
    issued_from: date | None = None
    issued_to: date | None = None

    def as_json(self) -> dict[str, Any]:
        """For the record: keys and ISO dates, as far as given."""
        things = {"release": self.release, "session": self.session, "batch": self.batch}
        days = {"issued_from": self.issued_from, "issued_to": self.issued_to}
        return {
            **{key: str(thing.pk) for key, thing in things.items() if thing},
            **{key: day.isoformat() for key, day in days.items() if day},
        }


def in_scope(issuer: Organisation, scope: Scope) -> CertificateQuerySet:
    """The issuer's certificates in question as they stand now: neither revoked nor superseded, expired ones too.

    Where a name was corrected since, it is the edition that took the place of the one in question. Refuses a scope that
    says nothing (``nothing_asked``): all that an issuer ever issued is no scope. What is another college's is in none.
    """
    if not scope.as_json():
        raise Invalid("nothing_asked", _("请选择课程、班次、批次或发证日期范围，至少一项。"))
    if scope.issued_from and scope.issued_to and scope.issued_from > scope.issued_to:
        raise Invalid("dates_reversed", _("开始日期晚于结束日期。"), field="issued_to")
    same = {key: OuterRef(key) for key in ("type", "person", "period")}
    in_question = Certificate.objects.filter(_asked(scope), issuer=issuer, **same)
    found: CertificateQuerySet = Certificate.objects.filter(Exists(in_question), issuer=issuer).standing()
    return found.order_by("issued_at", "pk")


def restored(frozen: dict[str, Any]) -> Scope:
    """The scope of a recall as it was frozen."""

    def thing(key: str, found: Any) -> Any:
        return found.filter(pk=uuid.UUID(frozen[key])).first() if key in frozen else None

    def day(key: str) -> date | None:
        return date.fromisoformat(frozen[key]) if key in frozen else None

    return Scope(
        release=thing("release", Release.objects.all()),
        session=thing("session", Session.objects.select_related("lesson")),
        batch=thing("batch", IssueBatch.objects.select_related("type")),
        issued_from=day("issued_from"),
        issued_to=day("issued_to"),
    )


def _asked(scope: Scope) -> Q:
    asked = Q()
    if scope.release:
        asked &= Q(enrolment_id__in=Enrolment.objects.filter(release=scope.release).values("pk"))
    if scope.session:
        booked = Booking.objects.filter(session=scope.session, cancelled_at=None)
        asked &= Q(enrolment_id__in=booked.values("enrolment_id"))
    if scope.batch:
        issued = IssueBatchRow.objects.filter(batch=scope.batch, outcome=IssueBatchRow.Outcome.ISSUED)
        asked &= Q(pk__in=issued.values("certificate_id"))
    if scope.issued_from:
        asked &= Q(issued_at__gte=timezone.make_aware(datetime.combine(scope.issued_from, time.min)))
    if scope.issued_to:
        asked &= Q(issued_at__lt=end_of(scope.issued_to))
    return asked
