"""From an entry of the ledger to the learning it rests on: one's own course, or the record an auditor may read."""

import uuid

from django.urls import reverse
from django.utils.translation import gettext as _

from courses.learning.models import AnomalyFlag, CourseCompletion, FlagDecision
from courses.learning.querysets import REVIEWING_ROLES
from courses.learning.services.completions import EVIDENCE_KIND
from lms.audit.actors import Actor
from lms.ledger.evidence import More
from lms.ledger.models import HourEntry


def page_of(entry: HourEntry, actor: Actor) -> More | None:
    """Where the learning behind an entry is shown to this actor; nothing for an employer, who sees only the hours."""
    enrolment_id = _enrolment_of(entry)
    if enrolment_id is None:
        return None
    if entry.person_id == actor.person_id:
        if AnomalyFlag.objects.filter(enrolment=enrolment_id).exists():
            return More(_("查看这次学习的审核与申诉"), reverse("learning:own_flags", args=[enrolment_id]))
        return More(_("查看这次学习"), reverse("learning:course", args=[enrolment_id]))
    if actor.role in REVIEWING_ROLES:
        return More(_("查看学习记录"), reverse("learning:record", args=[enrolment_id]))
    return None


def _enrolment_of(entry: HourEntry) -> uuid.UUID | None:
    if entry.evidence_kind == EVIDENCE_KIND:
        completions = CourseCompletion.objects.filter(pk=entry.evidence_id)
        return completions.values_list("enrolment_id", flat=True).first()
    return FlagDecision.objects.filter(pk=entry.evidence_id).values_list("flag__enrolment_id", flat=True).first()
