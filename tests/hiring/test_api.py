"""The hiring API as its contract says it: shapes, keys, idempotency, limits, and nothing for anybody else."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from rest_framework.test import APIClient

from lms.hiring.models import Check
from lms.people.models import Organisation
from lms.people.services import create_api_key
from tests.factories import hiring, people, registry

URL = "/api/v1/hiring-checks/"
FIELDS = {"id", "outcome", "checked_at", "list_version", "rule", "receipt_url", "valid_until"}


@pytest.fixture(autouse=True)
def _fresh_allowance() -> None:
    cache.clear()


def client_of(institution: Organisation, scope: str = "hiring-checks") -> APIClient:
    key = create_api_key(organisation=institution, scope=scope, actor=people.system(), now=people.LONG_AGO)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    return client


def question(person: Any = None, **changes: Any) -> dict[str, Any]:
    identity = hiring.identity_of(person or people.person())
    return {**identity, "purpose": "hiring", "consent": True, **changes}


def test_created_with_exactly_these_fields() -> None:
    answer = client_of(people.institution()).post(URL, question(), format="json")
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == FIELDS
    assert (body["outcome"], body["rule"], body["list_version"]) == ("clear", "no_match", 0)
    assert body["checked_at"].endswith("+08:00")
    assert body["receipt_url"].endswith(f"/api/v1/hiring-checks/{body['id']}/receipt.pdf")


def test_barred_after_a_ban() -> None:
    body = client_of(people.institution()).post(URL, question(registry.banned()), format="json").json()
    assert (body["outcome"], body["list_version"]) == ("barred", 1)


def test_read_again_and_its_receipt() -> None:
    client = client_of(people.institution())
    made = client.post(URL, question(), format="json").json()
    assert client.get(f"{URL}{made['id']}/").json() == made
    receipt = client.get(f"{URL}{made['id']}/receipt.pdf")
    assert receipt.headers["Content-Type"] == "application/pdf"
    assert receipt.content.startswith(b"%PDF-")


def test_the_same_key_is_the_same_check() -> None:
    client, asked = client_of(people.institution()), question()
    first = client.post(URL, asked, format="json", HTTP_IDEMPOTENCY_KEY="k-1").json()
    again = client.post(URL, asked, format="json", HTTP_IDEMPOTENCY_KEY="k-1")
    assert again.json() == first
    other = client.post(URL, question(), format="json", HTTP_IDEMPOTENCY_KEY="k-1")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert Check.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"document_number": "310101199003074510"}, 422, "check_digit", "document_number"),
        ({"consent": False}, 422, "consent_required", "consent"),
        ({"name": ""}, 400, "invalid", "name"),
        ({"purpose": "curiosity"}, 400, "invalid", "purpose"),
        ({"document_type": "library_card"}, 400, "invalid", "document_type"),
    ],
)
def test_problem_details_name_the_field(change: dict[str, Any], status: int, code: str, field: str) -> None:
    asked = question(**change)
    answer = client_of(people.institution()).post(URL, asked, format="json")
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["errors"][0]["field"]) == (status, code, field)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert asked["document_number"] not in answer.content.decode()


def test_neither_name_nor_number_alone() -> None:
    client = client_of(people.institution())
    for missing in ("name", "document_number"):
        asked = {key: value for key, value in question().items() if key != missing}
        assert client.post(URL, asked, format="json").status_code == 400
    assert not Check.objects.exists()


def test_without_a_key_or_with_another_scope() -> None:
    assert APIClient().post(URL, question(), format="json").status_code == 401
    client = client_of(people.institution(), "standing")
    assert client.post(URL, question(), format="json").status_code == 403


def test_another_organisations_check_is_not_found() -> None:
    made = client_of(people.institution()).post(URL, question(), format="json").json()
    other = client_of(people.institution())
    assert other.get(f"{URL}{made['id']}/").status_code == 404
    assert other.get(f"{URL}{made['id']}/receipt.pdf").status_code == 404


def test_all_keys_of_an_organisation_share_one_allowance(monkeypatch: pytest.MonkeyPatch) -> None:
    from lms.hiring.limits import PerOrganisation

    monkeypatch.setattr(PerOrganisation, "rate", "2/min", raising=False)
    institution, elsewhere = people.institution(), people.institution()
    one, two = client_of(institution), client_of(institution)
    assert one.post(URL, question(), format="json").status_code == 201
    assert two.post(URL, question(), format="json").status_code == 201
    refused = one.post(URL, question(), format="json")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert client_of(elsewhere).post(URL, question(), format="json").status_code == 201


def test_described_in_the_schema() -> None:
    schema = Client().get("/api/schema/", {"format": "json"}).json()
    assert "/api/v1/hiring-checks/" in schema["paths"]
    assert "201" in schema["paths"]["/api/v1/hiring-checks/"]["post"]["responses"]
