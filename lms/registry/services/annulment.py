"""Lifting a ban: only by annulment, only with the overturning document, and by two different officers."""

from collections.abc import Sequence
from datetime import datetime

from django.core.files.base import File
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import About, record, record_many
from lms.documents import uploads
from lms.people.models import Role
from lms.people.services import tell_person
from lms.registry import signals
from lms.registry.models import BanCase, BanState, BanSubject, CaseState, CompensationNote, ListVersion
from lms.registry.services import steps, versions
from lms.registry.services.cases import keep_document
from lms.registry.services.consequences import freed_persons, require_as_shown
from lms.rules.refusals import Conflict, Invalid


def propose_annulment(
    *,
    case: BanCase,
    overturning_file: "File[bytes]",
    reason: str,
    actor: Actor,
    now: datetime,
    compensation: str = "",
) -> BanState:
    """Propose to annul with the document that overturns the decision. The ban acts on until a second officer agrees.

    ``compensation`` is what is known by now of what the person is to get for it (国家赔偿); more can be noted later.
    """
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
        if compensation.strip():
            _note(case, compensation.strip(), actor, now)
    return step


def note_compensation(*, case: BanCase, note: str, actor: Actor, now: datetime) -> CompensationNote:
    """Add what was decided or paid in compensation. Notes are added, never changed.

    Refuses a case whose annulment was never proposed (``wrong_state``) and an empty note.
    """
    steps.require_officer(actor, case, Role.REGISTRAR, Role.CONFIRMING_REGISTRAR)
    what = note.strip()
    if not what:
        raise Invalid("note_required", _("请写明补偿情况。"), field="note")
    with transaction.atomic():
        last = steps.lock(case)
        if last.state not in {CaseState.ANNULMENT_PROPOSED, CaseState.ANNULLED}:
            raise Conflict("wrong_state", _("只有拟撤销或已撤销的案件才能登记补偿。"))
        return _note(case, what, actor, now)


def _note(case: BanCase, note: str, actor: Actor, now: datetime) -> CompensationNote:
    assert actor.id is not None, "the verb asks require_officer first"
    row = CompensationNote.objects.create(case=case, note=note, officer_id=actor.id, at=now)
    record(verb="ban_case.compensation_noted", actor=actor, now=now, subject=case, reason=note)
    return row


def confirm_annulment(*, case: BanCase, actor: Actor, now: datetime, reason: str = "", shown: str = "") -> BanState:
    """The second officer agrees: the ban ends as if it had not been, in one commit with what follows from that.

    The people named hear it too. Refuses the officer who proposed it (``same_officer``), and something else than was
    ``shown`` to the officer (``shown_changed``).
    """
    steps.require_officer(actor, case, Role.CONFIRMING_REGISTRAR)
    with transaction.atomic():
        last = steps.lock(case)
        steps.require_state(last, CaseState.ANNULMENT_PROPOSED)
        steps.require_other_officer(actor, last)
        require_as_shown(case, last, shown)
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
        announce(step, subjects, version, actor=actor, now=now)
    return step


def announce(
    step: BanState, subjects: Sequence[BanSubject], version: ListVersion, *, actor: Actor, now: datetime
) -> None:
    """Write down that a case was annulled, tell its people, and let the rooms above act, inside the same transaction."""
    case = step.case
    record(
        verb="ban_case.annulled",
        actor=actor,
        now=now,
        subject=case,
        changes={"subjects": len(subjects), "list_version": version.number},
        reason=step.reason,
    )
    about = [About(subject, subject.person_id) for subject in subjects]
    record_many(verb="ban_subject.released", actor=actor, now=now, about=about)
    _tell_subjects(case, subjects, now)
    signals.ban_annulled.send(BanCase, state=step, case=case, subjects=subjects, actor=actor, now=now)


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


def _tell_subjects(case: BanCase, subjects: Sequence[BanSubject], now: datetime) -> None:
    """Tell the people named that it is over, or what still holds them."""
    freed, today = freed_persons(case, subjects, now), timezone.localdate(now)
    begun = {subject.person_id for subject in subjects if subject.from_date <= today}
    for person in {subject.person_id: subject.person for subject in subjects if subject.person}.values():
        if person.pk not in freed:
            body = _("您另有其他禁入决定仍然有效。")
        elif person.pk in begun:
            body = _("因该决定撤销的证书已恢复，停止的课程可以继续。如需补偿，请与作出决定的机关联系。")
        else:
            body = _("该决定撤销时尚未开始执行，您的证书、课程和工作没有受到影响。")
        tell_person(
            person=person,
            code="ban.annulled",
            title=_("对您的禁入决定已撤销：%(number)s") % {"number": case.number},
            body=body,
            url=reverse("people:inbox"),
            dedupe_key=f"annulled:{case.pk}",
            mail=True,
            now=now,
        )
