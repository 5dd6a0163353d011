"""Courses and topics by name: what answers, what is missing, and on which day something stops counting."""

from datetime import date
from decimal import Decimal

import pytest

from lms.rules.qualifying import Asked, Missing, Pass, weigh


def passed(course: str, topic: str = "safety", hours: str = "4", on: str = "2026-06-01") -> Pass:
    return Pass(course, course, topic, "skills", Decimal(hours), date.fromisoformat(on), f"{course}-{on}")


FOUR = (("safety", Decimal(4)),)


@pytest.mark.parametrize(
    ("asked", "passes", "missing"),
    [
        (Asked(courses=("a", "b")), [passed("a"), passed("b")], []),
        (Asked(courses=("a", "b")), [passed("a")], [Missing("course", "b")]),
        (Asked(courses=("a",)), [], [Missing("course", "a")]),
        (Asked(topics=FOUR), [passed("a", hours="3.5")], [Missing("topic", "safety", Decimal("0.5"))]),
        (Asked(topics=FOUR), [passed("a", hours="2"), passed("b", hours="2")], []),
        (Asked(topics=FOUR), [passed("a", topic="mental_health")], [Missing("topic", "safety", Decimal(4))]),
        # The same course twice fills a topic once.
        (
            Asked(topics=FOUR),
            [passed("a", hours="2"), passed("a", hours="2", on="2025-06-01")],
            [Missing("topic", "safety", Decimal(2))],
        ),
        # A course that is named counts for its topic too.
        (Asked(courses=("a",), topics=FOUR), [passed("a")], []),
        # First and last day are inclusive.
        (Asked(courses=("a",), since=date(2026, 6, 1)), [passed("a")], []),
        (Asked(courses=("a",), since=date(2026, 6, 2)), [passed("a")], [Missing("course", "a")]),
        (Asked(courses=("a",), until=date(2026, 6, 1)), [passed("a")], []),
        (Asked(courses=("a",), until=date(2026, 5, 31)), [passed("a")], [Missing("course", "a")]),
    ],
)
def test_what_is_missing(asked: Asked, passes: list[Pass], missing: list[Missing]) -> None:
    verdict = weigh(asked, passes)
    assert list(verdict.missing) == missing
    assert verdict.met is not bool(missing)


def test_what_counted_is_what_was_asked_for_oldest_first() -> None:
    passes = [passed("b", on="2026-07-01"), passed("a"), passed("other", topic="mental_health", on="2026-08-01")]
    verdict = weigh(Asked(courses=("b",), topics=FOUR), passes)
    assert [one.course for one in verdict.counted] == ["a", "b"]
    assert verdict.completed_on == date(2026, 7, 1)
    assert weigh(Asked(courses=("a",)), []).completed_on is None
