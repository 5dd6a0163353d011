"""Verbs of an enrolment: enrol, withdraw, stop for a ban, resume after its annulment.

States are appended; ``Enrolment.state`` is the latest of them. A year's enrolment is one row, so enrolling twice gives
the same; one still running from last year is gone on with, and its hours count in the year it is completed.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.catalogue.models import Programme, ProgrammeState, Release
from courses.catalogue.prerequisites import refuse_missing
from courses.catalogue.programmes import steps_of
from courses.learning.models import Enrolment, EnrolmentState, EnrolmentStateName, Lease
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.ledger.models import HourEntry
from lms.people.models import Organisation, OrganisationStatus, Person
from lms.policy.services import pack_in_force
from lms.registry.services import barred_ids, is_barred
from lms.rules.refusals import Conflict, NotAllowed, NotFound, Refusal
from lms.rules.regions import covers

RUNNING = frozenset({EnrolmentStateName.ENROLLED, EnrolmentStateName.IN_PROGRESS})
# Left of one's own will, or by a ban: whoever no ban acts on any more may come back to what they had learned.
LEFT = frozenset({EnrolmentStateName.WITHDRAWN, EnrolmentStateName.STOPPED})


def require_self(actor: Actor, person_id: uuid.UUID) -> None:
    """Learning is done by oneself (or recorded by a system job); nobody learns of another's enrolment."""
    if not actor.is_system and actor.person_id != person_id:
        raise NotFound("no_enrolment", _("没有找到该报名。"))


def local_day(now: datetime) -> date:
    """The day in Shanghai: 31 December ends there at midnight, not at midnight in Greenwich."""
    return timezone.localtime(now).date()


def enrol(*, person: Person, release: Release, actor: Actor, now: datetime) -> Enrolment:
    """Enrol for this year; twice gives the same enrolment.

    Refuses ``barred``, ``course_withdrawn``, ``newer_release``, ``wrong_region``, ``counted_already`` (one course counts
    once a year), ``prerequisite_missing`` (naming the courses to pass first), ``enrolment_closed`` (failed or voided this
    year) and ``no_policy``.
    """
    require_self(actor, person.pk)
    on = local_day(now)
    refuse_barred(person, on)
    running = Enrolment.objects.running().filter(person=person, release__course=release.course_id).first()
    if running:
        return running
    existing = Enrolment.objects.filter(person=person, release=release, year=on.year).first()
    # Running: the other of two requests at once was quicker by a moment.
    if existing and existing.state in {*RUNNING, EnrolmentStateName.PASSED}:
        return existing
    if existing and existing.state not in LEFT:
        raise Conflict(
            "enrolment_closed", _("本年度该课程的报名%(state)s，不能再次报名。"), state=existing.get_state_display()
        )
    _refuse_release(person, release, on)
    try:
        with transaction.atomic():
            _lock_persons([person.pk])
            refuse_barred(person, on)  # a ban that came into force meanwhile has stopped all it saw
            return _enrol_again(existing, actor, now) if existing else _enrol(person, release, on.year, actor, now)
    except IntegrityError:  # two requests at once: one enrolment
        return Enrolment.objects.get(person=person, release=release, year=on.year)


@dataclass(frozen=True, slots=True)
class ProgrammeEnrolment:
    """What came of enrolling in a programme: enrolments that are new, and courses refused, each with its reason."""

    made: list[Enrolment]
    refused: list[tuple[str, Refusal]]


@transaction.atomic
def enrol_programme(
    *, person: Person, programme: Programme, only_next: bool, actor: Actor, now: datetime
) -> ProgrammeEnrolment:
    """Enrol in what is left of a programme, or only in the next course of it: in its order, running ones passed over.

    A course that refuses (its prerequisite comes first, say) doesn't keep the others. Refuses ``barred``,
    ``programme_not_offered``, ``programme_other_year`` (hours count in the year they are earned) and
    ``programme_done``: nothing is left to enrol in.
    """
    require_self(actor, person.pk)
    today = local_day(now)
    refuse_barred(person, today)
    if programme.state != ProgrammeState.OFFERED:
        raise Conflict("programme_not_offered", _("该培训计划没有开放，不能按它报名。"))
    if programme.year != today.year:
        raise Conflict(
            "programme_other_year", _("这是 %(year)s 年度的培训计划，请在该年度内按它报名。"), year=programme.year
        )
    running = set(Enrolment.objects.running().filter(person=person).values_list("release__course", flat=True))
    left = [step.release for step in steps_of(programme, person) if step.open and not step.done]
    fresh = [release for release in left if release.course_id not in running]
    if not fresh:
        raise Conflict("programme_done", _("计划里的课程都已报名或学完。"))
    result = ProgrammeEnrolment([], [])
    for release in fresh:
        try:
            result.made.append(enrol(person=person, release=release, actor=actor, now=now))
        except Refusal as refusal:
            result.refused.append((release.title, refusal))
        if only_next and result.made:
            break
    return result


def refuse_barred(person: Person, on: date) -> None:
    if is_barred(person=person, on=on):
        raise NotAllowed("barred", _("依据生效的禁入决定，不能参加培训。可在“我的”中查看并申诉。"))


def _refuse_release(person: Person, release: Release, on: date) -> None:
    course = release.course
    college: Organisation = course.college
    if course.withdrawn_at or college.status != OrganisationStatus.ADMITTED:
        raise Conflict("course_withdrawn", _("该课程已下架，不再接受报名。"))
    newest = course.releases.order_by("-number").first()
    if newest and newest.pk != release.pk:
        raise Conflict("newer_release", _("该课程已有新版（第 %(number)s 版），请报名新版。"), number=newest.number)
    if release.regions and not any(covers(code, person.region_code) for code in release.regions):
        raise Conflict("wrong_region", _("该课程的学时在您所在的地区不计入。"))
    pack = pack_in_force(person.region_code, on)
    counted = HourEntry.objects.standing_credits().filter(person=person, course_id=course.pk, year=on.year)
    if pack.limits.one_course_once_a_year and counted.exists():
        raise Conflict("counted_already", _("该课程 %(year)s 年度已计入学时，同一课程一年只计一次。"), year=on.year)
    refuse_missing(person, release)


def _enrol(person: Person, release: Release, year: int, actor: Actor, now: datetime) -> Enrolment:
    enrolment = Enrolment.objects.create(person=person, release=release, year=year, enrolled_at=now)
    append_state(enrolment=enrolment, state=EnrolmentStateName.ENROLLED, reason="", now=now)
    record(
        verb="enrolment.made",
        actor=actor,
        now=now,
        subject=enrolment,
        person_id=person.pk,
        changes={"release": str(release.pk), "title": release.title, "year": year},
    )
    return enrolment


def _enrol_again(enrolment: Enrolment, actor: Actor, now: datetime) -> Enrolment:
    locked = Enrolment.objects.select_for_update(no_key=True).get(pk=enrolment.pk)
    if locked.state in LEFT:
        append_state(enrolment=locked, state=EnrolmentStateName.ENROLLED, reason="", now=now)
        record(verb="enrolment.made_again", actor=actor, now=now, subject=locked, person_id=locked.person_id)
    return locked


def append_state(*, enrolment: Enrolment, state: str, reason: str, now: datetime) -> EnrolmentState:
    """Append a state and keep it on the enrolment. The caller holds the row's lock; a rival fails on the number."""
    newest = enrolment.states.order_by("-number").values_list("number", flat=True).first() or 0
    row = EnrolmentState.objects.create(
        enrolment=enrolment, number=newest + 1, state=state, reason=reason[:300], at=now
    )
    enrolment.state = state
    enrolment.save(update_fields=["state"])
    return row


@transaction.atomic
def withdraw(*, enrolment: Enrolment, reason: str, actor: Actor, now: datetime) -> Enrolment:
    """Leave a running course; what was learned stays and is found again on coming back. Twice is once."""
    require_self(actor, enrolment.person_id)
    end_leases({enrolment.person_id}, "stopped", now, enrolment_id=enrolment.pk)
    locked = Enrolment.objects.select_for_update(no_key=True).get(pk=enrolment.pk)
    if locked.state == EnrolmentStateName.WITHDRAWN:
        return locked
    if locked.state not in RUNNING:
        raise Conflict("not_running", _("该报名%(state)s，不能退出。"), state=locked.get_state_display())
    append_state(enrolment=locked, state=EnrolmentStateName.WITHDRAWN, reason=reason, now=now)
    record(verb="enrolment.withdrawn", actor=actor, now=now, subject=locked, person_id=locked.person_id, reason=reason)
    return locked


def end_leases(
    person_ids: Collection[uuid.UUID], reason: str, now: datetime, enrolment_id: uuid.UUID | None = None
) -> int:
    """End the active leases of these people. Always before their enrolments are locked, as heartbeats do."""
    active = Lease.objects.filter(person__in=person_ids, ended_at=None)
    if enrolment_id:
        active = active.filter(enrolment=enrolment_id)
    return active.update(ended_at=now, end_reason=reason, look_at=now)


def stop_for_ban(*, person_ids: Collection[uuid.UUID], reason: str, actor: Actor, now: datetime) -> int:
    """Stop every running enrolment of people a ban acts on. Runs inside the ban's own transaction."""
    banned = barred_ids(person_ids=person_ids, on=local_day(now))
    end_leases(banned, "stopped", now)
    count = _stop_running(banned, reason, actor, now)
    # Who is just enrolling holds their person's row until that is done: then there is one more to stop.
    _lock_persons(banned)
    return count + _stop_running(banned, reason, actor, now)


def _lock_persons(person_ids: Collection[uuid.UUID]) -> None:
    list(Person.objects.select_for_update(no_key=True).filter(pk__in=person_ids).order_by("pk").values_list("pk"))


def _stop_running(person_ids: Collection[uuid.UUID], reason: str, actor: Actor, now: datetime) -> int:
    running = Enrolment.objects.running().filter(person__in=person_ids).order_by("pk")
    count = 0
    for enrolment in running.select_for_update(no_key=True):
        append_state(enrolment=enrolment, state=EnrolmentStateName.STOPPED, reason=reason, now=now)
        record(
            verb="enrolment.stopped",
            actor=actor,
            now=now,
            subject=enrolment,
            person_id=enrolment.person_id,
            reason=reason,
        )
        count += 1
    return count


def resume_after_ban(*, person_ids: Collection[uuid.UUID], reason: str, actor: Actor, now: datetime) -> int:
    """Let stopped enrolments go on for people no ban acts on any more, in the state they were stopped in."""
    free = set(person_ids) - set(barred_ids(person_ids=person_ids, on=local_day(now)))
    stopped = Enrolment.objects.filter(person__in=free, state=EnrolmentStateName.STOPPED).order_by("pk")
    count = 0
    for enrolment in stopped.select_for_update(no_key=True):
        before = enrolment.states.exclude(state=EnrolmentStateName.STOPPED).order_by("-number").first()
        state = before.state if before else EnrolmentStateName.ENROLLED
        append_state(enrolment=enrolment, state=state, reason=reason, now=now)
        record(
            verb="enrolment.resumed",
            actor=actor,
            now=now,
            subject=enrolment,
            person_id=enrolment.person_id,
            reason=reason,
        )
        count += 1
    return count
