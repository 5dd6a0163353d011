"""Standing: what a year asks of a person, what was earned, what is left, and why.

Requirements come from the policy pack, entries from the ledger, both in
minutes; class-hours appear only in what is shown.  Each category stands for
itself: skills never make up for ethics (Shanghai plan 2020–2022, section
二(二)3: 72 and 40 class-hours, side by side).  A parameter that is None is
not in force.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from lms.rules.class_hours import Rounding, minutes_left_to_class_hours, minutes_to_class_hours
from lms.rules.refusals import gettext_noop

_MONTHS = 12


class ProRata(StrEnum):
    """How the year shrinks for somebody hired in the middle of it."""

    MONTHS = "months"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Requirement:
    """What one category asks in a full year, in minutes.

    ``online_share_at_most``: of the required minutes, the share online learning may
    fill.  ``release_minutes_at_most``: the most one release counts for.
    ``carry_over_minutes_at_most``: surplus that may be taken over from the year before, and into the next.
    """

    category: str
    required_minutes: int
    online_share_at_most: Decimal | None = None
    release_minutes_at_most: int | None = None
    carry_over_minutes_at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One hour entry that stands (reversed ones are left out).  ``minutes`` > 0."""

    category: str
    minutes: int
    year: int
    on: date
    release_id: str | None = None
    online: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """How the pack counts a year."""

    minutes_per_class_hour: int
    rounding: Rounding | str = Rounding.HALF
    one_release_once_a_year: bool = True
    pro_rata: ProRata | None = None
    leave_reduces: bool = False
    grace_days: int = 0


@dataclass(frozen=True, slots=True)
class Service:
    """What is known of a person's year: first day on post, whole months of approved leave, minutes brought over."""

    hired_on: date | None = None
    leave_months: int = 0
    carried_minutes: Mapping[str, int] = field(default_factory=dict)

    @property
    def key(self) -> Hashable:
        """The same for two years that shrink and begin alike."""
        return self.hired_on, self.leave_months, frozenset(self.carried_minutes.items())


_SENTENCES = {
    "met": gettext_noop("已学满 %(required)s 学时。"),
    "short": gettext_noop("还差 %(left)s 学时。"),
    "repeated_release": gettext_noop("同一课程一年只计一次，重复的 %(minutes)s 分钟未计入。"),
    "release_cap": gettext_noop("单门课程超过上限的 %(minutes)s 分钟未计入。"),
    "online_share": gettext_noop("线上学习超过上限的 %(minutes)s 分钟未计入。"),
    "carried_over": gettext_noop("上年结转 %(minutes)s 分钟。"),
    "pro_rata": gettext_noop("因年中入职，全年要求折算为 %(required)s 学时。"),
    "leave": gettext_noop("因批准的假期 %(months)s 个月，全年要求减为 %(required)s 学时。"),
    "no_requirement": gettext_noop("当地政策没有规定年度学时。"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a line is as it is: a stable code, the category it concerns, and figures for the sentence."""

    code: str
    category: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The Chinese sentence, to be translated and filled with ``params`` where it is shown."""
        return _SENTENCES[self.code]


@dataclass(frozen=True, slots=True)
class Line:
    """One category of one year, in minutes and in class-hours (rounded down)."""

    category: str
    required_minutes: int
    earned_minutes: int
    left_minutes: int
    required_class_hours: Decimal
    earned_class_hours: Decimal
    left_class_hours: Decimal
    surplus_to_carry_minutes: int
    met: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """The verdict of a year, as of a day.  ``days_left`` counts to the day the year closes."""

    year: int
    as_of: date
    lines: tuple[Line, ...]
    met: bool
    reasons: tuple[Reason, ...]
    closes_on: date
    days_left: int

    def line(self, category: str) -> Line | None:
        return next((line for line in self.lines if line.category == category), None)


def evaluate(
    requirements: Sequence[Requirement],
    entries: Iterable[Entry],
    on: date,
    *,
    year: int,
    terms: Terms,
    service: Service | None = None,
) -> Standing:
    """Weigh a year's entries, up to and including ``on``, against what the year requires.

    A pack without requirements is met by everybody and says so.
    """
    service = service or Service()
    relevant = sorted((entry for entry in entries if entry.year == year and entry.on <= on), key=lambda entry: entry.on)
    lines: list[Line] = []
    reasons: list[Reason] = []
    for requirement in requirements:
        own = [entry for entry in relevant if entry.category == requirement.category]
        line, why = _line(requirement, own, year=year, terms=terms, service=service)
        lines.append(line)
        reasons.extend(why)
    if not requirements:
        reasons.append(Reason("no_requirement"))
    closes_on = date(year, 12, 31) + timedelta(days=terms.grace_days)
    return Standing(
        year=year,
        as_of=on,
        lines=tuple(lines),
        met=all(line.met for line in lines),
        reasons=tuple(reasons),
        closes_on=closes_on,
        days_left=max(0, (closes_on - on).days),
    )


def required_minutes(
    full_year_minutes: int, *, year: int, terms: Terms, service: Service
) -> tuple[int, tuple[str, ...]]:
    """Shrink a full year's minutes for hiring and leave, rounded down in the person's favour.

    Returns the minutes and the codes of what shrank it.  The month of hiring counts whole.
    """
    hired = service.hired_on
    if hired is None and service.leave_months <= 0:
        return full_year_minutes, ()
    share, codes = Fraction(1), []
    if terms.pro_rata is not None and hired is not None:
        share = _share_of_year(hired, year, terms.pro_rata)
        if share < 1:
            codes.append("pro_rata")
    if terms.leave_reduces and service.leave_months > 0:
        share = max(Fraction(0), share - Fraction(service.leave_months, _MONTHS))
        codes.append("leave")
    return int(full_year_minutes * share), tuple(codes)


def _share_of_year(hired: date, year: int, pro_rata: ProRata) -> Fraction:
    first, last = date(year, 1, 1), date(year, 12, 31)
    if hired <= first:
        return Fraction(1)
    if hired > last:
        return Fraction(0)
    if pro_rata is ProRata.MONTHS:
        return Fraction(_MONTHS + 1 - hired.month, _MONTHS)
    return Fraction((last - hired).days + 1, (last - first).days + 1)


def _line(
    requirement: Requirement, entries: Sequence[Entry], *, year: int, terms: Terms, service: Service
) -> tuple[Line, list[Reason]]:
    category = requirement.category
    required, shrunk = required_minutes(requirement.required_minutes, year=year, terms=terms, service=service)
    earned, reasons = _earned(requirement, entries, required, terms)
    carried = min(service.carried_minutes.get(category, 0), requirement.carry_over_minutes_at_most or 0)
    if carried:
        earned += carried
        reasons.append(Reason("carried_over", category, {"minutes": carried}))

    line = _shown(requirement, required, earned, terms)
    figures = {"required": line.required_class_hours, "left": line.left_class_hours}
    reasons = [Reason(code, category, {**figures, "months": service.leave_months}) for code in shrunk] + reasons
    reasons.append(Reason("met" if line.met else "short", category, figures))
    return line, reasons


def _shown(requirement: Requirement, required: int, earned: int, terms: Terms) -> Line:
    def hours(minutes: int) -> Decimal:
        return minutes_to_class_hours(
            minutes, minutes_per_class_hour=terms.minutes_per_class_hour, rounding=terms.rounding
        )

    left = max(0, required - earned)
    return Line(
        category=requirement.category,
        required_minutes=required,
        earned_minutes=earned,
        left_minutes=left,
        required_class_hours=hours(required),
        earned_class_hours=hours(earned),
        left_class_hours=minutes_left_to_class_hours(
            left, minutes_per_class_hour=terms.minutes_per_class_hour, rounding=terms.rounding
        ),
        surplus_to_carry_minutes=min(max(0, earned - required), requirement.carry_over_minutes_at_most or 0),
        met=earned >= required,
    )


def _earned(
    requirement: Requirement, entries: Sequence[Entry], required: int, terms: Terms
) -> tuple[int, list[Reason]]:
    counted, reasons = list(entries), []
    if terms.one_release_once_a_year:
        counted, repeated = _first_of_each_release(counted)
        if repeated:
            reasons.append(Reason("repeated_release", requirement.category, {"minutes": repeated}))
    most = requirement.release_minutes_at_most
    weighed = [(min(entry.minutes, most) if most is not None else entry.minutes, entry) for entry in counted]
    over_release = sum(entry.minutes - minutes for minutes, entry in weighed)
    if over_release:
        reasons.append(Reason("release_cap", requirement.category, {"minutes": over_release}))
    online = sum(minutes for minutes, entry in weighed if entry.online)
    total = sum(minutes for minutes, _ in weighed)
    share = requirement.online_share_at_most
    over_online = 0 if share is None else max(0, online - int(required * share))
    if over_online:
        reasons.append(Reason("online_share", requirement.category, {"minutes": over_online}))
    return total - over_online, reasons


def _first_of_each_release(entries: Sequence[Entry]) -> tuple[list[Entry], int]:
    """Keep the first entry of each release; entries without one all count."""
    seen: set[str] = set()
    kept: list[Entry] = []
    repeated = 0
    for entry in entries:
        if entry.release_id is not None and entry.release_id in seen:
            repeated += entry.minutes
            continue
        if entry.release_id is not None:
            seen.add(entry.release_id)
        kept.append(entry)
    return kept, repeated
