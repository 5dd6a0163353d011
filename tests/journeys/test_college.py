"""A college's author writes a course in the editor; the bureau sends it back with a word; the author hands it in again."""

import pytest

from cms.models import CoursePage
from courses.catalogue.models import Release
from tests.factories import cms, people
from tests.journeys.conftest import NewVisitor
from tests.journeys.visitor import Visitor, journey, needs_chromium

pytestmark = [pytest.mark.browser, needs_chromium, journey]
COURSE = "婴幼儿安全睡眠照护"
COMMENT = "请补充午睡巡视的频次和记录方式。"
# Some five minutes of reading.
TEXT = "每次午睡前检查床面，移走枕头、毛绒玩具和松软的被子，让孩子仰卧，单独睡一张床。" * 38
HOURS = "[data-hours]"


def adds_block(author: Visitor, *, nth: int, kind: str) -> None:
    """Press the plus sign in this place and pick what to insert."""
    plus = author.page.locator(".c-sf-add-button").nth(nth)
    author.unfold(plus, offers=author.page.get_by_role("option", name=kind, exact=True)).click()


def writes_the_course(author: Visitor) -> None:
    page = author.page
    author.follow("新课程", look=HOURS)
    page.locator("#id_title").fill(COURSE)
    page.locator("#id_summary").fill("让每一次午睡都安全：睡眠环境、睡姿和巡视。")
    page.locator("#id_category").select_option("skills")
    page.locator("#id_topic").select_option("safety")
    page.locator("#id_class_hours").fill("2.0")
    adds_block(author, nth=0, kind="阅读")
    page.locator("#lessons-0-value-title").fill("睡眠环境的三条底线")
    adds_block(author, nth=1, kind="段落")
    page.locator("[role=textbox]").last.click()
    page.keyboard.insert_text(TEXT)


def hands_in(author: Visitor) -> None:
    """Out of the editor's menu beside “save”."""
    page = author.page
    offered = page.get_by_role("button", name="提交给").or_(page.get_by_role("button", name="重新提交")).first
    author.unfold(page.locator("footer .w-dropdown__toggle"), offers=offered)
    with page.expect_navigation():
        offered.click()


def claims(author: Visitor, class_hours: str, answer: str) -> None:
    """The panel beside the claim answers while the author types."""
    author.page.locator("#id_class_hours").fill(class_hours)
    author.page.locator(HOURS).get_by_text(answer).wait_for()
    author.look(at=HOURS)


def forwards(publisher: Visitor) -> None:
    """Read at the college's own desk, then put before the bureau."""
    publisher.open("/cms/?show=review")
    publisher.follow("复核课程")
    publisher.sees(COURSE, "转交后由主管部门审批")
    publisher.press("转交主管部门")
    publisher.sees("已转交主管部门", "没有等待复核的课程")


def test_written_returned_and_handed_in_again(new_visitor: NewVisitor) -> None:
    college = people.college(name="申江开放大学")
    author = new_visitor("author", cms.author(college))
    author.sees("还没有课程")
    writes_the_course(author)
    claims(author, "2.0", "内容只有")
    hands_in(author)
    author.look(at=HOURS)
    claims(author, "0.1", "可以")
    hands_in(author)
    author.sees(COURSE, "院校复核中", "已提交审批")
    author.follow("学员预览")

    publisher = new_visitor("publisher", people.member(college, "college_publisher"))
    forwards(publisher)
    author.open("/cms/")
    author.sees(COURSE, "审批中")

    approver = new_visitor("college-approver", cms.approver())
    approver.open("/cms/approvals/")
    approver.follow(COURSE)
    approver.press("退回修改")
    approver.fill(comment=COMMENT)
    approver.press("退回修改")

    author.open("/cms/")
    author.sees(COMMENT)
    author.press("提交审批")
    author.sees("已提交审批")
    publisher.open("/cms/?show=review")
    publisher.follow("复核课程")
    publisher.follow("与上一版的差异")
    publisher.sees("没有差异")
    forwards(publisher)
    page = CoursePage.objects.get(draft_title=COURSE)
    assert page.current_workflow_state.status == "in_progress"
    assert not Release.objects.exists()

    approver.open(f"/cms/approvals/{page.pk}/")
    approver.sees(COMMENT)
    approver.press("批准并发布")
    author.open("/cms/")
    author.sees("第 1 版")
    author.follow("目录")
    for path in ("/cms/banks/", "/classroom/", "/learn/learners/", "/subsidies/claims/"):
        author.open(path)
