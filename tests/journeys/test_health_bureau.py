"""The health bureau: one officer enters a ban, another sees what it will do and confirms it, and the public page says so."""

from datetime import timedelta

import pytest
from django.utils import timezone

from certificates.models import Certificate
from lms.people.models import Person
from lms.registry.models import BanCase
from tests.factories import certificates, hiring, people, registry
from tests.factories.catalogue import released_course
from tests.factories.learning import enrolled
from tests.journeys.conftest import NewVisitor
from tests.journeys.visitor import Visitor, journey, needs_chromium

pytestmark = [pytest.mark.browser, needs_chromium, journey]
NUMBER = "沪卫禁字〔2026〕9号"
NAME, MANAGER = "周海宁", "米秀兰"


@pytest.fixture
def employed(cities: None) -> Person:
    """At work under a manager, with a certificate, and in the middle of another course."""
    now = timezone.now() - timedelta(days=30)
    institution = people.institution(name="春芽托育中心")
    manager = people.person(name=MANAGER)
    hiring.hired(institution, manager, post="institution_head", now=now)
    person = people.person(name=NAME)
    hiring.hired(institution, person, manager=manager, now=now)
    certificates.course_certificate(person, now=now)
    enrolled(person, released_course(title="婴幼儿辅食添加"), now=now)
    return person


def enters_the_case(officer: Visitor, person: Person) -> None:
    today = timezone.localdate()
    officer.follow("录入决定")
    officer.press("保存，登记人员")
    officer.sees("决定文号")
    officer.fill(
        number=NUMBER,
        authority="上海市卫生健康委员会",
        decided_on=f"{today - timedelta(days=1):%Y-%m-%d}",
        facts_on=f"{today - timedelta(days=10):%Y-%m-%d}",
        facts_category="abuse",
        legal_basis="《托育机构从业人员管理办法》第十二条",
    )
    officer.field("decision_file").set_input_files(
        {"name": "决定书.pdf", "mimeType": "application/pdf", "buffer": registry.PDF}
    )
    officer.press("保存，登记人员")


def names_the_subjects(officer: Visitor, person: Person) -> None:
    identity = hiring.identity_of(person)
    officer.fill(name=identity["name"], document_number=identity["document_number"])
    officer.tick("行为人")
    officer.press("先查找此人")
    officer.sees("系统中有这个证件的持有人")
    officer.press("列入本案")
    officer.sees(NAME, MANAGER)
    officer.press("列为直接管理人")


def test_a_ban_takes_two_officers(new_visitor: NewVisitor, employed: Person) -> None:
    certificate = Certificate.objects.get(person=employed)
    first = new_visitor("registrar", registry.registrar())
    enters_the_case(first, employed)
    names_the_subjects(first, employed)
    first.press("提交复核")
    case = BanCase.objects.get(number=NUMBER)
    assert first.page.get_by_role("button", name="确认生效").count() == 0

    second = new_visitor("confirming", registry.confirming())
    second.sees("等待第二人复核")
    second.follow(NUMBER)
    second.follow("复核")
    second.sees(NAME, MANAGER, "1 份证书将被撤销", "1 门进行中的课程将停止", "2 段在职任职")
    second.press("确认生效")
    second.sees("请先阅读决定书并核对名单")
    second.field("read").check()
    second.press("确认生效")
    second.sees("已生效")
    assert case.states.order_by("-number")[0].state == "in_force"

    stranger = new_visitor("stranger")
    stranger.open(f"/verify/{certificate.token}/")
    stranger.sees("已撤销", "Revoked")
    for path in ("/bans/", "/hiring/reviews/", "/hiring/alerts/", "/oversight/", "/admissions/"):
        second.open(path)
