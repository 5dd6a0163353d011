"""Hours learned elsewhere and leave: one of each is decided, one waits for the auditor today.

A workbook of one nursery waits with a row that is wrong; what a practitioner handed in herself counts already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.core.files.base import ContentFile

from lms.demo.calendar import at
from lms.demo.load.world import World
from lms.demo.papers import paper
from lms.documents.workbooks import Sheet, write
from lms.ledger.models import Category, Leave, LeaveKind
from lms.ledger.services import confirm_leave, decide_outside, record_leave, submit_outside, submit_own_outside
from lms.ledger.services.outside import work_on
from lms.ledger.services.outside_sheets import DELIVERIES, template_rows
from lms.people.models import Role
from lms.people.models.persons import DocumentTypeChoices

EMPLOYER = "sh-chunya"
RED_CROSS = "上海市浦东新区红十字会"
FIRST_AIDER = "救护员培训（心肺复苏与 AED）"
# (user name, number of the certificate); the name of the last one is written with a wrong character.
ON_THE_SHEET = (("ouyangruolan", "0417"), ("wangfang", "0418"), ("shenyuzhen", "0419"), ("chenli", "0420"))
MISWRITTEN = {"chenli": "陈丽"}
OWN = "zhouruoning"
# A hundred and fifty-eight days, as the certificate says; she learned nothing in them.
MATERNITY, MATERNITY_FROM, MATERNITY_DAYS = "chenli", (2, 9), 158
SICK = "shenyuzhen"


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is away, both days inclusive; ``told`` is what the hospital writes."""

    username: str
    kind: LeaveKind
    begins: date
    ends: date
    told: str


def plan(world: World) -> None:
    begins, away = date(world.opens.year, *MATERNITY_FROM), timedelta(days=MATERNITY_DAYS - 1)
    told = f"诊断：孕足月，准予产假 {MATERNITY_DAYS} 天。"
    maternity = Absence(MATERNITY, LeaveKind.MATERNITY, begins, begins + away, told)
    sick_from = world.today - timedelta(days=12)
    sick = Absence(SICK, LeaveKind.SICK, sick_from, sick_from + timedelta(days=41), "诊断：术后恢复期，建议休养六周。")
    world.agenda.add(at(begins + timedelta(days=1), 10), partial(_confirmed, world, maternity))
    world.agenda.add(world.now - timedelta(days=3), partial(_propose, world, sick))
    world.agenda.add(at(world.day(0.6), 21), partial(_own, world, world.day(0.5)))
    world.agenda.add(world.now - timedelta(hours=27), partial(_sheet, world, world.day(0.9)))


def _confirmed(world: World, absence: Absence, now: datetime) -> None:
    leave = _propose(world, absence, now)
    auditor = world.officer(Role.BUREAU_AUDITOR, world.region_of(absence.username))
    confirm_leave(leave=leave, actor=auditor, now=now + timedelta(days=2))


def _propose(world: World, absence: Absence, now: datetime) -> Leave:
    person = world.person(absence.username)
    return record_leave(
        person=person,
        institution=world.bodies[EMPLOYER],
        kind=absence.kind,
        from_date=absence.begins,
        to_date=absence.ends,
        document=paper(
            title="诊断证明",
            number=f"{absence.begins:%Y%m%d}",
            authority="浦东新区滨江医院",
            day=absence.begins,
            paragraphs=(f"兹证明{person.name}在本院就诊。", absence.told),
            now=now,
            name="诊断证明.pdf",
        ),
        actor=world.member(EMPLOYER, Role.INSTITUTION_MANAGER),
        now=now,
    )


def _own(world: World, on: date, now: datetime) -> None:
    """Handed in by herself, accepted the next day, credited by the worker."""
    batch = submit_own_outside(
        person=world.person(OWN),
        written={
            "category": Category.SKILLS.value,
            "class_hours": "4",
            "on": on.isoformat(),
            "title": FIRST_AIDER,
            "provider": RED_CROSS,
            "certificate_number": f"HSZ-{on.year}-0233",
            "delivery": "offline",
        },
        proof=_certificate(on, now),
        actor=world.learners[OWN].actor,
        now=now,
    )
    auditor, decided = world.officer(Role.BUREAU_AUDITOR, world.region_of(OWN)), now + timedelta(hours=15)
    decide_outside(batch=batch, rows=None, accept=True, reason="", actor=auditor, now=decided)
    work_on(batch_id=batch.pk, now=decided + timedelta(minutes=1))


def _sheet(world: World, on: date, now: datetime) -> None:
    """A workbook of the nursery, as far as the worker can take it: the auditor is next."""
    rows = [_row(world, username, number, on) for username, number in ON_THE_SHEET]
    titles, _example = template_rows()
    report = submit_outside(
        institution=world.bodies[EMPLOYER],
        file=ContentFile(write(sheets=[Sheet("外部学时", titles, rows)]), name="救护员培训学时.xlsx"),
        proof=_certificate(on, now),
        actor=world.member(EMPLOYER, Role.INSTITUTION_MANAGER),
        now=now,
    )
    assert report.batch is not None
    work_on(batch_id=report.batch.pk, now=now + timedelta(minutes=1))


def _row(world: World, username: str, number: str, on: date) -> list[Any]:
    kind, document_number = world.numbers[username]
    return [
        *(MISWRITTEN.get(username, world.person(username).name), str(DocumentTypeChoices(kind).label)),
        *(document_number, str(Category.SKILLS.label), Decimal(4), on, FIRST_AIDER, RED_CROSS),
        *(f"HSZ-{on.year}-{number}", str(DELIVERIES["offline"])),
    ]


def _certificate(on: date, now: datetime) -> ContentFile[bytes]:
    return paper(
        title="救护员培训证明",
        number=f"HSZ-{on.year}",
        authority=RED_CROSS,
        day=on,
        paragraphs=("所列学员参加了本会举办的救护员培训（心肺复苏与 AED），计 4 学时，经理论和操作考核合格。",),
        now=now,
        name="救护员培训证明.pdf",
    )
