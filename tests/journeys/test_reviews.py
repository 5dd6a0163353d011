"""A possible match between registrar and institution; and an institution's own software that is told."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from lms.hiring.models import Check
from lms.people.models import Organisation
from tests.factories import matches, people, registry
from tests.journeys.conftest import NewVisitor
from tests.journeys.visitor import PHONE, journey, needs_chromium

pytestmark = [pytest.mark.browser, needs_chromium, journey]


@pytest.fixture
def institution(cities: None) -> Organisation:
    return people.institution(name="春芽托育中心")


def possible_match(institution: Organisation) -> Check:
    now, today = timezone.now() - timedelta(hours=3), timezone.localdate()
    matches.listed(now=now, decided_on=today - timedelta(days=1), facts_on=today - timedelta(days=9))
    return matches.asked(institution, now=timezone.now() - timedelta(hours=1))


def test_a_registrar_asks_for_a_paper_and_decides(
    new_visitor: NewVisitor, institution: Organisation, tmp_path: Path
) -> None:
    check = possible_match(institution)
    registrar = new_visitor("registrar", registry.registrar())
    registrar.open("/hiring/reviews/")
    registrar.sees("春芽托育中心", "前答复")
    registrar.follow("王小明")
    registrar.sees("被核查的人", "名单上的人", "号码不同", "决定书")
    registrar.follow("判断不了，请机构补充材料")
    registrar.fill(what="旧护照首页")
    registrar.press("通知机构")
    registrar.sees("等待机构上传")

    employer = new_visitor("employer", people.manager_of(institution), PHONE)
    employer.open(f"/hiring/checks/{check.pk}/")
    employer.follow("上传材料")
    paper = tmp_path / "passport.pdf"
    paper.write_bytes(registry.PDF)
    employer.field("file").set_input_files(paper)
    employer.press("上传")
    employer.sees("材料已上传")

    registrar.open(f"/hiring/reviews/{check.pk}/")
    assert registrar.download("旧护照首页").startswith(b"%PDF")
    registrar.page.get_by_label("不是同一人，未见禁入").check()
    registrar.fill(reason="旧护照照片不是同一人")
    registrar.press("作出结论")

    second = new_visitor("second", registry.confirming(), PHONE)
    second.open(f"/hiring/reviews/{check.pk}/")
    second.follow("撤回这个结论")
    second.sees("确认后将会")
    second.fill(reason="旧护照系他人所有")
    second.press("撤回")
    second.sees("旧护照系他人所有")
    employer.open(f"/hiring/checks/{check.pk}/")
    employer.sees("原结论已被撤回")
    for path in ("/hiring/reviews/?state=all", "/hiring/alerts/", "/hiring/rechecks/"):
        second.open(path)


def test_software_is_connected(new_visitor: NewVisitor, institution: Organisation, settings: Any) -> None:
    settings.DEBUG = True  # this machine is an address
    visitor = new_visitor("connected", people.manager_of(institution))
    visitor.open("/hiring/alerts/")
    visitor.follow("系统对接")
    visitor.sees("还没有接收地址")
    visitor.fill(url="http://127.0.0.1:18080/alerts")
    visitor.press("登记")
    visitor.sees("whsec_")
    visitor.follow("已保存，继续")
    visitor.press("发送测试消息")
    visitor.sees("测试", "待发送")
    visitor.open("/hiring/webhooks/")
