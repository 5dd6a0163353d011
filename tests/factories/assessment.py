"""Words for question banks, papers and sittings."""

import uuid
from datetime import datetime
from itertools import count
from typing import Any

from courses.assessment.models import Attempt, QuestionBank, QuestionVersion
from courses.assessment.services import create_bank, save_answer, save_question, start_attempt, submit_attempt
from lms.audit.actors import Actor
from lms.people.models import Organisation
from tests.factories.catalogue import a_college

SYSTEM = Actor.system("tests")
NOON = datetime.fromisoformat("2026-06-15T12:00:00+08:00")
_numbers = count(1)

# One question of each kind: (kind, choices, answer key, a right answer, a wrong answer).
KINDS: dict[str, tuple[Any, Any, Any, Any]] = {
    "single": ([{"id": "a", "text": "仰卧"}, {"id": "b", "text": "俯卧"}], "a", "a", "b"),
    "multiple": (
        [{"id": "a", "text": "洗手"}, {"id": "b", "text": "记录"}, {"id": "c", "text": "离开"}],
        ["a", "b"],
        ["b", "a"],
        ["a"],
    ),
    "true_false": ([], False, False, True),
    "fill_in": ([], [["120", "一二〇"]], ["１２０"], ["110"]),
    "ordering": (
        [{"id": "a", "text": "判断"}, {"id": "b", "text": "呼救"}, {"id": "c", "text": "复苏"}],
        ["a", "b", "c"],
        ["a", "b", "c"],
        ["c", "b", "a"],
    ),
    "matching": (
        {
            "left": [{"id": "a", "text": "发热"}, {"id": "b", "text": "噎食"}],
            "right": [{"id": "1", "text": "测体温"}, {"id": "2", "text": "叩背"}],
        },
        {"a": "1", "b": "2"},
        {"a": "1", "b": "2"},
        {"a": "2", "b": "1"},
    ),
}


def bank(college: Organisation | None = None, name: str = "") -> QuestionBank:
    """A college's question bank."""
    return create_bank(college=college or a_college(), name=name or f"题库{next(_numbers)}", actor=SYSTEM, now=NOON)


def question(of: QuestionBank | None = None, kind: str = "single", **fields: Any) -> QuestionVersion:
    """A question of this kind, in its first version."""
    number = next(_numbers)
    choices, answer, _right, _wrong = KINDS[kind]
    return save_question(
        bank=of or bank(),
        **{
            "key": f"Q{number}",
            "kind": kind,
            "stem": f"第 {number} 题：以下做法哪个正确？",
            "choices": choices,
            "answer": answer,
            "explanation": f"解析{number}：见教材。",
            "knowledge_point": "安全睡眠",
            **fields,
        },
        actor=SYSTEM,
        now=NOON,
    )


def paper(questions: int = 5, of: QuestionBank | None = None) -> list[QuestionVersion]:
    """So many questions of one bank, of changing kinds."""
    of = of or bank()
    kinds = list(KINDS)
    return [question(of, kinds[number % len(kinds)]) for number in range(questions)]


def answered(attempt: Attempt, *, right: bool = True, actor: Actor = SYSTEM, now: datetime = NOON) -> None:
    """Answer the whole paper, rightly or wrongly."""
    for version in QuestionVersion.objects.filter(pk__in=attempt.question_versions):
        answer = KINDS[version.kind][2 if right else 3]
        save_answer(attempt=attempt, question_version_id=version.pk, answer=answer, actor=actor, now=now)


def sitting(*, person: Any, lesson: Any, enrolment_id: uuid.UUID, pack: Any, now: datetime = NOON) -> Attempt:
    return start_attempt(person=person, lesson=lesson, enrolment_id=enrolment_id, pack=pack, actor=SYSTEM, now=now)


def sat(
    *, person: Any, lesson: Any, enrolment_id: uuid.UUID, pack: Any, right: bool = True, now: datetime = NOON
) -> Any:
    """A sitting taken from start to result."""
    attempt = sitting(person=person, lesson=lesson, enrolment_id=enrolment_id, pack=pack, now=now)
    answered(attempt, right=right, now=now)
    return submit_attempt(attempt=attempt, actor=SYSTEM, now=now)
