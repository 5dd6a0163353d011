"""Ground of the browser journeys: Chromium, the site being served, the five cities' policies, and screens to open on it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from lms.people.models import User
from tests.factories import people
from tests.factories.policy import packs_loaded
from tests.journeys.visitor import CHROMIUM, DESK, QUIET, Visitor

NewVisitor = Callable[..., Visitor]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread, so Django would take every query of the test for an asynchronous one.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def cities(transactional_db: None) -> None:
    """Five policies, and the bureaus of Shanghai in whose names things are decided."""
    packs_loaded()
    people.bureau(kind="health_bureau")
    people.bureau(kind="hr_bureau")


@pytest.fixture
def new_visitor(browser: Browser, live_server: Any, cities: None) -> Iterator[NewVisitor]:
    """Opens a screen, at a desk unless told otherwise, and signs its user in when one is given."""
    opened: list[Visitor] = []

    def new(name: str, user: User | None = None, size: dict[str, int] = DESK) -> Visitor:
        visitor = Visitor(browser, live_server.url, size, name)
        opened.append(visitor)
        if user is not None:
            visitor.sign_in(user)
        return visitor

    yield new
    for visitor in opened:
        visitor.leave()
