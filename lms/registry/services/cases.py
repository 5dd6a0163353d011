"""The life of a case up to its coming into force: draft, submit, return, confirm."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import About, record, record_many
from lms.documents import archive, uploads
from lms.documents.models import ArchivedDocument
from lms.people.access import require
from lms.people.models import Role
from lms.registry import signals
from lms.registry.models import BanCase, BanState, BanSubject, CaseDocument, CaseState, FactsCategory, ListVersion
from lms.registry.services import steps, versions
from lms.registry.services.consequences import require_as_shown
from lms.registry.services.subjects import proposed_managers, settle_subjects
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound
from lms.rules.regions import covers


def draft_case(
    *,
    number: str,
    authority: str,
    decided_on: date,
    facts_on: date,
    facts_category: str,
    legal_basis: str,
    region_code: str,
    decision_file: "File[bytes]",
    actor: Actor,
    now: datetime,
    same_matter: BanCase | None = None,
) -> BanCase:
    """Enter a decision with its document. Nothing acts before a second officer has confirmed it.

    ``same_matter`` is another case on the same facts, where several decisions were taken about them. Refuses an unknown facts category, facts after the decision, a decision after today, a region the officer does not
    answer for, a file that is no document, and ``decision_entered`` when this decision is already entered.
    """
    require(actor, Role.REGISTRAR)
    if actor.kind != "user" or actor.id is None:
        raise NotAllowed("officer_required", _("禁入案件只能由登记在册的工作人员办理。"))
    if not actor.region_code or not covers(actor.region_code, region_code):
        raise NotAllowed("other_region", _("这个地区不在您的管辖范围内。"))
    case = BanCase(region_code=region_code, created_at=now, matter=_matter(same_matter, actor))
    fill(
        case,
        number=number,
        authority=authority,
        decided_on=decided_on,
        facts_on=facts_on,
        facts_category=facts_category,
        legal_basis=legal_basis,
        now=now,
    )
    content_type = uploads.check(decision_file, kind="document")
    with transaction.atomic():
        save_once(case, force_insert=True)
        keep_document(case, "decision", decision_file, content_type, actor=actor, now=now)
        steps.take(case, CaseState.DRAFT, after=0, actor=actor, now=now)
        record(verb="ban_case.drafted", actor=actor, now=now, subject=case, changes=_facts(case))
    return case


def edit_case(
    *,
    case: BanCase,
    number: str,
    authority: str,
    decided_on: date,
    facts_on: date,
    facts_category: str,
    legal_basis: str,
    actor: Actor,
    now: datetime,
    decision_file: "File[bytes] | None" = None,
) -> BanCase:
    """Correct a draft or a returned case. A new decision file is added; the one before stays in the archive."""
    steps.require_officer(actor, case, Role.REGISTRAR)
    if decision_file is not None:
        content_type = uploads.check(decision_file, kind="document")
    with transaction.atomic():
        steps.require_editable(case)
        fill(
            case,
            number=number,
            authority=authority,
            decided_on=decided_on,
            facts_on=facts_on,
            facts_category=facts_category,
            legal_basis=legal_basis,
            now=now,
        )
        save_once(case)
        if decision_file is not None:
            keep_document(case, "decision", decision_file, content_type, actor=actor, now=now)
        record(verb="ban_case.edited", actor=actor, now=now, subject=case, changes=_facts(case))
    return case


def submit_case(*, case: BanCase, actor: Actor, now: datetime, reason: str = "") -> BanState:
    """Hand the case to a second officer.

    Refuses a case without a perpetrator (``no_subject``), and one that leaves out somebody who was directly
    responsible on the day of the facts without a ``reason`` (``managers_open``). The second officer reads the reason.
    """
    steps.require_officer(actor, case, Role.REGISTRAR)
    with transaction.atomic():
        last = steps.lock(case)
        steps.require_state(last, *steps.EDITABLE)
        if not case.subjects.filter(role="perpetrator").exists():
            raise Conflict("no_subject", _("请先登记至少一名行为人，再提交复核。"))
        why = reason.strip()
        if not why and proposed_managers(case):
            raise Conflict(
                "managers_open",
                _("事发当日的直接管理人尚未列入。请列入，或写明不列入的理由后再提交。"),
                field="reason",
            )
        step = steps.take(case, CaseState.SUBMITTED, after=last.number, actor=actor, now=now, reason=why)
        record(verb="ban_case.submitted", actor=actor, now=now, subject=case, changes=_facts(case), reason=why)
    return step


def return_case(*, case: BanCase, reason: str, actor: Actor, now: datetime) -> BanState:
    """Give a submitted case back to be corrected, with the reason."""
    steps.require_officer(actor, case, Role.CONFIRMING_REGISTRAR)
    why = steps.given_reason(reason)
    with transaction.atomic():
        last = steps.lock(case)
        steps.require_state(last, CaseState.SUBMITTED)
        step = steps.take(case, CaseState.RETURNED, after=last.number, actor=actor, now=now, reason=why)
        record(verb="ban_case.returned", actor=actor, now=now, subject=case, reason=why)
    return step


def confirm_case(*, case: BanCase, actor: Actor, now: datetime, reason: str = "", shown: str = "") -> BanState:
    """The second officer's word: the ban is in force, in one commit with everything that follows from it.

    The officer may be neither who drafted nor who submitted (``same_officer``). A second confirmation is told
    ``already_in_force``. Subjects are fixed and found under every document known; a new list version is made; the
    rooms above act through ``ban_in_force`` before the transaction ends. ``shown`` is the ``shown_digest`` of what was
    put before the officer: something else is not confirmed (``shown_changed``).
    """
    steps.require_officer(actor, case, Role.CONFIRMING_REGISTRAR)
    with transaction.atomic():
        last = steps.lock(case)
        steps.require_state(last, CaseState.SUBMITTED)
        entered = case.states.filter(state__in=[CaseState.DRAFT, CaseState.SUBMITTED])
        steps.require_other_officer(actor, *entered)
        require_as_shown(case, last, shown)
        step = steps.take(case, CaseState.IN_FORCE, after=last.number, actor=actor, now=now, reason=reason.strip())
        subjects = settle_subjects(case)
        version = versions.new_version([(step, subjects)], now=now)
        announce(step, subjects, version, actor=actor, now=now)
    return step


def announce(
    step: BanState, subjects: Sequence[BanSubject], version: ListVersion, *, actor: Actor, now: datetime
) -> None:
    """Write down that a case came into force, and let the rooms above act, inside the same transaction.

    They act on whom it bars from today. Who is barred from a later day has ``turning`` to see to that.
    """
    case = step.case
    record(
        verb="ban_case.came_into_force",
        actor=actor,
        now=now,
        subject=case,
        changes={**_facts(case), "subjects": len(subjects), "list_version": version.number},
    )
    about = [
        About(
            subject,
            subject.person_id,
            {"role": subject.role, "kind": subject.kind, "from": subject.from_date, "until": subject.until},
        )
        for subject in subjects
    ]
    record_many(verb="ban_subject.barred", actor=actor, now=now, about=about)
    acting = [subject for subject in subjects if subject.would_act(timezone.localdate(now))]
    signals.ban_in_force.send(BanCase, state=step, case=case, subjects=acting, actor=actor, now=now)


def keep_document(
    case: BanCase, purpose: str, file: "File[bytes]", content_type: str, *, actor: Actor, now: datetime
) -> ArchivedDocument:
    """Archive a file of the case. It gets a name of ours: what people call a file may hold a name or a number."""
    document = archive.store(
        kind=f"ban-{purpose}",
        file_name=purpose + archive.SUFFIXES[content_type],
        content_type=content_type,
        content=file.read(),
        now=now,
        actor=actor,
    )
    CaseDocument.objects.create(case=case, purpose=purpose, document=document, at=now)
    return document


def fill(
    case: BanCase,
    *,
    number: str,
    authority: str,
    decided_on: date,
    facts_on: date,
    facts_category: str,
    legal_basis: str,
    now: datetime,
) -> None:
    """Put the decision's facts into a case. Refuses what ``draft_case`` says of them."""
    texts = {"number": number.strip(), "authority": authority.strip(), "legal_basis": legal_basis.strip()}
    for field, text in texts.items():
        if not text:
            raise Invalid("required", _("这一项必须填写。"), field=field)
        setattr(case, field, text)
    if facts_category not in FactsCategory.values:
        raise Invalid("facts_category", _("请选择事实类别。"), field="facts_category")
    if decided_on > timezone.localdate(now):
        raise Invalid("date_in_future", _("决定日期不能晚于今天。"), field="decided_on")
    if facts_on > decided_on:
        raise Invalid("facts_after_decision", _("事实发生日期不能晚于决定日期。"), field="facts_on")
    case.facts_category, case.decided_on, case.facts_on = facts_category, decided_on, facts_on


def _matter(other: BanCase | None, actor: Actor) -> UUID | None:
    """The key of the matter that another case, which the officer can see, belongs to."""
    if other is None:
        return None
    if not BanCase.objects.visible_to(actor).filter(pk=other.pk).exists():
        raise NotFound("case_unknown", _("没有找到这个案件。"))
    return other.matter or other.pk


def save_once(case: BanCase, *, force_insert: bool = False) -> None:
    """Save; refuses ``decision_entered`` when another case holds this decision."""
    try:
        with transaction.atomic():
            case.save(force_insert=force_insert)
    except IntegrityError:
        raise Conflict("decision_entered", _("这份决定已经录入过，请在案件列表中查找文号。"), field="number") from None


def _facts(case: BanCase) -> dict[str, Any]:
    return {
        "number": case.number,
        "authority": case.authority,
        "decided_on": case.decided_on,
        "facts_on": case.facts_on,
        "facts_category": case.facts_category,
        "region_code": case.region_code,
    }
