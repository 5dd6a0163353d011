"""A sitting: drawn once, saved as given, graded on the server, the deadline is the server's."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connections

from courses.assessment.models import Attempt, AttemptAnswer, AttemptResult, QuestionVersion
from courses.assessment.services import grade_overdue, save_answer, start_attempt, submit_attempt
from courses.assessment.signals import attempt_graded
from lms.audit.actors import Actor
from lms.rules.refusals import Conflict, Invalid, NotFound
from lms.xapi.models import Statement
from tests.factories.assessment import KINDS, NOON, SYSTEM, answered, paper, question, sat, sitting
from tests.factories.catalogue import quiz, reading, released_course
from tests.factories.ledger import learner
from tests.factories.policy import shanghai_pack

pytestmark = pytest.mark.django_db


@pytest.fixture
def seat():
    """Person, quiz lesson, enrolment and pack of one learner."""
    person = learner()
    lesson = released_course(lessons=[reading(45), quiz(paper(6), draw=4, minutes=20)]).lessons.get(position=2)
    return {"person": person, "lesson": lesson, "enrolment_id": uuid.uuid4(), "pack": shanghai_pack()}


def code_of(call) -> str:
    with pytest.raises((Conflict, Invalid, NotFound)) as refusal:
        call()
    assert str(refusal.value)
    return refusal.value.code


class TestStart:
    def test_the_paper_is_drawn_and_the_deadline_set(self, seat):
        attempt = sitting(**seat)
        assert len(attempt.question_versions) == len(set(attempt.question_versions)) == 4
        assert attempt.deadline == NOON + timedelta(minutes=20)
        assert attempt.number == 1

    def test_again_resumes_the_open_one(self, seat):
        assert sitting(**seat) == sitting(**seat, now=NOON + timedelta(minutes=5))

    def test_cool_down_then_another_paper(self, seat):
        first = sat(**seat, right=False).attempt
        assert code_of(lambda: sitting(**seat, now=NOON + timedelta(minutes=5))) == "cool_down"
        second = sitting(**seat, now=NOON + timedelta(hours=1))
        assert (second.number, second.seed == first.seed) == (2, False)

    def test_attempts_run_out(self, seat):
        for number in range(3):
            sat(**seat, right=False, now=NOON + timedelta(hours=number))
        assert code_of(lambda: sitting(**seat, now=NOON + timedelta(days=9))) == "attempts_exhausted"

    def test_passed_is_passed(self, seat):
        sat(**seat)
        assert code_of(lambda: sitting(**seat, now=NOON + timedelta(hours=1))) == "passed_already"

    def test_one_left_open_is_graded_before_the_next(self, seat):
        first = sitting(**seat)
        assert code_of(lambda: sitting(**seat, now=first.deadline + timedelta(minutes=1))) == "cool_down"
        assert first.results.get().submitted == "deadline"

    def test_another_person_and_another_kind_of_lesson(self, seat):
        stranger = Actor(kind="user", label="x", person_id=uuid.uuid4(), role="practitioner")
        assert code_of(lambda: start_attempt(**seat, actor=stranger, now=NOON)) == "no_attempt"
        text = seat["lesson"].release.lessons.get(position=1)
        assert code_of(lambda: sitting(**{**seat, "lesson": text})) == "not_a_quiz"


class TestSave:
    def test_every_kind_right_and_wrong(self):
        person, pack = learner(), shanghai_pack()
        for kind in KINDS:
            lesson = released_course(lessons=[quiz([question(kind=kind)])]).lessons.get()
            for right in (False, True):
                now = NOON + timedelta(hours=right)
                result = sat(person=person, lesson=lesson, enrolment_id=lesson.pk, pack=pack, right=right, now=now)
                assert result.passed is right, kind

    def test_the_last_answer_counts_and_the_same_writes_nothing(self, seat):
        attempt = sitting(**seat)
        version = QuestionVersion.objects.filter(pk__in=attempt.question_versions).first()
        say = {"attempt": attempt, "actor": SYSTEM, "now": NOON}
        right, wrong = KINDS[version.kind][2:]
        for answer in (wrong, wrong, right, right):
            save_answer(question_version_id=version.pk, answer=answer, **say)
        assert AttemptAnswer.objects.count() == 2
        save_answer(question_version_id=version.pk, answer="", **say)
        assert AttemptAnswer.objects.count() == 3
        assert submit_attempt(attempt=attempt, actor=SYSTEM, now=NOON).points == 0

    def test_after_the_deadline_and_after_handing_in(self, seat):
        attempt = sitting(**seat)
        version = uuid.UUID(attempt.question_versions[0])
        say = {"attempt": attempt, "question_version_id": version, "answer": "", "actor": SYSTEM}
        save_answer(**say, now=attempt.deadline)
        assert code_of(lambda: save_answer(**say, now=attempt.deadline + timedelta(seconds=1))) == "deadline_passed"
        submit_attempt(attempt=attempt, actor=SYSTEM, now=NOON)
        assert code_of(lambda: save_answer(**say, now=NOON)) == "submitted_already"

    def test_a_question_of_another_paper(self, seat):
        attempt, other = sitting(**seat), question()
        call = {"attempt": attempt, "question_version_id": other.pk, "answer": "a", "actor": SYSTEM, "now": NOON}
        assert code_of(lambda: save_answer(**call)) == "no_question"

    @pytest.mark.parametrize("given", [["x"] * 99, {"a": ["b"]}, 7, "z" * 501, ["nonsense"], True, 1.5])
    def test_what_is_no_answer_is_refused(self, given):
        person, pack = learner(), shanghai_pack()
        version = question(kind="multiple")
        lesson = released_course(lessons=[quiz([version])]).lessons.get()
        attempt = sitting(person=person, lesson=lesson, enrolment_id=lesson.pk, pack=pack)
        call = {"attempt": attempt, "question_version_id": version.pk, "answer": given, "actor": SYSTEM, "now": NOON}
        assert code_of(lambda: save_answer(**call)) == "not_an_answer"
        assert not AttemptAnswer.objects.exists()

    def test_another_persons_paper(self, seat):
        attempt = sitting(**seat)
        stranger = Actor(kind="user", label="x", person_id=uuid.uuid4(), role="practitioner")
        version = uuid.UUID(attempt.question_versions[0])
        call = {"attempt": attempt, "question_version_id": version, "answer": "", "actor": stranger, "now": NOON}
        assert code_of(lambda: save_answer(**call)) == "no_attempt"


class TestSubmit:
    def test_twice_gives_the_same_result_and_one_piece_of_news(self, seat):
        heard = []

        def listener(result, **_news):
            heard.append(result)

        attempt_graded.connect(listener)
        try:
            attempt = sitting(**seat)
            answered(attempt)
            first = submit_attempt(attempt=attempt, actor=SYSTEM, now=NOON)
            again = submit_attempt(attempt=attempt, actor=SYSTEM, now=NOON + timedelta(minutes=1))
        finally:
            attempt_graded.disconnect(listener)
        assert first == again
        assert first.passed
        assert len(heard) == 1
        assert Statement.objects.filter(verb__endswith="answered").count() == 4

    def test_a_newer_version_of_a_question_does_not_change_a_paper_drawn(self, seat):
        from courses.assessment.services import save_question

        attempt = sitting(**seat)
        answered(attempt)
        for version in QuestionVersion.objects.filter(pk__in=attempt.question_versions, kind="true_false"):
            save_question(
                bank=version.question.bank,
                key=version.question.key,
                kind="true_false",
                stem="改过的题",
                answer=True,
                actor=SYSTEM,
                now=NOON,
            )
        assert submit_attempt(attempt=attempt, actor=SYSTEM, now=NOON).points == 4

    def test_overdue_papers_are_graded_by_what_was_saved(self, seat):
        attempt = sitting(**seat)
        answered(attempt)
        assert grade_overdue(now=attempt.deadline) == 0
        assert grade_overdue(now=attempt.deadline + timedelta(minutes=1)) == 1
        assert grade_overdue(now=attempt.deadline + timedelta(minutes=2)) == 0
        result = attempt.results.get()
        assert (result.passed, result.submitted) == (True, "deadline")

    def test_killed_while_telling_leaves_no_result(self, seat):
        def die(**_news):
            raise KeyboardInterrupt

        attempt = sitting(**seat)
        attempt_graded.connect(die)
        try:
            with pytest.raises(KeyboardInterrupt):
                submit_attempt(attempt=attempt, actor=SYSTEM, now=NOON)
        finally:
            attempt_graded.disconnect(die)
        assert not AttemptResult.objects.exists()
        assert submit_attempt(attempt=attempt, actor=SYSTEM, now=NOON)


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_one_paper_one_result():
    person, pack = learner(), shanghai_pack()
    lesson = released_course(lessons=[quiz(paper(3))]).lessons.get()
    ready, found = threading.Barrier(2), []

    def go() -> None:
        try:
            ready.wait(10)
            attempt = sitting(person=person, lesson=lesson, enrolment_id=lesson.pk, pack=pack)
            found.append(submit_attempt(attempt=attempt, actor=SYSTEM, now=NOON).pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) >= 1  # the slower one may meet the graded paper and its cool-down
    assert Attempt.objects.count() == AttemptResult.objects.count() == 1
