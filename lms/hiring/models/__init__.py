"""Nouns of hiring: checks and what a registrar says of them, batches, alerts and what the employer answers."""

from lms.hiring.models.alerts import AlertConfirmation, AlertNotice, BanAlert
from lms.hiring.models.batches import BatchReceipt, BatchRow, BatchUpload, CheckBatch
from lms.hiring.models.checks import Check, CheckCandidate, CheckReceipt, Outcome, Purpose
from lms.hiring.models.disputes import CheckDispute, DisputeAnswer, Ground
from lms.hiring.models.look_ups import LookUpAlert, LookUpDecision, PatternChoices
from lms.hiring.models.reviews import (
    DecisionRevocation,
    DocumentRequest,
    HandedDocument,
    PairDecision,
    RememberedAnswer,
    Review,
    ReviewDecision,
)
from lms.hiring.models.rosters import Recheck, RosterLoad, RosterRow
from lms.hiring.models.webhooks import WebhookDelivery, WebhookEndpoint

__all__ = [
    "AlertConfirmation",
    "AlertNotice",
    "BanAlert",
    "BatchReceipt",
    "BatchRow",
    "BatchUpload",
    "Check",
    "CheckBatch",
    "CheckCandidate",
    "CheckDispute",
    "CheckReceipt",
    "DecisionRevocation",
    "DisputeAnswer",
    "DocumentRequest",
    "Ground",
    "HandedDocument",
    "LookUpAlert",
    "LookUpDecision",
    "Outcome",
    "PairDecision",
    "PatternChoices",
    "Purpose",
    "Recheck",
    "RememberedAnswer",
    "Review",
    "ReviewDecision",
    "RosterLoad",
    "RosterRow",
    "WebhookDelivery",
    "WebhookEndpoint",
]
