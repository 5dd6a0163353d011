"""Grounds of what an issuer's staff asks for: a programme completed in its year; courses and topics passed for a post or
for teaching others.

Purely what was earned: hours that stand in the ledger, courses that were passed and not voided. Each refusal says what
is missing, by the name the learner knows it under.
"""

import calendar
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from certificates.models import CertificateType, Rule
from certificates.querysets import BUREAUS
from certificates.services.evidence import Grounds, common_facts, plain
from courses.catalogue.models import Programme, Topic
from courses.catalogue.programmes import releases_of
from courses.learning.models import Enrolment, EnrolmentStateName
from lms.ledger.models import HourEntry
from lms.people.models import Membership, Organisation, Person, Role
from lms.people.querysets import in_region
from lms.policy.services import packs_in_force
from lms.rules.qualifying import Asked, Missing, Pass, Verdict, weigh
from lms.rules.refusals import Conflict, Invalid, NotFound

# The period of a certificate that never ends: there is one of it in a life.
ONCE = "once"
NAMED = 6  # how many missing things one sentence names


def of_programme(person: Person, type: CertificateType, period: str) -> Grounds:
    """Every course of the programme stands in the ledger of its year. ``period`` is the programme's key."""
    programme, issuer = _programme(type, period), _issuer(type)
    courses = list(programme.items.order_by("position").values_list("course_id", flat=True))
    rows = HourEntry.objects.standing_credits().filter(person=person, course_id__in=courses, year=programme.year)
    entries = {entry.course_id: entry for entry in rows.order_by("number")}
    titles = {release.course_id: release.title for release in releases_of(courses)}
    left = [titles.get(course, "") for course in courses if course not in entries]
    if left or not entries:
        raise Conflict(
            "programme_incomplete",
            _("%(year)s 年度培训计划“%(title)s”尚未完成，还缺：%(left)s。"),
            year=programme.year,
            title=programme.title,
            left=_listed([gettext("《%(title)s》") % {"title": title} for title in left]),
        )
    taken = [entries[course] for course in courses]
    return Grounds(
        title=f"《{programme.title}》{type.title}",
        issuer=issuer,
        region_code=issuer.region_code,
        validity_months=type.validity_months,
        facts={
            "programme": programme.title,
            "programme_id": str(programme.pk),
            "year": programme.year,
            "courses": [
                {"course": str(entry.course_id), "title": entry.title, "on": entry.on.isoformat()} for entry in taken
            ],
            "passed_on": max(entry.on for entry in taken).isoformat(),
            "lines": _lines((entry.category, entry.class_hours) for entry in taken),
            **common_facts(person, type, issuer, None),
        },
    )


def of_requirements(person: Person, type: CertificateType, period: str, now: datetime) -> Grounds:
    """Everything the type names was passed. ``period`` is the year it was completed in, or ``once`` without an end."""
    issuer, on = _issuer(type), timezone.localdate(now)
    until = _end_of_period(type, period, on)
    if type.rule == Rule.TRAINERS and not _teaches(person, now):
        raise Conflict("not_a_teacher", _("师资培训合格证书只发给培训院校、实训基地在册的授课教师。"))
    verdict = weigh_requirements(person, type, until)
    if not verdict.met:
        raise Conflict(
            "requirements_missing",
            _("还没有达到“%(title)s”的要求，还缺：%(left)s。"),
            title=type.title,
            left=_listed(_told(verdict.missing)),
        )
    if period != period_of(type, verdict):
        raise Conflict(
            "period_other",
            _("这些培训在 %(year)s 年全部完成，请按该年度签发。"),
            year=period_of(type, verdict),
        )
    pack = packs_in_force([person.region_code], on).get(person.region_code)
    completed = verdict.completed_on or on
    return Grounds(
        title=type.title,
        issuer=issuer,
        region_code=issuer.region_code,
        validity_months=type.validity_months,
        facts={
            "post": type.requirements.get("post", ""),
            "year": completed.year,
            "courses": [_kept(one) for one in verdict.counted],
            "passed_on": completed.isoformat(),
            "asked": type.requirements,
            "lines": _lines((one.category, one.class_hours) for one in verdict.counted),
            **common_facts(person, type, issuer, pack),
        },
    )


def weigh_requirements(person: Person, type: CertificateType, until: date) -> Verdict:
    """What the person passed up to ``until`` (inclusive), set against what a post's or teachers' type names."""
    return weigh(asked_of(type, until), _passes(person, type))


def period_of(type: CertificateType, verdict: Verdict) -> str:
    """The period a met verdict is certified for: the year of the last pass, or ``once`` where nothing runs out."""
    if not type.validity_months:
        return ONCE
    return str(verdict.completed_on.year) if verdict.completed_on else ""


def asked_of(type: CertificateType, until: date) -> Asked:
    """A type's requirements, as the rule takes them."""
    asked = type.requirements
    months = asked.get("within_months")
    return Asked(
        courses=tuple(asked.get("courses", ())),
        topics=tuple((topic, Decimal(hours)) for topic, hours in asked.get("topics", {}).items()),
        since=_months_before(until, months) if months else None,
        until=until,
    )


def programmes_of(type: CertificateType) -> Any:
    """Approved programmes the type certifies: those it names, else any of its issuer's or, for a bureau, its region's."""
    approved = Programme.objects.exclude(approved_at=None)
    if named := type.requirements.get("programmes"):
        return approved.filter(pk__in=named)
    issuer = _issuer(type)
    if issuer.kind in BUREAUS:
        return approved.filter(in_region("college__region_code", issuer.region_code))
    return approved.filter(college=issuer)


def _programme(type: CertificateType, period: str) -> Programme:
    try:
        key = uuid.UUID(period)
    except ValueError:
        raise NotFound("programme_unknown", _("没有找到这个培训计划。")) from None
    found: Programme | None = programmes_of(type).filter(pk=key).first()
    if found is None:
        raise NotFound("programme_unknown", _("没有找到这个培训计划。"))
    return found


def _issuer(type: CertificateType) -> Organisation:
    if type.issuer is None or type.issuer.status != "admitted":
        raise Conflict("no_issuer", _("发证单位目前不在平台上，证书暂时不能签发。"))
    return type.issuer


def _end_of_period(type: CertificateType, period: str, on: date) -> date:
    """Up to which day passes count: today, or the end of a year that is over."""
    if not type.validity_months:
        if period != ONCE:
            raise Invalid("period_unknown", _("这种证书长期有效，每人只签发一次。"), field="period")
        return on
    if not (period.isascii() and period.isdigit() and len(period) == 4):
        raise Invalid("year_unknown", _("请给出四位数的年度。"), field="year")
    return min(on, date(int(period), 12, 31))


def _passes(person: Person, type: CertificateType) -> list[Pass]:
    """Courses passed and standing. A college vouches for its own courses only, a bureau for all."""
    rows = Enrolment.objects.filter(person=person, state=EnrolmentStateName.PASSED, completion__isnull=False)
    issuer = type.issuer
    if issuer is not None and issuer.kind not in BUREAUS:
        rows = rows.filter(Q(release__course__college=issuer))
    return [
        Pass(
            course=str(row.release.course_id),
            title=row.release.title,
            topic=row.release.topic,
            category=row.release.category,
            class_hours=row.release.class_hours,
            on=timezone.localdate(row.completion.at),
            evidence=str(row.pk),
        )
        for row in rows.select_related("release", "completion")
    ]


def _teaches(person: Person, now: datetime) -> bool:
    roles = Membership.objects.open(now).with_role(Role.COLLEGE_TEACHER)
    return bool(roles.filter(user__person=person).exists())


def _lines(hours: Iterable[tuple[str, Decimal]]) -> list[dict[str, str]]:
    """Class-hours by category, skills before ethics."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for category, each in hours:
        sums[category] += each
    return [{"category": category, "earned": plain(sums[category])} for category in sorted(sums, reverse=True)]


def _kept(one: Pass) -> dict[str, str]:
    return {"course": one.course, "title": one.title, "on": one.on.isoformat(), "enrolment": one.evidence}


def _told(missing: Sequence[Missing]) -> list[str]:
    courses = releases_of([uuid.UUID(one.key) for one in missing if one.kind == "course"])
    titles = {str(release.course_id): release.title for release in courses}
    said = []
    for one in missing:
        if one.kind == "course":
            said.append(gettext("《%(title)s》") % {"title": titles.get(one.key, "")})
        else:
            words = {"topic": Topic(one.key).label, "left": plain(one.left)}
            said.append(gettext("“%(topic)s”类课程 %(left)s 学时") % words)
    return said


def _listed(things: Sequence[str]) -> str:
    """The first few by name, the rest by number."""
    named = gettext("、").join(things[:NAMED])
    rest = len(things) - NAMED
    if rest <= 0:
        return named
    return named + ngettext("等，另有 %(count)d 项", "等，另有 %(count)d 项", rest) % {"count": rest}


def _months_before(day: date, months: int) -> date:
    """The first day (inclusive) of so many whole months that end on ``day``."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
