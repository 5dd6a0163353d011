"""How rows of hours from elsewhere and leaves read: a lamp, a word, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lms.ledger.models import LeaveStateName, OutsideRow
from lms.ledger.services.outside_sheets import COLUMNS
from lms.ledger.uncounted import Uncounted

LEAVE_LAMPS = {
    LeaveStateName.PROPOSED: "attention",
    LeaveStateName.CONFIRMED: "ok",
    LeaveStateName.REFUSED: "stop",
    LeaveStateName.WITHDRAWN: "none",
    LeaveStateName.REVOKED: "stop",
}
_TITLES = {column.key: column.titles[0] for column in COLUMNS}


@dataclass(frozen=True, slots=True)
class RowState:
    """Where one row stands. ``lamp`` is ok, attention, stop or none."""

    lamp: str
    word: Any
    detail: str = ""


def state_of(row: OutsideRow) -> RowState:
    """The row's state; its decision and outcome are fetched with it (``select_related``)."""
    decision, outcome = getattr(row, "decision", None), getattr(row, "outcome", None)
    if row.error_code:
        return RowState("stop", _("有误"), row.error)
    if not row.examined:
        return RowState("none", _("核对中"))
    if decision is None:
        return RowState("attention", _("待核验"))
    if outcome is None:
        return RowState("none", _("已核验，入账中"))
    if outcome.entry_id:
        return RowState("ok", _("已计入"))
    return RowState("stop", _("未计入"), outcome.refused)


def fields_of(row: OutsideRow) -> str:
    """Titles of the columns at fault."""
    return gettext("、").join(gettext(_TITLES[key]) for key in row.error_field.split(",") if key in _TITLES)


def uncounted_outside(person_id: UUID, year: int) -> Iterable[Uncounted]:
    """Rows from elsewhere that a bureau or the ledger did not accept for this person."""
    rows = OutsideRow.objects.filter(person=person_id, on__year=year).exclude(outcome__refused_code="")
    for row in rows.filter(outcome__isnull=False).select_related("outcome", "batch"):
        assert row.on is not None
        own = row.batch.person_id == person_id
        url = reverse("ledger:outside_batch", args=[row.batch_id]) if own else ""
        yield Uncounted(row.on, row.title, row.outcome.refused, url)
