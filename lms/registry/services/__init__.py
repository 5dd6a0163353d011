"""Verbs and questions of the registry, one module per noun."""

from lms.registry.effects import Consequence
from lms.registry.services.annulment import confirm_annulment, decline_annulment, note_compensation, propose_annulment
from lms.registry.services.appeals import close_appeal, mark_appeal
from lms.registry.services.cases import confirm_case, draft_case, edit_case, return_case, submit_case
from lms.registry.services.consequences import (
    Foreseen,
    annulment_consequences,
    consequences,
    foreseen,
    freed_persons,
)
from lms.registry.services.finding import reindex_subjects
from lms.registry.services.glance import Glance, glance
from lms.registry.services.intake import (
    IntakeReport,
    confirm_intake,
    decline_intake,
    propose_intake,
)
from lms.registry.services.listing import (
    acting_subjects,
    barred_ids,
    began_since,
    is_barred,
    subjects_of,
)
from lms.registry.services.proof import Finding, verify_registry
from lms.registry.services.screening import screening_candidates, screening_candidates_many
from lms.registry.services.subjects import ProposedManager, add_subject, proposed_managers, remove_subject
from lms.registry.services.turning import turn_bans
from lms.registry.services.versions import current_list_version

__all__ = [
    "Consequence",
    "Finding",
    "Foreseen",
    "Glance",
    "IntakeReport",
    "ProposedManager",
    "acting_subjects",
    "add_subject",
    "annulment_consequences",
    "barred_ids",
    "began_since",
    "close_appeal",
    "confirm_annulment",
    "confirm_case",
    "confirm_intake",
    "consequences",
    "current_list_version",
    "decline_annulment",
    "decline_intake",
    "draft_case",
    "edit_case",
    "foreseen",
    "freed_persons",
    "glance",
    "is_barred",
    "mark_appeal",
    "note_compensation",
    "propose_annulment",
    "propose_intake",
    "proposed_managers",
    "reindex_subjects",
    "remove_subject",
    "return_case",
    "screening_candidates",
    "screening_candidates_many",
    "subjects_of",
    "submit_case",
    "turn_bans",
    "verify_registry",
]
