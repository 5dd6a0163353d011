"""Words for bans. Everything goes through the verbs: a ban in force took two officers and its decision document."""

import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings

from lms.documents.uploads import XLSX
from lms.documents.workbooks import Sheet, write
from lms.people.models import Person, User
from lms.registry import services
from lms.registry.models import BanCase, BanKind, BanSubject, Intake, Peer, SubjectRole
from lms.registry.services import peers
from lms.registry.services.intake_work import work_on
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
        **{"birth_date_unknown": True, **identity},
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


HEADER = [
    *("决定文号", "作出机关", "决定日期", "事实发生日期", "事实类别", "法律依据", "姓名", "证件类型", "证件号码"),
    *("出生日期", "在案件中的身份", "禁入起始日期", "禁入截止日期"),
]


def listed_row(**changes: Any) -> list[Any]:
    """One row of a workbook: somebody unknown here, by a decision of their own, for life."""
    n = next(_numbers)
    row = {
        "决定文号": f"旧禁字〔2020〕{n}号",
        "作出机关": "某市卫生健康委员会",
        "决定日期": "2020-05-06",
        "事实发生日期": "2020-01-02",
        "事实类别": "虐待儿童",
        "法律依据": "《未成年人保护法》第六十二条",
        "姓名": people.full_name(),
        "证件号码": people.resident_number(),
        **changes,
    }
    return [row.get(title, "") for title in HEADER]


def list_file(*rows: list[Any]) -> SimpleUploadedFile:
    """A workbook of these rows."""
    return SimpleUploadedFile("名单.xlsx", write(sheets=[Sheet("名单", HEADER, rows)]), content_type=XLSX)


def handed_in(*rows: list[Any], officer: User | None = None, now: datetime = ENTERED) -> Intake:
    """A whole list that waits for its second officer."""
    report = services.propose_intake(
        file=list_file(*(rows or [listed_row()])),
        letter=decision_file("移交函.pdf"),
        source="某市移交名单",
        actor=people.acting(officer or registrar()),
        now=now,
    )
    assert report.intake
    return report.intake


def taken_in(*rows: list[Any], now: datetime = ENTERED) -> Intake:
    """A whole list, confirmed and entered."""
    intake = handed_in(*rows, now=now)
    services.confirm_intake(intake=intake, actor=people.acting(confirming()), now=now)
    while work_on(intake_id=intake.pk, now=now):
        pass
    intake.refresh_from_db()
    return intake


@contextmanager
def at_another_installation() -> Iterator[None]:
    """As if the code ran on somebody else's machine, with a key of its own."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with TemporaryDirectory() as directory:
        path = Path(directory) / "key.pem"
        path.write_bytes(pem)
        with override_settings(REGISTRY_KEY_FILE=str(path)):
            yield


def peer(*, now: datetime = ENTERED) -> Peer:
    """Another installation whose fingerprint two officers have compared."""
    with at_another_installation():
        card = ContentFile(peers.card_file(), name="card.json")
    first = people.acting(people.officer("administrator"))
    row = peers.propose_peer(file=card, actor=first, now=now)
    return peers.trust_peer(peer=row, fingerprint=row.fingerprint, actor=people.acting(confirming()), now=now)
