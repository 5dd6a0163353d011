"""Courseware in a real browser: it works as its makers expect, and reaches nothing around it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from tests.factories.cms import a_package, author
from tests.factories.policy import packs_loaded
from tests.journeys.conftest import browser  # noqa: F401
from tests.journeys.visitor import DESK, needs_chromium

pytestmark = [pytest.mark.browser, needs_chromium]

PAGE = """<html><head><title>x</title></head><body><ul id="found"></ul>
<script src="js/app.js"></script><script type="module" src="js/part.mjs"></script><iframe src="inner.html"></iframe></body></html>"""
SCRIPT = """
const say = (text) => { document.getElementById("found").innerHTML += `<li>${text}</li>`; };
localStorage.setItem("place", "7"); say("storage " + localStorage.getItem("place"));
say("scorm " + window.API.LMSInitialize("") + " " + window.API_1484_11.SetValue("cmi.location", "7"));
say("cookie [" + document.cookie + "]");
try { say("parent " + window.parent.document.title); } catch { say("parent shut"); }
try { window.top.location = "about:blank"; say("top moved"); } catch { say("top shut"); }
fetch("data.json").then((answer) => answer.json()).then((data) => say("data " + data.found)).catch(() => say("no data"));
fetch("/learn/", { credentials: "include" }).then(() => say("site open")).catch(() => say("site shut"));
"""
FILES: dict[str, str | bytes] = {
    "index.html": PAGE,
    "js/app.js": SCRIPT,
    "js/part.mjs": 'document.getElementById("found").dataset.module = "runs";',
    "inner.html": '<p id="inner"></p><script>document.getElementById("inner").textContent = typeof API</script>',
    "data.json": '{"found": "here"}',
}
EXPECTED = [
    *("storage 7", "scorm true true", "cookie []", "parent shut", "top shut", "data here", "site shut"),
]


@pytest.fixture
def opened(browser: Browser, live_server: Any, transactional_db: None) -> Iterator[Page]:  # noqa: F811
    packs_loaded()
    writer = author()
    package = a_package(writer, files=FILES)
    client = Client()
    client.force_login(writer, backend="lms.people.backends.SignInBackend")
    context = browser.new_context(base_url=live_server.url, locale="zh-CN", viewport=DESK)  # type: ignore[arg-type]
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.goto(reverse("cms:package-preview", args=[package.pk]))
    yield page
    context.close()


def test_courseware_runs_in_a_room_of_its_own(opened: Page) -> None:
    room = opened.frame_locator("iframe")
    for words in EXPECTED:
        expect(room.locator("#found li", has_text=words)).to_be_visible()
    expect(room.locator("#found")).to_have_attribute("data-module", "runs")
    expect(room.frame_locator("iframe").locator("#inner")).to_have_text("object")
    assert reverse("cms:packages") in opened.url  # nobody led the page away
