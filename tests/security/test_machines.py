"""Keys and guesses: a key opens the one thing it was made for, and nobody learns anything by trying."""

import logging
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lms.people import services
from lms.people.models import ApiKey, ApiScope, Role
from tests.factories import hiring, people
from tests.security.routes import ROUTES
from tests.security.test_routes import address_of, leaks, names
from tests.security.world import World

SCOPES = {
    "xapi:statements": ApiScope.XAPI,
    "api-person-standing": ApiScope.STANDING,
    "api-hiring-checks": ApiScope.HIRING_CHECKS,
    "api-hiring-check": ApiScope.HIRING_CHECKS,
    "api-hiring-receipt": ApiScope.HIRING_CHECKS,
    "api-hiring-batches": ApiScope.HIRING_CHECKS,
    "api-hiring-batch": ApiScope.HIRING_CHECKS,
    "api-hiring-batch-result": ApiScope.HIRING_CHECKS,
    "api-hiring-batch-receipt": ApiScope.HIRING_CHECKS,
}
WITH_OBJECT = [name for name in SCOPES if name.startswith("api-") and not name.endswith(("checks", "batches"))]


def _key(world: World, scope: str, *, institution: Any = None) -> str:
    return services.create_api_key(
        organisation=institution or world.institution, scope=scope, actor=people.system(), now=timezone.now()
    )


def _asked(name: str, world: World, token: str) -> Any:
    headers = {"Authorization": f"Bearer {token}", "X-Experience-API-Version": "1.0.3"}
    client = Client(headers=headers, raise_request_exception=False)
    address = address_of(name, world)
    if ROUTES[name].post:
        return client.post(address, {}, content_type="application/json")
    return client.get(address)


def test_every_door_for_machines_has_its_scope() -> None:
    assert sorted(SCOPES) == sorted(names("machine"))


@pytest.mark.parametrize("name", sorted(SCOPES))
def test_a_key_of_the_right_scope_opens_and_any_other_does_not(name: str, world: World) -> None:
    for scope in ApiScope.values:
        answer = _asked(name, world, _key(world, scope))
        if scope == SCOPES[name]:
            assert answer.status_code not in {401, 403, 404, 500}, answer.content
        else:
            assert answer.status_code == 403
            assert answer.headers["Content-Type"].startswith("application/problem+json")
            assert leaks(answer) == []


@pytest.mark.parametrize("name", sorted(SCOPES))
def test_a_revoked_key_and_a_made_up_one_open_nothing(name: str, world: World) -> None:
    token = _key(world, SCOPES[name])
    ApiKey.objects.update(revoked_at=timezone.now())
    for wrong in (token, token[:-1], "lms_" + "A" * 43, "", "\x80"):
        answer = _asked(name, world, wrong)
        assert answer.status_code == 401
        assert answer.json()["status"] == 401
        assert leaks(answer) == []


@pytest.mark.parametrize("name", WITH_OBJECT)
def test_the_key_of_another_institution_finds_nothing(name: str, world: World) -> None:
    answer = _asked(name, world, _key(world, SCOPES[name], institution=people.institution()))
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert leaks(answer) == []


@pytest.mark.parametrize("name", WITH_OBJECT)
def test_a_session_opens_only_what_its_role_may_see(name: str, world: World) -> None:
    for role, client in world.theirs.items():
        answer = client.get(address_of(name, world))
        assert answer.status_code in {403, 404}, role
        assert leaks(answer) == [], role


def test_a_session_of_the_wrong_role_asks_nothing_about_anybody(world: World) -> None:
    asked = {**hiring.identity_of(world.person), "purpose": "hiring", "consent": True}
    for role, client in world.ours.items():
        answer = client.post(reverse("api-hiring-checks"), asked, content_type="application/json")
        if role not in {Role.INSTITUTION_CHECKER, Role.INSTITUTION_MANAGER}:
            assert answer.status_code in {403, 404}, role
            assert asked["document_number"] not in answer.content.decode()


@pytest.mark.parametrize(
    "change",
    [
        {"document_number": "11010519491231002"},
        {"document_number": "110105194912310021"},
        {"purpose": "curiosity"},
        {"consent": False},
        {"date_of_birth": "110105194912310021"},
        {"name": "", "document_type": "110105194912310021"},
    ],
)
def test_an_error_of_the_api_repeats_no_number(
    change: dict[str, Any], world: World, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    asked = {**hiring.identity_of(world.person), "purpose": "hiring", "consent": True, **change}
    client = Client(headers={"Authorization": f"Bearer {_key(world, ApiScope.HIRING_CHECKS)}"})
    with caplog.at_level(logging.DEBUG):
        answer = client.post(reverse("api-hiring-checks"), asked, content_type="application/json")
    assert answer.status_code in {400, 422}
    said = answer.content.decode() + "".join(capfd.readouterr())
    said += "\n".join(row.getMessage() for row in caplog.records if not row.name.startswith("django.db.backends"))
    for value in (asked["document_number"], "110105194912310021"):
        assert value not in said


def test_a_number_in_an_address_finds_nobody(world: World) -> None:
    """No address takes a number: whoever writes one there finds nothing, whatever the door."""
    number = hiring.identity_of(world.person)["document_number"]
    for name in ("api-certificate", "hiring:receipt", "certificates:verification"):
        assert leaks(Client().get(reverse(name, kwargs={"token": number}))) == []


GUESSES = [
    "00000000-0000-7000-8000-000000000000",
    "0",
    "A" * 43,
    "..",
    "%2e%2e",
    "%00",
    "'or'1'='1",
    "ＡＢＣ",
    "x" * 2000,
]


@pytest.mark.parametrize("guess", GUESSES)
@pytest.mark.parametrize(
    "door",
    ["/verify/{}/", "/api/v1/certificates/{}/", "/hiring/receipts/{}/", "/courses/files/{}", "/cms/files/{}"],
)
def test_a_guess_is_answered_calmly(door: str, guess: str, world: World) -> None:
    for client in (Client(raise_request_exception=False), world.theirs[Role.COLLEGE_PUBLISHER]):
        answer = client.get(door.format(guess))
        assert answer.status_code in {200, 302, 404}
        assert leaks(answer) == []
        if answer.status_code == 200:
            assert answer.json() == {"status": "unknown"}


def test_a_serial_without_the_name_tells_nothing(world: World) -> None:
    client = Client()
    right = {"serial": world.certificate.serial, "name": world.person.name}
    for asked in (
        {**right, "name": "王小明"},
        {**right, "serial": right["serial"][:-1] + "0"},
        {**right, "name": "欧"},
    ):
        page = client.post(reverse("certificates:verify"), asked).content.decode()
        assert world.certificate.token not in page
    unknown = client.post(reverse("certificates:verify"), {"serial": "ANN-2026-310000-9999999-9", "name": "王小明"})
    wrong = client.post(reverse("certificates:verify"), {**right, "name": "王小明"})
    assert unknown.status_code == wrong.status_code


def test_trying_many_serials_is_stopped(world: World) -> None:
    client, guess = Client(), {"serial": "ANN-2026-310000-0000001-1", "name": "王"}
    answers = [client.post(reverse("certificates:verify"), guess).status_code for _try in range(21)]
    assert answers[-1] == 429
    assert set(answers[:-1]) == {200}


def test_trying_many_receipts_is_stopped(world: World) -> None:
    client = Client()
    answers = [client.get(reverse("hiring:receipt", args=["A" * 22])).status_code for _try in range(61)]
    assert answers[-1] == 429
    assert set(answers[:-1]) == {404}


def test_the_receipt_masks_the_name(world: World) -> None:
    page = Client().get(reverse("hiring:receipt", args=[world.receipt_token])).content.decode()
    assert world.person.name not in page
    assert hiring.identity_of(world.person)["document_number"] not in page
