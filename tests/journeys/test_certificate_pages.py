"""Every page about certificates, in each state it can be in: what a stranger, a holder, an issuer and a bureau see of it.

Each is held to what every page is held to, at a desk and as wide as a phone.
"""

import io
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.utils import timezone
from openpyxl import Workbook
from playwright.sync_api import Browser

from certificates.models import Certificate, CertificateType, IssueBatch
from certificates.services import (
    course_type,
    pause_batch,
    plan_batch,
    reinstate_certificate,
    revoke_certificate,
    start_batch,
    supersede_certificate,
)
from certificates.services.batches import work_on
from certificates.services.choosing import Selection
from certificates.services.recalls import carry_out_recall, confirm_recall, propose_recall
from certificates.services.scopes import Scope
from lms.people.models import Organisation, Person, User
from tests.factories import people, registry
from tests.factories.batches import approver, class_passed, met, planned, publisher_of, unmet
from tests.factories.catalogue import released_course
from tests.factories.certificate_types import drawing, picture, post_type, published
from tests.factories.certificates import SYSTEM, annual_certificate, course_certificate
from tests.journeys.conftest import NewVisitor
from tests.journeys.visitor import DESK, PHONE, apart, journey, needs_chromium

pytestmark = [pytest.mark.browser, needs_chromium, journey]
VERIFY = "/verify/"


@pytest.fixture(autouse=True)
def _fresh_counters() -> None:
    cache.clear()


@pytest.fixture
def now() -> Any:
    return timezone.now()


@pytest.fixture
def college() -> Organisation:
    return people.college(name="浦东开放大学")


def revoked(certificate: Certificate, code: str = "fraud") -> Certificate:
    revoke_certificate(
        certificate=certificate,
        code=code,
        reason="代学代考，经查属实",
        authority="浦东新区人力资源和社会保障局",
        actor=SYSTEM,
        now=timezone.now(),
    )
    return certificate


def superseded(certificate: Certificate, name: str = "欧阳秋玥") -> Certificate:
    Person.objects.filter(pk=certificate.person_id).update(name=name)
    certificate.person.refresh_from_db()
    return supersede_certificate(certificate=certificate, reason="更正姓名", actor=SYSTEM, now=timezone.now())


def test_what_a_stranger_sees_of_each_state(
    new_visitor: NewVisitor, college: Organisation, now: Any, browser: Browser, live_server: Any
) -> None:
    release = released_course(college=college, title="婴幼儿安全睡眠照护")

    def held(days: int = 3, name: str = "欧阳秋月") -> Certificate:
        return course_certificate(people.person(name=name), release, now=now - timedelta(days=days))

    old = held()
    superseded(old)
    barred = held(name="吴禁入")
    registry.case_in_force(barred.person, now=now - timedelta(days=1))
    annual = annual_certificate(people.person(name="古丽·买买提"), year=now.year, now=now)
    words = {
        held().token: ("有效", "Valid"),
        annual.token: ("有效", "要求 40"),
        held(days=365 * 4).token: ("已过期", "Expired"),
        revoked(held()).token: ("已撤销", "弄虚作假取得"),
        barred.token: ("已撤销", "持证人被列入从业禁入名单"),
        old.token: ("已被替换", "查看换发的新证"),
    }
    stranger = new_visitor("stranger")
    for token, seen in words.items():
        stranger.open(f"{VERIFY}{token}/")
        stranger.sees(*seen)
        stranger.page.goto(f"{VERIFY}{token}/?lang=en")
        stranger.look(english=True)
        stranger.follow("中文")
        stranger.sees(*seen)
    stranger.page.goto(f"{VERIFY}{'x' * 43}/")
    stranger.sees("查无此证")
    stranger.complaints.clear()  # an unknown certificate is answered 404
    stranger.look()
    plain = browser.new_context(base_url=live_server.url, java_script_enabled=False, locale="zh-CN", viewport=PHONE)  # type: ignore[arg-type]
    page = plain.new_page()
    for token, seen in words.items():
        page.goto(f"{VERIFY}{token}/")
        text = page.locator("main").inner_text()
        assert all(word in text for word in seen)
    plain.close()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_what_a_holder_keeps(new_visitor: NewVisitor, college: Organisation, now: Any, size: dict[str, int]) -> None:
    user = people.practitioner()
    person = user.person
    assert person is not None

    def held(title: str, days: int) -> Certificate:
        return course_certificate(person, released_course(college=college, title=title), now=now - timedelta(days=days))

    certificate = held("婴幼儿安全睡眠照护", 1)
    held("回应性照护", 365 * 2 - 20)
    held("婴幼儿膳食与营养", 365 * 5)
    revoked(held("托育机构消防安全", 30))
    visitor = new_visitor(f"holder-{size['width']}", user, size=size)
    visitor.open("/certificates/")
    visitor.sees("婴幼儿安全睡眠照护", "天到期", "已过期", "已撤销", "弄虚作假取得")
    visitor.follow("分享")
    visitor.sees("还没有链接")
    visitor.press("创建链接")
    visitor.sees("有效中")
    # It names the installation; the one of the test is served elsewhere.
    link = urlsplit(visitor.page.locator("main input[readonly]").first.input_value()).path
    stranger = new_visitor(f"shared-{size['width']}", size=size)
    stranger.open(link)
    stranger.sees("有效", person.name)
    stranger.page.goto(f"{link}?lang=en")
    stranger.look(english=True)
    visitor.press("收回")
    visitor.sees("已收回")
    stranger.page.goto(link)
    stranger.complaints.clear()  # a link that was taken back is answered 410
    stranger.look()
    stranger.sees("已失效")
    visitor.open(f"/certificates/{certificate.pk}/")
    visitor.sees("经过", "签发")
    assert visitor.download("下载 PDF").startswith(b"%PDF")
    visitor.follow("补发")
    visitor.press("补发")
    visitor.sees("补发第 2 份文件")
    assert visitor.download("到期日加入日历").startswith(b"BEGIN:VCALENDAR")
    empty = new_visitor(f"empty-{size['width']}", people.practitioner(), size=size)
    empty.open("/certificates/")
    empty.sees("还没有证书")


@pytest.fixture
def issued(college: Organisation, now: Any) -> tuple[User, list[Certificate]]:
    """A college with a publisher and certificates in every state."""
    release = released_course(college=college, title="婴幼儿安全睡眠照护")
    names = ("欧阳秋月", "林小满", "王小满", "阿卜杜热合曼江·麦麦提明")
    held = [course_certificate(people.person(name=name), release, now=now - timedelta(days=2)) for name in names]
    revoked(held[1])
    superseded(held[2], "王晓满")
    return people.manager_of(college), held


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_what_an_issuer_works_with(
    new_visitor: NewVisitor, college: Organisation, issued: tuple[User, list[Certificate]], size: dict[str, int]
) -> None:
    publisher, held = issued
    kind = post_type(college, released_course(college=college, title="膳食"), title="保育人员岗位培训合格证书")
    published(kind, college, seal=picture(college), logo=picture(college, drawing(size=(300, 90))), note="换新校徽")
    visitor = new_visitor(f"issuer-{size['width']}", publisher, size=size)
    visitor.open("/certificates/register/")
    visitor.sees("共 5 条", "已撤销", "已被替换")
    visitor.open("/certificates/register/?status=expired")
    visitor.sees("没有符合条件的证书")
    visitor.open("/certificates/statistics/")
    for path in ("types/", "pictures/", f"types/{kind.pk}/", f"types/{kind.pk}/template/"):
        visitor.open(f"/certificates/{path}")
    for path in ("template/versions/", "template/versions/1/"):
        visitor.open(f"/certificates/types/{kind.pk}/{path}")
    visitor.sees("第 1 版")
    visitor.open(f"/certificates/{held[1].pk}/")
    visitor.sees("已撤销", "代学代考")
    visitor.follow("恢复")
    visitor.open(f"/certificates/{held[0].pk}/")
    visitor.follow("换发")
    visitor.press("换发证书")  # asks for the reason
    visitor.open(f"/certificates/{held[0].pk}/revoke/")
    visitor.sees("撤销记录不能删除")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_many_at_once(new_visitor: NewVisitor, college: Organisation, now: Any, size: dict[str, int]) -> None:
    release, _persons = class_passed(college, "林小满", "王小满", "阿卜杜热合曼江·麦麦提明")
    publisher, actor = people.manager_of(college), publisher_of(release)
    visitor = new_visitor(f"batch-{size['width']}", publisher, size=size)
    visitor.open("/certificates/batches/")
    visitor.sees("没有批量签发记录")
    visitor.follow("选择人员")
    selection = Selection(course=str(release.course_id))
    batch = plan_batch(type=course_type(actor=SYSTEM, now=now), selection=selection, actor=actor, now=now)
    address = f"/certificates/batches/{batch.pk}/"
    visitor.open(address)
    visitor.sees("试算完成", "签发 3 份")
    start_batch(batch=batch, actor=actor, now=now)
    visitor.open(address)
    visitor.sees("待处理 3")
    pause_batch(batch=IssueBatch.objects.get(pk=batch.pk), actor=actor, now=now)
    visitor.open(address)
    visitor.sees("已暂停", "继续签发")
    visitor.follow("取消")
    visitor.sees("其余 3 人不再处理")
    visitor.open(address)
    visitor.press("继续签发")
    apart(lambda: work_on(batch_id=batch.pk, now=timezone.now()))
    visitor.open(address)
    visitor.sees("全部 PDF", "提出批量撤销")
    visitor.open("/certificates/batches/")
    visitor.sees("已完成")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_bureau_orders_for_a_district(new_visitor: NewVisitor, size: dict[str, int]) -> None:
    officer = approver()
    met(name="林小满")
    unmet(name="周未满")
    batch = planned(officer, now=timezone.now())
    visitor = new_visitor(f"bureau-batch-{size['width']}", officer, size=size)
    visitor.open(f"/certificates/batches/{batch.pk}/")
    visitor.sees("不能签发的原因", "周未满")
    visitor.open(f"/certificates/batches/new/{CertificateType.objects.get(pk=batch.type_id).pk}/")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_recall_from_the_proposal_to_its_end(
    new_visitor: NewVisitor, college: Organisation, issued: tuple[User, list[Certificate]], size: dict[str, int]
) -> None:
    publisher, held = issued
    visitor = new_visitor(f"proposes-{size['width']}", publisher, size=size)
    visitor.open("/certificates/recalls/")
    visitor.sees("没有批量撤销")
    visitor.follow("提出批量撤销")
    today = timezone.localdate()
    visitor.fill(issued_from=(today - timedelta(days=9)).isoformat(), issued_to=today.isoformat())
    visitor.press("查看选中的证书")
    visitor.sees("选中 3 份", "欧阳**")
    visitor.fill(reason="全班代学代考，经查属实")
    visitor.press("提出，等待复核")
    visitor.sees("须由主管部门另一位工作人员复核")
    officer = people.officer("bureau_approver")
    second = new_visitor(f"confirms-{size['width']}", officer, size=size)
    second.open("/certificates/recalls/")
    second.page.locator("main tbody a").first.click()
    second.follow("不同意")
    second.page.go_back()
    second.follow("复核")
    second.sees("3 份证书被撤销")
    second.press("同意，撤销")
    second.sees("已完成", "已撤销")
    reinstate_certificate(certificate=held[0], reason="复核无误", authority="", actor=SYSTEM, now=timezone.now())
    recall = propose_recall(
        issuer=college,
        scope=Scope(issued_to=today),
        code="error",
        authority="",
        reason="误发",
        actor=people.acting(people.officer("bureau_auditor")),
        now=timezone.now(),
    )
    confirm_recall(recall=recall, actor=people.acting(officer), now=timezone.now())
    second.open(f"/certificates/recalls/{recall.pk}/")
    second.sees("正在撤销", "0 / 1")
    while carry_out_recall(recall_id=recall.pk, now=timezone.now()):
        pass


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_bureau_checks_a_pile(
    new_visitor: NewVisitor, issued: tuple[User, list[Certificate]], size: dict[str, int]
) -> None:
    _publisher, held = issued
    visitor = new_visitor(f"pile-{size['width']}", people.officer("bureau_auditor"), size=size)
    visitor.open("/certificates/register/")
    visitor.follow("批量核验")
    book = Workbook()
    rows = [("证书编号", "姓名"), *((one.serial, one.holder_name) for one in held), ("ANN-2026-310000-0000042-L", "")]
    for row in (*rows, ("沪人社证 12345", "王芳"), (held[0].serial, "王芳")):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    visitor.page.locator("main input[type=file]").set_input_files(
        {"name": "一叠证书.xlsx", "mimeType": xlsx, "buffer": content.getvalue()}
    )
    visitor.press("核验并在本页显示")
    visitor.sees("需要留意的行", "已撤销", "已被替换")
