"""What anybody may have of the list, and that the published way of checking it works without us."""

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lms.people.models import Role
from lms.registry.models import ListVersion
from tests.factories import people, registry

pytestmark = pytest.mark.django_db
DOCS = Path(__file__).parents[2] / "docs" / "verification.md"


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def told(name: str, *args: Any) -> Any:
    answer = Client().get(reverse(f"ban_list:{name}", args=args))
    assert answer.status_code == 200
    return json.loads(answer.content)


@pytest.fixture
def published() -> dict[str, Any]:
    """The functions that docs/verification.md gives to whoever wants to check the list themselves."""
    block = re.search(r"```python\n(# check_list.+?)```", DOCS.read_text(), re.DOTALL)
    assert block
    found: dict[str, Any] = {}
    exec(block[1], found)
    return found


def test_versions_keys_and_proofs_hold_by_the_published_recipe(published: dict[str, Any]) -> None:
    case = registry.case_in_force(people.person(), people.person(), people.person())
    registry.annulled(registry.case_in_force(people.person()))
    keys = told("keys_json")
    versions = told("versions_json")["versions"]
    assert [version["number"] for version in versions] == [3, 2, 1, 0]
    for version in versions:
        said = published["statement"](version["jws"], keys)
        assert (said["number"], said["root"], said["size"]) == (version["number"], version["root"], version["size"])
    extension = told("extension_json", 1, 3)
    assert published["extends"](extension)
    extension["earlier"]["root"] = versions[1]["root"]
    assert not published["extends"](extension)

    subject = case.subjects.order_by("pk")[1]
    officer = signed_in(registry.registrar())
    answer = officer.get(reverse("registry:proof", args=[case.pk, subject.pk]), {"format": "json"})
    assert subject.name not in answer.content.decode()
    [proof] = json.loads(answer.content)["proofs"]
    assert published["includes"](proof)
    proof["line"] = proof["line"].replace("entered", "annulled")
    assert not published["includes"](proof)


def test_a_forged_version_is_refused_by_the_published_recipe(published: dict[str, Any]) -> None:
    registry.banned()
    keys, version = told("keys_json"), told("version_json", 1)
    header, payload, signature = version["jws"].split(".")
    said = base64.urlsafe_b64decode(payload + "==").replace(b'"entries":1', b'"entries":0')
    forged = f"{header}.{base64.urlsafe_b64encode(said).rstrip(b'=').decode()}.{signature}"
    with pytest.raises(Exception):  # noqa: B017, PT011
        published["statement"](forged, keys)


def test_no_person_on_the_public_page() -> None:
    person = registry.banned()
    page = Client().get(reverse("ban_list:versions")).content.decode()
    assert person.name not in page
    assert "#1" in page
    assert ListVersion.objects.get(number=1).root[:16] in page


def test_the_list_is_paged_for_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lms.registry.views.public.JSON_SIZE", 2)
    for _each in range(3):
        registry.banned()
    first = told("versions_json")
    assert ([row["number"] for row in first["versions"]], first["next_before"]) == ([3, 2], 2)
    rest = json.loads(Client().get(reverse("ban_list:versions_json"), {"before": "2"}).content)
    assert ([row["number"] for row in rest["versions"]], rest["next_before"]) == ([1, 0], None)


def test_no_proof_between_versions_in_the_wrong_order() -> None:
    registry.banned()
    registry.banned()
    assert Client().get(reverse("ban_list:extension_json", args=[2, 1])).status_code == 404
    assert Client().get(reverse("ban_list:extension_json", args=[1, 9])).status_code == 404


def test_the_proof_is_for_officers_of_the_region() -> None:
    case = registry.case_in_force(people.person())
    address = reverse("registry:proof", args=[case.pk, case.subjects.get().pk])
    own = signed_in(registry.registrar()).get(address)
    assert case.subjects.get().name in own.content.decode()
    assert signed_in(registry.registrar(people.BEIJING)).get(address).status_code == 404
    assert signed_in(people.officer(Role.BUREAU_AUDITOR)).get(address).status_code == 403


def test_a_draft_has_no_proof_yet() -> None:
    case = registry.submitted_case(people.person())
    address = reverse("registry:proof", args=[case.pk, case.subjects.get().pk])
    assert signed_in(registry.registrar()).get(address).status_code == 404


def test_the_root_is_the_plain_hash_of_one_line() -> None:
    case = registry.case_in_force(people.person())
    officer = signed_in(registry.registrar())
    answer = officer.get(reverse("registry:proof", args=[case.pk, case.subjects.get().pk]), {"format": "json"})
    [proof] = json.loads(answer.content)["proofs"]
    assert hashlib.sha256(b"\0" + proof["line"].encode()).hexdigest() == proof["version"]["root"]
