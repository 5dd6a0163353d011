"""Verbs and questions of subsidies, one module per noun."""

from lms.subsidies.services.assembly import Preview, assemble_claim, preview_claim, reassemble_claim
from lms.subsidies.services.decisions import (
    audit_claim,
    decide_claim,
    mark_paid,
    refuse_same_officer,
    return_claim,
    submit_claim,
    totals,
)
from lms.subsidies.services.export import export_claim
from lms.subsidies.services.samples import draw_sample, drawn_again
from lms.subsidies.services.schemes import budget_used, create_scheme, yuan
from lms.subsidies.services.verdicts import (
    block_lines,
    lines_a_ban_would_block,
    lines_an_annulment_would_free,
    refresh_verdicts,
    settle_line,
    unblock_lines,
)

__all__ = [
    "Preview",
    "assemble_claim",
    "audit_claim",
    "block_lines",
    "budget_used",
    "create_scheme",
    "decide_claim",
    "draw_sample",
    "drawn_again",
    "export_claim",
    "lines_a_ban_would_block",
    "lines_an_annulment_would_free",
    "mark_paid",
    "preview_claim",
    "reassemble_claim",
    "refresh_verdicts",
    "refuse_same_officer",
    "return_claim",
    "settle_line",
    "submit_claim",
    "totals",
    "unblock_lines",
    "yuan",
]
