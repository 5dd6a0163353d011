"""Verbs and questions of certificates, one module per noun."""

from certificates.services.bans import given_back, reinstate_after_annulment, revoke_for_ban, taken_by_ban
from certificates.services.batches import (
    cancel_batch,
    pause_batch,
    plan_batch,
    progress_of,
    resume_batch,
    start_batch,
)
from certificates.services.corrections import supersede_certificate
from certificates.services.credentials import credential_json, credential_jwt, list_json, list_jwt
from certificates.services.files import by_file
from certificates.services.issuing import (
    issue_annual_certificate,
    issue_certificate,
    issue_course_certificate,
)
from certificates.services.issuing_many import Issued, Refused, issue_many
from certificates.services.papers import paper_of, render_pending
from certificates.services.printing_many import Made, NotMade, print_many
from certificates.services.reissues import reissue_document
from certificates.services.states import reinstate_certificate, revoke_certificate
from certificates.services.types import annual_type, course_type, ensure_types
from certificates.services.validity import Validity, by_serial, by_token, validity, validity_of

__all__ = [
    "Issued",
    "Made",
    "NotMade",
    "Refused",
    "Validity",
    "annual_type",
    "by_file",
    "by_serial",
    "by_token",
    "cancel_batch",
    "course_type",
    "credential_json",
    "credential_jwt",
    "ensure_types",
    "given_back",
    "issue_annual_certificate",
    "issue_certificate",
    "issue_course_certificate",
    "issue_many",
    "list_json",
    "list_jwt",
    "paper_of",
    "pause_batch",
    "plan_batch",
    "print_many",
    "progress_of",
    "reinstate_after_annulment",
    "reinstate_certificate",
    "reissue_document",
    "render_pending",
    "resume_batch",
    "revoke_certificate",
    "revoke_for_ban",
    "start_batch",
    "supersede_certificate",
    "taken_by_ban",
    "validity",
    "validity_of",
]
