"""Why a course counts for somebody, or why not: each reason is a code and a sentence."""

import uuid
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from courses.catalogue.models import Release
from courses.catalogue.querysets import ReleaseQuerySet
from lms.ledger.models import HourEntry
from lms.ledger.services import standing
from lms.people.models import Person
from lms.policy.pack import Pack
from lms.policy.services import pack_in_force
from lms.rules.class_hours import class_hours_to_minutes
from lms.rules.refusals import NotFound
from lms.rules.regions import covers
from lms.rules.standing import Standing


@dataclass(frozen=True, slots=True)
class Reason:
    """``ok``: it speaks for the course; else it says why the course does not count."""

    code: str
    sentence: str
    ok: bool = True


@dataclass(frozen=True, slots=True)
class Learner:
    """What is known of a practitioner's year, fetched once for a whole page of courses."""

    person: Person
    pack: Pack | None
    standing: Standing | None
    counted: AbstractSet[uuid.UUID]


def learner(person: Person, on: date) -> Learner:
    """The person's policy, standing and the courses already counted this year, in a constant number of queries."""
    try:
        pack = pack_in_force(person.region_code, on)
    except NotFound:
        return Learner(person, None, None, frozenset())
    entries = HourEntry.objects.filter(person=person, year=on.year, kind="credit", reversed_by=None)
    counted = entries.exclude(course_id=None).values_list("course_id", flat=True)
    return Learner(person, pack, standing(person=person, year=on.year, on=on), frozenset(key for key in counted if key))


def counting_for(releases: ReleaseQuerySet, who: Learner) -> ReleaseQuerySet:
    """Releases whose hours would count for the person this year: the same judgement as ``why_it_counts``, for a list."""
    found = releases.counting_in(who.person.region_code)
    if who.pack is None:
        return found
    if who.pack.limits.one_course_once_a_year:
        found = found.exclude(course__in=who.counted)
    required = [row.category for row in who.pack.annual_requirements]
    return found.filter(category__in=required) if required else found


def untaken_by(releases: ReleaseQuerySet, who: Learner) -> ReleaseQuerySet:
    """Releases of courses the person has no hours of, in any year."""
    taken = HourEntry.objects.standing_credits().filter(person=who.person).exclude(course_id=None)
    return releases.exclude(course__in=taken.values("course_id"))


def why_it_counts(release: Release, who: Learner | None) -> list[Reason]:
    """Reasons for a practitioner; for everybody else, what the course is worth in general."""
    if who is None or who.pack is None:
        return [_worth(release)]
    if release.regions and not any(covers(code, who.person.region_code) for code in release.regions):
        return [Reason("wrong_region", _("不适用于您所在的地区，学时不会计入您的年度要求。"), ok=False)]
    if who.pack.limits.one_course_once_a_year and release.course_id in who.counted:
        return [Reason("counted_already", _("今年已经计入过这门课程，同一课程一年只计一次。"), ok=False)]
    return [*_requirement(release, who)] or [_worth(release)]


def _requirement(release: Release, who: Learner) -> list[Reason]:
    assert who.pack is not None
    required = next((row for row in who.pack.annual_requirements if row.category == release.category), None)
    if required is None:
        sentence = _("所在地区没有规定年度学时，学习会如实记入您的学时账本。")
        return [Reason("no_requirement", sentence)]
    figures = {"category": _(required.title), "required": required.class_hours, "worth": release.class_hours}
    sentence = _("计入“%(category)s”每年 %(required)s 学时中的 %(worth)s 学时。") % figures
    reasons = [Reason("counts_towards", sentence)]
    line = who.standing.line(release.category) if who.standing else None
    if line and line.met:
        reasons.append(Reason("met_already", _("这一类您今年已经学满，多学的部分同样留有记录。")))
    elif line:
        worth = class_hours_to_minutes(release.class_hours, minutes_per_class_hour=release.minutes_per_class_hour)
        code, sentence = (
            ("completes", _("学完后这一类今年就满了，现在还差 %(left)s 学时。"))
            if worth >= line.left_minutes
            else ("still_left", _("这一类您今年还差 %(left)s 学时。"))
        )
        reasons.append(Reason(code, sentence % {"left": line.left_class_hours}))
    return reasons


def _worth(release: Release) -> Reason:
    figures = {
        "category": release.get_category_display(),
        "worth": release.class_hours,
        "minutes": release.minutes_per_class_hour,
    }
    sentence = _("属于“%(category)s”，学完计 %(worth)s 学时（每学时 %(minutes)s 分钟）。") % figures
    return Reason("worth", sentence)
