"""Nobody acts in a role that is not theirs."""

import pytest
from django.test import Client
from django.urls import reverse

from lms.people import services
from lms.people.models import Role
from tests.factories import people as make

pytestmark = pytest.mark.django_db


def test_switching_between_ones_own_roles(client: Client) -> None:
    institution = make.institution()
    manager = make.manager_of(institution)
    second = services.grant_role(
        user=manager,
        role=Role.INSTITUTION_CHECKER,
        organisation=institution,
        actor=make.system(),
        now=make.LONG_AGO,
    )
    client.force_login(manager)
    assert client.get(reverse("people:add_member")).status_code == 200
    client.post(reverse("people:switch_role", args=[second.pk]))
    assert client.get(reverse("people:add_member")).status_code == 403
    assert "机构核查员" in client.get(reverse("people:roles")).content.decode()


def test_another_persons_role_is_refused_and_the_present_one_stays(client: Client) -> None:
    officer = make.officer(Role.ADMINISTRATOR)
    user = make.practitioner()
    client.force_login(user)
    response = client.post(reverse("people:switch_role", args=[officer.memberships.get().pk]))
    assert response.status_code == 404
    assert client.get(reverse("people:admissions")).status_code == 403


def test_a_role_written_into_the_session_by_hand_is_ignored(client: Client) -> None:
    officer = make.officer(Role.ADMINISTRATOR)
    client.force_login(make.practitioner())
    session = client.session
    session["membership"] = str(officer.memberships.get().pk)
    session.save()
    assert client.get(reverse("people:admissions")).status_code == 403


def test_an_ended_role_is_no_role(client: Client) -> None:
    institution = make.institution()
    checker = make.member(institution, Role.INSTITUTION_CHECKER)
    row = checker.memberships.get()
    services.end_role(membership=row, actor=make.system(), now=make.LONG_AGO)
    client.force_login(checker)
    assert client.post(reverse("people:switch_role", args=[row.pk])).status_code == 404
    assert client.get(reverse("people:organisation")).status_code == 404


def test_a_switch_is_a_post(client: Client) -> None:
    user = make.practitioner()
    client.force_login(user)
    assert client.get(reverse("people:switch_role", args=[user.memberships.get().pk])).status_code == 405
