"""Institutions ask, bans are decided, employers act: the list of bans as three cities' officers see it today.

Everybody named here is made up. One old decision names somebody the platform never knew; one came into force this
morning, with the direct manager; one waits for its second officer.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from lms.demo.calendar import at
from lms.demo.load.world import World
from lms.demo.numbers import resident_number
from lms.demo.papers import paper
from lms.documents.workbooks import Sheet, write
from lms.hiring.models import BanAlert, Check
from lms.hiring.services import ask_for_document, check_person, confirm_removal, decide_review, dispute_check
from lms.people.models import Role
from lms.registry.models import BanCase
from lms.registry.services import (
    add_subject,
    confirm_case,
    draft_case,
    propose_intake,
    proposed_managers,
    submit_case,
)
from lms.registry.services.intake_sheet import COLUMNS

SHANGHAI, AUTHORITY = "310000", "上海市卫生健康委员会"
BASIS = "《上海市托育服务三年行动计划（2020—2022年）》三(三)1"
# Somebody the platform never knew, on the list since spring.
STRANGER, STRANGER_BORN = "韦志强", date(1986, 3, 9)
STRANGER_NUMBER = resident_number(home="450102", born=STRANGER_BORN, sex="M", sequence=41)
# On a list that another city hands over; nobody of them is known here.
OLD_LIST = (
    ("卢建国", resident_number(home="450102", born=date(1979, 4, 2), sex="M", sequence=43)),
    ("苗春燕", resident_number(home="450102", born=date(1984, 11, 23), sex="F", sequence=44)),
)
BANNED, HER_INSTITUTION, HER_EMPLOYER = "heyutong", "sh-hemiao", "qiupei"
WAITING = "liuyan"
FACTS = "经查，当事人在托育机构任职期间有虐待婴幼儿的行为，有监控录像、证人证言和伤情鉴定为证，事实清楚，证据确凿。"
# (institution, who is asked about, purpose, how far through the year)
YEARLY = (
    ("sh-chunya", "wangfang", "annual_review", 0.2),
    ("sh-chunya", "zhouruoning", "annual_review", 0.2),
    ("sh-xiaoman", "lina", "annual_review", 0.35),
    ("sh-hemiao", "heyutong", "annual_review", 0.4),
    ("bj-qingchuan", "dengjia", "annual_review", 0.45),
    ("yy-shunjiang", "wang", "annual_review", 0.5),
    ("yh-haibei", "linpeijun", "annual_review", 0.6),
    ("nj-wutong", "lina2", "annual_review", 0.7),
    ("bj-yinxingye", "emilycarter", "annual_review", 0.8),
)


def plan(world: World) -> None:
    agenda, now = world.agenda, world.now
    for institution, username, purpose, share in YEARLY:
        about = partial(ask_about, world, institution, username, purpose)
        agenda.add(at(world.day(share), 10, 12), about)
    agenda.add(at(world.day(0.3), 15), partial(_old_case, world))
    agenda.add(at(world.day(0.5), 11), partial(_look_alike_cleared, world))
    # The registrars' queue: one overdue, one that waits for a paper, one of yesterday; and one answered by what was said.
    agenda.add(now - timedelta(days=9), partial(_look_alike, world, "sh-hemiao", 2))
    agenda.add(now - timedelta(days=2), partial(_paper_asked, world))
    agenda.add(now - timedelta(hours=30), partial(_look_alike, world, "sh-xiaoman", 1))
    agenda.add(now - timedelta(hours=28), partial(_look_alike, world, "sh-hemiao", 0))
    agenda.add(now - timedelta(hours=8), partial(_new_case, world))
    agenda.add(now - timedelta(hours=5), partial(_removal, world))
    agenda.add(now - timedelta(hours=4), partial(_waiting_case, world))
    agenda.add(now - timedelta(hours=3, minutes=30), partial(_waiting_list, world))
    agenda.add(now - timedelta(hours=3), partial(ask_about, world, "sh-chunya", BANNED, "hiring"))
    agenda.add(now - timedelta(hours=2), partial(_disputed, world, "sh-xiaoman", "wangfang2"))


def asking(world: World, slug: str) -> dict[str, Any]:
    """Who asks: the checker of the institution."""
    return {
        "institution": world.bodies[slug],
        "actor": world.member(slug, Role.INSTITUTION_CHECKER),
        "consent": True,
    }


def ask_about(world: World, slug: str, username: str, purpose: str, now: datetime) -> Check:
    kind, number = world.numbers[username]
    return check_person(
        **asking(world, slug),
        name=world.person(username).name,
        document_type=kind,
        document_number=number,
        purpose=purpose,
        now=now,
    )


def _disputed(world: World, slug: str, username: str, now: datetime) -> None:
    """Asked about without having agreed, and says so."""
    check = ask_about(world, slug, username, "hiring", now)
    said = "我没有向这家机构应聘过，也没有签过同意书。"
    later = now + timedelta(hours=1)
    dispute_check(checked=check, ground="no_consent", statement=said, actor=world.actor(username), now=later)


def _look_alike(world: World, slug: str, holder: int, now: datetime) -> Check:
    """The name and the birth date of somebody on the list, with the passport of one of several people."""
    return check_person(
        **asking(world, slug),
        name=STRANGER,
        document_type="passport",
        document_number=f"E{70_009_117 + holder * 1013:08d}",
        date_of_birth=STRANGER_BORN,
        purpose="volunteer",
        now=now,
    )


def _look_alike_cleared(world: World, now: datetime) -> None:
    check = _look_alike(world, "sh-chunya", 0, now)
    decide_review(
        checked=check,
        outcome="clear",
        reason="护照照片与案件材料不符，系同名同日生，已与出入境管理部门核对",
        actor=world.officer(Role.REGISTRAR, SHANGHAI),
        now=now + timedelta(hours=6),
    )


def _paper_asked(world: World, now: datetime) -> None:
    """Nobody can tell without the old passport: the institution is asked for it."""
    ask_for_document(
        checked=_look_alike(world, "sh-chunya", 3, now),
        what="本人旧护照首页，或出入境证件更换记录",
        actor=world.officer(Role.REGISTRAR, SHANGHAI),
        now=now + timedelta(hours=3),
    )


def draft(world: World, number: str, facts_on: date, category: str, now: datetime) -> BanCase:
    day = timezone.localdate(now)
    return draft_case(
        number=number,
        authority=AUTHORITY,
        decided_on=day,
        facts_on=facts_on,
        facts_category=category,
        legal_basis=BASIS,
        region_code=SHANGHAI,
        decision_file=paper(
            title="从业禁止决定书",
            number=number,
            authority=AUTHORITY,
            day=day,
            paragraphs=(FACTS, "依照有关规定，决定对当事人从业禁止。不服本决定的，可依法申请行政复议或提起行政诉讼。"),
            now=now,
        ),
        actor=world.officer(Role.REGISTRAR, SHANGHAI),
        now=now,
    )


def number_of(now: datetime, running: int) -> str:
    return f"沪卫托禁决〔{timezone.localdate(now).year}〕{running} 号"


def _old_case(world: World, now: datetime) -> None:
    registrar = world.officer(Role.REGISTRAR, SHANGHAI)
    day = timezone.localdate(now)
    case = draft(world, number_of(now, 3), day - timedelta(days=60), "abuse", now)
    add_subject(
        case=case,
        name=STRANGER,
        document_type="resident_id",
        document_number=STRANGER_NUMBER,
        role="perpetrator",
        kind="lifetime",
        from_date=day,
        until=None,
        actor=registrar,
        now=now,
    )
    submit_case(case=case, actor=registrar, now=now + timedelta(minutes=30))
    confirm_case(case=case, actor=world.officer(Role.CONFIRMING_REGISTRAR, SHANGHAI), now=now + timedelta(hours=20))


def _name_and_submit(world: World, case: BanCase, username: str, now: datetime) -> None:
    """The perpetrator, and whoever was directly responsible on the day of the facts."""
    registrar, day = world.officer(Role.REGISTRAR, SHANGHAI), timezone.localdate(now)
    terms: dict[str, Any] = {
        "case": case,
        "kind": "lifetime",
        "from_date": day,
        "until": None,
        "actor": registrar,
        "now": now,
    }
    add_subject(**terms, person=world.person(username), role="perpetrator")
    for proposed in proposed_managers(case):
        add_subject(**terms, person=proposed.manager, role="manager")
    submit_case(case=case, actor=registrar, now=now + timedelta(minutes=20))


def _new_case(world: World, now: datetime) -> None:
    case = draft(world, number_of(now, 17), timezone.localdate(now) - timedelta(days=33), "abuse", now)
    _name_and_submit(world, case, BANNED, now)
    confirm_case(case=case, actor=world.officer(Role.CONFIRMING_REGISTRAR, SHANGHAI), now=now + timedelta(minutes=70))


def _waiting_case(world: World, now: datetime) -> None:
    case = draft(world, number_of(now, 18), timezone.localdate(now) - timedelta(days=21), "neglect", now)
    _name_and_submit(world, case, WAITING, now)


def _waiting_list(world: World, now: datetime) -> None:
    """A neighbouring city's old list, read and handed in; the second officer has not looked at it yet."""
    columns = [column.titles[0] for column in COLUMNS]
    rows = [
        [
            f"邻卫禁字〔2019〕{place} 号",
            "邻市卫生健康委员会",
            "2019-06-03",
            "2019-03-04",
            "虐待儿童",
            BASIS,
            name,
            "",
            number,
        ]
        for place, (name, number) in enumerate(OLD_LIST, start=1)
    ]
    letter = paper(
        title="移交函",
        number="邻卫函〔2026〕5 号",
        authority="邻市卫生健康委员会",
        day=timezone.localdate(now),
        paragraphs=("现将我市历年从业禁止人员名单移交贵委，请依法列入。",),
        now=now,
        name="letter.pdf",
    )
    propose_intake(
        file=ContentFile(write(sheets=[Sheet("名单", columns, rows)]), name="list.xlsx"),
        letter=letter,
        source="邻市卫生健康委员会移交名单",
        actor=world.officer(Role.REGISTRAR, SHANGHAI),
        now=now,
    )


def _removal(world: World, now: datetime) -> None:
    """The employer has sent the perpetrator home; about the manager it has not answered yet."""
    alert = BanAlert.objects.get(institution=world.bodies[HER_INSTITUTION], employment__person=world.person(BANNED))
    confirm_removal(
        alert=alert,
        note="已于今日停止其一切接触婴幼儿的工作，办理离岗手续，更换门禁，并告知家长",
        actor=world.actor(HER_EMPLOYER, Role.INSTITUTION_MANAGER),
        now=now,
    )
