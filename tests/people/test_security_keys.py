"""A security key stands beside the authenticator app: added, used, renamed, removed; an officer keeps one factor at least."""

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from lms.people.models import Role, User
from tests.factories import people
from tests.factories.security_keys import SITE, SoftKey

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    cache.clear()
    return Client(SERVER_NAME=SITE)


def confirm_password(client: Client) -> None:
    client.post(reverse("account_reauthenticate"), {"password": people.PASSWORD})


def options(client: Client, name: str, kind: str) -> dict[str, Any]:
    """What the page gives the browser to ask a key with, as the browser reads it."""
    told = client.get(reverse(name)).context["js_data"][kind]
    read: dict[str, Any] = json.loads(json.dumps({"publicKey": dict(told["publicKey"])}, default=dict))
    return read


def added(client: Client, user: User, key: SoftKey, name: str = "办公室的蓝色密钥") -> Authenticator:
    client.force_login(user)
    confirm_password(client)
    credential = key.registers(options(client, "mfa_add_webauthn", "creation_options"))
    answer = client.post(reverse("mfa_add_webauthn"), {"name": name, "credential": credential})
    assert answer.status_code == 302, answer.content.decode()
    return Authenticator.objects.get(user=user, type="webauthn", data__name=name)


def half_way(client: Client, user: User) -> None:
    """Signed in with the password; the second factor is asked next."""
    client.logout()
    cache.clear()
    answer = client.post(reverse("account_login"), {"login": user.username, "password": people.PASSWORD})
    assert answer.headers["Location"] == reverse("mfa_authenticate")


def test_an_officer_signs_in_with_a_key_alone(client: Client) -> None:
    officer, key = people.officer(second_factor=False), SoftKey()
    added(client, officer, key)
    assert client.get(reverse("people:admissions")).status_code == 200
    half_way(client, officer)
    assert client.get(reverse("people:admissions")).status_code == 302
    signed = key.signs(options(client, "mfa_authenticate", "request_options"))
    client.post(reverse("mfa_authenticate"), {"credential": signed})
    assert client.get(reverse("people:admissions")).status_code == 200


def test_neither_another_key_nor_another_site_nor_an_old_answer_opens(client: Client) -> None:
    officer, key = people.officer(second_factor=False), SoftKey()
    added(client, officer, key)
    half_way(client, officer)

    def asked() -> dict[str, Any]:
        return options(client, "mfa_authenticate", "request_options")

    old = key.signs(asked())
    for credential in (SoftKey().signs(asked()), key.signs(asked(), origin="https://localhost.example"), old):
        cache.clear()
        answer = client.post(reverse("mfa_authenticate"), {"credential": credential})
        assert "没有认出这把安全密钥" in answer.content.decode()
        assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("sent", ["", "no json", "null", "[]", "7", '"key"', "{}", '{"id":1}', '{"response":{}}'])
@pytest.mark.parametrize("name", ["mfa_add_webauthn", "mfa_authenticate", "mfa_reauthenticate_webauthn"])
def test_what_no_key_has_written_is_refused_in_words(client: Client, name: str, sent: str) -> None:
    officer = people.officer(second_factor=False)
    added(client, officer, SoftKey())
    if name == "mfa_authenticate":
        half_way(client, officer)
    client.get(reverse(name))
    answer = client.post(reverse(name), {"name": "另一把", "credential": sent})
    assert answer.status_code == 200
    assert "还没有提交，请改正以下内容" in answer.content.decode()
    assert Authenticator.objects.filter(user=officer, type="webauthn").count() == 1


def test_guessing_is_slowed_down(client: Client) -> None:
    officer, key = people.officer(second_factor=False), SoftKey()
    added(client, officer, key)
    half_way(client, officer)
    for _try in range(12):
        signed = SoftKey().signs(options(client, "mfa_authenticate", "request_options"))
        answer = client.post(reverse("mfa_authenticate"), {"credential": signed})
    assert "没有认出" not in answer.content.decode()
    signed = key.signs(options(client, "mfa_authenticate", "request_options"))
    client.post(reverse("mfa_authenticate"), {"credential": signed})
    assert "_auth_user_id" not in client.session


def test_a_key_confirms_before_something_grave(client: Client) -> None:
    officer, key = people.officer(), SoftKey()
    added(client, officer, key)
    asked = options(client, "mfa_reauthenticate_webauthn", "request_options")
    answer = client.post(reverse("mfa_reauthenticate_webauthn"), {"credential": key.signs(asked)})
    assert answer.status_code == 302


def test_renamed_and_removed_while_another_factor_stays(client: Client) -> None:
    officer = people.officer()
    row = added(client, officer, SoftKey())
    client.post(reverse("mfa_edit_webauthn", args=[row.pk]), {"name": "家里的密钥"})
    assert "家里的密钥" in client.get(reverse("mfa_list_webauthn")).content.decode()
    answer = client.post(reverse("mfa_remove_webauthn", args=[row.pk]))
    assert answer.headers["Location"] == reverse("mfa_list_webauthn")
    assert not Authenticator.objects.filter(pk=row.pk).exists()
    assert "还没有安全密钥" in client.get(reverse("mfa_list_webauthn")).content.decode()


def test_an_officer_keeps_the_last_one(client: Client) -> None:
    officer = people.officer(second_factor=False)
    row = added(client, officer, SoftKey())
    address = reverse("mfa_remove_webauthn", args=[row.pk])
    for answer in (client.get(address), client.post(address)):
        assert "这是您最后一种方式" in answer.content.decode()
    assert Authenticator.objects.filter(pk=row.pk).exists()
    second = added(client, officer, SoftKey(), name="备用")
    client.post(address)
    assert list(Authenticator.objects.filter(user=officer, type="webauthn")) == [second]


def test_the_app_may_go_where_a_key_stays(client: Client) -> None:
    officer = people.officer()
    added(client, officer, SoftKey())
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=officer, type="totp").exists()
    assert client.get(reverse("people:admissions")).status_code == 200


def test_nobody_touches_anothers_key(client: Client) -> None:
    row = added(client, people.officer(Role.CONFIRMING_REGISTRAR), SoftKey())
    client.logout()
    client.force_login(people.officer())
    confirm_password(client)
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        address = reverse(name, args=[row.pk])
        assert client.get(address).status_code == 404
        assert client.post(address, {"name": "我的"}).status_code == 404
