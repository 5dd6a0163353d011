"""Every screen about checks and bans, each as those who may open it see it: nothing sideways and nothing axe minds, at
both widths. Which there are is read from the doors that tests/security tries, so a new one is looked at too.
"""

from functools import partial

import pytest
from django.urls import reverse

from lms.people.models import Role
from tests.journeys.conftest import NewVisitor
from tests.journeys.visitor import Visitor, apart, needs_chromium
from tests.security.routes import ROUTES, Row
from tests.security.world import World, build

pytestmark = [pytest.mark.browser, needs_chromium]

ROOMS = ("hiring:", "registry:", "ban_list:", "people:lookups")
# A screen of several roles can differ by role: each of the first four who may looks, the others where nobody else may.
LOOKING = (Role.PRACTITIONER, Role.INSTITUTION_MANAGER, Role.REGISTRAR, Role.CONFIRMING_REGISTRAR)
ELSE = (Role.ADMINISTRATOR, Role.BUREAU_AUDITOR, Role.BUREAU_APPROVER, Role.INSTITUTION_CHECKER)


@pytest.fixture
def world(transactional_db: None) -> World:
    built: World = apart(build)
    return built


def looking(row: Row) -> list[str]:
    """Who looks at it; "" is a stranger."""
    if row.kind == "public":
        return [""]
    first = [role for role in LOOKING if role in row.may]
    return first or [role for role in ELSE if role in row.may][:1]


def pages_of(role: str, world: World) -> list[str]:
    """Addresses that answer this role with a page of its own: no file, no part of a page."""
    found = []
    for name, row in ROUTES.items():
        if name.startswith(ROOMS) and not row.post and row.kind != "machine" and role in looking(row):
            address = reverse(name, kwargs=row.address(world))
            answer = world.ours[role or Role.REGISTRAR].get(address)
            if answer.status_code == 200 and b"<main" in b"".join(answer):
                found.append(address)
    return found


def opened_by(role: str, world: World, new_visitor: NewVisitor) -> Visitor:
    visitor = new_visitor(f"screens-{role or 'stranger'}")
    if role:
        session = world.ours[role].cookies["sessionid"].value
        visitor.context.add_cookies([{"name": "sessionid", "value": session, "url": visitor.base}])
    return visitor


@pytest.mark.timeout(600)
@pytest.mark.parametrize("roles", [("", *LOOKING[:2], *ELSE), LOOKING[2:]], ids=["asking", "deciding"])
def test_of_checks_and_bans(roles: tuple[str, ...], world: World, new_visitor: NewVisitor) -> None:
    """Two tests for many screens: the world is built once in each."""
    wrong = []
    for role in roles:
        pages = apart(partial(pages_of, role, world))
        visitor = opened_by(role, world, new_visitor)
        for address in pages:
            visitor.page.goto(address)
            try:
                visitor.look(twice=True)
            except AssertionError as error:
                wrong.append(f"{role}: {error}")
                visitor.complaints.clear()
    assert not wrong, "\n".join(wrong)
