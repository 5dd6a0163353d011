"""Decisions on their way: one that is being entered, whose direct manager is proposed, and one that was overturned and
waits for the second officer to lift it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial

from django.utils import timezone

from lms.demo.calendar import at
from lms.demo.load.screening import SHANGHAI, draft, number_of
from lms.demo.load.world import World
from lms.demo.numbers import resident_number
from lms.demo.papers import paper
from lms.people.models import Role
from lms.registry.models import BanCase
from lms.registry.services import add_subject, confirm_case, propose_annulment, submit_case

ENTERED = "tianxiaochuan"
OVERTURNED, OVERTURNED_BORN = "柏舟行", date(1990, 6, 25)


def plan(world: World) -> None:
    world.agenda.add(at(world.day(0.45), 15), partial(_wrongly_decided, world))
    world.agenda.add(at(world.today - timedelta(days=1), 16), partial(_being_entered, world))


def _being_entered(world: World, now: datetime) -> None:
    """The decision and who did it are in; whoever was directly responsible that day is for the registrar to name."""
    day = timezone.localdate(now)
    case = draft(world, number_of(now, 16), day - timedelta(days=12), "neglect", now)
    add_subject(
        case=case,
        person=world.person(ENTERED),
        role="perpetrator",
        kind="dated",
        from_date=day,
        until=day.replace(year=day.year + 5, day=1),
        actor=world.officer(Role.REGISTRAR, SHANGHAI),
        now=now + timedelta(minutes=12),
    )


def _wrongly_decided(world: World, now: datetime) -> None:
    registrar, day = world.officer(Role.REGISTRAR, SHANGHAI), timezone.localdate(now)
    case = draft(world, number_of(now, 7), day - timedelta(days=40), "neglect", now)
    add_subject(
        case=case,
        name=OVERTURNED,
        document_type="resident_id",
        document_number=resident_number(home="450102", born=OVERTURNED_BORN, sex="M", sequence=47),
        role="perpetrator",
        kind="lifetime",
        from_date=day,
        until=None,
        actor=registrar,
        now=now,
    )
    submit_case(case=case, actor=registrar, now=now + timedelta(minutes=30))
    confirm_case(case=case, actor=world.officer(Role.CONFIRMING_REGISTRAR, SHANGHAI), now=now + timedelta(hours=3))
    world.agenda.add(world.now - timedelta(days=1, hours=2), partial(_overturned, world, case))


def _overturned(world: World, case: BanCase, now: datetime) -> None:
    propose_annulment(
        case=case,
        overturning_file=paper(
            title="行政复议决定书",
            number=f"沪府复决〔{timezone.localdate(now).year}〕112 号",
            authority="上海市人民政府",
            day=timezone.localdate(now),
            paragraphs=("经复议查明，事发当日申请人并不在岗，原决定认定事实不清。依法决定撤销原决定。",),
            now=now,
            name="overturning.pdf",
        ),
        reason="复议决定撤销原决定：事发当日申请人不在岗",
        compensation="已告知申请人可依法申请国家赔偿",
        actor=world.officer(Role.REGISTRAR, SHANGHAI),
        now=now,
    )
