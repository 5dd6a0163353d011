"""What learning does when news comes up from below: graded attempts, attended classrooms, bans."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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
from lms.registry.effects import Consequence, Item
from lms.registry.models import BanCase, BanSubject
from lms.registry.signals import annulment_consequences, ban_annulled, ban_consequences, ban_in_force


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
def on_consequences(subjects: Sequence[BanSubject], now: datetime | None = None, **_extra: Any) -> list[Consequence]:
    """Running enrolments a ban would stop."""
    barred = _persons([subject for subject in subjects if subject.would_act(local_day(now or timezone.now()))])
    running = Enrolment.objects.running().filter(person__in=barred)
    return [Consequence("enrolments_stopped", gettext_lazy("门进行中的课程将停止"), _items(running))]


@receiver(annulment_consequences, dispatch_uid="learning.annulment_consequences")
def on_annulment_consequences(freed: set[UUID], **_extra: Any) -> list[Consequence]:
    """Stopped enrolments that would go on."""
    stopped = Enrolment.objects.filter(person__in=freed, state=EnrolmentStateName.STOPPED)
    return [Consequence("enrolments_resumed", gettext_lazy("门停止的课程可以继续学习"), _items(stopped))]


def _items(enrolments: Any) -> list[Item]:
    rows = enrolments.select_related("person", "release")
    return [Item(f"{row.person.name} · {row.release.title}", row.person.region_code, row.person_id) for row in rows]
