"""The theme in a real browser, without a server: the preview is rendered here and handed to Chromium request by request,
under the policy the site sends. Nothing may be blocked by it, no axe finding, no sideways scrolling, no double sending."""

import mimetypes
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import RequestFactory
from playwright.sync_api import Browser, Page, Route, sync_playwright

from cms.preview import component_preview
from tests.journeys.visitor import CHROMIUM, QUIET, SETTLED

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]
HOST = "http://site.invalid"
POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"], "resultTypes": ["violations"]}


def request_for(path: str) -> Any:
    request = RequestFactory().get(path)
    request.user = AnonymousUser()
    return request


def html_for(path: str) -> str:
    if path == "/":
        return component_preview(request_for(path)).content.decode()
    return render_to_string(path.strip("/"), {"nav_items": NAVIGATION}, request_for(path))


NAVIGATION = [
    {"label": label, "url": f"/{number}/", "icon": "home", "active": number == 0}
    for number, label in enumerate(["首页", "课程", "日程", "证书", "名册", "统计", "设置"])
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


class Site:
    """The page, what it sent, and what went wrong in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.sent: list[str] = []
        self.complaints: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.route("**/*", self.answer)

    def answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if route.request.method == "POST":
            self.sent.append(route.request.post_data or "")
            route.fulfill(status=204)
        elif path.startswith("/static/"):
            found = finders.find(path.removeprefix("/static/"))
            if not found:
                route.fulfill(status=404)
                return
            kind = mimetypes.guess_type(path)[0] or "text/plain"
            route.fulfill(body=Path(str(found)).read_bytes(), content_type=kind)
        else:
            headers = {"Content-Security-Policy": POLICY}
            route.fulfill(body=html_for(path), content_type="text/html; charset=utf-8", headers=headers)

    def open(self, path: str = "/") -> Page:
        self.page.goto(HOST + path)
        self.page.evaluate(SETTLED)
        return self.page


@pytest.fixture
def site(browser: Browser) -> Iterator[Site]:
    context = browser.new_context(locale="zh-CN", viewport=PHONE, reduced_motion="reduce")
    yield Site(context.new_page())
    context.close()


@pytest.fixture(autouse=True)
def _packages() -> None:
    if not finders.find("vendor/htmx/htmx.min.js"):
        pytest.skip("front-end packages are not installed")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("path", ["/", "/404.html", "/403.html", "/429.html", "/500.html", "/400.html"])
def test_accessible_and_within_the_policy(site: Site, path: str, size: dict[str, int]) -> None:
    site.page.set_viewport_size(size)  # type: ignore[arg-type]
    page = site.open(path)
    violations = Axe().run(page, options=AXE).response["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in violations] == []
    assert site.complaints == []


@pytest.mark.parametrize("width", [320, 390, 768, 900, 1280])
def test_no_sideways_scrolling(site: Site, width: int) -> None:
    site.page.set_viewport_size({"width": width, "height": 800})
    for path in ("/", "/404.html"):
        assert site.open(path).evaluate("document.documentElement.scrollWidth") <= width


def test_bar_on_the_phone_rail_on_the_desk(site: Site) -> None:
    page = site.open("/404.html")
    assert page.locator(".bar").is_visible()
    assert not page.locator(".rail").is_visible()
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    assert page.locator(".rail").is_visible()
    assert not page.locator(".bar").is_visible()


def test_a_menu_closes_on_escape_and_keeps_the_focus(site: Site) -> None:
    page = site.open("/404.html")
    page.locator(".bar summary").click()
    assert page.get_by_role("link", name="统计", exact=True).is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(".bar details[open]").count()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_a_refused_form_takes_the_focus_to_what_is_wrong(site: Site) -> None:
    page = site.open()
    assert page.evaluate("document.activeElement.hasAttribute('data-error-summary')")


def test_a_file_over_the_limit_is_refused_with_both_sizes(site: Site, tmp_path: Path) -> None:
    page = site.open()
    large = tmp_path / "授权书.pdf"
    large.write_bytes(b"x" * 3 * 1024 * 1024)
    field = page.locator("input[type=file]").first
    field.set_input_files(large)
    said = page.locator("#notices").inner_text()
    assert "授权书.pdf" in said
    assert "3.0 MB" in said
    assert "1.0 MB" in said
    assert field.input_value() == ""


def test_a_file_of_another_kind_is_refused_and_a_fitting_one_kept(site: Site, tmp_path: Path) -> None:
    page = site.open()
    field = page.locator("input[type=file]").first
    for name, kept in (("a.exe", False), ("a.PDF", True), ("a.png", True)):
        (tmp_path / name).write_bytes(b"x")
        field.set_input_files(tmp_path / name)
        assert bool(field.input_value()) is kept, name


def test_a_confirmed_form_is_sent_once_and_a_cancelled_one_not_at_all(site: Site) -> None:
    page = site.open()
    form = page.locator("form[data-confirm]")
    form.get_by_role("button", name="查询").click()
    page.get_by_role("button", name="取消", exact=True).click()
    assert site.sent == []
    form.get_by_role("button", name="查询").click()
    page.get_by_role("button", name="确定").click()
    page.wait_for_timeout(200)
    assert len(site.sent) == 1
    assert form.get_by_role("button", name="查询").is_disabled()


def test_a_button_pressed_twice_sends_once(site: Site) -> None:
    page = site.open()
    button = page.get_by_role("button", name="确认并生效")
    button.evaluate("button => button.scrollIntoView({block: 'center'})")
    box = button.bounding_box()
    assert box
    for _press in range(3):
        page.mouse.click(box["x"] + 20, box["y"] + 20)
        page.wait_for_timeout(150)
    assert len(site.sent) == 1


def test_a_chart_is_drawn_beside_its_table(site: Site) -> None:
    page = site.open()
    assert page.locator("[data-chart] canvas").count() == 2
    assert page.locator(".chart table").first.is_visible()
