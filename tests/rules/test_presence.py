"""Nobody knows when they are asked, and no button, place or key is ever the answer."""

import re
from collections import Counter
from decimal import Decimal
from random import Random

import pytest

from lms.rules.presence import CHOICES, KINDS, LONGEST, SHORTEST, Question, draw_interval, draw_question
from lms.rules.presence_words import CATEGORIES, NUMBERS, OPPOSITES, SEQUENCES

RATE = Decimal(4)
MEAN_MS = 900_000


def drawn(times: int = 2000, *, english: bool = False) -> list[Question]:
    chance = Random(11)
    return [draw_question(chance, english=english) for _time in range(times)]


def text_of(question: Question, key: str) -> str:
    return dict(question.choices)[key]


def test_intervals_lie_around_the_policy_s_mean() -> None:
    chance = Random(3)
    intervals = [draw_interval(chance, RATE) or 0 for _time in range(20_000)]
    assert min(intervals) >= SHORTEST * MEAN_MS
    assert max(intervals) <= LONGEST * MEAN_MS
    assert abs(sum(intervals) / len(intervals) - MEAN_MS) < 0.01 * MEAN_MS
    assert len(set(intervals)) > 19_000, "nobody can count on a moment"


@pytest.mark.parametrize("rate", [Decimal(0), Decimal(-1)])
def test_a_policy_without_challenges_draws_none(rate: Decimal) -> None:
    assert draw_interval(Random(1), rate) is None


@pytest.mark.parametrize("rate", [Decimal("0.0001"), Decimal(60)])
def test_any_rate_fits_a_column(rate: Decimal) -> None:
    assert 0 < (draw_interval(Random(1), rate) or 0) < 2**31


def test_a_question_has_four_different_choices_and_one_is_right() -> None:
    for question in drawn() + drawn(english=True):
        keys = [key for key, _text in question.choices]
        texts = [text for _key, text in question.choices]
        assert len(set(keys)) == len(set(texts)) == CHOICES
        assert question.answer in keys
        assert len(question.prompt) <= 300
        assert "{" not in question.prompt


def test_no_place_and_no_key_is_the_answer() -> None:
    questions = drawn(4000)
    places = Counter([key for key, _text in one.choices].index(one.answer) for one in questions)
    assert all(900 < count < 1100 for count in places.values()), places
    by_key = Counter(sorted(key for key, _text in one.choices).index(one.answer) for one in questions)
    assert all(900 < count < 1100 for count in by_key.values()), by_key
    assert len({one.answer for one in questions}) == len(questions), "keys are of the moment"


def test_a_list_of_questions_seen_does_not_help() -> None:
    kinds = Counter(one.kind for one in drawn(4000))
    assert set(kinds) == set(KINDS)
    shown = Counter((one.prompt, frozenset(text for _key, text in one.choices)) for one in drawn(4000))
    assert len(shown) > 3000
    # What is asked in the same words is not answered in the same words.
    answers = {text_of(one, one.answer) for one in drawn() if one.kind == "odd_one_out"}
    assert len(answers) > 40


def test_another_kind_after_a_slip() -> None:
    chance = Random(5)
    assert all(draw_question(chance, unlike="sum").kind != "sum" for _time in range(200))


def test_the_language_is_the_learner_s() -> None:
    for question in drawn(500, english=True):
        assert not re.search("[\u4e00-\u9fff]", question.prompt + "".join(text for _key, text in question.choices))
    for question in drawn(500):
        assert not re.search("[A-Za-z]", question.prompt + "".join(text for _key, text in question.choices))


def test_what_is_asked_has_one_answer() -> None:
    numbers = {word.chinese: place for place, word in enumerate(NUMBERS)}
    category = {word.chinese: place for place, one in enumerate(CATEGORIES) for word in one.words}
    for question in drawn(3000):
        right = text_of(question, question.answer)
        others = [text for key, text in question.choices if key != question.answer]
        if question.kind == "sum":
            one, other = re.findall("(.+)加(.+)等于", question.prompt)[0]
            assert numbers[right] == numbers[one] + numbers[other]
        elif question.kind == "difference":
            one, other = re.findall("(.+)减(.+)等于", question.prompt)[0]
            assert numbers[right] == numbers[one] - numbers[other]
        elif question.kind == "largest":
            values = [numbers[text] for text in others]
            assert numbers[right] > max(values) if "最大" in question.prompt else numbers[right] < min(values)
        elif question.kind == "odd_one_out":
            assert len({category[text] for text in others}) == 1
            assert category[right] != category[others[0]]
        elif question.kind == "count":
            assert numbers[right] == question.prompt.count("、") + 1


def test_no_word_has_two_meanings_here() -> None:
    words = [word for one in CATEGORIES for word in one.words]
    assert len({word.chinese for word in words}) == len({word.english for word in words}) == len(words)
    pairs = [word for pair in OPPOSITES for word in pair]
    assert len({word.chinese for word in pairs}) == len(pairs)
    assert all(len(one.words) >= CHOICES for one in SEQUENCES)
