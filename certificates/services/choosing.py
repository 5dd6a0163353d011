"""Whom an order to issue selects: a rule of plain data, read into a ``Selection``, and the people it finds.

A rule says who is looked at, never who is worthy: "everyone in Pudong, for 2026" finds all who live there, and the
evidence of each decides. What may never happen: that a rule finds anybody the one who orders may not issue to.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certificates.models import CertificateType, Rule
from certificates.querysets import BUREAUS
from certificates.services.earned import ONCE, programmes_of
from courses.catalogue.models import Course
from courses.learning.models import Enrolment, EnrolmentStateName
from lms.audit.actors import Actor
from lms.ledger.models import HourEntry
from lms.people.models import Employment, Organisation, Person, Post, Role
from lms.people.querysets import in_region
from lms.rules.refusals import Invalid, NotFound
from lms.rules.regions import ancestors, covers

FIRST_YEAR = 2020
# Learning that came to nothing is no reason to look at somebody.
_GONE = (EnrolmentStateName.WITHDRAWN, EnrolmentStateName.STOPPED, EnrolmentStateName.VOIDED)


@dataclass(frozen=True, slots=True)
class Selection:
    """A rule: everything given has to be true of a person; what is empty is not asked.

    ``region`` is a GB/T 2260 code and means all within it; ``institution``, ``course`` and ``programme`` are keys;
    ``post`` is where somebody works now. ``year`` is the year that was met or completed, or that a course was learned in.
    """

    year: int | None = None
    region: str = ""
    institution: str = ""
    post: str = ""
    course: str = ""
    programme: str = ""

    def as_rule(self) -> dict[str, Any]:
        """As it is kept: only what is asked."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def of(cls, rule: Mapping[str, Any]) -> "Selection":
        """The selection that was kept as ``rule``."""
        return cls(**rule)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody a selection found, and the period the certificate would be for."""

    person_id: uuid.UUID
    name: str
    region_code: str
    period: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """A selection, by whom, of what, on which day; at most so many are wanted."""

    type: CertificateType
    selection: Selection
    actor: Actor
    on: date
    limit: int


def types_for(actor: Actor) -> QuerySet[CertificateType]:
    """What the actor may order many of: what they answer for, and for a district the yearly one of its city."""
    own = CertificateType.objects.open().managed_by(actor)
    if actor.role != Role.BUREAU_APPROVER or not actor.region_code:
        return own.order_by("key")
    yearly = Q(rule=Rule.ANNUAL_REQUIREMENT, issuer=None, region_code__in=ancestors(actor.region_code))
    return CertificateType.objects.open().filter(yearly | Q(pk__in=own.values("pk"))).order_by("key")


def select(*, type: CertificateType, selection: Selection, actor: Actor, now: datetime, most: int) -> list[Candidate]:
    """Who is looked at, by workplace and name: the order papers are handed out in.

    Refuses a rule that names what the actor can't reach (as unknown), and ``too_many_selected`` above ``most``.
    """
    rows = _FINDERS[type.rule](_Asked(type, selection, actor, timezone.localdate(now), most + 1))
    if len(rows) > most:
        raise Invalid("too_many_selected", _("一次最多 %(most)s 人，请按区或机构分批办理。"), most=most, field="region")
    return rows


def _of_year(asked: _Asked) -> list[Candidate]:
    """People who live in the region, and work where it says."""
    return _found(asked, None, str(_year(asked)))


def _of_course(asked: _Asked) -> list[Candidate]:
    """People who learned a course of the actor's college."""
    if not asked.selection.course:
        raise Invalid("course_missing", _("请选择课程。"), field="course")
    key = _key(asked.selection.course)
    course = courses_for(asked.actor).filter(pk=key).first() if key else None
    if course is None:
        raise NotFound("course_unknown", _("没有找到这门课程。"), field="course")
    learned = Enrolment.objects.filter(release__course=course).exclude(state__in=_GONE)
    if asked.selection.year is not None:
        learned = learned.filter(year=asked.selection.year)
    rows = learned.order_by("person__name", "person", "year", "pk")
    columns = ("pk", "person", "person__name", "person__region_code")
    return [
        Candidate(pk, name, code, str(enrolment))
        for enrolment, pk, name, code in rows.values_list(*columns)[: asked.limit]
    ]


def _of_programme(asked: _Asked) -> list[Candidate]:
    """People with hours of any course of the programme in its year."""
    key = _key(asked.selection.programme)
    programme = programmes_of(asked.type).filter(pk=key).first() if key else None
    if programme is None:
        raise NotFound("programme_unknown", _("请选择培训计划。"), field="programme")
    courses = list(programme.items.values_list("course_id", flat=True))
    begun = HourEntry.objects.standing_credits().filter(course_id__in=courses, year=programme.year)
    return _found(asked, begun.values("person"), str(programme.pk))


def _of_requirements(asked: _Asked) -> list[Candidate]:
    """People who passed any course the type names, or one of its topics; a college's own courses only."""
    period = str(_year(asked)) if asked.type.validity_months else ONCE
    wanted = asked.type.requirements
    named = Q(release__course__in=[uuid.UUID(key) for key in wanted.get("courses", ())])
    passed = Enrolment.objects.filter(named | Q(release__topic__in=list(wanted.get("topics", ()))))
    passed = passed.filter(state=EnrolmentStateName.PASSED)
    if asked.type.issuer is not None and asked.type.issuer.kind not in BUREAUS:
        passed = passed.filter(Q(release__course__college=asked.type.issuer))
    return _found(asked, passed.values("person"), period)


def _found(asked: _Asked, these: QuerySet[Any, Any] | None, period: str) -> list[Candidate]:
    """``these`` (None: all) as far as the actor may reach: a college its learners anywhere, a bureau its region."""
    people = Person.objects.all() if these is None else Person.objects.filter(pk__in=these)
    if asked.actor.role != Role.COLLEGE_PUBLISHER:
        region = in_region("region_code", _region(asked.type, asked.selection, asked.actor))
        people = people.visible_to(asked.actor).filter(region).filter(_works(asked.selection, asked.actor, asked.on))
    rows = _handed_out(people).values_list("pk", "name", "region_code")[: asked.limit]
    return [Candidate(pk, name, code, period) for pk, name, code in rows]


_FINDERS: dict[str, Callable[[_Asked], list[Candidate]]] = {
    Rule.ANNUAL_REQUIREMENT: _of_year,
    Rule.COURSE_PASSED: _of_course,
    Rule.PROGRAMME: _of_programme,
    Rule.POST: _of_requirements,
    Rule.TRAINERS: _of_requirements,
}


def courses_for(actor: Actor) -> QuerySet[Course]:
    """Courses whose learners the actor may certify."""
    return Course.objects.filter(college=actor.organisation_id)


def institutions_for(actor: Actor) -> QuerySet[Organisation]:
    """Employers whose staff the actor may select."""
    return Organisation.objects.visible_to(actor).admitted().filter(kind="institution").order_by("name", "pk")


def reach(type: CertificateType, actor: Actor) -> str:
    """The region an actor's orders of a type are bounded by: the narrower of the type's and the actor's."""
    return type.region_code if covers(actor.region_code, type.region_code) else actor.region_code


def _year(asked: _Asked) -> int:
    year = asked.selection.year
    if year is None or not FIRST_YEAR <= year <= asked.on.year:
        raise Invalid("year_unknown", _("请选择年度。"), field="year")
    return year


def _region(type: CertificateType, selection: Selection, actor: Actor) -> str:
    bound = reach(type, actor)
    if not selection.region:
        return bound
    try:
        inside = covers(bound, selection.region)
    except ValueError:
        inside = False
    if not inside:
        raise NotFound("region_unknown", _("只能选择本单位管辖、且适用这种证书的地区。"), field="region")
    return selection.region


def _works(selection: Selection, actor: Actor, on: date) -> Q:
    if not (selection.institution or selection.post):
        return Q()
    work = Employment.objects.on(on)
    if selection.institution:
        key = _key(selection.institution)
        institution = institutions_for(actor).filter(pk=key).first() if key else None
        if institution is None:
            raise NotFound("institution_unknown", _("没有找到这家机构。"), field="institution")
        work = work.filter(institution=institution)
    if selection.post:
        if selection.post not in Post.values:
            raise Invalid("post_unknown", _("请选择岗位。"), field="post")
        work = work.filter(post=selection.post)
    return Q(pk__in=work.values("person"))


def _handed_out(people: QuerySet[Person]) -> QuerySet[Person]:
    """By workplace, then name: a parcel for each employer."""
    work = Employment.objects.filter(person=OuterRef("pk"), to_date=None).order_by("from_date", "pk")
    named = people.annotate(workplace=Coalesce(Subquery(work.values("institution__name")[:1]), Value("")))
    return named.order_by("workplace", "name", "pk")


def _key(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
