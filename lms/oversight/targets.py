"""What a city set out to reach, how far it is, and whether that is in time.

A target whose figure this product does not hold (places at colleges, a pool of professionals, roles that are no post of
an institution) is shown as not measured: never as zero, never as met.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from lms.people.models import Post, Qualification
from lms.policy.pack import Pack, Target

_KIND_OF_TITLE = {str(label): kind for kind, label in Qualification.Kind.choices}
RATE = "certified_on_post_rate"
PERSON_TIMES = "person_times_trained"
PERSONS = "persons_trained"


class Status(StrEnum):
    MET = "met"
    ON_TRACK = "on_track"
    BEHIND = "behind"
    MISSED = "missed"
    NOT_MEASURED = "not_measured"


WORDS = {
    Status.MET: _("已达成"),
    Status.ON_TRACK: _("进度正常"),
    Status.BEHIND: _("进度落后"),
    Status.MISSED: _("到期未达成"),
    Status.NOT_MEASURED: _("平台没有此项数据"),
}
LAMPS = {
    Status.MET: "ok",
    Status.ON_TRACK: "ok",
    Status.BEHIND: "attention",
    Status.MISSED: "stop",
    Status.NOT_MEASURED: "none",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """One target as of a day. ``value`` is a share for a rate, a count else; None where it is not measured."""

    target: Target
    value: Decimal | None
    status: Status

    @property
    def is_rate(self) -> bool:
        return self.target.metric == RATE

    @property
    def word(self) -> Any:
        return WORDS[self.status]

    @property
    def lamp(self) -> str:
        return LAMPS[self.status]

    @property
    def value_text(self) -> str:
        return "—" if self.value is None else _told(self.value, rate=self.is_rate)

    @property
    def target_text(self) -> str:
        text = _told(self.target.value, rate=self.is_rate)
        most = self.target.value_max
        return f"{text}—{_told(most, rate=self.is_rate)}" if most is not None else text


def kinds_of(target: Target) -> tuple[str, ...]:
    """Kinds of qualification the target names: 育婴员、保育师 (Beijing, section 三(五)14). Empty: any certificate counts."""
    return tuple(_KIND_OF_TITLE[title] for title in target.certificates if title in _KIND_OF_TITLE)


def kind_sets(packs: Sequence[Pack]) -> list[tuple[str, ...]]:
    """The sets of kinds that targets of these packs ask for, each once."""
    named = (kinds_of(target) for pack in packs for target in pack.targets if target.metric == RATE)
    return list(dict.fromkeys(kinds for kinds in named if kinds))


def measured(target: Target) -> bool:
    """Whether the product holds the figure: of posts at institutions, or of everybody."""
    return target.metric in {RATE, PERSONS, PERSON_TIMES} and target.role in {"", *Post.values}


def status_of(target: Target, value: Decimal | None, on: date, since: date) -> Status:
    """Met, in time (the share of the way is at least the share of the time), behind, or missed after its day."""
    if value is None:
        return Status.NOT_MEASURED
    if value >= target.value:
        return Status.MET
    if on > target.by:
        return Status.MISSED
    whole = max((target.by - since).days, 1)
    gone = Decimal(min(max((on - since).days, 0), whole)) / whole
    return Status.ON_TRACK if value >= target.value * gone else Status.BEHIND


def percent(share: Decimal) -> str:
    """A share as people read it, cut after one decimal: nobody is shown 100 % while one is missing."""
    tenths = int(share * 1000)
    return f"{tenths // 10}.{tenths % 10} %"


def _told(value: Decimal, *, rate: bool) -> str:
    return percent(value) if rate else f"{int(value):,}"
