"""Deriving hours that an appeal gave back: from the decision, and from what the course rested on in the first place."""

from courses.learning.evidence import derive_course
from courses.learning.models import FlagDecision, FlagDecisionName
from courses.learning.services.completions import EVIDENCE_KIND
from courses.learning.services.voiding import appeal_digest
from lms.ledger.evidence import Derived
from lms.ledger.models import HourEntry


def derive_appeal(entry: HourEntry) -> Derived | None:
    """What the original evidence is worth today, under the decision; None when either is gone."""
    decision = (
        FlagDecision.objects.select_related("flag__enrolment__completion")
        .filter(pk=entry.evidence_id, decision=FlagDecisionName.OVERTURNED, flag__enrolment__person=entry.person_id)
        .first()
    )
    completion = getattr(decision.flag.enrolment, "completion", None) if decision else None
    if decision is None or completion is None:
        return None
    # The entry as it was before it was void: only its evidence is asked for.
    first = HourEntry(person_id=entry.person_id, evidence_kind=EVIDENCE_KIND, evidence_id=completion.pk)
    original = derive_course(first)
    return Derived(original.minutes, appeal_digest(decision, original.digest)) if original else None
