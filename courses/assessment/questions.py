"""The shape of a question, and of an answer to it.

| kind | choices | answer key |
|---|---|---|
| single | ``[{"id", "text"}, …]`` | a choice id |
| multiple, ordering | ``[{"id", "text"}, …]`` | choice ids (ordering: all of them, in order) |
| true_false | ``[]`` | a bool |
| fill_in | ``[]`` | for each blank the accepted text or texts |
| matching | ``{"left": [{"id", "text"}], "right": [{"id", "text"}]}`` | left id → right id |

An answer of a learner has the shape of the key (fill_in: one text a blank). What may never happen: a question whose
right answer can't be given, or an answer so large that it is an attack.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from courses.assessment.models import QuestionKind, QuestionVersion
from lms.rules.refusals import Invalid

_TEXT_AT_MOST = 500
_PARTS_AT_MOST = 40
WITH_CHOICES = frozenset({QuestionKind.SINGLE, QuestionKind.MULTIPLE, QuestionKind.ORDERING})


def check_question(
    *,
    key: str,
    kind: str,
    stem: str,
    choices: Any,
    answer: Any,
    explanation: str,
    knowledge_point: str,
    difficulty: int,
    points: int,
) -> dict[str, Any]:
    """The frozen wording of a question. Refuses ``Invalid`` naming the field."""
    if not key.strip() or len(key.strip()) > 50:
        raise Invalid("question_key", _("请填写题目编号，最多 50 字。"), field="key")
    if kind not in QuestionKind.values:
        raise Invalid("question_kind", _("题型不正确：%(kind)s。"), field="kind", kind=kind)
    if not stem.strip():
        raise Invalid("question_stem", _("请填写题干。"), field="stem")
    if len(knowledge_point) > 100:
        raise Invalid("question_knowledge_point", _("知识点最多 100 字。"), field="knowledge_point")
    if difficulty not in {1, 2, 3}:
        raise Invalid("question_difficulty", _("难度应为 1、2 或 3。"), field="difficulty")
    if not 1 <= points <= 100:
        raise Invalid("question_points", _("分值应在 1 到 100 之间。"), field="points")
    checked_choices = _checked_choices(kind, choices)
    return {
        "kind": kind,
        "stem": stem.strip(),
        "choices": checked_choices,
        "answer": _checked_key(kind, checked_choices, answer),
        "explanation": explanation.strip(),
        "knowledge_point": knowledge_point.strip(),
        "difficulty": difficulty,
        "points": points,
    }


def _checked_choices(kind: str, choices: Any) -> Any:
    if kind in WITH_CHOICES:
        return _options(choices)
    if kind == QuestionKind.MATCHING:
        if not isinstance(choices, Mapping):
            raise Invalid("question_choices", _("匹配题需要左右两列。"), field="choices")
        return {"left": _options(choices.get("left")), "right": _options(choices.get("right"))}
    return []


def _options(choices: Any) -> list[dict[str, str]]:
    try:
        options = [{"id": str(one["id"]).strip(), "text": str(one["text"]).strip()} for one in choices]
    except (KeyError, TypeError):
        raise Invalid("question_choices", _("选项格式不正确。"), field="choices") from None
    if not 2 <= len(options) <= _PARTS_AT_MOST:
        raise Invalid("question_choices", _("选项至少两个。"), field="choices")
    if len(ids_of(options)) != len(options) or len({one["text"] for one in options}) != len(options):
        raise Invalid("question_choices_repeated", _("选项不能重复。"), field="choices")
    if not all(one["id"] and one["text"] for one in options):
        raise Invalid("question_choices", _("选项不能为空。"), field="choices")
    return options


def ids_of(options: Iterable[Mapping[str, str]]) -> set[str]:
    return {one["id"] for one in options}


def _checked_key(kind: str, choices: Any, answer: Any) -> Any:
    match kind:
        case QuestionKind.SINGLE:
            right = isinstance(answer, str) and answer in ids_of(choices)
        case QuestionKind.MULTIPLE:
            right = _names(answer) and bool(answer) and set(answer) <= ids_of(choices)
        case QuestionKind.ORDERING:
            right = _names(answer) and len(answer) == len(choices) and set(answer) == ids_of(choices)
        case QuestionKind.TRUE_FALSE:
            right = isinstance(answer, bool)
        case QuestionKind.FILL_IN:
            right = _blanks(answer)
        case _:
            right = (
                isinstance(answer, Mapping)
                and set(answer) == ids_of(choices["left"])
                and set(answer.values()) <= ids_of(choices["right"])
            )
    if not right:
        raise Invalid("question_answer", _("答案与题型或选项不符。"), field="answer")
    return answer


def _names(answer: Any) -> bool:
    return (
        isinstance(answer, list | tuple)
        and all(isinstance(one, str) for one in answer)
        and len(set(answer)) == len(answer)
    )


def _blanks(answer: Any) -> bool:
    if not isinstance(answer, list | tuple) or not answer:
        return False
    accepted = [[blank] if isinstance(blank, str) else blank for blank in answer]
    return all(
        isinstance(texts, list | tuple) and texts and all(isinstance(text, str) and text.strip() for text in texts)
        for texts in accepted
    )


def cleaned_answer(version: QuestionVersion, given: Any) -> Any:
    """What a learner sent, reduced to the shape of the key; an empty text takes the answer back.

    Refuses ``Invalid`` for anything that is no answer to this question.
    """
    if given is None or given in ("", [], {}):
        return ""
    shape = {
        QuestionKind.SINGLE: str,
        QuestionKind.TRUE_FALSE: bool,
        QuestionKind.MULTIPLE: list,
        QuestionKind.ORDERING: list,
        QuestionKind.FILL_IN: list,
        QuestionKind.MATCHING: dict,
    }[QuestionKind(version.kind)]
    if not isinstance(given, shape):
        raise _no_answer()
    if isinstance(given, bool):
        return given
    parts = _parts(given)
    if len(parts) > 2 * _PARTS_AT_MOST or not all(isinstance(one, str) and len(one) <= _TEXT_AT_MOST for one in parts):
        raise _no_answer()
    if version.kind in WITH_CHOICES and not set(parts) <= ids_of(version.choices):
        raise _no_answer()
    return given


def _parts(given: Any) -> list[Any]:
    if isinstance(given, str):
        return [given]
    return [*given.keys(), *given.values()] if isinstance(given, dict) else list(given)


def _no_answer() -> Invalid:
    return Invalid("not_an_answer", _("提交的内容不是本题的答案。"), field="answer")
