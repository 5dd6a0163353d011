"""What learning does when news comes up from below: graded attempts, attended classrooms, bans."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext as _

from courses.assessment.models import Attempt, AttemptResult
from courses.assessment.services import exam_terms
from courses.assessment.signals import attempt_graded
from courses.classroom.models import Session
from courses.classroom.signals import attended
from courses.learning.evidence import attempt_evidence, attendance_evidence
from courses.learning.models import Enrolment, EnrolmentStateName
from courses.learning.services import append_state, complete_lesson, resume_after_ban, stop_for_ban
from courses.learning.services.enrolments import local_day
from courses.learning.services.flags import flag_classroom_overlap
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people.models import Person
from lms.policy.services import pack_in_force
from lms.registry.models import BanCase, BanSubject
from lms.registry.signals import ban_annulled, ban_consequences, ban_in_force


@receiver(attempt_graded, dispatch_uid="learning.attempt_graded")
def on_attempt_graded(attempt: Attempt, result: AttemptResult, actor: Actor, now: datetime, **_extra: Any) -> None:
    """A passed quiz completes its lesson; the last failed attempt fails the enrolment."""
    enrolment = Enrolment.objects.select_related("person").filter(pk=attempt.enrolment_id).first()
    if enrolment is None:
        return
    if result.passed:
        complete_lesson(
            enrolment=enrolment,
            lesson=attempt.lesson,
            evidence_kind="attempt",
            evidence=attempt_evidence(attempt, result.points, result.out_of, result.passed),
            actor=actor,
            now=now,
        )
        return
    pack = pack_in_force(enrolment.person.region_code, local_day(now))
    terms = exam_terms(lesson=attempt.lesson, pack=pack)
    if terms.attempts is not None and attempt.number >= terms.attempts:
        _fail(enrolment, actor, now)


def _fail(enrolment: Enrolment, actor: Actor, now: datetime) -> None:
    locked = Enrolment.objects.select_for_update(no_key=True).get(pk=enrolment.pk)
    if locked.state not in {EnrolmentStateName.ENROLLED, EnrolmentStateName.IN_PROGRESS}:
        return
    reason = _("测验次数已用完")
    append_state(enrolment=locked, state=EnrolmentStateName.FAILED, reason=reason, now=now)
    record(verb="enrolment.failed", actor=actor, now=now, subject=locked, person_id=locked.person_id, reason=reason)


@receiver(attended, dispatch_uid="learning.attended")
def on_attended(
    *, session: Session, person: Person, enrolment_id: Any, minutes: int, actor: Actor, now: datetime, **_extra: Any
) -> None:
    """Presence that covers enough of the classroom day completes its lesson."""
    enrolment = Enrolment.objects.select_related("release").filter(pk=enrolment_id, person=person).first()
    if enrolment is None:
        return
    flag_classroom_overlap(session=session, person=person, now=now)
    lesson = session.lesson
    if Decimal(minutes * 60) < enrolment.release.coverage_share * lesson.seconds:
        return
    complete_lesson(
        enrolment=enrolment,
        lesson=lesson,
        evidence_kind="attendance",
        evidence=attendance_evidence(session, minutes),
        actor=actor,
        now=now,
    )


def _persons(subjects: Sequence[BanSubject]) -> set[Any]:
    return {subject.person_id for subject in subjects if subject.person_id}


@receiver(ban_in_force, dispatch_uid="learning.ban_in_force")
def on_ban(case: BanCase, subjects: Sequence[BanSubject], actor: Actor, now: datetime, **_extra: Any) -> None:
    stop_for_ban(person_ids=_persons(subjects), reason=str(case), actor=actor, now=now)


@receiver(ban_annulled, dispatch_uid="learning.ban_annulled")
def on_annulment(case: BanCase, subjects: Sequence[BanSubject], actor: Actor, now: datetime, **_extra: Any) -> None:
    resume_after_ban(person_ids=_persons(subjects), reason=str(case), actor=actor, now=now)


@receiver(ban_consequences, dispatch_uid="learning.ban_consequences")
def on_consequences(subjects: Sequence[BanSubject], **_extra: Any) -> list[tuple[str, Any, int]]:
    """How many running enrolments a ban would stop."""
    running = Enrolment.objects.running().filter(person__in=_persons(subjects)).count()
    return [("enrolments_stopped", _("门进行中的课程将停止"), running)]
