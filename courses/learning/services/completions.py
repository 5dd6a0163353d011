"""Completing a lesson, and with the last one the course: hours into the ledger, facts told, certificates to follow.

All in one transaction under the enrolment's lock: two requests that complete at once make one completion and one hour
entry, and a worker killed half-way leaves nothing behind.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from courses.catalogue.models import Lesson, LessonKind, Release
from courses.learning.models import CourseCompletion, Enrolment, EnrolmentStateName, LessonCompletion
from courses.learning.services.enrolments import RUNNING, append_state, local_day
from courses.learning.signals import course_passed
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.ledger.evidence import Evidence
from lms.ledger.services import credit_hours
from lms.people.services import tell_person
from lms.rules.chain import digest
from lms.rules.class_hours import class_hours_to_minutes
from lms.rules.refusals import Refusal
from lms.xapi.services import Fact, record_statement

EVIDENCE_KIND = "course_completion"


@transaction.atomic
def complete_lesson(
    *,
    enrolment: Enrolment,
    lesson: Lesson,
    evidence_kind: str,
    evidence: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> LessonCompletion | None:
    """Record that a lesson is complete, and the course with its last lesson. Again gives the first completion.

    ``evidence`` names the rows it rests on. None when the enrolment no longer runs (withdrawn, stopped, voided).
    """
    locked = (
        Enrolment.objects.select_for_update(no_key=True, of=("self",))
        .select_related("person", "release")
        .get(pk=enrolment.pk)
    )
    existing = locked.lesson_completions.filter(lesson=lesson).first()
    if existing:
        return existing
    if locked.state not in RUNNING:
        return None
    if locked.state == EnrolmentStateName.ENROLLED:
        append_state(enrolment=locked, state=EnrolmentStateName.IN_PROGRESS, reason="", now=now)
    completion = LessonCompletion.objects.create(
        enrolment=locked, lesson=lesson, evidence_kind=evidence_kind, evidence=dict(evidence), at=now
    )
    record(
        verb="lesson.completed",
        actor=actor,
        now=now,
        subject=completion,
        person_id=locked.person_id,
        changes={"lesson": lesson.title, "evidence": evidence_kind},
    )
    if lesson.kind != LessonKind.QUIZ:  # a quiz has told its own passing
        _tell(locked, "completed", f"/releases/{locked.release_id}/lessons/{lesson.pk}", lesson.title, now)
    _complete_course(locked, actor, now)
    return completion


def completion_digest(completions: list[tuple[str, str, Mapping[str, Any]]]) -> str:
    """SHA-256 over (lesson, kind of evidence, evidence) of every lesson."""
    return digest({lesson: {"kind": kind, "evidence": evidence} for lesson, kind, evidence in completions})


def course_minutes(enrolment: Enrolment) -> int:
    return release_minutes(enrolment.release)


def release_minutes(release: Release) -> int:
    return class_hours_to_minutes(release.class_hours, minutes_per_class_hour=release.minutes_per_class_hour)


def _complete_course(enrolment: Enrolment, actor: Actor, now: datetime) -> None:
    rows = list(enrolment.lesson_completions.values_list("lesson_id", "evidence_kind", "evidence"))
    if len(rows) < enrolment.release.lessons.count():
        return
    completion = CourseCompletion.objects.create(
        enrolment=enrolment,
        minutes=course_minutes(enrolment),
        digest=completion_digest([(str(lesson), kind, evidence) for lesson, kind, evidence in rows]),
        at=now,
    )
    uncounted = _credit(enrolment, completion, actor, now)
    append_state(enrolment=enrolment, state=EnrolmentStateName.PASSED, reason=uncounted, now=now)
    record(
        verb="course.passed",
        actor=actor,
        now=now,
        subject=completion,
        person_id=enrolment.person_id,
        changes={"title": enrolment.release.title, "minutes": completion.minutes},
        reason=uncounted,
    )
    for verb in ("completed", "passed"):
        _tell(enrolment, verb, f"/releases/{enrolment.release_id}", enrolment.release.title, now)
    course_passed.send(sender=CourseCompletion, enrolment=enrolment, completion=completion, actor=actor, now=now)
    tell_person(
        person=enrolment.person,
        code="course_passed",
        title=_("您已学完“%(title)s”") % {"title": enrolment.release.title},
        body=uncounted or _("学时已计入本年度台账。"),
        url=reverse("learning:course", args=[enrolment.pk]),
        dedupe_key=f"course_passed:{completion.pk}",
        now=now,
    )


def _credit(enrolment: Enrolment, completion: CourseCompletion, actor: Actor, now: datetime) -> str:
    """Hours into the ledger. A course that counted this year already is passed all the same: the sentence says why."""
    release = enrolment.release
    try:
        with transaction.atomic():
            credit_hours(
                person=enrolment.person,
                category=release.category,
                minutes=completion.minutes,
                on=local_day(now),
                title=release.title,
                evidence=Evidence(kind=EVIDENCE_KIND, id=completion.pk, digest=completion.digest),
                course_id=release.course_id,
                release_id=release.pk,
                delivery=release.delivery,
                actor=actor,
                now=now,
            )
    except Refusal as refusal:
        if refusal.code != "counted_already":
            raise
        return str(refusal)
    return ""


def _tell(enrolment: Enrolment, verb: str, activity: str, name: str, now: datetime) -> None:
    fact = Fact(
        verb=verb,
        person=enrolment.person,
        activity_id=activity,
        activity_name=name,
        registration=enrolment.pk,
        result={"completion": True},
        key=f"{verb}:{enrolment.pk}:{activity}",
    )
    record_statement(fact=fact, now=now)
