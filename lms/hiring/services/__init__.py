"""Verbs and questions of hiring, one module per noun."""

from lms.hiring.services.alerts import confirm_removal
from lms.hiring.services.batch_receipts import workbook_of
from lms.hiring.services.batch_uploads import hand_in_list
from lms.hiring.services.batches import (
    BatchReport,
    Progress,
    cancel_batch,
    create_batch,
    progress_of,
    undated_rows,
    work_on,
)
from lms.hiring.services.checks import check_person, effective_outcome, is_current, told_rule
from lms.hiring.services.disputes import answer_dispute, disputable_by, dispute_check
from lms.hiring.services.following import RemovalFigures, escalate_overdue, remind_employers, removal_figures
from lms.hiring.services.look_ups import decide_alert
from lms.hiring.services.memory import revoke_decision
from lms.hiring.services.papers import ask_for_document, hand_in_document, open_request
from lms.hiring.services.receipts import make_receipt, receipt_pdf
from lms.hiring.services.reviews import decide_review
from lms.hiring.services.roster import certified_ids, holding_ids, start_employment

__all__ = [
    "BatchReport",
    "Progress",
    "RemovalFigures",
    "answer_dispute",
    "ask_for_document",
    "cancel_batch",
    "certified_ids",
    "check_person",
    "confirm_removal",
    "create_batch",
    "decide_alert",
    "decide_review",
    "disputable_by",
    "dispute_check",
    "effective_outcome",
    "escalate_overdue",
    "hand_in_document",
    "hand_in_list",
    "holding_ids",
    "is_current",
    "make_receipt",
    "open_request",
    "progress_of",
    "receipt_pdf",
    "remind_employers",
    "removal_figures",
    "revoke_decision",
    "start_employment",
    "told_rule",
    "undated_rows",
    "work_on",
    "workbook_of",
]
