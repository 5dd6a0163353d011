"""Verbs of a place in a session: book, cancel. One place a person, never more than the capacity."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from courses.classroom.models import Booking, Session
from courses.classroom.services.sessions import refuse_cancelled
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people.models import Person
from lms.rules.refusals import Conflict, NotFound


def require_self(actor: Actor, person: Person) -> None:
    """A place is booked by the person it is for (or a system job); nobody learns of another's."""
    if not actor.is_system and actor.person_id != person.pk:
        raise NotFound("no_booking", _("没有找到该预约。"))


@transaction.atomic
def book(*, session: Session, person: Person, enrolment_id: uuid.UUID, actor: Actor, now: datetime) -> Booking:
    """Take a place; twice gives the same one.

    The caller has seen to it that ``enrolment_id`` is a running enrolment of this person on the lesson's release.
    Refuses ``session_cancelled``, ``session_begun``, ``session_full`` and ``learner_elsewhere`` (naming the other).
    """
    require_self(actor, person)
    # Session before person, as scanning does: two for the last place wait here, two bookings of one person below.
    session = Session.objects.select_for_update(no_key=True).get(pk=session.pk)
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    own = session.bookings.filter(person=person, cancelled_at=None).first()
    if own:
        return own
    refuse_cancelled(session)
    if session.starts_at <= now:
        raise Conflict("session_begun", _("该班次已经开始，不能再预约。"))
    _refuse_if_elsewhere(session, person)
    if session.bookings.filter(cancelled_at=None).count() >= session.capacity:
        raise Conflict("session_full", _("该班次已满（%(capacity)s 人）。"), capacity=session.capacity)
    booking = Booking.objects.create(session=session, person=person, enrolment_id=enrolment_id, booked_at=now)
    record(verb="session.booked", actor=actor, now=now, subject=booking, person_id=person.pk)
    return booking


def _refuse_if_elsewhere(session: Session, person: Person) -> None:
    booked = person.bookings.filter(cancelled_at=None).values("session")
    others = Session.objects.standing().overlapping(session.starts_at, session.ends_at).filter(pk__in=booked)
    other = others.first()
    if other:
        raise Conflict("learner_elsewhere", _("您在这一时段已预约“%(other)s”。"), other=str(other))


@transaction.atomic
def cancel_booking(*, session: Session, person: Person, actor: Actor, now: datetime) -> None:
    """Give a place back before the session begins. Twice is once."""
    require_self(actor, person)
    session = Session.objects.select_for_update(no_key=True).get(pk=session.pk)
    booking = session.bookings.filter(person=person, cancelled_at=None).first()
    if booking is None:
        return
    if session.starts_at <= now:
        raise Conflict("session_begun", _("该班次已经开始，不能取消预约。"))
    booking.cancelled_at = now
    booking.save(update_fields=["cancelled_at"])
    record(verb="session.booking_cancelled", actor=actor, now=now, subject=booking, person_id=person.pk)
