"""Programmes: verbs, and what a programme comes to. A college puts its courses together, a bureau approves them.

Whether they satisfy a year is worked out from the courses as they are when it is read: in minutes, as the ledger will
count them, against the policy of each region the programme is meant for.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from courses.catalogue.models import Course, Programme, ProgrammeCourse, ProgrammeState, Release
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.ledger.models import Category, HourEntry
from lms.people import places
from lms.people.access import require
from lms.people.models import Organisation, Person, Role
from lms.policy.services import class_hours, packs_in_force
from lms.rules.class_hours import class_hours_to_minutes
from lms.rules.refusals import Conflict, Invalid, NotFound
from lms.rules.regions import covers

WRITING_ROLES = (Role.COLLEGE_AUTHOR, Role.COLLEGE_PUBLISHER)
MOST_COURSES = 60


@dataclass(frozen=True, slots=True)
class Worth:
    """One category in one region: class-hours asked of a year (None: no policy asks any) and class-hours put together."""

    region: str
    category: str
    required: Decimal | None
    offered: Decimal

    @property
    def short(self) -> bool:
        return self.required is not None and self.offered < self.required


@dataclass(frozen=True, slots=True)
class Step:
    """One course of a programme as it is now. ``done``: its hours stand in the programme's year."""

    release: Release
    open: bool
    done: bool


# Questions -----------------------------------------------------------------------------------------------------------


def releases_of(courses: Sequence[uuid.UUID]) -> list[Release]:
    """The newest releases of courses, in the order given."""
    rows = Release.objects.newest().filter(course__in=courses).select_related("course__college")
    newest = {release.course_id: release for release in rows}
    return [newest[course] for course in courses if course in newest]


def worth_of(releases: Sequence[Release], regions: Sequence[str], year: int) -> list[Worth]:
    """What the courses come to in each region, by category. Courses that don't count there are left out."""
    packs = packs_in_force(regions, date(year, 12, 31))
    names, found = places.names(), []
    for region in regions:
        pack = packs.get(region)
        if pack is None:
            continue
        counting = [one for one in releases if not one.regions or any(covers(code, region) for code in one.regions)]
        required: dict[str, Decimal] = {row.category: row.class_hours for row in pack.annual_requirements}
        for category, label in Category.choices:
            minutes = sum(minutes_of(release) for release in counting if release.category == category)
            offered = class_hours(minutes, pack)
            found.append(Worth(names.get(region, region), str(label), required.get(category), offered))
    return found


def minutes_of(release: Release) -> int:
    """What the ledger is credited with when the course is passed."""
    return class_hours_to_minutes(release.class_hours, minutes_per_class_hour=release.minutes_per_class_hour)


def regions_of(programme: Programme) -> list[str]:
    """Where it is meant for; without a choice, where its college is."""
    return list(programme.regions) or [programme.college.region_code]


def steps_of(programme: Programme, person: Person | None = None) -> list[Step]:
    """Its courses in order, and which of them the person has hours of this year."""
    courses = list(programme.items.order_by("position").values_list("course_id", flat=True))
    done: set[uuid.UUID | None] = set()
    if person:
        rows = HourEntry.objects.standing_credits().filter(person=person, course_id__in=courses, year=programme.year)
        done = set(rows.values_list("course_id", flat=True))
    return [
        Step(
            release,
            open=release.course.withdrawn_at is None and release.course.college.status == "admitted",
            done=release.course_id in done,
        )
        for release in releases_of(courses)
    ]


# Verbs ---------------------------------------------------------------------------------------------------------------


@transaction.atomic
def create_programme(
    *,
    college: Organisation,
    title: str,
    summary: str,
    year: int,
    regions: Sequence[str],
    courses: Sequence[uuid.UUID],
    actor: Actor,
    now: datetime,
) -> Programme:
    """Begin a programme. Refuses ``programme_exists`` (its title is taken that year) and courses of another college."""
    _require_writer(actor, college.pk)
    programme = Programme(college=college, created_at=now)
    _write(programme, title=title, summary=summary, year=year, regions=regions, courses=courses)
    record(verb="programme.created", actor=actor, now=now, subject=programme, changes=_said(programme, courses))
    return programme


@transaction.atomic
def change_programme(
    *,
    programme: Programme,
    title: str,
    summary: str,
    year: int,
    regions: Sequence[str],
    courses: Sequence[uuid.UUID],
    actor: Actor,
    now: datetime,
) -> Programme:
    """Change a programme that is neither submitted nor approved (``programme_fixed``)."""
    locked = _locked(programme)
    _require_writer(actor, locked.college_id)
    if locked.state not in {ProgrammeState.DRAFT, ProgrammeState.RETURNED}:
        raise Conflict("programme_fixed", _("培训计划%(state)s，不能再改。"), state=locked.state.label)
    _write(locked, title=title, summary=summary, year=year, regions=regions, courses=courses)
    record(verb="programme.changed", actor=actor, now=now, subject=locked, changes=_said(locked, courses))
    return locked


@transaction.atomic
def submit_programme(*, programme: Programme, actor: Actor, now: datetime) -> Programme:
    """Hand it to the bureau. Refuses ``programme_closed_course`` and ``programme_short``: it has to satisfy a year."""
    locked = _locked(programme)
    _require_writer(actor, locked.college_id)
    require(actor, Role.COLLEGE_PUBLISHER)
    if locked.state not in {ProgrammeState.DRAFT, ProgrammeState.RETURNED}:
        raise Conflict("programme_fixed", _("培训计划%(state)s，不能再改。"), state=locked.state.label)
    _refuse_unfit(locked)
    locked.submitted_at, locked.return_reason = now, ""
    locked.save(update_fields=["submitted_at", "return_reason"])
    record(verb="programme.submitted", actor=actor, now=now, subject=locked)
    return locked


@transaction.atomic
def approve_programme(*, programme: Programme, actor: Actor, now: datetime) -> Programme:
    """Offer a submitted programme, by an approver of the college's region. What was enough must be so still."""
    locked = _locked(programme)
    _require_approver(actor, locked)
    _refuse_unless_submitted(locked)
    _refuse_unfit(locked)
    locked.approved_at, locked.approved_by = now, actor.label
    locked.save(update_fields=["approved_at", "approved_by"])
    record(verb="programme.approved", actor=actor, now=now, subject=locked)
    return locked


@transaction.atomic
def return_programme(*, programme: Programme, reason: str, actor: Actor, now: datetime) -> Programme:
    """Hand a submitted programme back to its college, saying why."""
    locked = _locked(programme)
    _require_approver(actor, locked)
    if not reason.strip():
        raise Invalid("reason_required", _("请写明退回的理由。"), field="reason")
    _refuse_unless_submitted(locked)
    locked.submitted_at, locked.return_reason = None, reason.strip()[:300]
    locked.save(update_fields=["submitted_at", "return_reason"])
    record(verb="programme.returned", actor=actor, now=now, subject=locked, reason=reason.strip())
    return locked


@transaction.atomic
def withdraw_programme(*, programme: Programme, reason: str, actor: Actor, now: datetime) -> Programme:
    """No longer offer it. By its college's publisher or the region's approver; enrolments in its courses go on."""
    locked = _locked(programme)
    if actor.role == Role.COLLEGE_PUBLISHER:
        _require_writer(actor, locked.college_id)
    else:
        _require_approver(actor, locked)
    if not reason.strip():
        raise Invalid("reason_required", _("请写明下架的理由。"), field="reason")
    if locked.state != ProgrammeState.OFFERED:
        raise Conflict("programme_not_offered", _("培训计划%(state)s，不能下架。"), state=locked.state.label)
    locked.withdrawn_at = now
    locked.save(update_fields=["withdrawn_at"])
    record(verb="programme.withdrawn", actor=actor, now=now, subject=locked, reason=reason.strip())
    return locked


# Inside --------------------------------------------------------------------------------------------------------------


def _locked(programme: Programme) -> Programme:
    return Programme.objects.select_for_update(no_key=True, of=("self",)).select_related("college").get(pk=programme.pk)


def _write(programme: Programme, *, courses: Sequence[uuid.UUID], **fields: Any) -> None:
    courses = list(dict.fromkeys(courses))
    if not fields["title"].strip():
        raise Invalid("no_title", _("请填写培训计划的名称。"), field="title")
    if len(courses) > MOST_COURSES:
        raise Invalid("programme_too_long", _("一个培训计划最多 %(most)s 门课程。"), field="courses", most=MOST_COURSES)
    own = Course.objects.filter(college=programme.college, pk__in=courses, releases__isnull=False).distinct()
    if own.count() != len(courses):
        raise Invalid("programme_course", _("只能选择本院校已发布的课程。"), field="courses")
    programme.title, programme.summary = fields["title"].strip(), fields["summary"].strip()
    programme.year, programme.regions = fields["year"], sorted(set(fields["regions"]))
    try:
        with transaction.atomic():
            programme.save()
    except IntegrityError:
        raise Conflict("programme_exists", _("本院校该年度已有同名的培训计划。"), field="title") from None
    programme.items.all().delete()
    ProgrammeCourse.objects.bulk_create(
        [ProgrammeCourse(programme=programme, course_id=key, position=place) for place, key in enumerate(courses, 1)]
    )


def _refuse_unfit(programme: Programme) -> None:
    steps = steps_of(programme)
    closed = [step.release.title for step in steps if not step.open]
    if closed:
        raise Conflict("programme_closed_course", _("课程“%(title)s”已下架，请先换掉。"), title=closed[0])
    worth = worth_of([step.release for step in steps], regions_of(programme), programme.year)
    short = [row for row in worth if row.short]
    if not steps or short:
        row = short[0] if short else None
        raise Conflict(
            "programme_short",
            _("这些课程还不够一年的学时：%(region)s“%(category)s”要求 %(required)s 学时，现有 %(offered)s 学时。")
            if row
            else _("培训计划里还没有课程。"),
            **({name: getattr(row, name) for name in ("region", "category", "required", "offered")} if row else {}),
        )


def _refuse_unless_submitted(programme: Programme) -> None:
    if programme.state != ProgrammeState.SUBMITTED:
        raise Conflict("programme_not_submitted", _("培训计划%(state)s，没有待办的审批。"), state=programme.state.label)


def _said(programme: Programme, courses: Sequence[uuid.UUID]) -> dict[str, Any]:
    return {"title": programme.title, "year": programme.year, "courses": [str(key) for key in courses]}


def _require_writer(actor: Actor, college_id: uuid.UUID) -> None:
    require(actor, *WRITING_ROLES)
    if not actor.is_system and actor.organisation_id != college_id:
        raise NotFound("programme_unknown", _("没有找到这个培训计划。"))


def _require_approver(actor: Actor, programme: Programme) -> None:
    require(actor, Role.BUREAU_APPROVER)
    region = programme.college.region_code
    if not actor.is_system and not (actor.region_code and covers(actor.region_code, region)):
        raise NotFound("programme_unknown", _("没有找到这个培训计划。"))
