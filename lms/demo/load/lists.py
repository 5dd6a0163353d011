"""Whole lists asked about at once: parents who help out, a staff that starts together, everybody's yearly re-check.

Rows that are wrong are wrong as people write them: a digit too many, a post that nobody has, somebody who works there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from django.core.files.base import ContentFile

from lms.demo.calendar import at
from lms.demo.load.screening import STRANGER, STRANGER_BORN, STRANGER_NUMBER, asking
from lms.demo.load.world import World
from lms.demo.numbers import resident_number
from lms.documents.workbooks import Sheet, write
from lms.hiring.models import CheckBatch, Purpose
from lms.hiring.services import batches, create_batch, roster_loads
from lms.hiring.services.rechecks import start_recheck

VOLUNTEERS, STAFFED = "sh-chunya", "sh-xiaoman"
# (name, born, sex, what the institution calls them)
PARENTS = (
    ("董晓红", date(1988, 5, 16), "F", "家长-小一班"),
    ("莫怀远", date(1985, 9, 2), "M", "家长-小一班"),
    ("侯雅琴", date(1991, 1, 27), "F", "家长-小二班"),
    ("龚一帆", date(1990, 12, 9), "M", "家长-托大班"),
    ("阎佩兰", date(1963, 3, 21), "F", "祖辈-托大班"),
    ("庄思齐", date(2004, 7, 11), "F", "师范实习生"),
)
# Who holds what the post needs already, by user name; the last one works there.
KNOWN = (("shenyuzhen", "卫生保健人员"), ("zhuying", "保育人员"), ("huangxiaomi", "保育人员"))
COOK, COOK_BORN = "殷福生", date(1974, 2, 13)
FIRST_SEQUENCE = 300
LIST_TITLES = ("姓名", "证件类型", "证件号码", "出生日期", "内部编号")
STAFF_TITLES = ("姓名", "证件类型", "证件号码", "岗位", "入职日期", "直接管理人")


def plan(world: World) -> None:
    day = world.today
    world.agenda.add(at(day - timedelta(days=12), 9, 30), partial(_yearly, world))
    world.agenda.add(at(day - timedelta(days=6), 14, 20), partial(_staff, world))
    world.agenda.add(at(day - timedelta(days=5), 10, 5), partial(_parents, world))


def _number(born: date, sex: str, place: int) -> str:
    return resident_number(home="330204", born=born, sex=sex, sequence=FIRST_SEQUENCE + place)


def _workbook(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> ContentFile[bytes]:
    return ContentFile(write(sheets=[Sheet("名单", titles, rows)]), name="list.xlsx")


def _to_its_end(turn: Callable[[], bool]) -> None:
    while turn():
        pass


def _asked(batch: CheckBatch | None, now: datetime) -> None:
    assert batch is not None
    _to_its_end(lambda: batches.work_on(batch_id=batch.pk, now=now + timedelta(minutes=1)))


def _parents(world: World, now: datetime) -> None:
    """Who reads stories on Fridays. One is on the list; a number has a digit too many, a passport is not called one."""
    rows = [
        [name, "居民身份证", _number(born, sex, place), "", reference]
        for place, (name, born, sex, reference) in enumerate(PARENTS)
    ]
    rows.append([STRANGER, "居民身份证", STRANGER_NUMBER, STRANGER_BORN.isoformat(), "家长-小二班"])
    rows.append(["凌霄", "居民身份证", f"{_number(date(1987, 4, 4), 'F', 20)}0", "", "家长-小二班"])
    rows.append(["Marta Lindqvist", "", "XK2290417", "", "家长-托大班"])
    report = create_batch(
        file=_workbook(LIST_TITLES, rows), purpose=Purpose.VOLUNTEER, now=now, **asking(world, VOLUNTEERS)
    )
    _asked(report.batch, now)


def _staff(world: World, now: datetime) -> None:
    """Two start; one works there already, the cook has no certificate, and a post is called as it was years ago."""
    head, first_day = "司马清扬", (world.today - timedelta(days=4)).isoformat()
    who = [(world.person(username).name, world.numbers[username][1], post) for username, post in KNOWN]
    who.append((COOK, _number(COOK_BORN, "M", 40), "炊事人员"))
    who.append(("耿秋实", _number(date(1996, 10, 5), "F", 41), "配班教师"))
    rows = [[name, "居民身份证", number, post, first_day, head] for name, number, post in who]
    load = roster_loads.load_roster(file=_workbook(STAFF_TITLES, rows), now=now, **asking(world, STAFFED)).load
    assert load is not None
    _asked(load.batch, now)
    _to_its_end(lambda: roster_loads.work_on(load_id=load.pk, now=now + timedelta(minutes=2)))


def _yearly(world: World, now: datetime) -> None:
    recheck = start_recheck(now=now, **asking(world, STAFFED))
    _asked(recheck.batch, now)
