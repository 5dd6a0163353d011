from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules.grading import (
    BankItem,
    BlueprintRow,
    FrozenQuestion,
    NotEnoughQuestions,
    QuestionKind,
    draw,
    grade,
    shuffle_choices,
)

SINGLE = FrozenQuestion("q1", QuestionKind.SINGLE, "b")
MULTIPLE = FrozenQuestion("q2", QuestionKind.MULTIPLE, ["a", "c"], Decimal(2))
LENIENT = FrozenQuestion("q2", QuestionKind.MULTIPLE, ["a", "c"], Decimal(2), part_points=True)
TRUE = FrozenQuestion("q3", QuestionKind.TRUE_FALSE, True)
FALSE = FrozenQuestion("q3", QuestionKind.TRUE_FALSE, False)
FILL = FrozenQuestion("q4", QuestionKind.FILL_IN, [["七步", "7步"], "20秒"], Decimal(3))
ORDER = FrozenQuestion("q5", QuestionKind.ORDERING, ["c", "a", "b"])
MATCH = FrozenQuestion("q6", QuestionKind.MATCHING, {"l1": "r1", "l2": "r2", "l3": "r3"})


@pytest.mark.parametrize(
    ("question", "answer", "points"),
    [
        (SINGLE, "b", "1"),
        (SINGLE, "a", "0"),
        (SINGLE, ["b"], "0"),
        (MULTIPLE, ["c", "a"], "2"),
        (MULTIPLE, ["a", "c", "a"], "2"),
        (MULTIPLE, ["a"], "0"),
        (MULTIPLE, ["a", "b", "c"], "0"),
        (LENIENT, ["a"], "1"),
        (LENIENT, ["a", "b"], "0"),
        (LENIENT, [], "0"),
        (TRUE, True, "1"),
        (TRUE, "对", "1"),
        (TRUE, "false", "0"),
        (TRUE, None, "0"),
        (FALSE, False, "1"),
        (FALSE, "错误", "1"),
        (FALSE, None, "0"),
        (FALSE, "", "0"),
        (FILL, ["七步", "20 秒"], "3"),
        (FILL, ["７步", "２０秒"], "3"),
        (FILL, ["七步", "30秒"], "1.5"),
        (FILL, ["20秒", "七步"], "0"),
        (FILL, ["七步"], "0"),
        (FILL, "七步", "0"),
        (ORDER, ["c", "a", "b"], "1"),
        (ORDER, ["a", "b", "c"], "0"),
        (ORDER, ["c", "a"], "0"),
        (MATCH, {"l1": "r1", "l2": "r2", "l3": "r3"}, "1"),
        (MATCH, {"l1": "r1", "l2": "r3", "l3": "r2"}, "0.33"),
        (MATCH, {"l1": "r1", "l2": "r2", "l3": "r3", "l4": "r1"}, "1"),
        (MATCH, {}, "0"),
        (MATCH, [["l1", "r1"]], "0"),
    ],
)
def test_marks(question: FrozenQuestion, answer: Any, points: str) -> None:
    mark = grade(question, answer)
    assert mark.points == Decimal(points)
    assert mark.out_of == question.points
    assert mark.correct is (mark.points == question.points)


def test_one_blank_may_be_given_bare() -> None:
    assert grade(FrozenQuestion("q", QuestionKind.FILL_IN, ["洗手"]), " 洗手 ").correct


@pytest.mark.parametrize("kind", list(QuestionKind))
def test_a_question_without_a_key_gives_nothing(kind: QuestionKind) -> None:
    empty: Any = {} if kind is QuestionKind.MATCHING else []
    for answer in ([], {}, "", None):
        assert grade(FrozenQuestion("q", kind, empty), answer).points == 0


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from([SINGLE, MULTIPLE, LENIENT, TRUE, FILL, ORDER, MATCH]), anything)
def test_whatever_a_browser_sends_is_marked(question: FrozenQuestion, answer: Any) -> None:
    mark = grade(question, answer)
    assert 0 <= mark.points <= mark.out_of


BANK = [
    BankItem(f"q{place}", "single" if place % 2 else "multiple", "睡眠" if place < 6 else "喂养", 1 + place % 3)
    for place in range(12)
]


def test_a_paper_follows_its_blueprint() -> None:
    rows = [BlueprintRow(3, knowledge_point="睡眠"), BlueprintRow(2, kind="single"), BlueprintRow(2, difficulty=1)]
    paper = draw(BANK, rows, "attempt-1")
    items = {item.id: item for item in BANK}
    assert len(set(paper)) == 7
    assert all(items[one].knowledge_point == "睡眠" for one in paper[:3])
    assert all(items[one].kind == "single" for one in paper[3:5])
    assert all(items[one].difficulty == 1 for one in paper[5:])


def test_same_seed_same_paper_whatever_the_order_of_the_bank() -> None:
    rows = [BlueprintRow(5)]
    assert draw(BANK, rows, "s") == draw(BANK[::-1], rows, "s")
    assert draw(BANK, rows, "s") != draw(BANK, rows, "t")


def test_the_row_with_the_least_choice_is_served_first() -> None:
    bank = [BankItem("only", "ordering"), BankItem("x", "single"), BankItem("y", "single")]
    for seed in map(str, range(20)):
        assert draw(bank, [BlueprintRow(2), BlueprintRow(1, kind="ordering")], seed)[2] == "only"


def test_a_bank_too_small_names_the_row() -> None:
    with pytest.raises(NotEnoughQuestions) as caught:
        draw(BANK, [BlueprintRow(1), BlueprintRow(9, knowledge_point="喂养")], "s")
    assert caught.value.params == {"row": 2, "need": 9, "have": 6}
    assert "第 2 行" in str(caught.value)


def test_a_question_listed_twice_is_drawn_once() -> None:
    with pytest.raises(NotEnoughQuestions):
        draw([BankItem("a"), BankItem("a")], [BlueprintRow(2)], "s")


@given(st.text(max_size=6), st.integers(0, 12))
def test_nothing_is_drawn_twice(seed: str, count: int) -> None:
    paper = draw(BANK, [BlueprintRow(count)], seed)
    assert len(set(paper)) == len(paper) == count


def test_choices_are_shuffled_per_question() -> None:
    choices = [str(one) for one in range(8)]
    assert sorted(shuffle_choices(choices, "s", "q1")) == choices
    assert shuffle_choices(choices, "s", "q1") == shuffle_choices(choices, "s", "q1")
    assert shuffle_choices(choices, "s", "q1") != shuffle_choices(choices, "s", "q2")
