"""Nouns of the ledger, one module each: entries, years and what was frozen of them, leave, hours from elsewhere."""

from lms.ledger.models.entries import Category, EntryKind, HourEntry
from lms.ledger.models.leave import Leave, LeaveKind, LeaveState, LeaveStateName
from lms.ledger.models.outside import OutsideBatch, OutsideDecision, OutsideOutcome, OutsideRow
from lms.ledger.models.years import YearClosing, YearStanding

__all__ = [
    "Category",
    "EntryKind",
    "HourEntry",
    "Leave",
    "LeaveKind",
    "LeaveState",
    "LeaveStateName",
    "OutsideBatch",
    "OutsideDecision",
    "OutsideOutcome",
    "OutsideRow",
    "YearClosing",
    "YearStanding",
]
