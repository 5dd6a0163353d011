"""Words for bans. Everything goes through the verbs: a ban in force took two officers and its decision document."""

import itertools
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.uploadedfile import SimpleUploadedFile

from lms.people.models import Person, User
from lms.registry import services
from lms.registry.models import BanCase, BanKind, BanSubject, SubjectRole
from tests.factories import people

DECIDED = date(2026, 3, 2)
FACTS = date(2026, 1, 15)
ENTERED = datetime(2026, 3, 3, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
_numbers = itertools.count(1)


def decision_file(name: str = "决定书.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    """The scanned decision, as an officer uploads it."""
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def registrar(region: str = people.SHANGHAI) -> User:
    """An officer who enters cases."""
    return people.officer("registrar", region)


def confirming(region: str = people.SHANGHAI) -> User:
    """The second officer."""
    return people.officer("confirming_registrar", region)


def drafted_case(
    *, officer: User | None = None, region: str = people.SHANGHAI, now: datetime = ENTERED, **more: Any
) -> BanCase:
    """A draft without subjects."""
    n = next(_numbers)
    facts: dict[str, Any] = {
        "number": f"沪卫禁字〔2026〕{n}号",
        "authority": "上海市卫生健康委员会",
        "decided_on": DECIDED,
        "facts_on": FACTS,
        "facts_category": "abuse",
        "legal_basis": "《托育机构从业人员管理办法》",
        "region_code": region,
        "decision_file": decision_file(),
        **more,
    }
    return services.draft_case(actor=people.acting(officer or registrar(region)), now=now, **facts)


def subject_of(
    case: BanCase,
    person: Person | None = None,
    *,
    role: str = SubjectRole.PERPETRATOR,
    until: date | None = None,
    from_date: date | None = None,
    now: datetime = ENTERED,
    **identity: Any,
) -> BanSubject:
    """Somebody named in a draft: for life, or until (inclusive)."""
    first = case.states.order_by("number").select_related("officer").first()
    assert first is not None
    return services.add_subject(
        case=case,
        person=person,
        role=role,
        kind=BanKind.DATED if until else BanKind.LIFETIME,
        from_date=from_date or case.decided_on,
        until=until,
        actor=people.acting(first.officer),
        now=now,
        **identity,
    )


def submitted_case(
    *persons: Person,
    managers: Iterable[Person] = (),
    unknown: Iterable[dict[str, Any]] = (),
    until: date | None = None,
    from_date: date | None = None,
    region: str = people.SHANGHAI,
    officer: User | None = None,
    now: datetime = ENTERED,
    **more: Any,
) -> BanCase:
    """A case that waits for its second officer. ``unknown``: name, document_type, document_number of people not known here."""
    case = drafted_case(region=region, officer=officer, now=now, **more)
    terms: dict[str, Any] = {"until": until, "from_date": from_date, "now": now}
    for person in persons:
        subject_of(case, person, **terms)
    for identity in unknown:
        subject_of(case, **identity, **terms)
    for manager in managers:
        subject_of(case, manager, role=SubjectRole.MANAGER, **terms)
    first = case.states.get(number=1)
    services.submit_case(case=case, actor=people.acting(first.officer), now=now)
    return case


def case_in_force(*persons: Person, confirmed_by: User | None = None, now: datetime = ENTERED, **more: Any) -> BanCase:
    """A ban that acts, confirmed by a second officer. Everything that follows from it has happened."""
    case = submitted_case(*persons, now=now, **more)
    officer = confirmed_by or confirming(case.region_code)
    services.confirm_case(case=case, actor=people.acting(officer), now=now + timedelta(minutes=5))
    return case


def banned(person: Person | None = None, *, now: datetime = ENTERED, **more: Any) -> Person:
    """A person (a new one when none is given) whose ban acts: for life, or ``until`` (inclusive)."""
    someone = person or people.person(now=min(now, people.LONG_AGO))
    case_in_force(someone, now=now, **more)
    return someone


def annulled(case: BanCase, *, now: datetime = ENTERED + timedelta(days=30)) -> BanCase:
    """The case, lifted by two officers with the overturning document."""
    services.propose_annulment(
        case=case,
        overturning_file=decision_file("判决书.pdf"),
        reason="判决撤销原决定",
        actor=people.acting(registrar(case.region_code)),
        now=now,
    )
    services.confirm_annulment(case=case, actor=people.acting(confirming(case.region_code)), now=now)
    return case
