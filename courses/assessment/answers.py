"""From the fields of a paper's form to answers, and back to fields; works without script.

Question ``n`` of a paper has fields that begin with ``q<n>``: choices share one name; blanks, places in an order and
partners of a match have one field each. What may never happen: a field that tells the key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from courses.assessment.models import Attempt, QuestionKind, QuestionVersion
from courses.assessment.services.attempts import latest_answers
from lms.rules.grading import shuffle_choices


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a question with several: a blank, a place in the order, the partner of a left item."""

    name: str
    label: str
    value: str
    options: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """What the browser gets of a question: the wording, never the key."""

    id: str
    number: int
    name: str
    kind: str
    stem: str
    points: int
    answered: bool
    choices: tuple[Choice, ...] = ()
    parts: tuple[Part, ...] = ()
    truth: str = ""


def field_name(number: int) -> str:
    return f"q{number}"


def paper_of(attempt: Attempt) -> list[QuestionVersion]:
    """The questions of a sitting in the order shown, in one query."""
    versions = {str(row.pk): row for row in QuestionVersion.objects.filter(pk__in=attempt.question_versions)}
    return [versions[one] for one in attempt.question_versions]


def shown_paper(attempt: Attempt) -> list[ShownQuestion]:
    """The paper as the browser gets it, choices shuffled by the attempt's seed."""
    answers = latest_answers(attempt)
    return [
        _shown(number, version, answers.get(str(version.pk), ""), attempt.seed)
        for number, version in enumerate(paper_of(attempt), start=1)
    ]


def _shown(number: int, version: QuestionVersion, answer: Any, seed: str) -> ShownQuestion:
    kind = QuestionKind(version.kind)
    name = field_name(number)
    choices: tuple[Choice, ...] = ()
    parts: tuple[Part, ...] = ()
    if kind in {QuestionKind.SINGLE, QuestionKind.MULTIPLE}:
        chosen = {answer} if isinstance(answer, str) else set(answer)
        choices = tuple(
            Choice(one["id"], one["text"], one["id"] in chosen) for one in _shuffled(version.choices, seed, version)
        )
    elif kind == QuestionKind.FILL_IN:
        given = answer if isinstance(answer, list) else []
        parts = tuple(
            Part(f"{name}.{place}", str(place + 1), given[place] if place < len(given) else "")
            for place in range(len(version.answer))
        )
    elif kind == QuestionKind.ORDERING:
        parts = _places(name, version, answer, seed)
    elif kind == QuestionKind.MATCHING:
        parts = _partners(name, version, answer, seed)
    return ShownQuestion(
        id=str(version.pk),
        number=number,
        name=name,
        kind=version.kind,
        stem=version.stem,
        points=version.points,
        answered=answer != "",
        choices=choices,
        parts=parts,
        truth=str(answer).lower() if kind == QuestionKind.TRUE_FALSE else "",
    )


def _shuffled(options: list[dict[str, str]], seed: str, version: QuestionVersion) -> list[dict[str, str]]:
    by_id = {one["id"]: one for one in options}
    return [by_id[one] for one in shuffle_choices(by_id, seed, str(version.pk))]


def _places(name: str, version: QuestionVersion, answer: Any, seed: str) -> tuple[Part, ...]:
    place_of = {one: str(place) for place, one in enumerate(answer or [], start=1)}
    numbers = [str(place) for place in range(1, len(version.choices) + 1)]
    return tuple(
        Part(
            f"{name}.{one['id']}",
            one["text"],
            place_of.get(one["id"], ""),
            tuple(Choice(number, number, place_of.get(one["id"]) == number) for number in numbers),
        )
        for one in _shuffled(version.choices, seed, version)
    )


def _partners(name: str, version: QuestionVersion, answer: Any, seed: str) -> tuple[Part, ...]:
    given: Mapping[str, str] = answer if isinstance(answer, dict) else {}
    right = _shuffled(version.choices["right"], seed, version)
    return tuple(
        Part(
            f"{name}.{one['id']}",
            one["text"],
            given.get(one["id"], ""),
            tuple(Choice(other["id"], other["text"], given.get(one["id"]) == other["id"]) for other in right),
        )
        for one in version.choices["left"]
    )


def answer_from(data: QueryDict, number: int, version: QuestionVersion) -> Any:
    """What the form says of one question; an empty text where nothing is answered yet."""
    name = field_name(number)
    match QuestionKind(version.kind):
        case QuestionKind.SINGLE:
            return data.get(name, "")
        case QuestionKind.MULTIPLE:
            return sorted(set(data.getlist(name)))
        case QuestionKind.TRUE_FALSE:
            return {"true": True, "false": False}.get(data.get(name, ""), "")
        case QuestionKind.FILL_IN:
            texts = [data.get(f"{name}.{place}", "").strip() for place in range(len(version.answer))]
            return texts if any(texts) else ""
        case QuestionKind.ORDERING:
            return _ordered(data, name, version)
    pairs = {one["id"]: data.get(f"{name}.{one['id']}", "") for one in version.choices["left"]}
    return {left: right for left, right in pairs.items() if right}


def _ordered(data: QueryDict, name: str, version: QuestionVersion) -> Any:
    """The choices by the places given; half an order is no answer yet."""
    places = {one["id"]: data.get(f"{name}.{one['id']}", "") for one in version.choices}
    wanted = {str(place) for place in range(1, len(places) + 1)}
    if set(places.values()) != wanted:
        return ""
    return sorted(places, key=lambda one: int(places[one]))


def in_words(version: QuestionVersion, answer: Any) -> str:
    """An answer (or a key) as people read it, after grading."""
    if answer == "":
        return ""
    match QuestionKind(version.kind):
        case QuestionKind.TRUE_FALSE:
            return _("对") if answer else _("错")
        case QuestionKind.FILL_IN:
            return _("；").join(one if isinstance(one, str) else " / ".join(one) for one in answer)
        case QuestionKind.MATCHING:
            left = {one["id"]: one["text"] for one in version.choices["left"]}
            right = {one["id"]: one["text"] for one in version.choices["right"]}
            return _("；").join(f"{left.get(one, one)} — {right.get(other, other)}" for one, other in answer.items())
    texts = {one["id"]: one["text"] for one in version.choices}
    chosen = [answer] if isinstance(answer, str) else answer
    return (" → " if version.kind == QuestionKind.ORDERING else _("；")).join(texts.get(one, one) for one in chosen)
