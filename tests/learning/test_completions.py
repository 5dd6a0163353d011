"""A course learned honestly to its end: hours once, with evidence that can be derived again."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from courses.learning.evidence import derive_course, derive_courses
from courses.learning.models import CourseCompletion, Enrolment, EnrolmentStateName, Heartbeat, LessonCompletion
from courses.learning.services import complete_lesson
from courses.learning.services.completions import completion_digest
from courses.learning.signals import course_passed
from lms.audit.models import AuditEvent
from lms.ledger.evidence import Derived
from lms.ledger.models import HourEntry
from lms.xapi.models import Statement
from tests.factories.assessment import paper
from tests.factories.catalogue import classroom_day, quiz, reading, released_course, video
from tests.factories.learning import NOON, SYSTEM, Player, enrolled, learned, leased, passed
from tests.factories.ledger import learner

pytestmark = pytest.mark.django_db


def whole_course():
    return released_course(
        class_hours=1,
        delivery="blended",
        lessons=[reading(2), video(40), quiz(paper(4), draw=3), classroom_day(60)],
    )


def test_an_honest_learner_earns_the_hours_exactly_once():
    enrolment = passed(release=whole_course())
    assert enrolment.state == EnrolmentStateName.PASSED
    entry = HourEntry.objects.get(person=enrolment.person)
    assert (entry.minutes, entry.category, entry.year) == (45, "skills", 2026)
    assert entry.evidence_kind == "course_completion"
    assert entry.evidence_digest == enrolment.completion.digest
    assert [row.state for row in enrolment.states.order_by("number")] == ["enrolled", "in_progress", "passed"]
    told = set(Statement.objects.values_list("verb", flat=True))
    assert len(told) >= 6  # initialized, played, answered, passed, attended, completed
    assert AuditEvent.objects.filter(verb="course.passed", person_id=enrolment.person_id).count() == 1


def test_the_evidence_is_derived_again_from_the_rows():
    entry = HourEntry.objects.get(person=passed(release=whole_course()).person)
    derived = derive_course(entry)
    assert derived is not None
    assert (derived.minutes, derived.digest) == (entry.minutes, entry.evidence_digest)


def test_many_are_derived_as_each_alone_and_ask_no_more():
    release = whole_course()
    passed(release=release)
    first = list(HourEntry.objects.all())
    with CaptureQueriesContext(connection) as one:
        derive_courses(first)
    for days, name in enumerate(("周禾", "秦望舒"), start=1):
        passed(learner(name=name), release, now=NOON + timedelta(days=days))
    entries = list(HourEntry.objects.all())
    with CaptureQueriesContext(connection) as three:
        derived = derive_courses(entries)
    assert derived == {entry.pk: derive_course(entry) for entry in entries}
    assert {derived[entry.pk].digest for entry in entries} == {entry.evidence_digest for entry in entries}
    assert len(three) == len(one)


def test_a_heartbeat_missing_from_the_evidence_shows():
    enrolment = passed(release=released_course(class_hours=1, lessons=[reading(2)]))
    entry = HourEntry.objects.get(person=enrolment.person)
    victim = Heartbeat.objects.order_by("sequence")[0]
    # One heartbeat more than there really was, as somebody with the database might write it.
    row = enrolment.lesson_completions.get()
    assert row.evidence["covered"]
    Heartbeat.objects.bulk_create(
        [
            Heartbeat(
                lease=victim.lease,
                sequence=9_999,
                received_at=victim.received_at,
                played=[[0, 1]],
                visible=True,
                position_ms=0,
                credited_ms=0,
            )
        ]
    )
    same = derive_course(entry)
    assert same is not None
    assert same.digest == entry.evidence_digest  # it came after the completing one and adds nothing
    entry.evidence_id = enrolment.pk
    assert derive_course(entry) is None


def written_in(enrolment: Enrolment, *lessons: tuple[Any, str, Any]) -> HourEntry:
    """A course that somebody with the database's own password says was learned, with a digest that fits."""
    for lesson, kind, evidence in lessons:
        LessonCompletion.objects.create(
            enrolment=enrolment, lesson=lesson, evidence_kind=kind, evidence=evidence, at=NOON
        )
    told = [(str(lesson.pk), kind, evidence) for lesson, kind, evidence in lessons]
    done = CourseCompletion.objects.create(enrolment=enrolment, minutes=45, digest=completion_digest(told), at=NOON)
    return HourEntry(person_id=enrolment.person_id, evidence_id=done.pk, evidence_digest=done.digest)


def test_a_course_written_in_without_its_lessons_is_worth_nothing():
    assert derive_course(written_in(enrolled(release=whole_course()))).minutes == 0


def test_a_course_written_in_with_half_of_its_lessons_is_worth_nothing():
    enrolment = enrolled(release=released_course(class_hours=1, lessons=[reading(2), reading(3)]))
    first = enrolment.release.lessons.order_by("position")[0]
    learned(enrolment, first)
    done = enrolment.lesson_completions.get()
    course = CourseCompletion.objects.create(enrolment=enrolment, minutes=45, digest="", at=NOON)
    entry = HourEntry(person_id=enrolment.person_id, evidence_id=course.pk)
    assert derive_course(entry).minutes == 0
    assert derive_course(entry).digest == completion_digest([(str(first.pk), done.evidence_kind, done.evidence)])


def test_a_lesson_written_in_with_a_minute_of_it_is_worth_nothing():
    enrolment = enrolled(release=released_course(class_hours=1, lessons=[reading(45)]))
    player = Player(leased(enrolment))
    player.play(60)
    lesson, last = player.lease.lesson, Heartbeat.objects.order_by("-sequence")[0]
    evidence = {"through": str(last.pk), "covered": [[0, 60_000]], "media_ms": 2_700_000}
    entry = written_in(enrolment, (lesson, "heartbeats", evidence))
    assert derive_course(entry) == Derived(0, completion_digest([(str(lesson.pk), "heartbeats", {})]))


def test_what_somebody_else_passed_or_another_lessons_room_proves_nothing():
    release = whole_course()
    stranger = passed(release=release)
    taken = {row.lesson.kind: row for row in stranger.lesson_completions.select_related("lesson")}
    enrolment = enrolled(learner(name="周禾"), release)
    rows = [(row.lesson, row.evidence_kind, row.evidence) for row in taken.values()]
    entry = written_in(enrolment, *rows)
    nothing = completion_digest([(str(lesson.pk), kind, {}) for lesson, kind, _evidence in rows])
    assert derive_course(entry) == Derived(0, nothing)


@pytest.mark.parametrize("kind", ["heartbeats", "attempt", "attendance", "nobody knows"])
@pytest.mark.parametrize("evidence", [{}, [], "x", {"through": 1, "attempt": None, "session": "x"}])
def test_evidence_that_can_not_be_read_is_drift_and_keeps_no_other_entry(kind, evidence):
    honest = HourEntry.objects.get(person=passed(release=released_course(class_hours=1, lessons=[reading(2)])).person)
    enrolment = enrolled(learner(name="周禾"), whole_course())
    lesson = enrolment.release.lessons.order_by("position")[0]
    entry = written_in(enrolment, (lesson, kind, evidence))
    found = derive_courses([entry, honest])
    assert found[entry.pk].minutes == 0
    assert found[honest.pk] == Derived(honest.minutes, honest.evidence_digest)


def test_passing_tells_the_rooms_above_inside_the_transaction():
    heard = []

    def listener(enrolment, completion, **_news):
        heard.append((enrolment.pk, completion.minutes, transaction.get_connection().in_atomic_block))

    course_passed.connect(listener)
    try:
        enrolment = passed(release=released_course(class_hours=1, lessons=[reading(1)]))
    finally:
        course_passed.disconnect(listener)
    assert heard == [(enrolment.pk, 45, True)]


def test_completing_again_changes_nothing():
    enrolment = passed(release=released_course(class_hours=1, lessons=[reading(1)]))
    lesson = enrolment.release.lessons.get()
    first = enrolment.lesson_completions.get()
    again = complete_lesson(
        enrolment=enrolment, lesson=lesson, evidence_kind="heartbeats", evidence={}, actor=SYSTEM, now=NOON
    )
    assert again == first
    assert CourseCompletion.objects.count() == HourEntry.objects.count() == 1


def test_killed_half_way_leaves_nothing(monkeypatch):
    enrolment = enrolled(release=released_course(class_hours=1, lessons=[reading(1)]))
    lesson = enrolment.release.lessons.get()
    player = Player(leased(enrolment, lesson))
    player.play(45)

    def die(**_arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("courses.learning.services.completions.tell_person", die)
        with pytest.raises(KeyboardInterrupt):
            player.say((45_000, 60_000))
    assert not HourEntry.objects.exists()
    assert not enrolment.lesson_completions.exists()
    assert Heartbeat.objects.count() == 3
    # The same heartbeat again, after the restart, completes.
    player.sequence -= 1
    assert player.say((45_000, 60_000), after=0).course_passed
    assert HourEntry.objects.count() == 1


def test_a_course_that_counted_this_year_is_passed_without_hours():
    first = passed(release=released_course(class_hours=1, lessons=[reading(1)]))
    newer = released_course(class_hours=1, lessons=[reading(1)], course=first.release.course)
    second = Enrolment.objects.create(person=first.person, release=newer, year=2026, enrolled_at=NOON)
    second.states.create(number=1, state="enrolled", at=NOON)
    learned(second, newer.lessons.get())
    second.refresh_from_db()
    assert second.state == EnrolmentStateName.PASSED
    assert "2026" in second.states.order_by("-number").first().reason
    assert HourEntry.objects.filter(person=first.person).count() == 1


def test_last_second_of_the_year_and_first_of_the_next(django_assert_max_num_queries):
    person = learner()
    late = NOON.replace(month=12, day=31, hour=23, minute=59, second=0)
    enrolment = enrolled(person, released_course(class_hours=1, lessons=[reading(2)]), now=late)
    assert enrolment.year == 2026
    learned(enrolment, enrolment.release.lessons.get(), now=late)
    entry = HourEntry.objects.get(person=person)
    assert (entry.year, entry.on.isoformat()) == (2027, "2027-01-01")
