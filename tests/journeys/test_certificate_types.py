"""A publisher sets up a certificate for a post and designs its sheet, watching it change; on the phone it can be read too."""

import pytest
from playwright.sync_api import expect

from certificates.models import CertificateType, TemplateVersion
from tests.factories import people
from tests.factories.catalogue import released_course
from tests.factories.certificate_types import drawing, picture, published
from tests.journeys.conftest import NewVisitor
from tests.journeys.visitor import PHONE, journey, needs_chromium

pytestmark = [pytest.mark.browser, needs_chromium, journey]


def test_from_the_rule_to_the_sheet(new_visitor: NewVisitor) -> None:
    college = people.college(name="浦东开放大学")
    released_course(college=college, title="婴幼儿安全睡眠照护")
    picture(college, drawing(size=(400, 120), colour=(47, 75, 124, 255)), name="校徽")
    publisher = people.manager_of(college)
    desk = new_visitor("types", publisher)
    desk.open("/certificates/types/")
    desk.follow("设立：岗位培训合格")
    desk.fill(title="保育人员岗位培训合格证书", title_en="Certificate of Post Training", post="caregiver")
    desk.tick("婴幼儿安全睡眠照护")
    desk.press("保存")
    desk.sees("现用系统版式", "样张：阿卜杜热合曼江·麦麦提明（十二个字的姓名）")
    desk.fill(body="已达到{post}岗位的全部要求")
    sheets = desk.page.locator("#sheets")
    expect(sheets).to_contain_text("已达到保育人员岗位的全部要求")
    desk.fill(body="已达到{posts}的要求")
    expect(sheets).to_contain_text("没有这样的字段：{posts}")
    desk.fill(body="已达到{post}岗位的全部要求", accent="indigo")
    desk.page.get_by_label("竖版").check()
    desk.page.get_by_label("徽标（左上）").select_option(label="校徽")
    expect(sheets.locator("article").first).to_have_class("sheet sheet--portrait sheet--indigo")
    expect(sheets.locator(".sheet__logo").first).to_be_visible()
    desk.look()
    desk.press("发布新版")
    desk.sees("第 1 版", "竖版 · 中英双语 · 靛蓝")
    assert TemplateVersion.objects.get().texts["body"] == "已达到{post}岗位的全部要求"
    published(CertificateType.objects.get(rule="post"), college, accent="bronze")
    phone = new_visitor("types-phone", publisher, size=PHONE)
    kind = CertificateType.objects.get(rule="post")
    for path in ("types/", "pictures/", f"types/{kind.pk}/template/", f"types/{kind.pk}/template/versions/"):
        phone.open(f"/certificates/{path}")
