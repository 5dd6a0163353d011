"""Questions of the demonstration banks.

Choices are lettered A, B, C … in the order written: the letters are the choice ids. `key` is the answer in the
shape `lms.rules.grading` marks by. A question whose answer does not fit its choices is refused when it is read.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lms.demo.values import Frozen, Text

Letter = Annotated[str, Field(pattern=r"^[A-H]$")]


class QuestionBase(Frozen):
    knowledge_point: Text
    difficulty: int = Field(ge=1, le=3)
    stem: Text
    explanation: Text


def _letters(choices: tuple[str, ...]) -> set[str]:
    return set("ABCDEFGH"[: len(choices)])


class ChoiceQuestion(QuestionBase):
    choices: tuple[Text, ...] = Field(min_length=2, max_length=8)

    @model_validator(mode="after")
    def _choices_differ(self) -> Self:
        if len(set(self.choices)) != len(self.choices):
            raise ValueError(f"{self.stem!r}: two choices read the same")
        return self


class Single(ChoiceQuestion):
    kind: Literal["single"]
    answer: Letter

    @property
    def key(self) -> str:
        return self.answer

    @model_validator(mode="after")
    def _answer_is_a_choice(self) -> Self:
        if self.answer not in _letters(self.choices):
            raise ValueError(f"{self.stem!r}: no choice {self.answer}")
        return self


class Multiple(ChoiceQuestion):
    kind: Literal["multiple"]
    answer: tuple[Letter, ...] = Field(min_length=2)

    @property
    def key(self) -> list[str]:
        return list(self.answer)

    @model_validator(mode="after")
    def _answers_are_choices(self) -> Self:
        if not set(self.answer) <= _letters(self.choices) or len(set(self.answer)) != len(self.answer):
            raise ValueError(f"{self.stem!r}: answer {self.answer} does not fit the choices")
        return self


class TrueFalse(QuestionBase):
    kind: Literal["true_false"]
    answer: bool

    @property
    def key(self) -> bool:
        return self.answer


class FillIn(QuestionBase):
    """`answer` holds, for each blank ____ of the stem in order, every accepted writing."""

    kind: Literal["fill_in"]
    answer: tuple[tuple[Text, ...], ...] = Field(min_length=1)

    @property
    def key(self) -> list[list[str]]:
        return [list(accepted) for accepted in self.answer]

    @model_validator(mode="after")
    def _a_writing_for_every_blank(self) -> Self:
        if self.stem.count("____") != len(self.answer) or not all(self.answer):
            raise ValueError(f"{self.stem!r}: blanks and answers differ in number")
        return self


class Ordering(ChoiceQuestion):
    """`answer` lists the letters of the choices in the right order, which is never the order they are written in."""

    kind: Literal["ordering"]
    answer: tuple[Letter, ...]

    @property
    def key(self) -> list[str]:
        return list(self.answer)

    @model_validator(mode="after")
    def _every_choice_once_and_not_given_away(self) -> Self:
        if sorted(self.answer) != sorted(_letters(self.choices)):
            raise ValueError(f"{self.stem!r}: the order must name every choice once")
        if list(self.answer) == sorted(self.answer):
            raise ValueError(f"{self.stem!r}: the choices are already written in the right order")
        return self


class Matching(ChoiceQuestion):
    """`answer` names, for each entry of `left` in order, the letter of the choice that belongs to it."""

    kind: Literal["matching"]
    left: tuple[Text, ...] = Field(min_length=2)
    answer: tuple[Letter, ...]

    @property
    def key(self) -> dict[str, str]:
        """Entries on the left are numbered from "1"."""
        return {str(number): letter for number, letter in enumerate(self.answer, 1)}

    @model_validator(mode="after")
    def _one_choice_for_each(self) -> Self:
        if len(self.answer) != len(self.left) or len(set(self.answer)) != len(self.answer):
            raise ValueError(f"{self.stem!r}: each entry on the left needs its own choice")
        if not set(self.answer) <= _letters(self.choices):
            raise ValueError(f"{self.stem!r}: answer {self.answer} does not fit the choices")
        return self


Question = Annotated[
    Single | Multiple | TrueFalse | FillIn | Ordering | Matching,
    Field(discriminator="kind"),
]
