"""Who works where, from when to when, and who was directly responsible for them: a ban needs to know."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people.models import (
    Employment,
    Organisation,
    OrganisationKind,
    OrganisationStatus,
    Person,
    Post,
    ReportingLine,
    Role,
)
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound

EMPLOYING_ROLES = (Role.INSTITUTION_CHECKER, Role.INSTITUTION_MANAGER)


@dataclass(frozen=True, slots=True)
class ManagerOn:
    """Who was directly responsible for an employee, in which of their employments."""

    employment: Employment
    manager: Person


def record_employment(
    *,
    person: Person,
    institution: Organisation,
    post: str,
    from_date: date,
    manager: Person | None,
    check_id: UUID | None,
    actor: Actor,
    now: datetime,
) -> Employment:
    """Enter that the person works here from ``from_date`` (inclusive) on.

    ``check_id`` is the clear hiring check it starts on; only a system job may enter an employment without one.
    Refuses bodies that are not admitted institutions, a second open employment at the same place, and a manager who
    does not work there.
    """
    _require_employer(institution, actor)
    if institution.kind != OrganisationKind.INSTITUTION or institution.status != OrganisationStatus.ADMITTED:
        raise Conflict("not_admitted", _("只有已准入的托育机构可以登记任职。"))
    if post not in Post.values:
        raise Invalid("post_unknown", _("请选择岗位。"), field="post")
    if check_id is None and not actor.is_system:
        raise Conflict("check_required", _("入职前须有结果为“未见禁入”的从业核查。"))
    employment = Employment(person=person, institution=institution, post=post, from_date=from_date, check_id=check_id)
    with transaction.atomic():
        try:
            with transaction.atomic():
                employment.save(force_insert=True)
        except IntegrityError:
            raise Conflict("employed_already", _("此人已在本机构任职，不能重复登记。")) from None
        if manager is not None:
            _require_manager(employment, manager, from_date)
            ReportingLine.objects.create(employment=employment, manager=manager, from_date=from_date)
        changes = {
            "institution": institution.name,
            "post": post,
            "from_date": from_date.isoformat(),
            "manager": str(manager.pk) if manager else "",
            "check": str(check_id or ""),
        }
        record(
            verb="employment.started", actor=actor, now=now, subject=employment, person_id=person.pk, changes=changes
        )
    return employment


def end_employment(*, employment: Employment, to_date: date, reason: str, actor: Actor, now: datetime) -> Employment:
    """End an employment; ``to_date`` is its last day. The reporting lines it carried end with it.

    Refuses ``ended_already`` and a last day before the first.
    """
    _require_employer(employment.institution, actor)
    if to_date < employment.from_date:
        raise Invalid("dates_reversed", _("离职日期不能早于入职日期。"), field="to_date")
    with transaction.atomic():
        open_row = Employment.objects.filter(pk=employment.pk, to_date=None)
        if not open_row.update(to_date=to_date, end_reason=reason.strip()[:200]):
            raise Conflict("ended_already", _("这段任职已经结束。"))
        employment.refresh_from_db()
        led = Q(manager=employment.person_id, employment__institution=employment.institution_id)
        lines = ReportingLine.objects.filter(Q(employment=employment) | led, to_date=None)
        if lines.filter(from_date__gt=to_date).exists():
            raise Conflict("line_after_end", _("有直接管理关系在离职日期之后才开始，请先更正。"))
        lines.update(to_date=to_date)
        record(
            verb="employment.ended",
            actor=actor,
            now=now,
            subject=employment,
            person_id=employment.person_id,
            changes={"institution": employment.institution.name, "to_date": to_date.isoformat()},
            reason=reason,
        )
    return employment


def assign_manager(
    *, employment: Employment, manager: Person, from_date: date, actor: Actor, now: datetime
) -> ReportingLine:
    """Name the direct manager from ``from_date`` (inclusive) on; the line before ends the day before.

    A line that began on the same day is corrected, and the audit keeps both names. Refuses a day before the present
    line or outside the employment, and a manager who does not work there.
    """
    _require_employer(employment.institution, actor)
    with transaction.atomic():
        employment = (
            Employment.objects.select_for_update(of=("self",)).select_related("institution").get(pk=employment.pk)
        )
        if from_date < employment.from_date or (employment.to_date and from_date > employment.to_date):
            raise Invalid("outside_employment", _("日期不在任职期间内。"), field="from_date")
        _require_manager(employment, manager, from_date)
        line = ReportingLine.objects.filter(employment=employment).order_by("-from_date").first()
        if line and line.from_date > from_date:
            raise Conflict("before_present_line", _("这一天之后已登记过直接管理人，请从那一天起更改。"))
        if line and line.manager_id == manager.pk and line.to_date is None:
            return line
        previous = str(line.manager_id) if line else ""
        line = _succeed(line, employment, manager, from_date)
        changes = {"manager": str(manager.pk), "previous": previous, "from_date": from_date.isoformat()}
        record(
            verb="employment.manager_assigned",
            actor=actor,
            now=now,
            subject=employment,
            person_id=employment.person_id,
            changes=changes,
        )
    return line


def direct_managers_on(person: Person, day: date) -> list[ManagerOn]:
    """Who was directly responsible for the person on ``day``, one entry per employment that has such a line."""
    lines = (
        ReportingLine.objects.filter(
            Q(to_date=None) | Q(to_date__gte=day),
            from_date__lte=day,
            employment__in=Employment.objects.on(day).filter(person=person),
        )
        .select_related("employment__institution", "employment__person", "manager")
        .order_by("employment__from_date", "pk")
    )
    return [ManagerOn(line.employment, line.manager) for line in lines]


def _succeed(line: ReportingLine | None, employment: Employment, manager: Person, from_date: date) -> ReportingLine:
    """Correct the line that began the same day, or close the open one the day before and begin a new one."""
    if line and line.from_date == from_date:
        line.manager, line.to_date = manager, employment.to_date
        line.save(update_fields=["manager", "to_date"])
        return line
    if line and (line.to_date is None or line.to_date >= from_date):
        line.to_date = from_date - timedelta(days=1)
        line.save(update_fields=["to_date"])
    return ReportingLine.objects.create(
        employment=employment, manager=manager, from_date=from_date, to_date=employment.to_date
    )


def _require_employer(institution: Organisation, actor: Actor) -> None:
    if actor.is_system:
        return
    if actor.role not in EMPLOYING_ROLES:
        raise NotAllowed("role_required", _("只有托育机构可以登记本机构的任职。"))
    if actor.organisation_id != institution.pk:
        raise NotFound("employment_unknown", _("没有找到这段任职。"))


def _require_manager(employment: Employment, manager: Person, day: date) -> None:
    if manager.pk == employment.person_id:
        raise Invalid("own_manager", _("直接管理人不能是本人。"), field="manager")
    if not Employment.objects.on(day).filter(person=manager, institution=employment.institution_id).exists():
        raise Invalid("manager_elsewhere", _("直接管理人须当日在本机构任职。"), field="manager")
