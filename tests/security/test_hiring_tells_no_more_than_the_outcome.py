"""What an institution can learn about a number or a name beyond the outcome: nothing, by answer or by work done for it."""

from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from lms.people.models import Organisation
from lms.people.services import create_api_key
from tests.factories import hiring, people, registry
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db
URL = "/api/v1/hiring-checks/"


@pytest.fixture(autouse=True)
def _ground() -> None:
    cache.clear()
    packs_loaded()


def asker(institution: Organisation) -> APIClient:
    key = create_api_key(organisation=institution, scope="hiring-checks", actor=people.system(), now=people.LONG_AGO)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    return client


def told(client: APIClient, **identity: Any) -> dict[str, Any]:
    answer = client.post(URL, {**identity, "purpose": "hiring", "consent": True}, format="json")
    assert answer.status_code == 201
    body: dict[str, Any] = answer.json()
    return body


def test_every_review_is_told_alike() -> None:
    """The number of somebody banned, of somebody registered here, a slip, a namesake: one word for all."""
    client, banned = asker(people.institution()), people.resident_number(born=date(1990, 5, 1))
    listed = {"name": "王小明", "document_type": "resident_id", "document_number": banned}
    registry.case_in_force(unknown=[listed])
    registered = hiring.identity_of(people.person(name="钱不见"))
    asked = [
        {**listed, "name": "赵大海"},
        {**registered, "name": "赵大海"},
        {"name": "王小明", "document_type": "passport", "document_number": "E11112222", "date_of_birth": "1990-05-01"},
    ]
    answers = [told(client, **identity) for identity in asked]
    assert {(one["outcome"], one["rule"]) for one in answers} == {("review", "possible_match")}


def test_barred_is_told_alike_under_either_name() -> None:
    person = registry.banned(people.person(name="王小明", previous_names=["王晓鸣甲"]))
    client = asker(people.institution())
    for name in ("王小明", "王晓鸣甲"):
        answer = told(client, **{**hiring.identity_of(person), "name": name})
        assert (answer["outcome"], answer["rule"]) == ("barred", "number_and_name")


def test_as_much_work_for_a_number_held_here_as_for_one_that_is_not() -> None:
    institution = people.institution()
    actor = people.acting(people.manager_of(institution))
    registry.case_in_force(people.person())
    held = hiring.identity_of(people.person())
    free = {"name": "周无人", "document_type": "resident_id", "document_number": people.resident_number()}
    hiring.checked(institution, people.person(), actor=actor)  # what is remembered for a moment is remembered
    counts = []
    for identity in (held, free):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert hiring.checked(institution, actor=actor, **identity).outcome == "clear"
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_page_says_the_same_of_every_review() -> None:
    institution = people.institution()
    registered = {**hiring.identity_of(people.person(name="钱不见")), "name": "赵大海"}
    check = hiring.checked(institution, **registered)
    assert check.rule == "holder_name_differs"
    client = Client()
    client.force_login(people.manager_of(institution))
    page = client.get(reverse("hiring:check", args=[check.pk])).content.decode()
    assert "请核对证件原件" in page
    assert "holder_name_differs" not in page
    assert "登记在另一个姓名" not in page
