"""Schemes of three bureaus and a claim in every state, assembled by colleges from what people really learned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial

from courses.catalogue.models import Release
from lms.audit.actors import Actor
from lms.demo.calendar import at
from lms.demo.load.world import World
from lms.people.models import Role
from lms.subsidies.models import Claim, ClaimLine
from lms.subsidies.services import (
    assemble_claim,
    audit_claim,
    create_scheme,
    decide_claim,
    draw_sample,
    mark_paid,
    return_claim,
    settle_line,
    submit_claim,
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A scheme: the bureau's region, what is paid for, fen for a person, fen in all."""

    key: str
    region: str
    kind: str
    name: str
    occupation: str
    level: str
    amount_fen: int
    budget_fen: int


SCHEMES = (
    Plan("sh-shortage", "310000", "shortage_training", "保育师紧缺培训补贴", "保育师", "四级", 120_000, 24_000_000),
    Plan(
        "sh-emergency",
        "310000",
        "vocational_training",
        "婴幼儿急救技能提升补贴",
        "育婴员",
        "急救专项",
        60_000,
        6_000_000,
    ),
    Plan("sh-sleep", "310000", "vocational_training", "安全睡眠线上培训补贴", "育婴员", "线上专项", 8_000, 400_000),
    Plan("sh-ethics", "310000", "vocational_training", "职业道德研修补贴", "保育师", "职业道德", 40_000, 4_000_000),
    Plan("nj-care", "320100", "vocational_training", "南京市托育人员技能培训补贴", "育婴员", "中级", 50_000, 5_000_000),
    Plan("nj-protect", "320100", "vocational_training", "南京市儿童保护专项补贴", "育婴员", "专项", 30_000, 3_000_000),
    Plan(
        "yy-first-aid",
        "330281",
        "vocational_training",
        "余姚市急救实操培训补贴",
        "育婴员",
        "急救专项",
        45_000,
        1_800_000,
    ),
)
RETURN_REASON = "北京学员不属于本市补贴对象，请在明细中核对培训当日的工作单位后重新提交。"
REJECT_REASON = "本期学员均在上海市任职，不属于本市补贴对象。"
DOUBT_SETTLED = "已调阅签到名册和监控，情况属实"


SEMINAR = "professional-ethics-seminar"


def plan(world: World) -> None:
    """Schemes are announced in the first weeks; claims follow the classes they are for."""
    for number, one in enumerate(SCHEMES):
        world.agenda.add(at(world.opens, 10, number) + timedelta(days=12), partial(_announce, world, one))
    for moment, act, key in (
        (at(world.day(0.66), 10), _paid, "sh-shortage"),
        (at(world.day(0.8), 10), _approved, "sh-emergency"),
        (at(world.day(0.9), 10), _rejected, "nj-protect"),
        (at(world.day(0.93), 10), _returned, "nj-care"),
        (world.now - timedelta(hours=60), _audited, "yy-first-aid"),
        (world.now - timedelta(hours=36), _submitted, "sh-sleep"),
        (world.now - timedelta(hours=26), _drafted, "sh-ethics"),
    ):
        world.agenda.add(moment, partial(act, world, key))


def _announce(world: World, one: Plan, now: datetime) -> None:
    approver = world.officer(Role.BUREAU_APPROVER, one.region)
    world.schemes[one.key] = create_scheme(
        bureau=next(body for body in world.bodies.values() if body.pk == approver.organisation_id),
        kind=one.kind,
        name=one.name,
        occupation=one.occupation,
        level=one.level,
        amount_fen=one.amount_fen,
        budget_fen=one.budget_fen,
        opens_on=date(world.opens.year, 1, 1),
        closes_on=date(world.today.year, 12, 31),
        actor=approver,
        now=now,
    )


def _paid(world: World, key: str, now: datetime) -> None:
    claim = _approve(world, key, "comprehensive-care-practice", now)
    mark_paid(claim=claim, actor=_approver(world, claim), now=now + timedelta(days=5))


def _approved(world: World, key: str, now: datetime) -> None:
    _approve(world, key, "emergency-care-practice", now)


def _rejected(world: World, key: str, now: datetime) -> None:
    claim = _audit(world, _submit(world, key, "child-protection-workshop", now), now + timedelta(hours=4))
    approver = _approver(world, claim)
    decide_claim(claim=claim, approve=False, reason=REJECT_REASON, actor=approver, now=now + timedelta(hours=20))


def _returned(world: World, key: str, now: datetime) -> None:
    claim = _submit(world, key, "responsive-care", now)
    return_claim(claim=claim, reason=RETURN_REASON, actor=_auditor(world, claim), now=now + timedelta(hours=5))


def _audited(world: World, key: str, now: datetime) -> None:
    _audit(world, _submit(world, key, "choking-first-aid", now), now + timedelta(hours=5))


def _submitted(world: World, key: str, now: datetime) -> None:
    _submit(world, key, "safe-sleep", now)


def _drafted(world: World, key: str, now: datetime) -> None:
    _assemble(world, key, SEMINAR, now)


def _assemble(world: World, key: str, slug: str, now: datetime) -> Claim:
    release = world.releases[slug]
    return assemble_claim(
        scheme=world.schemes[key],
        college=release.course.college,
        release=release,
        actor=_publisher(world, release),
        now=now,
    )


def _submit(world: World, key: str, slug: str, now: datetime) -> Claim:
    claim = _assemble(world, key, slug, now)
    return submit_claim(claim=claim, actor=_publisher(world, claim.release), now=now + timedelta(hours=1))


def _audit(world: World, claim: Claim, now: datetime) -> Claim:
    """A sample is drawn, lines in doubt are settled, the note goes to the approver."""
    auditor = _auditor(world, claim)
    draw_sample(claim=claim, share=Decimal("0.3"), seed=f"demo-{claim.number}", actor=auditor, now=now)
    for line in ClaimLine.objects.filter(claim=claim).current().judged("query"):
        settle_line(line=line, verdict="pay", reason=DOUBT_SETTLED, actor=auditor, now=now + timedelta(minutes=20))
    return audit_claim(claim=claim, note="抽样核对无误，证据齐全", actor=auditor, now=now + timedelta(minutes=40))


def _approve(world: World, key: str, slug: str, now: datetime) -> Claim:
    claim = _audit(world, _submit(world, key, slug, now), now + timedelta(days=1))
    approver = _approver(world, claim)
    return decide_claim(claim=claim, approve=True, reason="", actor=approver, now=now + timedelta(days=2))


def _publisher(world: World, release: Release) -> Actor:
    slug = next(slug for slug, body in world.bodies.items() if body.pk == release.course.college_id)
    return world.member(slug, Role.COLLEGE_PUBLISHER)


def _auditor(world: World, claim: Claim) -> Actor:
    return world.officer(Role.BUREAU_AUDITOR, claim.scheme.bureau.region_code)


def _approver(world: World, claim: Claim) -> Actor:
    return world.officer(Role.BUREAU_APPROVER, claim.scheme.bureau.region_code)
