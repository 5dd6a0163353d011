"""Who has a place in a session, when they came and left, and what of it counts."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from courses.classroom.models import Scan, Session
from courses.classroom.services.presence import overlap_minutes
from lms.people.models import Person

METHODS = {"qr": _("扫码"), "paper": _("补登")}


@dataclass(frozen=True, slots=True)
class RosterRow:
    person: Person
    came_at: datetime | None
    came_by: str
    left_at: datetime | None
    left_by: str
    minutes: int
    reasons: str


def roster_of(session: Session) -> list[RosterRow]:
    """One row a place, by name; two queries."""
    scans: dict[object, dict[str, Scan]] = {}
    for scan in session.scans.all():
        scans.setdefault(scan.person_id, {})[scan.kind] = scan
    bookings = session.bookings.filter(cancelled_at=None).select_related("person").order_by("person__name", "pk")
    return [_row(session, booking.person, scans.get(booking.person_id, {})) for booking in bookings]


def _row(session: Session, person: Person, scans: dict[str, Scan]) -> RosterRow:
    came, left = scans.get("in"), scans.get("out")
    return RosterRow(
        person=person,
        came_at=came.at if came else None,
        came_by=str(METHODS[came.method]) if came else "",
        left_at=left.at if left else None,
        left_by=str(METHODS[left.method]) if left else "",
        minutes=overlap_minutes(session, came.at, left.at) if came and left else 0,
        reasons=gettext("；").join(scan.reason for scan in (came, left) if scan and scan.reason),
    )
