"""Grading and drawing of questions.

A frozen question carries its own key and is graded where the key is: on the
server.  An answer comes from a browser and may be anything; what can't be
read as an answer earns nothing and raises nothing.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from typing import Any

from lms.rules.refusals import Conflict, gettext_noop
from lms.rules.sampling import seeded_order

_HUNDREDTH = Decimal("0.01")
_TRUE = frozenset({"true", "1", "yes", "对", "正确", "是", "√"})
_FALSE = frozenset({"false", "0", "no", "错", "错误", "否", "×"})


class QuestionKind(StrEnum):
    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"
    FILL_IN = "fill_in"
    ORDERING = "ordering"
    MATCHING = "matching"


@dataclass(frozen=True, slots=True)
class FrozenQuestion:
    """One version of a question.  What ``key`` holds depends on the kind:

    single: a choice id · multiple, ordering: choice ids · true_false: a bool ·
    fill_in: for each blank the accepted text or texts · matching: left id → right id.

    ``part_points`` gives half for a multiple choice that is right as far as it goes.
    """

    id: str
    kind: QuestionKind
    key: Any
    points: Decimal = Decimal(1)
    part_points: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """Points given out of points possible, to a hundredth; ``correct`` means all of them."""

    points: Decimal
    out_of: Decimal
    correct: bool


@dataclass(frozen=True, slots=True)
class BankItem:
    """A question of a bank, as far as drawing needs to know it."""

    id: str
    kind: str = ""
    knowledge_point: str = ""
    difficulty: int | None = None


@dataclass(frozen=True, slots=True)
class BlueprintRow:
    """So many questions of this kind, knowledge point and difficulty; None means any."""

    count: int
    kind: str | None = None
    knowledge_point: str | None = None
    difficulty: int | None = None

    def takes(self, item: BankItem) -> bool:
        return (
            self.kind in {None, item.kind}
            and self.knowledge_point in {None, item.knowledge_point}
            and self.difficulty in {None, item.difficulty}
        )


class NotEnoughQuestions(Conflict):
    """The bank can't fill a row of the blueprint; ``row`` counts from 1."""

    def __init__(self, row: int, need: int, have: int) -> None:
        super().__init__(
            "not_enough_questions",
            gettext_noop("组卷规则第 %(row)s 行需要 %(need)s 题，题库中只有 %(have)s 题可用。"),
            row=row,
            need=need,
            have=have,
        )


def grade(question: FrozenQuestion, answer: Any) -> Mark:
    """Mark one answer.  Deterministic; never raises for what a browser may send."""
    share = _share(question, answer)
    points = (question.points * share).quantize(_HUNDREDTH, ROUND_DOWN)
    return Mark(points, question.points, share == 1)


def draw(bank: Iterable[BankItem], blueprint: Sequence[BlueprintRow], seed: str) -> tuple[str, ...]:
    """Draw question ids for a paper, in the order of the blueprint, none twice.

    The same bank, blueprint and seed give the same paper.  Rows with the least
    choice are filled first.  Raises :class:`NotEnoughQuestions`.
    """
    items = {item.id: item for item in bank}
    order = seeded_order(items, seed)
    fitting = [[one for one in order if row.takes(items[one])] for row in blueprint]
    drawn: dict[int, tuple[str, ...]] = {}
    used: set[str] = set()
    for place in sorted(range(len(blueprint)), key=lambda at: (len(fitting[at]), at)):
        row = blueprint[place]
        free = [one for one in fitting[place] if one not in used]
        if len(free) < row.count:
            raise NotEnoughQuestions(place + 1, row.count, len(free))
        drawn[place] = tuple(free[: row.count])
        used.update(drawn[place])
    return tuple(one for place in range(len(blueprint)) for one in drawn[place])


def shuffle_choices(choice_ids: Iterable[str], seed: str, question_id: str) -> tuple[str, ...]:
    """Order the choices of a question for one attempt."""
    return seeded_order(choice_ids, f"{seed}\n{question_id}")


def _share(question: FrozenQuestion, answer: Any) -> Decimal:
    """Share of the points, 0 to 1."""
    key = question.key
    match QuestionKind(question.kind):
        case QuestionKind.SINGLE:
            return _all(isinstance(answer, str) and answer == key)
        case QuestionKind.TRUE_FALSE:
            return _all(_as_bool(answer) is not None and _as_bool(answer) is _as_bool(key))
        case QuestionKind.MULTIPLE:
            return _multiple(frozenset(key), _strings(answer), part_points=question.part_points)
        case QuestionKind.ORDERING:
            return _all(bool(key) and _strings(answer) == tuple(key))
        case QuestionKind.FILL_IN:
            return _blanks(key, answer)
        case QuestionKind.MATCHING:
            return _pairs(key, answer)


def _all(right: bool) -> Decimal:
    return Decimal(1) if right else Decimal(0)


def _as_bool(answer: Any) -> bool | None:
    if isinstance(answer, bool):
        return answer
    text = _folded(answer)
    if text in _TRUE:
        return True
    return False if text in _FALSE else None


def _strings(answer: Any) -> tuple[str, ...]:
    if isinstance(answer, list | tuple) and all(isinstance(one, str) for one in answer):
        return tuple(answer)
    return ()


def _multiple(key: frozenset[str], answer: tuple[str, ...], *, part_points: bool) -> Decimal:
    chosen = frozenset(answer)
    if not key or chosen == key:
        return _all(bool(key))
    return Decimal("0.5") if part_points and chosen and chosen < key else Decimal(0)


def _blanks(key: Sequence[str | Sequence[str]], answer: Any) -> Decimal:
    given = (answer,) if isinstance(answer, str) else _strings(answer)
    if not key or len(given) != len(key):
        return Decimal(0)
    right = sum(_folded(text) in _accepted(blank) for text, blank in zip(given, key, strict=True))
    return Decimal(right) / len(key)


def _accepted(blank: str | Sequence[str]) -> frozenset[str]:
    return frozenset(_folded(text) for text in ([blank] if isinstance(blank, str) else blank))


def _pairs(key: Mapping[str, str], answer: Any) -> Decimal:
    if not isinstance(answer, Mapping) or not key:
        return Decimal(0)
    return Decimal(sum(answer.get(left) == right for left, right in key.items())) / len(key)


def _folded(text: Any) -> str:
    """Width, case and spaces don't decide whether a blank was filled rightly."""
    if not isinstance(text, str):
        return ""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()
