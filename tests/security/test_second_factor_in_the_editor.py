"""The editor goes by all of a person's roles at once: changing the acting role is no way around the second factor."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lms.people import services
from lms.people.models import Role
from tests.factories import cms, people, policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Any:
    """An approver without a second factor who also checks for an institution."""
    policy.packs_loaded()
    user = people.officer(Role.BUREAU_APPROVER, second_factor=False)
    services.grant_role(
        user=user,
        role=Role.INSTITUTION_CHECKER,
        organisation=people.institution(),
        actor=people.system(),
        now=people.LONG_AGO,
    )
    return user


def test_an_approver_in_another_role_still_needs_it_to_read_and_approve(client: Client, officer: Any) -> None:
    page = cms.submitted_course()
    task = page.current_workflow_task_state
    client.force_login(officer)
    client.post(reverse("people:switch_role", args=[officer.memberships.get(role=Role.INSTITUTION_CHECKER).pk]))
    assert client.get(reverse("hiring:home")).status_code == 200
    doors = [
        reverse("wagtailadmin_home"),
        reverse("wagtailadmin_pages:edit", args=[page.pk]),
        reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "approve", task.pk]),
        reverse("cms:preview", args=[page.pk]),
    ]
    for door in doors:
        for answer in (client.get(door), client.post(door)):
            assert answer.headers.get("Location") == reverse("mfa_activate_totp"), door
    task.refresh_from_db()
    assert task.status == "in_progress"
    people.with_second_factor(officer)
    assert client.get(reverse("wagtailadmin_home")).status_code == 200
