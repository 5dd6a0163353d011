"""Deriving a course's hours again from the rows they rest on: heartbeats, attempts and scans.

Heartbeats are replayed through the rule that credited them, at the pace kept on their lease; attempts are graded again
from the saved answers; presence is computed again from the scans. If anything differs, so does the digest. A course is
worth its minutes only where every lesson of it is proved by rows that are enough: a completion somebody wrote into the
database by hand is worth nothing. A thousand entries ask as many queries as one.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from courses.assessment.models import Attempt
from courses.assessment.services import marks_of_all
from courses.catalogue.models import Lesson, Release
from courses.classroom.models import Session
from courses.classroom.services import credited_minutes_of_all
from courses.learning.models import CourseCompletion, LessonCompletion
from courses.learning.replay import replayed, runs_of
from courses.learning.services.completions import completion_digest, release_minutes
from lms.ledger.evidence import Derived
from lms.ledger.models import HourEntry
from lms.rules.grading import Mark
from lms.rules.honest_time import is_complete

GONE: Mapping[str, Any] = {}  # evidence that names a row which is not there, or one that isn't enough


class Row(NamedTuple):
    """The completion of one lesson, as it is stored."""

    enrolment_id: uuid.UUID
    person_id: uuid.UUID
    lesson_id: uuid.UUID
    seconds: int
    coverage_share: Decimal
    kind: str
    evidence: Mapping[str, Any]


def derive_course(entry: HourEntry) -> Derived | None:
    """What a course completion is worth by its evidence today; None when the completion is gone."""
    return derive_courses([entry]).get(entry.pk)


def derive_courses(entries: Sequence[HourEntry]) -> dict[uuid.UUID, Derived]:
    """``derive_course`` of many by their keys, in a fixed number of queries; where the completion is gone, nothing."""
    completions = CourseCompletion.objects.filter(pk__among=[entry.evidence_id for entry in entries])
    fields = ("enrolment_id", "enrolment__person_id", "enrolment__release_id")
    found = {pk: told for pk, *told in completions.values_list("pk", *fields)}
    minutes = _minutes({release for _enrolment, _person, release in found.values()})
    asked = _asked(minutes)
    lessons = _lessons([enrolment for enrolment, _person, _release in found.values()])
    derived = {}
    for entry in entries:
        enrolment_id, person_id, release_id = found.get(entry.evidence_id, (None, None, None))
        if person_id == entry.person_id:
            proved = {lesson for lesson, _kind, evidence in lessons[enrolment_id] if evidence}
            whole = bool(proved) and proved >= asked[release_id]
            worth = minutes[release_id] if whole else 0
            derived[entry.pk] = Derived(worth, completion_digest(lessons[enrolment_id]))
    return derived


def _minutes(release_ids: Collection[uuid.UUID]) -> dict[uuid.UUID | None, int]:
    releases = Release.objects.filter(pk__in=release_ids).only("class_hours", "minutes_per_class_hour")
    return {release.pk: release_minutes(release) for release in releases}


def _asked(release_ids: Collection[uuid.UUID | None]) -> dict[uuid.UUID | None, set[str]]:
    """The lessons a course consists of, by release."""
    asked: dict[uuid.UUID | None, set[str]] = defaultdict(set)
    for release_id, lesson_id in Lesson.objects.filter(release__in=release_ids).values_list("release_id", "pk"):
        asked[release_id].add(str(lesson_id))
    return asked


def _lessons(
    enrolment_ids: Collection[uuid.UUID],
) -> dict[uuid.UUID | None, list[tuple[str, str, Mapping[str, Any]]]]:
    """Lesson, kind of evidence and the evidence as it is now, of every completed lesson by enrolment."""
    by_kind: dict[str, list[Row]] = defaultdict(list)
    fields = (
        *("enrolment_id", "enrolment__person_id", "lesson_id", "lesson__seconds"),
        *("enrolment__release__coverage_share", "evidence_kind", "evidence"),
    )
    for told in LessonCompletion.objects.filter(enrolment__id__among=enrolment_ids).values_list(*fields):
        row = Row(*told)
        by_kind[row.kind].append(row if isinstance(row.evidence, dict) else row._replace(evidence=GONE))
    lessons: dict[uuid.UUID | None, list[tuple[str, str, Mapping[str, Any]]]] = defaultdict(list)
    for kind, rows in by_kind.items():
        derive = AGAIN.get(kind, _nothing_again)
        for row, evidence in zip(rows, derive(rows), strict=True):
            lessons[row.enrolment_id].append((str(row.lesson_id), kind, evidence))
    return lessons


def _nothing_again(rows: Sequence[Row]) -> list[Mapping[str, Any]]:
    return [GONE for _row in rows]


def _key(row: Row, name: str) -> uuid.UUID | None:
    """The key that evidence names. None where it names none: whatever was written into a row, the audit goes on."""
    try:
        return uuid.UUID(str(row.evidence.get(name)))
    except ValueError:
        return None


def _heartbeats_again(rows: Sequence[Row]) -> list[Mapping[str, Any]]:
    runs = runs_of({row.enrolment_id for row in rows})
    again: list[Mapping[str, Any]] = []
    for row in rows:
        through, media_ms = _key(row, "through"), row.seconds * 1000
        covered = replayed(runs.get((row.enrolment_id, row.lesson_id), ()), media_ms=media_ms, through=through)
        told = {"through": str(through), "covered": covered.pairs(), "media_ms": media_ms}
        again.append(told if through and is_complete(covered, media_ms, row.coverage_share) else GONE)
    return again


def attempt_evidence(attempt: Attempt, points: Any, out_of: Any, passed: bool) -> dict[str, Any]:
    return {"attempt": str(attempt.pk), "points": f"{points:.2f}", "out_of": f"{out_of:.2f}", "passed": passed}


def _attempts_again(rows: Sequence[Row]) -> list[Mapping[str, Any]]:
    attempts = Attempt.objects.in_bulk({key for row in rows if (key := _key(row, "attempt"))})
    marks = marks_of_all(list(attempts.values()))
    again: list[Mapping[str, Any]] = []
    for row in rows:
        attempt = attempts.get(_key(row, "attempt"))
        own = attempt and (attempt.enrolment_id, attempt.lesson_id) == (row.enrolment_id, row.lesson_id)
        graded = _graded(attempt, [mark for *_paper, mark in marks[attempt.pk]]) if attempt and own else GONE
        again.append(graded if graded.get("passed") else GONE)
    return again


def _graded(attempt: Attempt, marks: Sequence[Mark]) -> Mapping[str, Any]:
    points, out_of = sum(mark.points for mark in marks), sum(mark.out_of for mark in marks)
    return attempt_evidence(attempt, points, out_of, points >= attempt.pass_share * out_of)


def attendance_evidence(session: Session, minutes: int) -> dict[str, Any]:
    return {"session": str(session.pk), "minutes": minutes}


def _attendances_again(rows: Sequence[Row]) -> list[Mapping[str, Any]]:
    sessions = Session.objects.in_bulk({key for row in rows if (key := _key(row, "session"))})
    held = [(row, sessions.get(_key(row, "session"))) for row in rows]
    minutes = credited_minutes_of_all([(session, row.person_id) for row, session in held if session])
    again: list[Mapping[str, Any]] = []
    for row, session in held:
        present = minutes[session.pk, row.person_id] if session and session.lesson_id == row.lesson_id else 0
        enough = Decimal(present * 60) >= row.coverage_share * row.seconds
        again.append(attendance_evidence(session, present) if session and present and enough else GONE)
    return again


AGAIN: Mapping[str, Callable[[Sequence[Row]], list[Mapping[str, Any]]]] = {
    "heartbeats": _heartbeats_again,
    "attempt": _attempts_again,
    "attendance": _attendances_again,
}
