"""Nouns of certificates, one module each."""

from certificates.models.batches import BatchState, IssueBatch, IssueBatchRow
from certificates.models.certificates import Certificate, CertificateDocument
from certificates.models.credentials import StatusList, StatusSlot
from certificates.models.recalls import Recall, RecallItem, RecallState
from certificates.models.reissues import Reissue, ReissueCause
from certificates.models.reminders import ExpiryReminder
from certificates.models.shares import Share, ShareField
from certificates.models.states import CertificateState, StateCode
from certificates.models.templates import Accent, Orientation, SheetLanguage, TemplatePicture, TemplateVersion
from certificates.models.types import STAFF_RULES, CertificateType, Rule, SerialCounter

__all__ = [
    "STAFF_RULES",
    "Accent",
    "BatchState",
    "Certificate",
    "CertificateDocument",
    "CertificateState",
    "CertificateType",
    "ExpiryReminder",
    "IssueBatch",
    "IssueBatchRow",
    "Orientation",
    "Recall",
    "RecallItem",
    "RecallState",
    "Reissue",
    "ReissueCause",
    "Rule",
    "SerialCounter",
    "Share",
    "ShareField",
    "SheetLanguage",
    "StateCode",
    "StatusList",
    "StatusSlot",
    "TemplatePicture",
    "TemplateVersion",
]
