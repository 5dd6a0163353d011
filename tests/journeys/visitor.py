"""Somebody at a browser. Every page they look at is held to the same few demands, whatever they came for.

A page complains of nothing on the console (a blocked script is a complaint), is not wider than the screen (nor, at a
desk, than a phone's), shows axe nothing serious, and speaks one language. Set ``JOURNEY_PICTURES`` to a directory to
keep a picture of each page.
"""

import os
import re
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Response
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from lms.people.access import STAFF_ROLES
from lms.people.models import Membership, User
from tests.factories.people import PASSWORD, TOTP_SECRET

# First the one without windows, which draws the same pages with a third less work.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"], "resultTypes": ["violations"]}
GRAVE = {"serious", "critical"}
PICTURES = os.environ.get("JOURNEY_PICTURES", "")

# Three words of English in a row are a sentence nobody translated. Certificates speak both languages and say so.
ENGLISH = re.compile(r"[A-Za-z]{4,} [A-Za-z]{3,} [A-Za-z]{3,}")
SPOKEN = """selector => {
  const main = document.querySelector(selector);
  if (!main) return '';
  const foreign = [...main.querySelectorAll('[lang="en"]')].map(one => one.innerText).filter(Boolean);
  return foreign.reduce((text, piece) => text.replace(piece, ''), main.innerText);
}"""
# A chart learns of its new width in one frame and draws it in the next; a letter has its width once its face is there.
SETTLED = """async () => {
  await document.fonts.ready;
  for (let frame = 0; frame < 3; frame += 1) await new Promise(done => requestAnimationFrame(done));
}"""
PATIENCE, CODE_SECONDS, CODE_LEFT = 5.0, 30, 5
PRESSES, PRESS_AGAIN_MS = 6, 3_000

# Who has signed in by the forms before the eyes of this process: officers or others, on a screen so wide.
_by_the_forms: set[tuple[bool, int]] = set()

journey = pytest.mark.usefixtures("cities")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")


def second_factor() -> str:
    """What the authenticator app of every officer in the tests shows. A code about to change is waited out."""
    left = CODE_SECONDS - time.time() % CODE_SECONDS
    if left < CODE_LEFT:
        time.sleep(left)
    return format_hotp_value(hotp_value(TOTP_SECRET, int(time.time()) // CODE_SECONDS))


def apart(work: Callable[[], Any]) -> Any:
    """Done in a thread of its own: Playwright keeps an event loop in this one, and signing needs one."""

    def done() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(done).result()


class Visitor:
    """One person at one screen."""

    def __init__(self, browser: Browser, base: str, size: dict[str, int], name: str) -> None:
        self.base, self.size, self.name = base, size, name
        self.context: BrowserContext = browser.new_context(
            base_url=base,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport=size,  # type: ignore[arg-type]
            has_touch=size is PHONE,
            reduced_motion="reduce",
            accept_downloads=True,
        )
        self.context.set_default_timeout(20_000)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.looked = 0
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))
        self.page.on("response", self._answered)

    def _heard(self, message: ConsoleMessage) -> None:
        # What was answered, and how, is heard below with its address.
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _answered(self, response: Response) -> None:
        # A form sent back with its errors is an answer like any other.
        if response.status >= 400 and response.status != 422:
            self.complaints.append(f"{response.status} {response.url}")

    # What they do ----------------------------------------------------------------------------------------------

    def open(self, path: str) -> None:
        try:
            self.page.goto(path)
        except PlaywrightError as error:
            # The page they were on had just begun to load itself anew: whoever types an address then presses again.
            if "ERR_ABORTED" not in str(error):
                raise
            self.page.goto(path)
        self.look()

    def follow(self, name: str, *, within: str = "main", look: str = "") -> None:
        """Press the first link with this name."""
        with self.page.expect_navigation():
            self.page.locator(within).get_by_role("link", name=name).first.click()
        self.look(at=look)

    def press(self, name: str, *, within: str = "main", look: bool = True) -> None:
        """Press the button with this name and wait for the page it leads to."""
        button = self.page.locator(within).get_by_role("button", name=name, exact=True).first
        with self.page.expect_navigation():
            button.click()
        if look:
            self.look()

    def fill(self, **fields: str) -> None:
        """Fill fields by their names, in the order given."""
        for name, value in fields.items():
            field = self.field(name)
            kind = field.evaluate("element => element.tagName + '/' + (element.type || '')")
            if kind.startswith("SELECT"):
                field.select_option(value)
            else:
                field.fill(value)

    def unfold(self, toggle: Locator, *, offers: Locator) -> Locator:
        """Press ``toggle`` until its menu offers this: a page that still moves can slip away under the first press."""
        for _press in range(PRESSES):
            toggle.click()
            try:
                offers.wait_for(timeout=PRESS_AGAIN_MS)
            except PlaywrightTimeout:
                continue
            return offers
        raise AssertionError(f"{self.page.url}: the menu of {toggle} does not open")

    def field(self, name: str) -> Locator:
        return self.page.locator(f"main [name={name}]").first

    def tick(self, label: str) -> None:
        self.page.locator("main").get_by_label(label).first.check()

    def download(self, name: str) -> bytes:
        """The file behind the link with this name."""
        with self.page.expect_download() as waiting:
            self.page.locator("main").get_by_role("link", name=name).first.click()
        return Path(waiting.value.path()).read_bytes()

    def sign_in(self, user: User) -> None:
        """By name and password, and the second factor where the role asks for one.

        The forms are the same for everybody: whoever comes after somebody like them has signed in elsewhere.
        """
        staff = Membership.objects.filter(user=user, to_at=None, role__in=STAFF_ROLES).exists()
        kind = (staff, self.size["width"])
        if kind in _by_the_forms:
            self._has_signed_in(user)
            return
        self.open("/accounts/login/")
        self.fill(login=user.username, password=PASSWORD)
        self.press("登录", look=not staff)
        if staff:
            self.look()
            self.fill(code=second_factor())
            self.press("登录")
        _by_the_forms.add(kind)

    def _has_signed_in(self, user: User) -> None:
        client = Client()
        client.force_login(user, backend="lms.people.backends.SignInBackend")
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.base}])
        self.open("/home/")

    # What they see ---------------------------------------------------------------------------------------------

    def sees(self, *texts: str) -> None:
        """Each text stands on the page, or does before long: some of it is written after an answer of the server."""
        until = time.monotonic() + PATIENCE
        while True:
            said = " ".join(self.page.locator("main").inner_text().split())
            missing = [text for text in texts if text not in said]
            if not missing:
                return
            assert time.monotonic() < until, f"{self.page.url} does not say {missing}:\n{said}"
            self.page.wait_for_timeout(50)

    def hides(self, *texts: str) -> None:
        """None of the texts stands on the page as it is."""
        said = self.page.locator("main").inner_text()
        assert not [text for text in texts if text in said], f"{self.page.url} says it:\n{said}"

    def look(self, *, at: str = "", english: bool = False, twice: bool = False) -> None:
        """Hold the page to what every page is held to; of the editor's pages only our own part (selector).

        ``english``: it was asked for in English, or quotes some. ``twice``: axe looks at it as wide as a phone too.
        """
        page, where = self.page, self.page.url.removeprefix(self.base)
        page.wait_for_load_state("load")
        self._fits(where)
        if not english:
            foreign = ENGLISH.search(page.evaluate(SPOKEN, at or "main"))
            assert not foreign, f"{where} is not translated: {foreign and foreign.group()!r}"
        self._is_open_to_all(where, at)
        assert self.complaints == [], f"{where}: {self.complaints}"
        if self.size is not PHONE and not at:
            page.set_viewport_size(PHONE)  # type: ignore[arg-type]
            self._fits(where)
            if twice:
                self._is_open_to_all(f"{where} on a phone", at)
            page.set_viewport_size(self.size)  # type: ignore[arg-type]

    def _is_open_to_all(self, where: str, at: str) -> None:
        """Axe finds nothing grave."""
        found = Axe().run(self.page, context=at or None, options=AXE).response["violations"]
        grave = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found if one["impact"] in GRAVE]
        assert grave == [], f"{where}: {grave}"

    def _fits(self, where: str) -> None:
        """Nothing scrolls sideways."""
        page = self.page
        page.evaluate(SETTLED)
        if PICTURES:
            self.looked += 1
            page.screenshot(path=Path(PICTURES) / f"{self.name}-{self.looked:02}.png", full_page=True)
        width, screen = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert width <= screen, f"{where} is {width} px wide on a screen of {screen}"

    def leave(self) -> None:
        self.context.close()
        assert self.complaints == []
