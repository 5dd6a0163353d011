"""Words for subsidies: schemes, and claims at each place of their way. Everything goes through the verbs."""

import itertools
from datetime import date, datetime, timedelta
from typing import Any

from courses.catalogue.models import Release
from lms.people.models import Organisation, Person, Role, User
from lms.subsidies import services
from lms.subsidies.models import Claim, ClaimLine, Scheme
from tests.factories import people
from tests.factories.catalogue import reading, released_course
from tests.factories.learning import passed
from tests.factories.policy import packs_loaded

NOON = datetime.fromisoformat("2026-06-15T12:00:00+08:00")
LATER = NOON + timedelta(days=10)
_numbers = itertools.count(1)


def auditor(region: str = people.SHANGHAI) -> User:
    return people.officer(Role.BUREAU_AUDITOR, region)


def approver(region: str = people.SHANGHAI) -> User:
    return people.officer(Role.BUREAU_APPROVER, region)


def scheme(
    *, region: str = people.SHANGHAI, amount_fen: int = 60_000, budget_fen: int = 6_000_000, **more: Any
) -> Scheme:
    """A scheme open for the whole of 2026, of the region's human-resources bureau."""
    officer = approver(region)
    facts: dict[str, Any] = {
        "kind": "shortage_training",
        "name": f"紧缺培训补贴 {next(_numbers)}",
        "occupation": "保育员",
        "level": "初级",
        "opens_on": date(2026, 1, 1),
        "closes_on": date(2026, 12, 31),
        "now": NOON,
        **more,
    }
    bureau = people.bureau(kind="hr_bureau", region=region)
    return services.create_scheme(
        bureau=bureau, amount_fen=amount_fen, budget_fen=budget_fen, actor=people.acting(officer), **facts
    )


def short_course(college: Organisation, **more: Any) -> Release:
    """A course that is learned in a minute of heartbeats and worth one class-hour."""
    return released_course(college=college, class_hours=1, lessons=[reading(1)], **more)


def trained(release: Release, *names: str, region: str = people.PUDONG) -> list[Person]:
    """People who honestly passed the course, one after the other, each on a device of their own."""
    packs_loaded()
    found = []
    for place, name in enumerate(names):
        someone = people.person(name=name, region=region)
        passed(someone, release, now=NOON + timedelta(minutes=7 * place))
        found.append(someone)
    return found


def publisher(college: Organisation) -> User:
    return people.manager_of(college)


def assembled(
    *names: str, college: Organisation | None = None, under: Scheme | None = None, now: datetime = LATER
) -> Claim:
    """A draft for a fresh course that these people passed."""
    school = college or people.college()
    release = short_course(school)
    trained(release, *(names or ("林小满",)))
    return services.assemble_claim(
        scheme=under or scheme(), college=school, release=release, actor=people.acting(publisher(school)), now=now
    )


def submitted(*names: str, now: datetime = LATER, **more: Any) -> Claim:
    claim = assembled(*names, now=now, **more)
    return services.submit_claim(claim=claim, actor=people.acting(publisher(claim.college)), now=now)


def all_settled(claim: Claim, officer: User, *, now: datetime = LATER) -> None:
    """Every line in doubt is found good by the auditor."""
    for line in ClaimLine.objects.filter(claim=claim).current().judged("query"):
        services.settle_line(line=line, verdict="pay", reason="已核对原始记录", actor=people.acting(officer), now=now)


def audited(*names: str, officer: User | None = None, now: datetime = LATER, **more: Any) -> Claim:
    claim = submitted(*names, now=now, **more)
    officer = officer or auditor(claim.scheme.bureau.region_code)
    all_settled(claim, officer, now=now)
    return services.audit_claim(claim=claim, note="证据齐全", actor=people.acting(officer), now=now)


def approved(*names: str, now: datetime = LATER, **more: Any) -> Claim:
    claim = audited(*names, now=now, **more)
    officer = approver(claim.scheme.bureau.region_code)
    return services.decide_claim(claim=claim, approve=True, reason="", actor=people.acting(officer), now=now)


def verdicts(claim: Claim) -> dict[str, str | None]:
    """Latest verdict by name."""
    return {line.facts["name"]: line.verdict for line in claim.lines.current().with_verdict()}
