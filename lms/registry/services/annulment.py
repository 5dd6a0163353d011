"""Lifting a ban: only by annulment, only with the overturning document, and by two different officers."""

from datetime import datetime

from django.core.files.base import File
from django.db import transaction

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.documents import uploads
from lms.people.models import Role
from lms.registry import signals
from lms.registry.models import BanCase, BanState, CaseState
from lms.registry.services import steps, versions
from lms.registry.services.cases import keep_document


def propose_annulment(
    *, case: BanCase, overturning_file: "File[bytes]", reason: str, actor: Actor, now: datetime
) -> BanState:
    """Propose to annul with the document that overturns the decision. The ban acts on until a second officer agrees."""
    steps.require_officer(actor, case, Role.REGISTRAR)
    why = steps.given_reason(reason)
    content_type = uploads.check(overturning_file, kind="document")
    with transaction.atomic():
        last = steps.lock(case)
        steps.require_state(last, *(steps.ACTING - {CaseState.ANNULMENT_PROPOSED}))
        document = keep_document(case, "overturning", overturning_file, content_type, actor=actor, now=now)
        step = steps.take(
            case,
            CaseState.ANNULMENT_PROPOSED,
            after=last.number,
            actor=actor,
            now=now,
            reason=why,
            document=document,
        )
        changes = {"document": document.sha256}
        record(verb="ban_case.annulment_proposed", actor=actor, now=now, subject=case, changes=changes, reason=why)
    return step


def confirm_annulment(*, case: BanCase, actor: Actor, now: datetime, reason: str = "") -> BanState:
    """The second officer agrees: the ban ends as if it had not been, in one commit with what follows from that.

    Refuses the officer who proposed it (``same_officer``).
    """
    steps.require_officer(actor, case, Role.CONFIRMING_REGISTRAR)
    with transaction.atomic():
        last = steps.lock(case)
        steps.require_state(last, CaseState.ANNULMENT_PROPOSED)
        steps.require_other_officer(actor, last)
        step = steps.take(
            case,
            CaseState.ANNULLED,
            after=last.number,
            actor=actor,
            now=now,
            reason=reason.strip() or last.reason,
            document=last.document,
        )
        subjects = list(case.subjects.select_related("person").order_by("pk"))
        version = versions.new_version([(step, subjects)], now=now)
        record(
            verb="ban_case.annulled",
            actor=actor,
            now=now,
            subject=case,
            changes={"subjects": len(subjects), "list_version": version.number},
            reason=step.reason,
        )
        for subject in subjects:
            record(verb="ban_subject.released", actor=actor, now=now, subject=subject, person_id=subject.person_id)
        signals.ban_annulled.send(BanCase, state=step, case=case, subjects=subjects, actor=actor, now=now)
    return step


def decline_annulment(*, case: BanCase, reason: str, actor: Actor, now: datetime) -> BanState:
    """The second officer does not agree; the ban stays in force."""
    steps.require_officer(actor, case, Role.CONFIRMING_REGISTRAR)
    why = steps.given_reason(reason)
    with transaction.atomic():
        last = steps.lock(case)
        steps.require_state(last, CaseState.ANNULMENT_PROPOSED)
        steps.require_other_officer(actor, last)
        step = steps.take(case, CaseState.ANNULMENT_DECLINED, after=last.number, actor=actor, now=now, reason=why)
        record(verb="ban_case.annulment_declined", actor=actor, now=now, subject=case, reason=why)
    return step
