"""Verbs of required courses: assign, cancel, and remind those who have not learned them yet.

Everybody meant is told when it is assigned, whoever is hired later by the next run of ``remind_assignments``. A reminder
is a row, unique for its step, written in the transaction that tells: however often and by however many workers the run
is made, nobody hears the same thing twice. People who left, are barred or are done hear nothing.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from courses.catalogue.models import Course, Programme, ProgrammeState, Release
from courses.learning.models import Assignment, AssignmentReminder
from courses.learning.required import DUE, LATE, Obligation, is_open, obligations
from courses.learning.services.enrolments import local_day
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people.access import require
from lms.people.models import Employment, Organisation, Person, Post, Role, User
from lms.people.services.messages import tell_members, tell_users
from lms.registry.services import barred_ids
from lms.rules.refusals import Conflict, Invalid, NotFound
from lms.rules.regions import covers
from lms.rules.reminders import OVERDUE, STEPS, step_due

ANNOUNCED = 1000  # the reminder that told somebody first; no due day is so far away
FURTHEST = 730  # days ahead that something may be due
LOOK_BACK = 60  # days after which an overdue assignment is let rest
INSTITUTIONS = 50  # in one transaction
NAMED = 10  # people a digest names


@transaction.atomic
def assign(
    *,
    institution: Organisation,
    course: Course | None = None,
    programme: Programme | None = None,
    person: Person | None = None,
    post: str = "",
    due_on: date,
    note: str = "",
    actor: Actor,
    now: datetime,
) -> Assignment:
    """Require a course or a programme of one person, everybody in a post, or everybody; tell them at once.

    Refuses what takes no enrolments (``course_withdrawn``, ``programme_not_offered``) or doesn't count where the
    institution is (``wrong_region``), a day past or further than two years (``due_in_past``, ``due_too_far``), somebody
    who doesn't work there, and the same thing for the same people twice (``assigned_already``).
    """
    _require_manager(institution, actor)
    today = local_day(now)
    # One assignment of an institution after the other: two clicks make one.
    Organisation.objects.select_for_update(no_key=True).get(pk=institution.pk)
    _refuse_thing(institution, course, programme, today.year)
    _refuse_day(due_on, today)
    _refuse_people(institution, person, post, today)
    whom = {"course": course, "programme": programme, "person": person, "post": post}
    if Assignment.objects.filter(institution=institution, cancelled_at=None, due_on__gte=today, **whom).exists():
        raise Conflict("assigned_already", gettext_lazy("已经布置过，可在列表中查看；要改期限，请先撤销再重新布置。"))
    assignment = Assignment.objects.create(
        institution=institution, due_on=due_on, note=note.strip()[:300], assigned_at=now, **whom
    )
    changes = {"course": assignment.course_id, "programme": assignment.programme_id, "post": post, "due_on": due_on}
    person_id = assignment.person_id
    record(verb="assignment.made", actor=actor, now=now, subject=assignment, person_id=person_id, changes=changes)
    _remind([assignment], today, now)
    return assignment


@transaction.atomic
def cancel_assignment(*, assignment: Assignment, actor: Actor, now: datetime) -> Assignment:
    """No longer require it; those who had it before them are told. What was learned stays."""
    locked = Assignment.objects.select_for_update(no_key=True, of=("self",)).select_related("institution")
    assignment = locked.get(pk=assignment.pk)
    _require_manager(assignment.institution, actor)
    if assignment.cancelled_at is not None:
        raise Conflict("cancelled_already", gettext_lazy("这项安排已经撤销。"))
    open_rows = [row for row in obligations([assignment], local_day(now)) if row.state in {DUE, LATE}]
    assignment.cancelled_at = now
    assignment.save(update_fields=["cancelled_at"])
    record(verb="assignment.cancelled", actor=actor, now=now, subject=assignment, person_id=assignment.person_id)
    if open_rows:
        tell_users(
            users=_accounts(open_rows).values(),
            code="assignment_cancelled",
            title=_("“%(title)s”不再是必修") % {"title": open_rows[0].thing.title},
            body=_("%(institution)s撤销了这项安排；学过的内容和学时不受影响。")
            % {"institution": assignment.institution.name},
            url=reverse("learning:home"),
            dedupe_key=f"assignment_cancelled:{assignment.pk}",
            now=now,
        )
    return assignment


def remind_assignments(*, now: datetime) -> int:
    """Tell new people, remind those whose step has come, and tell managers who is late. Returns how many were reminded."""
    today = local_day(now)
    running = Assignment.objects.filter(cancelled_at=None, due_on__gte=today - timedelta(days=LOOK_BACK))
    bodies = list(running.order_by("institution").values_list("institution", flat=True).distinct())
    count = 0
    for start in range(0, len(bodies), INSTITUTIONS):
        of_these = running.filter(institution__in=bodies[start : start + INSTITUTIONS])
        with transaction.atomic():
            count += _remind(list(of_these.select_related("institution")), today, now)
    return count


def _remind(assignments: Sequence[Assignment], today: date, now: datetime) -> int:
    """Write what is due to be said and say it: a fixed number of queries, and three for each kind of message."""
    open_rows = [row for row in obligations(assignments, today) if row.state in {DUE, LATE}]
    barred = barred_ids({row.person.pk for row in open_rows}, today)
    sent = _sent(assignments)
    steps: dict[tuple[uuid.UUID, int], list[Obligation]] = defaultdict(list)
    for row in open_rows:
        step = None if row.person.pk in barred else _step(row, sent[row.assignment.pk, row.person.pk], today)
        if step is not None:
            steps[row.assignment.pk, step].append(row)
    reminders = [
        AssignmentReminder(assignment_id=assignment, person=row.person, days=step, at=now)
        for (assignment, step), rows in steps.items()
        for row in rows
    ]
    AssignmentReminder.objects.bulk_create(reminders, ignore_conflicts=True, batch_size=500)
    accounts = _accounts(row for rows in steps.values() for row in rows)
    for (_assignment, step), rows in steps.items():
        _tell(rows, step, accounts, now)
    moved = {row.assignment.institution_id for (_key, step), rows in steps.items() if step != ANNOUNCED for row in rows}
    _tell_managers([row for row in open_rows if row.assignment.institution_id in moved], today, now)
    return len(reminders)


def _step(row: Obligation, sent: dict[int, datetime], today: date) -> int | None:
    """Tell first; then step by step. Somebody hired after the day is not told what they have missed."""
    if ANNOUNCED not in sent:
        return ANNOUNCED if row.state == DUE else None
    return step_due(row.assignment.due_on, today, told_on=local_day(sent[ANNOUNCED]), sent=sent)


def _sent(assignments: Iterable[Assignment]) -> dict[tuple[uuid.UUID, uuid.UUID], dict[int, datetime]]:
    found: dict[tuple[uuid.UUID, uuid.UUID], dict[int, datetime]] = defaultdict(dict)
    rows = AssignmentReminder.objects.filter(assignment__in=[assignment.pk for assignment in assignments])
    for assignment, person, days, at in rows.values_list("assignment_id", "person_id", "days", "at"):
        found[assignment, person][days] = at
    return found


def _accounts(rows: Iterable[Obligation]) -> dict[uuid.UUID, uuid.UUID]:
    """The accounts of these people, by person."""
    people = {row.person.pk for row in rows}
    return {
        person: user for person, user in User.objects.filter(person__in=people).values_list("person_id", "pk") if person
    }


def _tell(rows: Sequence[Obligation], step: int, accounts: dict[uuid.UUID, uuid.UUID], now: datetime) -> None:
    """One message to all who have reached the same step of one assignment."""
    assignment, title = rows[0].assignment, rows[0].thing.title
    left = rows[0].days_left
    figures = {"title": title, "due_on": assignment.due_on.isoformat(), "days": left, "late": -left}
    if step == ANNOUNCED:
        headline = _("必修：“%(title)s”，%(due_on)s 前学完") % figures
    elif step == OVERDUE:
        headline = _("“%(title)s”已过期限（%(due_on)s），请尽快学完") % figures
    else:
        headline = (
            ngettext(
                "“%(title)s”还有 %(days)s 天到期（%(due_on)s）", "“%(title)s”还有 %(days)s 天到期（%(due_on)s）", left
            )
            % figures
        )
    tell_users(
        users=[accounts[row.person.pk] for row in rows if row.person.pk in accounts],
        code="assignment",
        title=headline[:200],
        body=assignment.note or _("由%(institution)s布置。") % {"institution": assignment.institution.name},
        url=_address(assignment),
        urgent=step == OVERDUE,
        dedupe_key=f"assignment:{assignment.pk}:{step}",
        mail=True,
        now=now,
    )


def _tell_managers(rows: Sequence[Obligation], today: date, now: datetime) -> None:
    """One digest a day to an institution's managers, when one of their people has moved on a step."""
    nearest = min(STEPS)
    of_body: dict[uuid.UUID, list[Obligation]] = defaultdict(list)
    for row in rows:
        of_body[row.assignment.institution_id].append(row)
    for found in of_body.values():
        late = [row for row in found if row.state == LATE]
        soon = [row for row in found if row.state == DUE and row.days_left <= nearest]
        lines = [_line(_("已逾期"), late), _line(_("%(days)s 天内到期") % {"days": nearest}, soon)]
        body = "\n".join(line for line in lines if line)
        if not body:
            continue
        tell_members(
            organisation=found[0].assignment.institution,
            roles=[Role.INSTITUTION_MANAGER],
            code="assignments_digest",
            title=_("必修课程：%(late)s 人次逾期，%(soon)s 人次即将到期") % {"late": len(late), "soon": len(soon)},
            body=body,
            url=reverse("learning:assigned_people"),
            dedupe_key=f"assignments:{found[0].assignment.institution_id}:{today.isoformat()}",
            mail=True,
            now=now,
        )


def _line(label: str, rows: Sequence[Obligation]) -> str:
    if not rows:
        return ""
    names = _("、").join(f"{row.person.name}“{row.thing.title}”" for row in rows[:NAMED])
    more = len(rows) - NAMED
    tail = _("等 %(total)s 人次") % {"total": len(rows)} if more > 0 else ""
    return _("%(label)s：%(names)s%(tail)s") % {"label": label, "names": names, "tail": tail}


def _address(assignment: Assignment) -> str:
    if assignment.course_id:
        return reverse("catalogue:course", args=[assignment.course_id])
    return reverse("catalogue:programme", args=[assignment.programme_id])


def _require_manager(institution: Organisation, actor: Actor) -> None:
    require(actor, Role.INSTITUTION_MANAGER)
    if not actor.is_system and actor.organisation_id != institution.pk:
        raise NotFound("assignment_unknown", gettext_lazy("没有找到这项安排。"))


def _refuse_thing(institution: Organisation, course: Course | None, programme: Programme | None, year: int) -> None:
    if (course is None) == (programme is None):
        raise Invalid("assignment_of_one_thing", gettext_lazy("请选择一门课程或一个培训计划。"))
    if programme is not None:
        if programme.state != ProgrammeState.OFFERED or programme.year < year:
            raise Conflict("programme_not_offered", gettext_lazy("培训计划没有开放，不能布置。"))
        return
    release = Release.objects.newest().filter(course=course).select_related("course__college").first()
    if release is None or not is_open(release):
        raise Conflict("course_withdrawn", gettext_lazy("该课程已下架，不再接受报名。"))
    if release.regions and not any(covers(code, institution.region_code) for code in release.regions):
        raise Conflict("wrong_region", gettext_lazy("该课程的学时在本机构所在的地区不计入。"))


def _refuse_day(due_on: date, today: date) -> None:
    if due_on < today:
        raise Invalid("due_in_past", gettext_lazy("完成期限不能早于今天。"), field="due_on")
    if due_on > today + timedelta(days=FURTHEST):
        raise Invalid("due_too_far", gettext_lazy("完成期限最远为两年之内。"), field="due_on")


def _refuse_people(institution: Organisation, person: Person | None, post: str, today: date) -> None:
    if post and post not in Post.values:
        raise Invalid("post_unknown", gettext_lazy("请选择岗位。"), field="post")
    if person is None:
        return
    if post:
        raise Invalid("one_or_post", gettext_lazy("请选择一个人或一个岗位，不能同时选。"), field="post")
    if not Employment.objects.on(today).filter(institution=institution, person=person).exists():
        raise NotFound("person_unknown", gettext_lazy("本机构没有这个人。"))
