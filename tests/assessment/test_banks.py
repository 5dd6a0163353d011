"""Question banks: a change is a new version; what can't be answered is refused; another college's bank is not there."""

import pytest

from courses.assessment.models import Question, QuestionVersion
from courses.assessment.services import create_bank, retire_question, save_question
from lms.audit.models import AuditEvent
from lms.rules.refusals import Invalid, NotAllowed, NotFound
from tests.factories import people
from tests.factories.assessment import KINDS, NOON, SYSTEM, bank, question

pytestmark = pytest.mark.django_db
AB = [{"id": "a", "text": "甲"}, {"id": "b", "text": "乙"}]


def saved(of, **changed):
    fields = {"key": "Q1", "kind": "single", "stem": "题干", "choices": AB, "answer": "a", **changed}
    return save_question(bank=of, **fields, actor=SYSTEM, now=NOON)


def test_the_same_again_is_the_same_version_a_change_the_next():
    of = bank()
    first, again, changed = saved(of), saved(of), saved(of, answer="b")
    assert (first, changed.number) == (again, 2)
    assert Question.objects.count() == 1
    assert AuditEvent.objects.filter(verb="question.saved").count() == 2


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"key": " "}, "key"),
        ({"kind": "essay"}, "kind"),
        ({"stem": ""}, "stem"),
        ({"answer": "c"}, "answer"),
        ({"choices": AB[:1]}, "choices"),
        ({"choices": [AB[0], AB[0]]}, "choices"),
        ({"choices": [{"id": "a", "text": ""}, AB[1]]}, "choices"),
        ({"choices": "ab"}, "choices"),
        ({"kind": "multiple", "answer": []}, "answer"),
        ({"kind": "multiple", "answer": ["a", "a"]}, "answer"),
        ({"kind": "ordering", "answer": ["a"]}, "answer"),
        ({"kind": "true_false", "answer": "yes"}, "answer"),
        ({"kind": "fill_in", "answer": [[]]}, "answer"),
        ({"kind": "fill_in", "answer": []}, "answer"),
        ({"kind": "matching", "answer": {}}, "choices"),
        ({"kind": "matching", "choices": {"left": AB, "right": AB}, "answer": {"a": "a"}}, "answer"),
        ({"difficulty": 9}, "difficulty"),
        ({"points": 0}, "points"),
    ],
)
def test_a_question_that_can_not_be_answered(changed, field):
    with pytest.raises(Invalid) as refusal:
        saved(bank(), **changed)
    assert refusal.value.field == field
    assert not QuestionVersion.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind(kind):
    assert question(kind=kind).kind == kind


def test_only_authors_of_the_college():
    ours, theirs = people.college(), people.college()
    of = bank(ours)
    author, stranger = people.member(ours, "college_author"), people.member(theirs, "college_author")
    teacher = people.member(ours, "college_teacher")
    fields = {"bank": of, "key": "Q", "kind": "true_false", "stem": "？", "answer": True, "now": NOON}
    assert save_question(**fields, actor=people.acting(author))
    with pytest.raises(NotFound):
        save_question(**fields, actor=people.acting(stranger))
    with pytest.raises(NotAllowed):
        save_question(**fields, actor=people.acting(teacher))
    with pytest.raises(NotFound):
        create_bank(college=ours, name="新题库", actor=people.acting(stranger), now=NOON)


def test_a_bank_twice_is_one():
    ours = people.college()
    author = people.acting(people.member(ours, "college_author"))
    first = create_bank(college=ours, name=" 安全 ", actor=author, now=NOON)
    assert create_bank(college=ours, name="安全", actor=author, now=NOON) == first


def test_retired_and_taken_back_into_use():
    of = bank()
    version = saved(of)
    retire_question(question=version.question, actor=SYSTEM, now=NOON)
    retire_question(question=version.question, actor=SYSTEM, now=NOON)
    assert AuditEvent.objects.filter(verb="question.retired").count() == 1
    saved(of)
    version.question.refresh_from_db()
    assert not version.question.retired
