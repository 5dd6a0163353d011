"""Loading a whole staff: whoever has no fresh check is checked in one batch, and those who come back clear start.

The rows are the work. A row and its employment are written together: a worker killed half-way goes on with the next.
What may never happen: somebody starts because they stood in a list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.core.files.base import File
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.audit.work import taken, wake_on_commit
from lms.hiring.models import BatchRow, Check, CheckBatch, Outcome, Purpose, RosterLoad, RosterRow
from lms.hiring.services import batches, lists, roster_sheets
from lms.hiring.services.checks import effective_outcome, is_current, require_asker
from lms.hiring.services.roster import start_employment
from lms.hiring.services.roster_sheets import Line
from lms.people.models import Employment, Organisation, Person, User
from lms.people.services import assign_manager, tell
from lms.people.wording import sentence
from lms.policy.services import pack_in_force
from lms.rules.identity import mask
from lms.rules.refusals import Conflict, Invalid, Refusal

AT_A_TIME = 50
HOLD = timedelta(minutes=5)
JOB = Actor.system("roster-loads")


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What became of an upload: ``load`` is None after a dry run. ``to_check`` of the good rows need a new check."""

    load: RosterLoad | None
    total: int
    to_check: int
    errors: tuple[Line, ...]


def load_roster(
    *,
    institution: Organisation,
    file: "File[bytes]",
    consent: bool,
    actor: Actor,
    now: datetime,
    dry_run: bool = False,
) -> LoadReport:
    """Take in a staff list: name, document, post, first day, manager. Rows with an error are kept with what is wrong.

    Refuses as ``check_person`` does, a file without the needed columns or rows, and a list without consent.
    """
    require_asker(institution, actor)
    if consent is not True:
        raise Invalid("consent_required", _("核查前须取得每一位本人的同意。"), field="consent")
    lines = roster_sheets.read(file, institution=institution, on=timezone.localdate(now))
    if not lines:
        raise Invalid("no_rows", _("文件中没有人员。"), field="file")
    good = [line for line in lines if not line.error]
    fresh = _fresh_checks(institution, good, now)
    to_check = [line for line in good if line.row not in fresh]
    errors = tuple(line for line in lines if line.error)
    if dry_run:
        return LoadReport(None, len(lines), len(to_check), errors)
    with transaction.atomic():
        load = RosterLoad.objects.create(
            institution=institution,
            batch=_batch(institution, to_check, actor, now),
            actor_kind=actor.kind,
            actor_id=actor.id,
            loaded_by=actor.label,
            actor_role=actor.role,
            total=len(lines),
            created_at=now,
        )
        asked_as = {line.row: place for place, line in enumerate(to_check, start=lists.FIRST_ROW)}
        rows = [_row(load, line, fresh.get(line.row), asked_as.get(line.row)) for line in lines]
        RosterRow.objects.bulk_create(rows, batch_size=500)
        changes = {"rows": len(lines), "errors": len(errors), "to_check": len(to_check)}
        record(verb="roster_load.created", actor=actor, now=now, subject=load, changes=changes)
        wake_on_commit("lms.hiring.tasks.run_roster_load", str(load.pk))
    return LoadReport(load, len(lines), len(to_check), errors)


def _batch(institution: Organisation, lines: Sequence[Line], actor: Actor, now: datetime) -> CheckBatch | None:
    """One batch of checks for everybody who needs one."""
    if not lines:
        return None
    return batches.create_batch(
        institution=institution,
        file=lists.as_file([line.asked for line in lines]),
        purpose=Purpose.HIRING,
        consent=True,
        actor=actor,
        now=now,
    ).batch


def ready() -> "QuerySet[RosterLoad]":
    """Loads with something left to do whose checks are all made."""
    checked = Q(batch=None) | Q(batch__finished_at__isnull=False)
    return RosterLoad.objects.filter(checked, finished_at=None)


def work_on(*, load_id: UUID, now: datetime) -> bool:
    """Start the next people of a load that nobody holds. True while some are left for another turn."""
    due = ready().filter(pk=load_id).select_related("institution")
    with taken(due, now=now, hold=HOLD) as load:
        if load is None:
            return False
        waiting = load.rows.filter(employment=None, error_code="").order_by("number")
        rows = list(waiting.select_related("checked")[:AT_A_TIME])
        if rows:
            _start(load, rows, now)
            return True
        _assign_managers(load, now)
        _finish(load, now)
    return False


def _fresh_checks(institution: Organisation, lines: Sequence[Line], now: datetime) -> dict[int, Check]:
    """By row: the check this institution has made of the very person under that name, where it is fresh enough."""
    by_person = {line.person_id: line for line in lines if line.person_id}
    rows = Check.objects.filter(institution=institution, person__in=list(by_person)).select_related(
        "decision__revocation"
    )
    latest = {check.person_id: check for check in rows.order_by("checked_at") if check.person_id}
    today = timezone.localdate(now)
    fresh = {}
    for person, check in latest.items():
        line = by_person[person]
        day = max(line.from_date or today, today)
        if check.name == line.name and is_current(check, pack_in_force(institution.region_code, day), day):
            fresh[line.row] = check
    return fresh


def _row(load: RosterLoad, line: Line, check: Check | None, asked_as: int | None) -> RosterRow:
    number = line.asked.number
    return RosterRow(
        load=load,
        number=line.row,
        name=line.name,
        masked=mask(number.type, number.canonical) if number else "",
        post=line.post,
        from_date=line.from_date,
        manager_name=line.manager_name,
        checked=check,
        asked_as=asked_as,
        error_code=line.error_code,
        error=line.error,
    )


def _start(load: RosterLoad, rows: Sequence[RosterRow], now: datetime) -> None:
    asked = BatchRow.objects.filter(batch=load.batch_id, number__in=[row.asked_as for row in rows if row.asked_as])
    made = {
        one.number: getattr(one, "checked", None)
        for one in asked.select_related("checked__institution", "checked__person", "checked__decision__revocation")
    }
    for row in rows:
        try:
            with transaction.atomic():
                check = _clear(row.checked or made.get(row.asked_as or 0))
                assert row.from_date is not None
                employment = start_employment(
                    institution=load.institution,
                    checked=check,
                    post=row.post,
                    from_date=row.from_date,
                    actor=_asker(load),
                    now=now,
                )
                RosterRow.objects.filter(pk=row.pk).update(employment=employment)
        except Refusal as refusal:
            RosterRow.objects.filter(pk=row.pk).update(error_code=refusal.code, error=sentence(refusal)[:300])


def _clear(check: Check | None) -> Check:
    """The check, if it says that the person may start; else why not, in words for this row."""
    if check is None:
        raise Conflict("not_checked", _("没有完成核查，请重新导入这一行。"))
    match effective_outcome(check):
        case Outcome.REVIEW:
            raise Conflict("under_review", _("核查结果为待人工核对；有结论后，请在核查记录中办理入职。"))
        case Outcome.BARRED:
            raise Conflict("barred", _("此人在禁入名单上，不能录用。"))
    return check


def _assign_managers(load: RosterLoad, now: datetime) -> None:
    """Name the managers once everybody has started: a manager may stand further down in the list."""
    wanted = load.rows.exclude(manager_name="").filter(employment__isnull=False, employment__reporting_lines=None)
    present = Employment.objects.on(timezone.localdate(now)).filter(institution=load.institution)
    people: dict[str, list[Employment]] = {}
    for one in present.select_related("person"):
        people.setdefault(one.person.name, []).append(one)
    for row in wanted.select_related("employment__person", "employment__institution"):
        assert row.employment is not None
        found = people.get(row.manager_name, [])
        try:
            if len(found) != 1:
                raise Conflict("manager_not_employed", _("已入职；直接管理人未能登记，请在花名册上指定。"))
            day = max(row.employment.from_date, found[0].from_date)
            manager: Person = found[0].person
            assign_manager(employment=row.employment, manager=manager, from_date=day, actor=_asker(load), now=now)
        except Refusal as refusal:
            RosterRow.objects.filter(pk=row.pk).update(error_code=refusal.code, error=sentence(refusal)[:300])


def _finish(load: RosterLoad, now: datetime) -> None:
    with transaction.atomic():
        if not RosterLoad.objects.filter(pk=load.pk, finished_at=None).update(finished_at=now):
            return
        started = load.rows.filter(employment__isnull=False).count()
        changes = {"started": started, "errors": load.rows.exclude(error_code="").count()}
        record(verb="roster_load.finished", actor=JOB, now=now, subject=load, changes=changes)
        user = User.objects.filter(pk=load.actor_id).first() if load.actor_kind == "user" and load.actor_id else None
        if user is not None:
            tell(
                user=user,
                code="roster_load.finished",
                title=_("花名册导入完成：%(started)s 人入职，共 %(total)s 行")
                % {"started": started, "total": load.total},
                body=_("没有入职的人，打开可看到原因和下一步。"),
                url=reverse("hiring:roster_load", args=[load.pk]),
                dedupe_key=f"roster-load:{load.pk}",
                now=now,
            )


def _asker(load: RosterLoad) -> Actor:
    return Actor(
        kind=load.actor_kind,
        label=load.loaded_by,
        id=load.actor_id,
        organisation_id=load.institution_id,
        organisation_name=load.institution.name,
        role=load.actor_role,
        region_code=load.institution.region_code,
    )
