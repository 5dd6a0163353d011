"""Leave: an institution proposes it with a paper, an auditor of the region confirms it, and only then a year asks less.

Two sides, because a shorter year is worth as much as hours. Nothing is rewritten: a step back is a step of its own.
"""

from datetime import date, datetime

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.documents import archive, uploads
from lms.ledger.models import Leave, LeaveKind, LeaveState, LeaveStateName
from lms.ledger.services.closing import freeze_again
from lms.people.access import require
from lms.people.models import Employment, Organisation, Person, Role
from lms.people.services import tell_members, tell_person
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound

OPEN = (LeaveStateName.PROPOSED, LeaveStateName.CONFIRMED)


def record_leave(
    *,
    person: Person,
    institution: Organisation,
    kind: str,
    from_date: date,
    to_date: date,
    document: "File[bytes]",
    actor: Actor,
    now: datetime,
) -> Leave:
    """Propose a leave (both days inclusive) of somebody who works here; it counts once a bureau has confirmed it.

    Refuses somebody who does not work here until its end, reversed dates, and days of a leave that stands or waits.
    """
    require(actor, Role.INSTITUTION_MANAGER)
    if not actor.is_system and actor.organisation_id != institution.pk:
        raise NotFound("person_unknown", gettext_lazy("没有找到这位人员。"), field="person")
    if kind not in LeaveKind.values:
        raise Invalid("leave_kind", gettext_lazy("请选择假别。"), field="kind")
    if to_date < from_date:
        raise Invalid("dates_reversed", gettext_lazy("结束日期不能早于开始日期。"), field="to_date")
    # To its last day: who has gone takes no leave from a post. What lies before the first day on post counts nothing.
    here = Employment.objects.filter(Q(to_date=None) | Q(to_date__gte=to_date), from_date__lte=to_date)
    if not here.filter(person=person, institution=institution).exists():
        raise NotFound("person_unknown", gettext_lazy("这位人员在所填日期内不在本机构任职。"), field="person")
    content_type = uploads.check(document, kind="document")
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).filter(pk=person.pk).values_list("pk").first()
        _refuse_overlap(person, from_date, to_date)
        leave = Leave.objects.create(
            person=person,
            institution=institution,
            kind=kind,
            from_date=from_date,
            to_date=to_date,
            document=archive.store(
                kind="leave-proof",
                file_name=(document.name or "")[-150:],
                content_type=content_type,
                content=document.read(),
                now=now,
                actor=actor,
            ),
            proposed_by=actor.label,
            at=now,
        )
        _step(leave, LeaveStateName.PROPOSED, "", actor, now)
    return leave


def confirm_leave(*, leave: Leave, actor: Actor, now: datetime) -> LeaveState:
    """Confirm a proposed leave: from now on the years it touches ask less, closed ones in a new version."""
    _require_officer(leave, actor)
    return _decide(leave, (LeaveStateName.PROPOSED, LeaveStateName.CONFIRMED), "", actor, now)


def refuse_leave(*, leave: Leave, reason: str, actor: Actor, now: datetime) -> LeaveState:
    """Refuse a proposed leave, with the reason the institution will read."""
    _require_officer(leave, actor)
    return _decide(leave, (LeaveStateName.PROPOSED, LeaveStateName.REFUSED), _given(reason), actor, now)


def revoke_leave(*, leave: Leave, reason: str, actor: Actor, now: datetime) -> LeaveState:
    """Take a confirmation back: the years ask again what they asked before."""
    _require_officer(leave, actor)
    return _decide(leave, (LeaveStateName.CONFIRMED, LeaveStateName.REVOKED), _given(reason), actor, now)


def withdraw_leave(*, leave: Leave, reason: str, actor: Actor, now: datetime) -> LeaveState:
    """The institution takes back what nobody has decided yet."""
    require(actor, Role.INSTITUTION_MANAGER)
    if not actor.is_system and actor.organisation_id != leave.institution_id:
        raise _unknown()
    return _decide(leave, (LeaveStateName.PROPOSED, LeaveStateName.WITHDRAWN), _given(reason), actor, now)


def _decide(
    leave: Leave, change: tuple[LeaveStateName, LeaveStateName], reason: str, actor: Actor, now: datetime
) -> LeaveState:
    """``change`` is the state the leave must be in, and the one it comes to."""
    expected, state = change
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).filter(pk=leave.person_id).values_list("pk").first()
        last = leave.states.order_by("-number").first()
        if last is None or last.state != expected:
            raise Conflict("leave_decided", gettext_lazy("这段假期的状态已经改变，请刷新后再看。"))
        step = _step(leave, state, reason, actor, now)
        if LeaveStateName.CONFIRMED in change:
            why = f"{leave.get_kind_display()} {leave.from_date}—{leave.to_date} {step.get_state_display()}"
            freeze_again(person=leave.person, year=leave.from_date.year, why=why, actor=actor, now=now)
        _tell(leave, step, now)
    return step


def _step(leave: Leave, state: LeaveStateName, reason: str, actor: Actor, now: datetime) -> LeaveState:
    number = leave.states.count() + 1
    try:
        with transaction.atomic():
            step = LeaveState.objects.create(
                leave=leave, number=number, state=state, reason=reason, by=actor.label, at=now
            )
    except IntegrityError:
        raise Conflict("leave_decided", gettext_lazy("这段假期的状态已经改变，请刷新后再看。")) from None
    changes = {"kind": leave.kind, "from": leave.from_date.isoformat(), "to": leave.to_date.isoformat()}
    record(
        verb=f"leave.{state}",
        actor=actor,
        now=now,
        subject=leave,
        person_id=leave.person_id,
        changes=changes,
        reason=reason,
    )
    return step


def _refuse_overlap(person: Person, from_date: date, to_date: date) -> None:
    overlapping = Leave.objects.filter(person=person, from_date__lte=to_date, to_date__gte=from_date)
    other = overlapping.in_state(*OPEN).first()
    if other is not None:
        raise Conflict(
            "leave_overlaps",
            gettext_lazy("与已登记的假期重叠：%(from_date)s 至 %(to_date)s。"),
            from_date=other.from_date.isoformat(),
            to_date=other.to_date.isoformat(),
            field="from_date",
        )


def _require_officer(leave: Leave, actor: Actor) -> None:
    require(actor, Role.BUREAU_AUDITOR)
    if not Leave.objects.visible_to(actor).filter(pk=leave.pk).exists():
        raise _unknown()
    if actor.person_id == leave.person_id:
        raise NotAllowed("own_leave", gettext_lazy("不能核验本人的假期。"))
    if not actor.is_system and actor.label == leave.proposed_by:
        raise NotAllowed("own_submission", gettext_lazy("须由另一位审计员办理，不能核验自己提交的材料。"))


def _given(reason: str) -> str:
    if not reason.strip():
        raise Invalid("reason_missing", gettext_lazy("请写明理由。"), field="reason")
    return reason.strip()[:300]


def _unknown() -> NotFound:
    return NotFound("leave_unknown", gettext_lazy("没有找到这段假期。"))


def _tell(leave: Leave, step: LeaveState, now: datetime) -> None:
    """Person and institution read the same: what was decided, why, and where."""
    title = _("%(kind)s %(from_date)s 至 %(to_date)s：%(state)s") % {
        "kind": leave.get_kind_display(),
        "from_date": leave.from_date,
        "to_date": leave.to_date,
        "state": step.get_state_display(),
    }
    url, key = reverse("ledger:leave", args=[leave.pk]), f"leave:{step.pk}"
    code, body = "leave_decided", step.reason
    tell_person(person=leave.person, code=code, title=title, body=body, url=url, dedupe_key=key, now=now)
    if step.state != LeaveStateName.WITHDRAWN:
        tell_members(
            organisation=leave.institution,
            roles=[Role.INSTITUTION_MANAGER],
            code=code,
            title=title,
            body=body,
            url=url,
            dedupe_key=key,
            now=now,
        )
