"""Who has to learn what by when: an institution's assignments, read against its people of today and their hours.

Nothing is kept of a person until they are reminded. Whoever works there on the day it is read is meant, also somebody
hired later; whoever left is not. Done means: hours of the course stand in the ledger since 1 January of the year it was
assigned in, so that what was learned earlier in that year counts.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.catalogue.models import ProgrammeCourse, Release
from courses.learning.models import Assignment
from lms.audit.actors import Actor
from lms.ledger.models import HourEntry
from lms.people.models import Employment, Person, Role

DONE, DUE, LATE, CLOSED = "done", "due", "late", "closed"
STATES = ((LATE, _("逾期")), (DUE, _("未完成")), (DONE, _("已完成")), (CLOSED, _("已停开")))
LAMPS = {DONE: "ok", DUE: "none", LATE: "attention", CLOSED: "none"}


@dataclass(frozen=True, slots=True)
class Thing:
    """What is required: one course, or the courses of a programme. ``releases``: the newest of each."""

    title: str
    releases: Sequence[Release]
    offered: bool


@dataclass(frozen=True, slots=True)
class Obligation:
    """One person and one assignment on one day. ``done`` of ``total`` courses; ``left``: what can still be learned."""

    assignment: Assignment
    employment: Employment
    thing: Thing
    done: int
    total: int
    done_on: date | None
    left: Sequence[Release]
    days_left: int

    @property
    def person(self) -> Person:
        return self.employment.person

    @property
    def state(self) -> str:
        if self.done and self.done >= self.total:
            return DONE
        if not self.left:
            return CLOSED
        return DUE if self.days_left >= 0 else LATE

    @property
    def state_label(self) -> str:
        return str(dict(STATES)[self.state])

    @property
    def lamp(self) -> str:
        return LAMPS[self.state]


def own_assignments(actor: Actor) -> QuerySet[Assignment]:
    """Those of the manager's own institution; nobody else manages any."""
    if actor.is_system:
        return Assignment.objects.all()
    if actor.role != Role.INSTITUTION_MANAGER:
        return Assignment.objects.none()
    return Assignment.objects.filter(institution=actor.organisation_id)


def required_of(person: Person, today: date) -> list[Obligation]:
    """What one person has to learn for those they work for today, the nearest day first."""
    at_work = "institution__employments__"
    rows = Assignment.objects.filter(
        Q(**{f"{at_work}to_date": None}) | Q(**{f"{at_work}to_date__gte": today}),
        Q(person=None) | Q(person=person),
        Q(post="") | Q(post=F(f"{at_work}post")),
        **{f"{at_work}person": person, f"{at_work}from_date__lte": today, "cancelled_at": None},
    )
    found = {row.pk: row for row in rows.annotate(at_post=F(f"{at_work}post"))}
    employments = {
        row.institution_id: Employment(person=person, institution_id=row.institution_id, post=row.at_post)
        for row in found.values()
    }
    return obligations(found.values(), today, employments.values()) if found else []


def obligations(
    assignments: Iterable[Assignment], today: date, employments: Iterable[Employment] | None = None
) -> list[Obligation]:
    """Each assignment for each person it means today, in a fixed number of queries. The nearest day first."""
    found = list(assignments)
    if employments is None:
        bodies = {assignment.institution_id for assignment in found}
        employments = Employment.objects.on(today).filter(institution__in=bodies).select_related("person")
    staff: dict[uuid.UUID, list[Employment]] = defaultdict(list)
    for employment in employments:
        staff[employment.institution_id].append(employment)
    things = things_of(found)
    passed = _passed(staff, things.values(), found)
    rows = [
        _obligation(assignment, employment, things[assignment.pk], passed.get(employment.person_id, {}), today)
        for assignment in found
        for employment in _meant(assignment, staff[assignment.institution_id])
    ]
    return sorted(rows, key=lambda row: (row.assignment.due_on, row.thing.title, row.person.name, row.person.pk))


def since(assignment: Assignment) -> date:
    """From which day on hours count for it."""
    return date(timezone.localtime(assignment.assigned_at).year, 1, 1)


def things_of(assignments: Sequence[Assignment]) -> dict[uuid.UUID, Thing]:
    """What each of them requires, by its key."""
    courses: dict[uuid.UUID, list[uuid.UUID]] = {}
    programmes = {assignment.programme_id for assignment in assignments if assignment.programme_id}
    items: dict[uuid.UUID, list[ProgrammeCourse]] = defaultdict(list)
    if programmes:
        rows = ProgrammeCourse.objects.filter(programme__in=programmes).select_related("programme__college")
        for item in rows.order_by("position"):
            items[item.programme_id].append(item)
    for assignment in assignments:
        of_programme = (
            [item.course_id for item in items.get(assignment.programme_id, [])] if assignment.programme_id else []
        )
        courses[assignment.pk] = [assignment.course_id] if assignment.course_id else of_programme
    wanted = {course for keys in courses.values() for course in keys}
    newest = Release.objects.newest().filter(course__in=wanted).select_related("course__college")
    releases = {release.course_id: release for release in newest.defer("search_text", "search_title", "summary")}
    things = {}
    for assignment in assignments:
        of = [releases[course] for course in courses[assignment.pk] if course in releases]
        programme = items[assignment.programme_id][0].programme if assignment.programme_id and of else None
        title = programme.title if programme else of[0].title if of else ""
        things[assignment.pk] = Thing(title, of, programme is None or programme.withdrawn_at is None)
    return things


def is_open(release: Release) -> bool:
    return release.course.withdrawn_at is None and release.course.college.status == "admitted"


def _meant(assignment: Assignment, staff: Sequence[Employment]) -> list[Employment]:
    """Its people, each once: somebody who left and came back on one day has two employments that cover it."""
    meant = {
        employment.person_id: employment
        for employment in staff
        if assignment.person_id in {None, employment.person_id} and assignment.post in {"", employment.post}
    }
    return list(meant.values())


def _passed(
    staff: dict[uuid.UUID, list[Employment]], things: Iterable[Thing], assignments: Sequence[Assignment]
) -> dict[uuid.UUID, dict[uuid.UUID, list[date]]]:
    """The days on which these people were credited these courses, by person and course."""
    courses = {release.course_id for thing in things for release in thing.releases}
    found: dict[uuid.UUID, dict[uuid.UUID, list[date]]] = defaultdict(lambda: defaultdict(list))
    if not courses or not staff:
        return found
    people = {employment.person_id for rows in staff.values() for employment in rows}
    rows = HourEntry.objects.standing_credits().filter(
        person__in=people, course_id__in=courses, on__gte=min(since(assignment) for assignment in assignments)
    )
    for person, course, on in rows.values_list("person_id", "course_id", "on"):
        if course:
            found[person][course].append(on)
    return found


def _obligation(
    assignment: Assignment,
    employment: Employment,
    thing: Thing,
    passed: dict[uuid.UUID, list[date]],
    today: date,
) -> Obligation:
    counted = since(assignment)
    days = {
        release.course_id: min(on for on in passed[release.course_id] if on >= counted)
        for release in thing.releases
        if any(on >= counted for on in passed.get(release.course_id, ()))
    }
    left = [one for one in thing.releases if one.course_id not in days and is_open(one) and thing.offered]
    return Obligation(
        assignment=assignment,
        employment=employment,
        thing=thing,
        done=len(days),
        total=len(days) + len(left),
        done_on=max(days.values()) if days and not left else None,
        left=left,
        days_left=(assignment.due_on - today).days,
    )
