"""The human-resources bureau: a course is approved; a claim is audited by one officer, decided by another, and exported."""

import io

import pytest
from python_calamine import CalamineWorkbook

from courses.catalogue.models import Release
from lms.people.models import User
from lms.subsidies.models import Claim
from tests.factories import cms, subsidies
from tests.journeys.conftest import NewVisitor
from tests.journeys.visitor import Visitor, journey, needs_chromium

pytestmark = [pytest.mark.browser, needs_chromium, journey]
COURSE = "婴幼儿噎食急救"
LEARNERS = ("林小满", "秦望舒", "㛃欣")


@pytest.fixture
def claim(cities: None) -> Claim:
    return subsidies.submitted(*LEARNERS)


@pytest.fixture
def approver(cities: None) -> User:
    return cms.approver()


def approves_the_course(visitor: Visitor) -> None:
    visitor.open("/cms/approvals/")
    visitor.follow(COURSE)
    visitor.sees("申报需要", "可以")
    visitor.press("批准并发布")
    visitor.open("/cms/approvals/?show=decided")
    visitor.sees(COURSE, "已批准")


def settles(visitor: Visitor, claim: Claim) -> None:
    """Every line in doubt is opened and judged."""
    for line in claim.lines.current().judged("query"):
        visitor.open(f"/subsidies/claims/{claim.pk}/lines/{line.position}/")
        visitor.page.locator("main [name=verdict][value=pay]").check()
        visitor.fill(reason="已核对心跳与证书。")
        visitor.press("记录结论")


def audits(visitor: Visitor, claim: Claim) -> None:
    visitor.open("/subsidies/")
    visitor.follow(claim.number)
    visitor.sees(*LEARNERS)
    visitor.press("抽样")
    visitor.open(f"/subsidies/claims/{claim.pk}/lines/1/")
    settles(visitor, claim)
    visitor.open(f"/subsidies/claims/{claim.pk}/")
    visitor.fill(note="证据齐全。")
    visitor.press("审计完成，转交决定")


def test_a_course_is_approved_and_a_claim_decided(new_visitor: NewVisitor, claim: Claim, approver: User) -> None:
    cms.submitted_course(None, title=COURSE)
    second = new_visitor("approver", approver)
    approves_the_course(second)
    assert Release.objects.filter(title=COURSE).exists()

    audits(new_visitor("auditor", subsidies.auditor()), claim)
    second.open(f"/subsidies/claims/{claim.pk}/")
    second.follow("决定")
    second.sees("批准后将会")
    second.page.locator("main [name=approve][value=yes]").check()
    second.press("记录决定")
    second.sees("已批准")
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(second.download("导出 Excel")))
    cells = {
        str(cell)
        for name in workbook.sheet_names
        for row in workbook.get_sheet_by_name(name).to_python()
        for cell in row
    }
    assert set(LEARNERS) <= cells
    for path in ("/subsidies/", "/subsidies/schemes/", "/subsidies/schemes/new/", "/admissions/", "/oversight/"):
        second.open(path)


def test_the_auditor_of_a_claim_does_not_decide_it(new_visitor: NewVisitor, claim: Claim) -> None:
    visitor = new_visitor("auditor-alone", subsidies.auditor())
    audits(visitor, claim)
    visitor.open(f"/subsidies/claims/{claim.pk}/")
    assert visitor.page.get_by_role("link", name="决定", exact=True).count() == 0
