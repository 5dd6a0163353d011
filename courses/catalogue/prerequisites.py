"""Courses to be passed before another one. Passed means: hours of it stand in the ledger, whichever the year.

What may never happen: a course that in the end asks for itself. ``refuse_cycle`` is asked when a course is submitted and
again, behind ``wait_for_other_chains``, when it is published: two courses published at once could close a cycle that
neither of them closes alone.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.catalogue.models import Release
from lms.ledger.models import HourEntry
from lms.people.models import Person
from lms.rules.refusals import Conflict, Invalid
from lms.rules.regions import covers

# PostgreSQL's advisory locks are numbers; this one is held while a course with prerequisites is published.
CHAIN_LOCK = 7_406_312


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """A course asked for first. ``open``: it takes enrolments, and counts where the person is; else it isn't insisted on."""

    course_id: uuid.UUID
    title: str
    passed: bool
    open: bool

    @property
    def missing(self) -> bool:
        return self.open and not self.passed


def find_cycle(
    course: uuid.UUID, asks_first: Iterable[uuid.UUID], asked: Mapping[uuid.UUID, Collection[uuid.UUID]]
) -> list[uuid.UUID]:
    """The chain from ``course`` back to itself if it asked for ``asks_first``; empty when there is none.

    ``asked``: what every other course asks for. The shortest chain, so that it can be read.
    """
    queue: list[list[uuid.UUID]] = [[course, first] for first in asks_first]
    seen: set[uuid.UUID] = set()
    for chain in queue:
        last = chain[-1]
        if last == course:
            return chain
        if last not in seen:
            seen.add(last)
            queue.extend([*chain, following] for following in asked.get(last, ()))
    return []


def refuse_cycle(course_id: uuid.UUID, prerequisites: Collection[uuid.UUID], title: str = "") -> None:
    """Refuse ``prerequisite_unknown`` (a course never published) and ``prerequisite_cycle``, which names the chain.

    ``title`` is what the course is called now, where that is not yet published.
    """
    if not prerequisites:
        return
    asked, titles = _graph()
    if any(course not in asked and course != course_id for course in prerequisites):
        raise Invalid("prerequisite_unknown", gettext_lazy("先修课程中有尚未发布的课程。"), field="prerequisites")
    chain = find_cycle(course_id, prerequisites, {key: asks for key, asks in asked.items() if key != course_id})
    if chain:
        names = titles | ({course_id: title} if title else {})
        shown = " → ".join(names.get(course) or _("本课程") for course in chain)
        raise Invalid(
            "prerequisite_cycle",
            gettext_lazy("先修课程不能绕回课程自身：%(chain)s。请去掉其中一环。"),
            field="prerequisites",
            chain=shown,
        )


def wait_for_other_chains() -> None:
    """Publish one course with prerequisites after the other. SQLite needs nothing: it has one writer at a time."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])


def passed_courses(person: Person, courses: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of ``courses`` of which the person has hours that stand, of any year."""
    rows = HourEntry.objects.standing_credits().filter(person=person, course_id__in=courses)
    return {course for course in rows.values_list("course_id", flat=True) if course}


def prerequisites_of(release: Release, person: Person | None) -> list[Prerequisite]:
    """What a release asks for first, in its college's order; for a person, also what of it is passed."""
    keys = [uuid.UUID(key) for key in release.prerequisites]
    if not keys:
        return []
    newest = {
        row.course_id: row for row in Release.objects.newest().filter(course__in=keys).select_related("course__college")
    }
    passed = passed_courses(person, keys) if person else set()
    return [
        Prerequisite(key, newest[key].title, key in passed, _open(newest[key], person)) for key in keys if key in newest
    ]


def refuse_missing(person: Person, release: Release) -> None:
    """Refuse ``prerequisite_missing``, naming the courses; ``courses`` holds their keys."""
    missing = [course for course in prerequisites_of(release, person) if course.missing]
    if missing:
        raise Conflict(
            "prerequisite_missing",
            gettext_lazy("请先学完先修课程：%(titles)s。"),
            titles=_("、").join(f"“{course.title}”" for course in missing),
            courses=[course.course_id for course in missing],
        )


def _graph() -> tuple[dict[uuid.UUID, list[uuid.UUID]], dict[uuid.UUID, str]]:
    """What the newest release of every course asks for, and what it is called."""
    rows = list(Release.objects.newest().values_list("course_id", "prerequisites", "title"))
    return (
        {course: [uuid.UUID(key) for key in asks] for course, asks, _title in rows},
        {course: title for course, _asks, title in rows},
    )


def _open(release: Release, person: Person | None) -> bool:
    course = release.course
    counts = not release.regions or person is None or any(covers(code, person.region_code) for code in release.regions)
    return course.withdrawn_at is None and course.college.status == "admitted" and counts
