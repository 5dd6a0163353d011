"""Demonstration content as data: eight courses online or blended, and four classroom courses that fill a year.

One file in `content/courses` is one course as a college would hand it in. Everything is checked while it is read,
so that a wrong answer key, a caption that outlasts its video or a reading that claims more minutes than it has
text stops the load and never reaches a learner. Nothing here touches the database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Annotated, Literal, Self

import yaml
from pydantic import Field, model_validator

from lms.demo.questions import Question
from lms.demo.values import CONTENT_DIRECTORY, College, Frozen, RegionCode, Text
from lms.rules.class_hours import CHINESE_CHARACTERS_PER_MINUTE

QUIZ_MINUTES_PER_QUESTION = 2

Topic = Literal["职业道德", "职业规范", "职业技能", "安全防范", "心理健康"]


# Blocks of a reading


class Heading(Frozen):
    type: Literal["heading"]
    text: Text

    def texts(self) -> Iterator[str]:
        yield self.text


class Paragraph(Frozen):
    type: Literal["paragraph"]
    text: Text

    def texts(self) -> Iterator[str]:
        yield self.text


class ListBlock(Frozen):
    type: Literal["list"]
    items: tuple[Text, ...] = Field(min_length=2)
    ordered: bool = False

    def texts(self) -> Iterator[str]:
        yield from self.items


class Callout(Frozen):
    type: Literal["callout"]
    tone: Literal["note", "attention", "danger"] = "note"
    title: Text
    text: Text

    def texts(self) -> Iterator[str]:
        yield self.title
        yield self.text


class Table(Frozen):
    type: Literal["table"]
    caption: Text
    header: tuple[Text, ...] = Field(min_length=2)
    rows: tuple[tuple[Text, ...], ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _rectangular(self) -> Self:
        if any(len(row) != len(self.header) for row in self.rows):
            raise ValueError(f"table {self.caption!r}: every row needs {len(self.header)} cells")
        return self

    def texts(self) -> Iterator[str]:
        yield self.caption
        yield from self.header
        for row in self.rows:
            yield from row


class Practice(Frozen):
    """An exercise done at the desk or in one's own room while reading; its minutes are part of the reading."""

    type: Literal["practice"]
    title: Text
    minutes: int = Field(gt=0, le=30)
    steps: tuple[Text, ...] = Field(min_length=2)

    def texts(self) -> Iterator[str]:
        yield self.title
        yield from self.steps


Block = Annotated[
    Heading | Paragraph | ListBlock | Callout | Table | Practice,
    Field(discriminator="type"),
]


def chinese_characters(text: str) -> int:
    """Han characters in `text`; punctuation, digits and Latin letters do not count."""
    return len(re.findall(r"[\u3400-\u9fff\U00020000-\U0003ffff]", text))


# Lessons


class Reading(Frozen):
    kind: Literal["reading"]
    title: Text
    expected_minutes: int = Field(gt=0)
    body: tuple[Block, ...] = Field(min_length=3)

    @property
    def characters(self) -> int:
        return sum(chinese_characters(text) for block in self.body for text in block.texts())

    @property
    def practice_minutes(self) -> int:
        return sum(block.minutes for block in self.body if isinstance(block, Practice))

    @property
    def minutes(self) -> Decimal:
        return Decimal(self.expected_minutes)

    @model_validator(mode="after")
    def _no_longer_than_its_text(self) -> Self:
        read = -(-self.characters // CHINESE_CHARACTERS_PER_MINUTE)
        if self.expected_minutes > read + self.practice_minutes:
            raise ValueError(
                f"{self.title!r} expects {self.expected_minutes} minutes, "
                f"but reads in {read} and practises {self.practice_minutes}"
            )
        return self


class Chapter(Frozen):
    at: float = Field(ge=0)
    title: Text


class Caption(Frozen):
    start: float = Field(ge=0)
    end: float
    text: Text = Field(max_length=32)


class Slide(Frozen):
    """What the picture shows from second `at` on. With `timer` a ring counts the slide's seconds down."""

    at: float = Field(ge=0)
    heading: Text = Field(max_length=16)
    lines: tuple[Annotated[str, Field(min_length=1, max_length=22)], ...] = Field(max_length=4)
    timer: bool = False

    @model_validator(mode="after")
    def _room_for_the_ring(self) -> Self:
        if self.timer and any(len(line) > 16 for line in self.lines):
            raise ValueError(f"{self.heading!r}: beside the ring a line has room for 16 characters")
        return self


class Video(Frozen):
    kind: Literal["video"]
    title: Text
    seconds: int = Field(ge=20, le=60)
    chapters: tuple[Chapter, ...] = Field(min_length=1)
    captions: tuple[Caption, ...] = Field(min_length=1)
    slides: tuple[Slide, ...] = Field(min_length=1)

    @property
    def minutes(self) -> Decimal:
        return Decimal(self.seconds) / 60

    @model_validator(mode="after")
    def _everything_within_the_duration(self) -> Self:
        for what, starts in (
            ("chapters", [chapter.at for chapter in self.chapters]),
            ("slides", [slide.at for slide in self.slides]),
        ):
            ascending = all(a < b for a, b in pairwise(starts))
            if starts[0] != 0 or not ascending or starts[-1] >= self.seconds:
                raise ValueError(f"{self.title!r}: {what} must start at 0, ascend and end before {self.seconds}")
        if any(a.end > b.start for a, b in pairwise(self.captions)):
            raise ValueError(f"{self.title!r}: captions overlap")
        if any(c.end <= c.start or c.end > self.seconds for c in self.captions):
            raise ValueError(f"{self.title!r}: a caption lies outside the video")
        return self


class ClassroomDay(Frozen):
    kind: Literal["classroom_day"]
    title: Text
    minutes: int = Field(gt=0, le=480)
    venue_hint: Text
    programme: tuple[Text, ...] = Field(min_length=3)


class Quiz(Frozen):
    """`draw` questions are taken from the course's bank; `minutes` is the time allowed for them."""

    kind: Literal["quiz"]
    title: Text
    pass_share: Decimal = Field(gt=0, le=1)
    draw: int = Field(gt=0)
    minutes: int = Field(gt=0)

    @model_validator(mode="after")
    def _time_fits_the_questions(self) -> Self:
        if self.minutes > self.draw * QUIZ_MINUTES_PER_QUESTION:
            raise ValueError(f"{self.title!r}: {self.minutes} minutes is too long for {self.draw} questions")
        return self


Lesson = Annotated[Reading | Video | ClassroomDay | Quiz, Field(discriminator="kind")]


class Course(Frozen):
    """One course as its college claims it. `regions` empty means that it counts in all five cities."""

    slug: str = Field(pattern=r"^[a-z]+(-[a-z]+)*$")
    title: Text
    title_en: Text
    summary: Text
    category: Literal["skills", "ethics"]
    topic: Topic
    class_hours: Decimal = Field(gt=0)
    delivery: Literal["online", "offline", "blended"]
    regions: tuple[RegionCode, ...] = ()
    college: College
    lessons: tuple[Lesson, ...] = Field(min_length=3)
    bank: tuple[Question, ...] = Field(min_length=8)

    @property
    def taught_minutes(self) -> int:
        """Whole minutes of readings, videos and classroom days; the quiz is left out, it only examines."""
        return int(sum(Decimal(lesson.minutes) for lesson in self.lessons if not isinstance(lesson, Quiz)))

    @property
    def quiz(self) -> Quiz:
        return next(lesson for lesson in self.lessons if isinstance(lesson, Quiz))

    @property
    def videos(self) -> tuple[Video, ...]:
        return tuple(lesson for lesson in self.lessons if isinstance(lesson, Video))

    def claimed_minutes(self, minutes_per_class_hour: int) -> Decimal:
        """What the class-hours claimed amount to under a pack whose class-hour has that many minutes."""
        return self.class_hours * minutes_per_class_hour

    @model_validator(mode="after")
    def _whole(self) -> Self:
        quizzes = [lesson for lesson in self.lessons if isinstance(lesson, Quiz)]
        if len(quizzes) != 1 or quizzes[0].draw > len(self.bank):
            raise ValueError(f"{self.slug}: needs one quiz that draws no more questions than the bank holds")
        in_a_room = any(isinstance(lesson, ClassroomDay) for lesson in self.lessons)
        if in_a_room == (self.delivery == "online"):
            raise ValueError(f"{self.slug}: a classroom day belongs to a course that is not online, and only there")
        if len({question.stem for question in self.bank}) != len(self.bank):
            raise ValueError(f"{self.slug}: the bank asks the same question twice")
        return self


class Term(Frozen):
    """What a college understands by a word of its courses."""

    college: College
    term: Text
    text: Text


class Glossary(Frozen):
    terms: tuple[Term, ...]


@cache
def load_courses() -> tuple[Course, ...]:
    """All courses, sorted by file name. A file that does not hold together raises `ValidationError`."""
    files = sorted(CONTENT_DIRECTORY.glob("courses/*.yaml"))
    return tuple(Course.model_validate(yaml.safe_load(file.read_text(encoding="utf-8"))) for file in files)


@cache
def load_terms() -> tuple[Term, ...]:
    """The terms of all colleges, in the order of the file."""
    file = CONTENT_DIRECTORY / "glossary.yaml"
    return Glossary.model_validate(yaml.safe_load(file.read_text(encoding="utf-8"))).terms
