"""Verbs and questions of the ledger, one module per noun."""

from lms.ledger.services.closing import close_year, closing_day, due_closings, freeze_again
from lms.ledger.services.days import end_of, local_day
from lms.ledger.services.entries import credit_hours, payload, reverse_entry
from lms.ledger.services.leave import confirm_leave, record_leave, refuse_leave, revoke_leave, withdraw_leave
from lms.ledger.services.outside import (
    OutsideReport,
    decide_outside,
    submit_outside,
    submit_own_outside,
)
from lms.ledger.services.standings import (
    balances,
    class_hours_so_far,
    standing,
    standings,
    standings_in_region,
    standings_of,
)

__all__ = [
    "OutsideReport",
    "balances",
    "class_hours_so_far",
    "close_year",
    "closing_day",
    "confirm_leave",
    "credit_hours",
    "decide_outside",
    "due_closings",
    "end_of",
    "freeze_again",
    "local_day",
    "payload",
    "record_leave",
    "refuse_leave",
    "reverse_entry",
    "revoke_leave",
    "standing",
    "standings",
    "standings_in_region",
    "standings_of",
    "submit_outside",
    "submit_own_outside",
    "withdraw_leave",
]
