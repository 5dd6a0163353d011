"""An officer with a security key: added, then used at the next sign-in instead of the app; and a browser that has none."""

import pytest
from playwright.sync_api import CDPSession

from lms.people.models import Role
from tests.factories import people
from tests.journeys.conftest import NewVisitor
from tests.journeys.visitor import PHONE, Visitor, journey, needs_chromium

pytestmark = [journey, needs_chromium, pytest.mark.timeout(300)]


def plugged_in(visitor: Visitor) -> CDPSession:
    """A key of the browser's own making, that is touched whenever it is asked."""
    devices = visitor.context.new_cdp_session(visitor.page)
    devices.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "automaticPresenceSimulation": True, "isUserVerified": True}
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "hasUserVerification": True}})
    return devices


def test_a_key_instead_of_the_app(new_visitor: NewVisitor) -> None:
    officer = people.officer(Role.REGISTRAR)
    visitor = new_visitor("officer", officer, PHONE)
    plugged_in(visitor)
    visitor.open("/accounts/2fa/")
    visitor.page.locator("main").get_by_role("link", name="添加").click()
    visitor.fill(password=people.PASSWORD)
    visitor.press("确认")
    visitor.fill(name="办公室的蓝色密钥")
    visitor.press("添加")
    visitor.open("/accounts/2fa/webauthn/")
    assert "办公室的蓝色密钥" in visitor.page.inner_text("main")
    visitor.open("/accounts/logout/")
    visitor.press("退出登录")
    visitor.open("/accounts/login/")
    visitor.fill(login=officer.username, password=people.PASSWORD)
    visitor.press("登录")
    visitor.press("使用安全密钥")
    assert visitor.page.url.endswith("/bans/")


def test_a_browser_without_a_key_says_what_to_do(new_visitor: NewVisitor) -> None:
    visitor = new_visitor("officer", people.officer(Role.REGISTRAR))
    visitor.page.add_init_script(
        "navigator.credentials.create = () => { throw new DOMException('', 'NotAllowedError'); };"
    )
    visitor.open("/accounts/2fa/webauthn/add/")
    visitor.fill(password=people.PASSWORD)
    visitor.press("确认")
    visitor.page.get_by_role("button", name="添加").click()
    visitor.page.locator("#notices").get_by_text("按提示触碰，再试一次").wait_for()
