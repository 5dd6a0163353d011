"""Whoever was handed a file asks at the public page what became of it: the original, one that was changed, a strange one,
and what is no PDF at all; at a desk and on a phone, with and without JavaScript.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser

from certificates.models import Certificate
from certificates.services import paper_of
from lms.documents import archive
from tests.factories import people
from tests.factories.catalogue import released_course
from tests.factories.certificate_types import drawing
from tests.factories.certificates import course_certificate
from tests.factories.pdfs import blank, saved, written_over
from tests.journeys.conftest import NewVisitor
from tests.journeys.visitor import DESK, PHONE, Visitor, apart, journey, needs_chromium

pytestmark = [pytest.mark.browser, needs_chromium, journey]
ADDRESS = "/verify/"


@pytest.fixture(autouse=True)
def _fresh_counters() -> None:
    cache.clear()


@pytest.fixture
def certificate(cities: None) -> Certificate:
    release = released_course(college=people.college(name="浦东开放大学"), title="婴幼儿安全睡眠照护")
    return course_certificate(people.person(name="欧阳秋月"), release, now=timezone.now() - timedelta(days=3))


@pytest.fixture
def original(certificate: Certificate) -> bytes:
    return apart(lambda: archive.read(paper_of(certificate=certificate, now=timezone.now())))


def hands_in(visitor: Visitor, content: bytes, name: str = "证书.pdf") -> None:
    visitor.open(ADDRESS)
    file = {"name": name, "mimeType": "application/pdf", "buffer": content}
    visitor.page.locator("main input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    visitor.press("核对文件")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_what_became_of_a_file(
    new_visitor: NewVisitor, certificate: Certificate, original: bytes, size: dict[str, int]
) -> None:
    visitor = new_visitor(f"handed-{size['width']}", size=size)
    hands_in(visitor, original)
    visitor.sees("是原件", "目前有效", "欧阳**", certificate.serial)
    hands_in(visitor, saved(original, written_over))
    visitor.sees("与存档不一致", "Wang Fang 999 hours", "请以下面显示的内容为准", "欧阳**")
    hands_in(visitor, original + b"\n% and more\n")
    visitor.sees("在其后追加了内容", "欧阳**")
    hands_in(visitor, blank())
    visitor.sees("不是本平台签发的证书")
    visitor.hides("欧阳**", "是原件")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_what_is_no_pdf_is_sent_back_with_the_reason(new_visitor: NewVisitor, size: dict[str, int]) -> None:
    visitor = new_visitor(f"renamed-{size['width']}", size=size)
    hands_in(visitor, drawing().read())
    visitor.sees("内容不是可接受的文件", "改文件名不会改变内容")
    error = visitor.page.locator("main [data-error-summary]")
    assert error.first.is_visible()
    visitor.page.goto(f"{ADDRESS}?lang=en")
    visitor.look(english=True)


def test_it_needs_no_script(browser: Browser, live_server: Any, original: bytes) -> None:
    plain = browser.new_context(base_url=live_server.url, java_script_enabled=False, locale="zh-CN", viewport=PHONE)  # type: ignore[arg-type]
    page = plain.new_page()
    page.goto(ADDRESS)
    file = {"name": "证书.pdf", "mimeType": "application/pdf", "buffer": original}
    page.locator("main input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="核对文件").click()
    assert "是原件" in page.locator("main").inner_text()
    plain.close()
