"""Verbs of a session: open, substitute the teacher, cancel. Nobody and no room is in two places at once."""

import secrets
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.catalogue.models import Lesson, LessonKind
from courses.classroom.models import Session
from courses.classroom.querysets import COLLEGE_ROLES
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people.access import require
from lms.people.models import Membership, Organisation, User
from lms.people.services import tell_person
from lms.rules.refusals import Conflict, Invalid, NotFound


def require_college(actor: Actor, college_id: object) -> None:
    """Staff of this college; for everybody else its session does not exist."""
    if not actor.is_system and actor.organisation_id != college_id:
        raise NotFound("no_session", _("没有找到该班次。"))
    require(actor, *COLLEGE_ROLES)


@transaction.atomic
def open_session(
    *,
    lesson: Lesson,
    venue: str,
    teacher: User,
    starts_at: datetime,
    ends_at: datetime,
    capacity: int,
    actor: Actor,
    now: datetime,
) -> Session:
    """Put a classroom day on the calendar.

    Refuses ``teacher_elsewhere`` and ``venue_taken`` (naming the other session), a session shorter than its lesson,
    one that lies in the past, and a teacher who is not of the college.
    """
    college = lesson.release.course.college
    require_college(actor, college.pk)
    venue = venue.strip()
    _check_plan(lesson=lesson, venue=venue, starts_at=starts_at, ends_at=ends_at, capacity=capacity, now=now)
    _check_teacher(college, teacher, now)
    # Both locks before looking: two plans for the same hour wait for each other.
    Organisation.objects.select_for_update(no_key=True).get(pk=college.pk)
    _refuse_if_teaching(teacher, starts_at, ends_at)
    taken = Session.objects.standing().overlapping(starts_at, ends_at).filter(college=college, venue=venue).first()
    if taken:
        raise Conflict("venue_taken", _("“%(venue)s”在这一时段已安排“%(other)s”。"), venue=venue, other=str(taken))
    session = Session.objects.create(
        lesson=lesson,
        college=college,
        venue=venue,
        teacher=teacher,
        starts_at=starts_at,
        ends_at=ends_at,
        capacity=capacity,
        qr_secret=secrets.token_hex(32),
    )
    record(
        verb="session.opened",
        actor=actor,
        now=now,
        subject=session,
        changes={"venue": venue, "teacher": teacher.username, "starts_at": starts_at.isoformat(), "capacity": capacity},
    )
    return session


def _check_plan(
    *, lesson: Lesson, venue: str, starts_at: datetime, ends_at: datetime, capacity: int, now: datetime
) -> None:
    if lesson.kind != LessonKind.CLASSROOM_DAY:
        raise Invalid("not_a_classroom_day", _("该课节不是面授。"), field="lesson")
    if not venue:
        raise Invalid("venue_missing", _("请填写地点。"), field="venue")
    if ends_at <= starts_at:
        raise Invalid("ends_before_start", _("结束时间应晚于开始时间。"), field="ends_at")
    if ends_at <= now:
        raise Invalid("in_the_past", _("不能安排已经过去的班次。"), field="starts_at")
    if (ends_at - starts_at).total_seconds() < lesson.seconds:
        minutes = -(-lesson.seconds // 60)
        raise Invalid(
            "session_too_short", _("本课节需要 %(minutes)s 分钟，时段太短。"), field="ends_at", minutes=minutes
        )
    if not 1 <= capacity <= 500:
        raise Invalid("capacity", _("人数上限应在 1 到 500 之间。"), field="capacity")


def _check_teacher(college: Organisation, teacher: User, now: datetime) -> None:
    of_college = Membership.objects.open(now).filter(user=teacher, organisation=college, role__in=COLLEGE_ROLES)
    if not of_college.exists():
        raise Invalid("not_a_teacher", _("授课教师应是本院校的成员。"), field="teacher")


def _refuse_if_teaching(teacher: User, starts_at: datetime, ends_at: datetime, but: Session | None = None) -> None:
    User.objects.select_for_update(no_key=True).get(pk=teacher.pk)
    others = Session.objects.standing().overlapping(starts_at, ends_at).filter(teacher=teacher)
    other = others.exclude(pk=but.pk).first() if but else others.first()
    if other:
        raise Conflict(
            "teacher_elsewhere",
            _("%(teacher)s 在这一时段已有班次“%(other)s”。"),
            teacher=teacher.display_name,
            other=str(other),
        )


@transaction.atomic
def substitute_teacher(*, session: Session, teacher: User, reason: str, actor: Actor, now: datetime) -> Session:
    """Another teacher takes the session over, with the reason on record."""
    require_college(actor, session.college_id)
    if not reason.strip():
        raise Invalid("reason_missing", _("请填写原因。"), field="reason")
    session = Session.objects.select_for_update(no_key=True).get(pk=session.pk)
    refuse_cancelled(session)
    _check_teacher(session.college, teacher, now)
    _refuse_if_teaching(teacher, session.starts_at, session.ends_at, but=session)
    before = session.teacher.username
    session.teacher = teacher
    session.save(update_fields=["teacher"])
    record(
        verb="session.teacher_substituted",
        actor=actor,
        now=now,
        subject=session,
        changes={"from": before, "to": teacher.username},
        reason=reason.strip(),
    )
    return session


@transaction.atomic
def cancel_session(*, session: Session, reason: str, actor: Actor, now: datetime) -> Session:
    """Call a session off and tell everyone booked. Twice is once; one where somebody has checked in stays."""
    require_college(actor, session.college_id)
    if not reason.strip():
        raise Invalid("reason_missing", _("请填写取消原因。"), field="reason")
    session = Session.objects.select_for_update(no_key=True).select_related("lesson").get(pk=session.pk)
    if session.cancelled_at:
        return session
    if session.scans.exists():
        raise Conflict("session_begun", _("已有学员签到，不能取消。"))
    session.cancelled_at = now
    session.cancel_reason = reason.strip()[:200]
    session.save(update_fields=["cancelled_at", "cancel_reason"])
    bookings = list(session.bookings.filter(cancelled_at=None).select_related("person"))
    session.bookings.filter(cancelled_at=None).update(cancelled_at=now)
    starts = timezone.localtime(session.starts_at)
    for booking in bookings:
        tell_person(
            person=booking.person,
            code="session_cancelled",
            title=str(_("面授“%(title)s”（%(at)s）已取消"))
            % {"title": session.lesson.title, "at": f"{starts:%Y-%m-%d %H:%M}"},
            body=session.cancel_reason,
            url=reverse("learning:home"),
            dedupe_key=f"session_cancelled:{session.pk}",
            now=now,
        )
    record(
        verb="session.cancelled",
        actor=actor,
        now=now,
        subject=session,
        changes={"booked": len(bookings)},
        reason=session.cancel_reason,
    )
    return session


def refuse_cancelled(session: Session) -> None:
    if session.cancelled_at:
        raise Conflict("session_cancelled", _("该班次已取消：%(reason)s。"), reason=session.cancel_reason)
