"""Whether what somebody passed answers what a certificate asks by name: courses, and class-hours of a topic.

A course counts once, with its newest pass, so that the same course taken every year does not fill a topic by itself.
Nothing is rounded and nothing is forgiven: a topic short of half a class-hour is short.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Pass:
    """One passed course. ``course`` is the same from release to release; ``evidence`` names the enrolment."""

    course: str
    title: str
    topic: str
    category: str
    class_hours: Decimal
    on: date
    evidence: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: every course of ``courses``, and of each topic at least so many class-hours.

    Only passes on or after ``since`` and on or before ``until`` (both inclusive) answer it.
    """

    courses: tuple[str, ...] = ()
    topics: tuple[tuple[str, Decimal], ...] = ()
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is not there yet: a course (``left`` 0), or class-hours ``left`` of a topic."""

    kind: str  # course | topic
    key: str
    left: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``counted``: the passes that answer something asked, oldest first; ``missing``: in the order it was asked."""

    counted: tuple[Pass, ...]
    missing: tuple[Missing, ...]

    @property
    def met(self) -> bool:
        return not self.missing

    @property
    def completed_on(self) -> date | None:
        """The day of the last pass that counted."""
        return self.counted[-1].on if self.counted else None


def weigh(asked: Asked, passes: Iterable[Pass]) -> Verdict:
    """Set passes against what is asked. Asking nothing is met by nothing: who asks sees to it that something is asked."""
    newest: dict[str, Pass] = {}
    for one in sorted(passes, key=lambda each: (each.on, each.evidence)):
        if (asked.since is None or one.on >= asked.since) and (asked.until is None or one.on <= asked.until):
            newest[one.course] = one
    topics = dict(asked.topics)
    counted = [one for one in newest.values() if one.course in asked.courses or one.topic in topics]
    hours = {
        topic: sum((one.class_hours for one in counted if one.topic == topic), start=Decimal(0)) for topic in topics
    }
    missing = [Missing("course", course) for course in asked.courses if course not in newest]
    missing += [Missing("topic", topic, least - hours[topic]) for topic, least in asked.topics if hours[topic] < least]
    return Verdict(tuple(sorted(counted, key=lambda each: (each.on, each.evidence))), tuple(missing))
