"""Verbs of presence: the rotating code, scanning it, the paper roll, and the minutes that count.

The code on the wall is an HMAC of the session's secret and the server's half minute; the one just gone is still taken,
for the time it takes to raise a phone. The first check-in and the first check-out of a person count. What may never
happen: presence without a place, presence by a code nobody could have seen in the room at that time.
"""

import hashlib
import hmac
import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from courses.classroom.models import Booking, Scan, Session
from courses.classroom.services.bookings import require_self
from courses.classroom.services.sessions import refuse_cancelled, require_college
from courses.classroom.signals import attended
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people.models import Person
from lms.rules.refusals import Conflict, Invalid, NotFound
from lms.xapi.services import Fact, record_statement

CODE_SECONDS = 30
CODE_LENGTH = 6
# Without what is easily mistaken when read from a wall: no 0 O 1 I L U.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
# How long before and after the schedule the door is watched.
DOOR = timedelta(minutes=60)
# Between seeing the code and sending it: signing in on a phone takes a while.
SEEN_AT_MOST = timedelta(minutes=5)


def _code(session: Session, step: int) -> str:
    digest = hmac.new(session.qr_secret.encode(), f"{session.pk}:{step}".encode(), hashlib.sha256).digest()
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:CODE_LENGTH])


def _step(moment: datetime) -> int:
    return int(moment.timestamp()) // CODE_SECONDS


def current_code(session: Session, now: datetime) -> str:
    """The code on the wall at ``now``."""
    return _code(session, _step(now))


def code_is_shown(session: Session, code: str, now: datetime) -> bool:
    """Whether the wall shows this code at ``now``, or showed it half a minute before."""
    given = "".join(code.split()).replace("-", "").upper()
    step = _step(now)
    return any(hmac.compare_digest(given.encode(), _code(session, one).encode()) for one in (step, step - 1))


@transaction.atomic
def scan(
    *,
    session: Session,
    person: Person,
    kind: str,
    code: str,
    device: str,
    actor: Actor,
    now: datetime,
    seen_at: datetime | None = None,
) -> Scan:
    """Check in or out by the code on the wall. The first of each kind counts; again gives the same one.

    ``seen_at`` is when this browser showed the code to the server (it then signed in); at most five minutes ago.
    Refuses ``code_expired``, ``not_booked``, ``too_early``, ``too_late``, ``not_checked_in``, ``device_used``.
    """
    require_self(actor, person)
    seen_at = seen_at or now
    if not timedelta(0) <= now - seen_at <= SEEN_AT_MOST or not code_is_shown(session, code, seen_at):
        raise Conflict("code_expired", _("签到码已更换，请重新扫描墙上的二维码。"))
    session, booking = _place(session, person)
    existing = session.scans.filter(person=person, kind=kind).first()
    if existing:
        return existing
    _check_door(session, now)
    if kind == Scan.Kind.OUT:
        _check_came(session, person, seen_at)
    if device and session.scans.filter(device=device).exclude(person=person).exists():
        raise Conflict("device_used", _("这台设备已为他人签到。请用自己的手机，或请授课教师在名册上补登。"))
    return _append(
        session=session, booking=booking, kind=kind, method="qr", device=device, at=now, actor=actor, now=now
    )


@transaction.atomic
def record_on_paper(
    *, session: Session, person: Person, kind: str, at: datetime, reason: str, actor: Actor, now: datetime
) -> Scan:
    """A teacher enters from the paper roll who came or left at ``at``, and why it was on paper."""
    require_college(actor, session.college_id)
    if not reason.strip():
        raise Invalid("reason_missing", _("请填写补登原因。"), field="reason")
    if at > now:
        raise Invalid("in_the_future", _("补登时间不能晚于现在。"), field="at")
    if actor.person_id == person.pk:
        raise Conflict("own_roll", _("不能为自己补登。"))
    session, booking = _place(session, person)
    existing = session.scans.filter(person=person, kind=kind).first()
    if existing:
        return existing
    _check_door(session, at)
    return _append(
        session=session,
        booking=booking,
        kind=kind,
        method="paper",
        reason=reason.strip()[:200],
        at=at,
        actor=actor,
        now=now,
    )


def _check_came(session: Session, person: Person, seen_at: datetime) -> None:
    came = session.scans.filter(person=person, kind=Scan.Kind.IN).first()
    if came is None:
        raise Conflict("not_checked_in", _("还没有签到，不能签退；漏签请找授课教师补登。"))
    if seen_at <= came.at:  # the very code one came in by: a second tap is not leaving
        raise Conflict("code_expired", _("签退请扫离开时墙上的二维码。"))


def _place(session: Session, person: Person) -> tuple[Session, Booking]:
    session = Session.objects.select_for_update(no_key=True).get(pk=session.pk)
    refuse_cancelled(session)
    booking = session.bookings.filter(person=person, cancelled_at=None).first()
    if booking is None:
        raise NotFound("not_booked", _("您没有预约这个班次。"))
    return session, booking


def _check_door(session: Session, at: datetime) -> None:
    if at < session.starts_at - DOOR:
        raise Conflict("too_early", _("还没有到签到时间：开始前 60 分钟可以签到。"))
    if at > session.ends_at + DOOR:
        raise Conflict("too_late", _("签到、签退已经截止。"))


def _append(
    *,
    session: Session,
    booking: Booking,
    kind: str,
    method: str,
    at: datetime,
    actor: Actor,
    now: datetime,
    reason: str = "",
    device: str = "",
) -> Scan:
    if kind not in Scan.Kind.values:
        raise Invalid("scan_kind", _("请选择签到或签退。"), field="kind")
    row = Scan.objects.create(
        session=session,
        person=booking.person,
        kind=kind,
        method=method,
        reason=reason,
        device=device,
        recorded_by=actor.label,
        at=at,
    )
    record(
        verb=f"presence.checked_{kind}",
        actor=actor,
        now=now,
        subject=row,
        person_id=booking.person_id,
        changes={"session": str(session.pk), "method": method, "at": at.isoformat()},
        reason=reason,
    )
    if session.scans.filter(person=booking.person).count() == len(Scan.Kind.values):
        _tell_attended(session, booking, actor, now)
    return row


def _tell_attended(session: Session, booking: Booking, actor: Actor, now: datetime) -> None:
    minutes = credited_minutes(session, booking.person)
    record_statement(
        fact=Fact(
            verb="attended",
            person=booking.person,
            activity_id=f"/sessions/{session.pk}",
            activity_name=session.lesson.title,
            registration=booking.enrolment_id,
            result={"duration": minutes * 60},
            key=f"attended:{session.pk}:{booking.person_id}",
        ),
        now=now,
    )
    attended.send(
        sender=Scan,
        session=session,
        person=booking.person,
        enrolment_id=booking.enrolment_id,
        minutes=minutes,
        actor=actor,
        now=now,
    )


def credited_minutes(session: Session, person: Person | uuid.UUID) -> int:
    """Whole minutes of presence that lie inside the schedule; 0 without both scans."""
    key = person.pk if isinstance(person, Person) else person
    return credited_minutes_of_all([(session, key)])[session.pk, key]


def credited_minutes_of_all(
    attendances: Sequence[tuple[Session, uuid.UUID]],
) -> dict[tuple[uuid.UUID, uuid.UUID], int]:
    """``credited_minutes`` of many by the keys of session and person, in one query."""
    scans: dict[tuple[uuid.UUID, uuid.UUID], dict[str, datetime]] = defaultdict(dict)
    rows = Scan.objects.filter(
        session__in={session.pk for session, _person in attendances}, person__in={person for _, person in attendances}
    )
    for session_id, person_id, kind, at in rows.values_list("session_id", "person_id", "kind", "at"):
        scans[session_id, person_id][kind] = at
    minutes = {}
    for session, person_id in attendances:
        times = scans[session.pk, person_id]
        complete = len(times) == len(Scan.Kind.values)
        minutes[session.pk, person_id] = overlap_minutes(session, times["in"], times["out"]) if complete else 0
    return minutes


def overlap_minutes(session: Session, came_at: datetime, left_at: datetime) -> int:
    """Whole minutes between coming and leaving that lie inside the schedule."""
    overlap = min(left_at, session.ends_at) - max(came_at, session.starts_at)
    return max(0, int(overlap.total_seconds() // 60))
