"""The demonstration courses hold what they claim, and a file that does not hold together is refused."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from lms.demo.content import ClassroomDay, Course, Practice, Quiz, Reading, chinese_characters, load_courses, load_terms
from lms.demo.questions import FillIn, Matching, Multiple, Ordering, Single, TrueFalse
from lms.demo.values import CONTENT_DIRECTORY
from lms.rules.grading import FrozenQuestion, QuestionKind, grade

MINUTES_PER_CLASS_HOUR = 45
COURSES = load_courses()
QUESTIONS = [(course.slug, question) for course in COURSES for question in course.bank]
READINGS = [(course.slug, lesson) for course in COURSES for lesson in course.lessons if isinstance(lesson, Reading)]

Raw = dict[str, Any]


@pytest.fixture
def raw() -> Raw:
    """The first course as its file has it, to be spoilt by a test."""
    path = CONTENT_DIRECTORY / "courses" / "01-safe-sleep.yaml"
    return copy.deepcopy(yaml.safe_load(path.read_text(encoding="utf-8")))


def test_there_are_twelve_courses_of_three_colleges_over_all_topics() -> None:
    assert len(COURSES) == 12
    assert len({course.slug for course in COURSES}) == 12
    assert {course.topic for course in COURSES} == {"职业道德", "职业规范", "职业技能", "安全防范", "心理健康"}
    assert {course.college for course in COURSES} == {"kaifang-daxue", "zhiye-xueyuan", "shixun-jidi"}
    assert sum(course.category == "ethics" for course in COURSES) >= 2
    delivered = Counter(course.delivery for course in COURSES)
    assert delivered == {"online": 6, "blended": 2, "offline": 4}


@pytest.mark.parametrize("course", COURSES, ids=lambda course: course.slug)
def test_a_course_claims_no_more_than_it_teaches(course: Course) -> None:
    assert course.claimed_minutes(MINUTES_PER_CLASS_HOUR) <= course.taught_minutes


def test_what_is_offered_is_enough_for_a_year_of_72_and_40() -> None:
    for category, required in (("skills", 72), ("ethics", 40)):
        assert sum(course.class_hours for course in COURSES if course.category == category) >= required


@pytest.mark.parametrize("course", COURSES, ids=lambda course: course.slug)
def test_every_course_teaches_and_examines(course: Course) -> None:
    if course.delivery == "offline":
        assert all(isinstance(lesson, ClassroomDay | Quiz) for lesson in course.lessons)
    else:
        assert 2 <= sum(isinstance(lesson, Reading) for lesson in course.lessons) <= 3
        assert 1 <= len(course.videos) <= 2
    assert len(course.bank) >= max(8, course.quiz.draw)
    assert {question.kind for question in course.bank} == {kind.value for kind in QuestionKind}


@pytest.mark.parametrize(("slug", "reading"), READINGS, ids=lambda value: getattr(value, "title", value))
def test_a_reading_has_substance_and_an_exercise(slug: str, reading: Reading) -> None:
    assert 400 <= reading.characters <= 1200
    assert sum(isinstance(block, Practice) for block in reading.body) == 1


def test_a_college_explains_a_term_once_and_only_what_its_readings_say() -> None:
    terms = load_terms()
    assert len({(term.college, term.term) for term in terms}) == len(terms)
    assert {term.college for term in terms} == {"kaifang-daxue", "zhiye-xueyuan"}
    colleges = {course.slug: course.college for course in COURSES}
    for term in terms:
        texts = [
            text
            for slug, reading in READINGS
            if colleges[slug] == term.college
            for block in reading.body
            for text in block.texts()
        ]
        assert any(term.term in text for text in texts), term.term


@pytest.mark.parametrize(("slug", "question"), QUESTIONS, ids=lambda value: getattr(value, "stem", value))
def test_the_key_is_what_grading_marks_by(slug: str, question: Any) -> None:
    frozen = FrozenQuestion(id="q", kind=QuestionKind(question.kind), key=question.key)
    right: object = question.key
    if isinstance(question, FillIn):
        right = [accepted[-1] for accepted in question.answer]
    assert grade(frozen, right).correct
    assert not grade(frozen, _wrong(question)).correct


def _wrong(question: Single | Multiple | TrueFalse | FillIn | Ordering | Matching) -> object:
    match question:
        case Single():
            return "B" if question.answer == "A" else "A"
        case Multiple():
            return question.key[:-1]
        case TrueFalse():
            return not question.answer
        case FillIn():
            return ["不知道"] * len(question.answer)
        case Ordering():
            return sorted(question.key)
        case Matching():
            return dict(zip(question.key, reversed(question.key.values()), strict=True))


@pytest.mark.parametrize(
    "day",
    [day for course in COURSES for day in course.lessons if isinstance(day, ClassroomDay)],
    ids=lambda day: day.title,
)
def test_the_programme_of_a_day_runs_from_morning_to_its_last_minute(day: ClassroomDay) -> None:
    """What the programme says from the first to the last hour, less the noon break, holds the minutes of the day."""
    times = [int(line[:2]) * 60 + int(line[3:5]) for line in day.programme]
    assert times == sorted(times)
    noon = next(index for index, line in enumerate(day.programme) if "不计时" in line)
    assert (16 * 60 + 30 - times[0]) - (times[noon + 1] - times[noon]) >= day.minutes


@pytest.mark.parametrize("course", COURSES, ids=lambda course: course.slug)
def test_captions_cover_the_whole_video_at_a_readable_pace(course: Course) -> None:
    for video in course.videos:
        shown = sum(caption.end - caption.start for caption in video.captions)
        assert video.captions[0].start == 0
        assert video.captions[-1].end == video.seconds
        assert shown >= 0.9 * video.seconds
        for caption in video.captions:
            assert chinese_characters(caption.text) / (caption.end - caption.start) <= 6


def test_characters_count_han_only() -> None:
    assert chinese_characters("洗手 20 秒，ok！𠮷") == 4


def _claims_a_minute_more_than_its_text(raw: Raw) -> None:
    raw["lessons"][0]["expected_minutes"] += 1


def _caption_outlasts_the_video(raw: Raw) -> None:
    raw["lessons"][1]["captions"][-1]["end"] = raw["lessons"][1]["seconds"] + 1


def _captions_overlap(raw: Raw) -> None:
    raw["lessons"][1]["captions"][0]["end"] += 1


def _slides_out_of_order(raw: Raw) -> None:
    raw["lessons"][1]["slides"].reverse()


def _answer_missing(raw: Raw) -> None:
    del raw["bank"][0]["answer"]


def _answer_is_no_choice(raw: Raw) -> None:
    raw["bank"][0]["answer"] = "E"


def _blank_without_an_answer(raw: Raw) -> None:
    raw["bank"][4]["answer"].pop()


def _order_given_away(raw: Raw) -> None:
    raw["bank"][5]["answer"] = ["A", "B", "C", "D"]


def _same_choice_for_two(raw: Raw) -> None:
    raw["bank"][6]["answer"] = ["A", "A", "B"]


def _misspelt_field(raw: Raw) -> None:
    raw["sumary"] = raw.pop("summary")


def _unknown_topic(raw: Raw) -> None:
    raw["topic"] = "其他"


def _ragged_table(raw: Raw) -> None:
    next(block for block in raw["lessons"][0]["body"] if block["type"] == "table")["rows"][0].pop()


def _draws_more_than_the_bank(raw: Raw) -> None:
    raw["lessons"][-1]["draw"] = len(raw["bank"]) + 1


def _no_quiz(raw: Raw) -> None:
    raw["lessons"].pop()


def _blended_without_a_room(raw: Raw) -> None:
    raw["delivery"] = "blended"


def _same_question_twice(raw: Raw) -> None:
    raw["bank"].append(raw["bank"][0])


@pytest.mark.parametrize(
    "spoil",
    [
        _claims_a_minute_more_than_its_text,
        _caption_outlasts_the_video,
        _captions_overlap,
        _slides_out_of_order,
        _answer_missing,
        _answer_is_no_choice,
        _blank_without_an_answer,
        _order_given_away,
        _same_choice_for_two,
        _misspelt_field,
        _unknown_topic,
        _ragged_table,
        _draws_more_than_the_bank,
        _no_quiz,
        _blended_without_a_room,
        _same_question_twice,
    ],
)
def test_a_file_that_does_not_hold_together_is_refused(raw: Raw, spoil: Callable[[Raw], None]) -> None:
    Course.model_validate(raw)
    spoil(raw)
    with pytest.raises(ValidationError):
        Course.model_validate(raw)


def test_claimed_minutes_follow_the_class_hour_of_the_pack(raw: Raw) -> None:
    raw["class_hours"] = "1.5"
    course = Course.model_validate(raw)
    assert course.claimed_minutes(40) == Decimal(60)
    assert course.claimed_minutes(45) == Decimal("67.5")
