"""How a standing reads: a verdict's reasons as sentences, in the reader's language."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from lms.ledger.models import Category, Leave, LeaveStateName, YearStanding
from lms.rules.standing import Reason, Standing


@dataclass(frozen=True, slots=True)
class Frozen:
    """How a closed year stood, for the page: one sentence a category, and why this version was written."""

    version: int
    at: datetime
    met: bool
    why: str
    lines: tuple[str, ...]
    head_number: int
    head_hash: str


def reason_text(reason: Reason) -> str:
    """One reason as a sentence, led by the category it concerns."""
    sentence = gettext(reason.message) % reason.params
    if not reason.category:
        return sentence
    return gettext("%(category)s：%(sentence)s") % {"category": Category(reason.category).label, "sentence": sentence}


def reasons(standing: Standing) -> list[str]:
    """Every reason of a standing, in order."""
    return [reason_text(reason) for reason in standing.reasons]


def verdict(standing: Standing) -> str:
    """The standing in one sentence."""
    if not standing.lines:
        return gettext("当地政策没有规定年度学时。")
    if standing.met:
        return gettext("本年度学时已学满。")
    if standing.days_left == 0:
        return gettext("本年度学时未学满，年度已经截止。")
    return gettext("本年度学时尚未学满，距年度截止还有 %(days)s 天。") % {"days": standing.days_left}


def frozen(row: YearStanding) -> Frozen:
    """One version of a closed year."""
    sentence = gettext("%(category)s：要求 %(required)s 学时，计入 %(earned)s 学时")
    lines = [
        sentence
        % {
            "category": Category(line["category"]).label,
            "required": line["required_class_hours"],
            "earned": line["earned_class_hours"],
        }
        for line in row.lines
    ]
    return Frozen(row.version, row.at, row.met, row.why, tuple(lines), row.head_number, row.head_hash)


def leave_state(row: Leave) -> LeaveStateName:
    """The last state of a leave fetched ``with_state``."""
    return LeaveStateName(vars(row)["state"])
