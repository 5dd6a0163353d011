"""Verbs of one sitting: start, save, submit, grade what is overdue.

The paper is drawn with a seed per attempt and graded where the key is. The deadline is the server's: an answer that
arrives after it is refused, what was saved before it counts. Submitting twice gives the same result.
"""

import logging
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.assessment.models import Attempt, AttemptAnswer, AttemptResult, QuestionVersion
from courses.assessment.questions import cleaned_answer
from courses.assessment.signals import attempt_graded
from courses.catalogue.models import Lesson, LessonKind
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people.models import Person
from lms.policy.pack import Pack
from lms.rules.grading import BankItem, BlueprintRow, FrozenQuestion, Mark, QuestionKind, draw, grade
from lms.rules.refusals import Conflict, Invalid, NotFound
from lms.xapi.services import Fact, record_statements

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ExamTerms:
    """How a quiz is sat: minutes, attempts at most (None: no limit), minutes between attempts.

    A course may be stricter than the policy pack, never laxer; its own time limit stands.
    """

    minutes: int
    attempts: int | None
    cool_down_minutes: int


def exam_terms(*, lesson: Lesson, pack: Pack) -> ExamTerms:
    own = lesson.blueprint
    limits = [int(limit) for limit in (own.get("attempts"), pack.exam.attempts) if limit]
    return ExamTerms(
        minutes=int(own.get("minutes") or pack.exam.minutes),
        attempts=min(limits) if limits else None,
        cool_down_minutes=max(int(own.get("cool_down_minutes") or 0), int(pack.exam.cool_down_minutes or 0)),
    )


def start_attempt(
    *, person: Person, lesson: Lesson, enrolment_id: uuid.UUID, pack: Pack, actor: Actor, now: datetime
) -> Attempt:
    """Begin a sitting, or resume the open one.

    Refuses ``passed_already``, ``attempts_exhausted`` and ``cool_down`` (with ``until``); ``NotFound`` for another
    person's actor. The caller has seen to it that the person is enrolled.
    """
    _require_self(actor, person.pk)
    if lesson.kind != LessonKind.QUIZ:
        raise Invalid("not_a_quiz", _("该课节不是测验。"))
    for overdue in _attempts(lesson, enrolment_id).filter(results=None, deadline__lte=now):
        submit_attempt(attempt=overdue, actor=Actor.system("grade-overdue"), now=now)
    with transaction.atomic():
        open_attempt = _attempts(lesson, enrolment_id).filter(results=None).first()
        if open_attempt:
            return open_attempt
        terms = exam_terms(lesson=lesson, pack=pack)
        taken = _refuse_unless_free(lesson, enrolment_id, terms, now)
        try:
            with transaction.atomic():
                return _begin(
                    person=person,
                    lesson=lesson,
                    enrolment_id=enrolment_id,
                    number=taken + 1,
                    minutes=terms.minutes,
                    actor=actor,
                    now=now,
                )
        except IntegrityError:  # two requests at once: one paper
            return _attempts(lesson, enrolment_id).get(number=taken + 1)


def _attempts(lesson: Lesson, enrolment_id: uuid.UUID) -> QuerySet[Attempt]:
    return Attempt.objects.filter(lesson=lesson, enrolment_id=enrolment_id).order_by("-number")


def _refuse_unless_free(lesson: Lesson, enrolment_id: uuid.UUID, terms: ExamTerms, now: datetime) -> int:
    results = AttemptResult.objects.filter(attempt__lesson=lesson, attempt__enrolment_id=enrolment_id)
    last = results.order_by("-attempt__number", "-number").first()
    if results.filter(passed=True).exists():
        raise Conflict("passed_already", _("本测验已通过，不必重考。"))
    taken = _attempts(lesson, enrolment_id).count()
    if terms.attempts is not None and taken >= terms.attempts:
        raise Conflict("attempts_exhausted", _("本测验的 %(attempts)s 次机会已用完。"), attempts=terms.attempts)
    if last:
        until = last.graded_at + timedelta(minutes=terms.cool_down_minutes)
        if until > now:
            local = timezone.localtime(until)
            raise Conflict("cool_down", _("请在 %(until)s 之后再考。"), until=f"{local:%Y-%m-%d %H:%M}")
    return taken


def _begin(
    *,
    person: Person,
    lesson: Lesson,
    enrolment_id: uuid.UUID,
    number: int,
    minutes: int,
    actor: Actor,
    now: datetime,
) -> Attempt:
    seed = secrets.token_hex(16)
    pool = [str(one) for one in lesson.blueprint.get("question_versions", [])]
    count = int(lesson.blueprint.get("draw") or len(pool))
    paper = draw([BankItem(one) for one in pool], [BlueprintRow(count)], seed)
    attempt = Attempt.objects.create(
        person=person,
        lesson=lesson,
        enrolment_id=enrolment_id,
        number=number,
        seed=seed,
        question_versions=list(paper),
        pass_share=lesson.release.pass_share,
        started_at=now,
        deadline=now + timedelta(minutes=minutes),
    )
    record(
        verb="attempt.started",
        actor=actor,
        now=now,
        subject=attempt,
        person_id=person.pk,
        changes={"lesson": lesson.title, "number": number},
    )
    return attempt


@transaction.atomic
def save_answer(
    *, attempt: Attempt, question_version_id: uuid.UUID, answer: Any, actor: Actor, now: datetime
) -> AttemptAnswer | None:
    """Keep one answer as given; the latest row of a question counts. The same answer again writes nothing.

    Refuses ``deadline_passed`` and ``submitted_already``, and ``NotFound`` for a question that is not in this paper.
    """
    _require_self(actor, attempt.person_id)
    if str(question_version_id) not in attempt.question_versions:
        raise NotFound("no_question", _("试卷中没有这道题。"))
    Attempt.objects.select_for_update(no_key=True).get(pk=attempt.pk)
    if attempt.results.exists():
        raise Conflict("submitted_already", _("试卷已经交卷，不能再改。"))
    if now > attempt.deadline:
        raise Conflict("deadline_passed", _("答题时间已到，此前保存的答案有效。"))
    version = QuestionVersion.objects.get(pk=question_version_id)
    cleaned = cleaned_answer(version, answer)
    newest = attempt.answers.filter(question_version=version).order_by("-saved_at", "-pk").first()
    if (newest.answer if newest else "") == cleaned:
        return newest
    return AttemptAnswer.objects.create(attempt=attempt, question_version=version, answer=cleaned, saved_at=now)


def latest_answers(attempt: Attempt) -> dict[str, Any]:
    """Question version id → the answer that counts."""
    rows = attempt.answers.order_by("saved_at", "pk").values_list("question_version_id", "answer")
    return {str(version): answer for version, answer in rows}


def marks_of(attempt: Attempt) -> list[tuple[QuestionVersion, Any, Mark]]:
    """The paper in its order: question, answer that counts, mark. Derived from the rows each time."""
    return marks_of_all([attempt])[attempt.pk]


def marks_of_all(attempts: Sequence[Attempt]) -> dict[uuid.UUID, list[tuple[QuestionVersion, Any, Mark]]]:
    """``marks_of`` many by their keys, in two queries."""
    wanted = {one for attempt in attempts for one in attempt.question_versions}
    versions = {str(row.pk): row for row in QuestionVersion.objects.filter(pk__in=wanted)}
    given: dict[tuple[uuid.UUID, str], Any] = {}
    rows = AttemptAnswer.objects.filter(attempt__in=attempts).order_by("saved_at", "pk")
    for attempt_id, version_id, answer in rows.values_list("attempt_id", "question_version_id", "answer"):
        given[attempt_id, str(version_id)] = answer
    papers = {
        attempt.pk: [(versions[one], given.get((attempt.pk, one), "")) for one in attempt.question_versions]
        for attempt in attempts
    }
    return {
        pk: [(version, answer, grade(_frozen(version), answer)) for version, answer in paper]
        for pk, paper in papers.items()
    }


def _frozen(version: QuestionVersion) -> FrozenQuestion:
    return FrozenQuestion(str(version.pk), QuestionKind(version.kind), version.answer, Decimal(version.points))


def submit_attempt(*, attempt: Attempt, actor: Actor, now: datetime) -> AttemptResult:
    """Hand in and grade. Twice gives the same result; after the deadline the answers saved before it are graded."""
    _require_self(actor, attempt.person_id)
    with transaction.atomic():
        locked = (
            Attempt.objects.select_for_update(no_key=True)
            .select_related("lesson__release", "person")
            .get(pk=attempt.pk)
        )
        existing = locked.results.order_by("-number").first()
        if existing:
            return existing
        result = _grade(locked, now)
        record(
            verb="attempt.graded",
            actor=actor,
            now=now,
            subject=locked,
            person_id=locked.person_id,
            changes={"points": str(result.points), "out_of": str(result.out_of), "passed": result.passed},
        )
        _tell_learning_record(locked, result, now)
        attempt_graded.send(sender=AttemptResult, attempt=locked, result=result, actor=actor, now=now)
        return result


def _grade(attempt: Attempt, now: datetime) -> AttemptResult:
    marked = marks_of(attempt)
    points = sum((mark.points for _v, _a, mark in marked), Decimal(0))
    out_of = sum((mark.out_of for _v, _a, mark in marked), Decimal(0))
    return AttemptResult.objects.create(
        attempt=attempt,
        points=points,
        out_of=out_of,
        passed=out_of > 0 and points >= attempt.pass_share * out_of,
        marks=[
            {
                "question_version": str(version.pk),
                "points": str(mark.points),
                "out_of": str(mark.out_of),
                "correct": mark.correct,
            }
            for version, _answer, mark in marked
        ],
        submitted="deadline" if now > attempt.deadline else "learner",
        graded_at=now,
    )


def _tell_learning_record(attempt: Attempt, result: AttemptResult, now: datetime) -> None:
    base = f"/releases/{attempt.lesson.release_id}/lessons/{attempt.lesson_id}"
    facts = [
        Fact(
            verb="answered",
            person=attempt.person,
            activity_id=f"{base}/questions/{mark['question_version']}",
            activity_name=str(_("第 %(number)s 题")) % {"number": number},
            parent_id=base,
            registration=attempt.enrolment_id,
            result={"success": mark["correct"]},
            key=f"answered:{attempt.pk}:{mark['question_version']}",
        )
        for number, mark in enumerate(result.marks, start=1)
    ]
    score = {
        "raw": float(result.points),
        "max": float(result.out_of),
        "scaled": float(result.points / result.out_of) if result.out_of else 0.0,
    }
    graded = Fact(
        verb="passed" if result.passed else "failed",
        person=attempt.person,
        activity_id=base,
        activity_name=attempt.lesson.title,
        registration=attempt.enrolment_id,
        result={"success": result.passed, "score": score},
        key=f"graded:{result.pk}",
    )
    record_statements(facts=[*facts, graded], now=now)


def grade_overdue(*, now: datetime, at_most: int = 500) -> int:
    """Grade sittings whose time ran out unsubmitted. Each in its own transaction: one that fails stops no other."""
    graded = 0
    for attempt in Attempt.objects.filter(results=None, deadline__lt=now).order_by("deadline")[:at_most]:
        try:
            submit_attempt(attempt=attempt, actor=Actor.system("grade-overdue"), now=now)
            graded += 1
        except Exception:
            logger.exception("attempt %s could not be graded", attempt.pk)
    return graded


def _require_self(actor: Actor, person_id: uuid.UUID) -> None:
    if not actor.is_system and actor.person_id != person_id:
        raise NotFound("no_attempt", _("没有找到该试卷。"))
