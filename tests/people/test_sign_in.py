"""Signing in: one field, a second factor for officers, a lock against guessing."""

import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from axes.models import AccessAttempt
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lms.people import services
from lms.people.backends import SignInBackend
from lms.people.models import Role, User
from tests.factories import people as make

pytestmark = pytest.mark.django_db


def sign_in(client: Client, login: str, password: str = make.PASSWORD) -> str:
    """Where the form leads; empty when it is shown again."""
    response = client.post(reverse("account_login"), {"login": login, "password": password})
    return response.headers.get("Location", "")


def confirm_password(client: Client) -> None:
    """Changes to the second factor ask for the password again."""
    client.post(reverse("account_reauthenticate"), {"password": make.PASSWORD})


def current_code() -> str:
    return totp.format_hotp_value(totp.hotp_value(make.TOTP_SECRET, int(time.time()) // 30))


@pytest.fixture
def user() -> User:
    user = make.practitioner(username="ouyang", phone="13900001234")
    actor = make.acting(user)
    return services.update_contact(
        user=user, phone="13900001234", email="ouyang@example.cn", actor=actor, now=make.LONG_AGO
    )


@pytest.mark.parametrize("login", ["ouyang", "OuYang", "13900001234", "ouyang@example.cn", " OUYANG@example.cn "])
def test_user_name_phone_or_address(client: Client, user: User, login: str) -> None:
    assert sign_in(client, login) == reverse("home")
    assert client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.parametrize(("login", "password"), [("ouyang", "wrong"), ("nobody", make.PASSWORD), ("", make.PASSWORD)])
def test_a_wrong_pair_says_the_same(client: Client, user: User, login: str, password: str) -> None:
    assert sign_in(client, login, password) == ""
    assert "_auth_user_id" not in client.session


def test_a_closed_account_does_not_open(client: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert SignInBackend().authenticate(None, username="ouyang", password=make.PASSWORD) is None
    assert SignInBackend().get_user(user.pk) is None


def test_guessing_locks_the_account_even_for_the_right_password(client: Client, user: User) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT):
        cache.clear()  # the slower limiter of the form would answer first
        response = client.post(reverse("account_login"), {"login": "ouyang", "password": "wrong"})
    assert response.status_code == 429
    cache.clear()
    assert sign_in(client, "ouyang") == ""
    assert "_auth_user_id" not in client.session
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(hours=1))
    cache.clear()
    assert sign_in(client, "ouyang") == reverse("home")


def test_the_form_itself_slows_guessing(client: Client, user: User) -> None:
    for _ in range(5):
        sign_in(client, "ouyang", "wrong")
    assert sign_in(client, "ouyang") == ""


@pytest.mark.parametrize(
    "role",
    [Role.REGISTRAR, Role.CONFIRMING_REGISTRAR, Role.BUREAU_AUDITOR, Role.BUREAU_APPROVER, Role.ADMINISTRATOR],
)
def test_an_officer_without_a_second_factor_gets_no_further_than_setting_it_up(client: Client, role: str) -> None:
    officer = make.officer(role, second_factor=False)
    client.force_login(officer)
    for name in ("people:admissions", "people:profile", "home", "people:inbox", "api-schema"):
        assert client.get(reverse(name)).headers.get("Location") == reverse("mfa_activate_totp"), name
    make.with_second_factor(officer)
    assert client.get(reverse("people:admissions")).status_code == 200


def test_an_officer_without_a_second_factor_changes_nothing(client: Client) -> None:
    waiting = make.applicant()
    client.force_login(make.officer(second_factor=False))
    client.post(reverse("people:admission", args=[waiting.pk]), {"decision": "admit"})
    waiting.refresh_from_db()
    assert waiting.status == "applied"


def test_the_code_is_asked_at_sign_in_and_only_the_right_one_opens(client: Client) -> None:
    officer = make.officer()
    cache.clear()
    assert sign_in(client, officer.username) == reverse("mfa_authenticate")
    assert client.get(reverse("people:admissions")).status_code == 302
    assert client.get(reverse("mfa_authenticate")).status_code == 200
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "_auth_user_id" not in client.session
    client.post(reverse("mfa_authenticate"), {"code": current_code()})
    assert client.get(reverse("people:admissions")).status_code == 200


def test_setting_up_the_second_factor(client: Client) -> None:
    officer = make.officer(second_factor=False)
    sign_in(client, officer.username)
    assert client.get(reverse("mfa_activate_totp")).headers["Location"].startswith(reverse("account_reauthenticate"))
    confirm_password(client)
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    code = totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))
    response = client.post(reverse("mfa_activate_totp"), {"code": code})
    assert response.headers["Location"] == reverse("mfa_view_recovery_codes")
    codes = client.get(reverse("mfa_view_recovery_codes"))
    assert codes.context["unused_codes"]
    assert client.get(reverse("mfa_index")).status_code == 200
    stored = Authenticator.objects.get(user=officer, type="totp").data["secret"]
    assert secret not in stored


def test_an_officer_cannot_lay_the_second_factor_down(client: Client) -> None:
    officer = make.officer()
    sign_in(client, officer.username)
    client.post(reverse("mfa_authenticate"), {"code": current_code()})
    confirm_password(client)
    response = client.post(reverse("mfa_deactivate_totp"))
    assert response.status_code == 200
    assert "不能停用" in response.content.decode()
    assert Authenticator.objects.filter(user=officer, type="totp").exists()


def test_a_forgotten_password_is_reset_by_mail(client: Client, user: User) -> None:
    response = client.post(reverse("account_reset_password"), {"email": "Ouyang@example.cn"})
    assert response.headers["Location"] == reverse("account_reset_password_done")
    (letter,) = mail.outbox
    assert "重设" in letter.subject
    link = next(line for line in letter.body.splitlines() if "/password/reset/key/" in line)
    page = client.get(link[link.index("/accounts/") :], follow=True)
    form = {"password1": "another quiet room 7", "password2": "another quiet room 7"}
    client.post(page.redirect_chain[-1][0], form)
    cache.clear()
    assert sign_in(client, "ouyang", "another quiet room 7") == reverse("home")


def test_an_unknown_address_is_told_the_same(client: Client, user: User) -> None:
    response = client.post(reverse("account_reset_password"), {"email": "nobody@example.cn"})
    assert response.headers["Location"] == reverse("account_reset_password_done")


def test_open_sign_up_is_closed(client: Client) -> None:
    page = client.get(reverse("account_signup"))
    assert "请从相应的入口注册" in page.content.decode()
    client.post(
        reverse("account_signup"),
        {"username": "intruder", "password1": make.PASSWORD, "password2": make.PASSWORD},
    )
    assert not User.objects.filter(username="intruder").exists()


def test_sessions_end(client: Client, user: User) -> None:
    sign_in(client, "ouyang")
    assert client.session.get_expire_at_browser_close()
    client.logout()
    client.post(reverse("account_login"), {"login": "ouyang", "password": make.PASSWORD, "remember": "on"})
    assert client.session.get_expiry_age() <= 12 * 3600
    client.post(reverse("account_logout"))
    assert client.get(reverse("people:profile")).status_code == 302


@pytest.mark.parametrize(
    "name",
    [
        "account_login",
        "account_logout",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key_done",
        "account_change_password",
        "account_reauthenticate",
        "account_inactive",
        "account_email",
        "mfa_index",
        "mfa_generate_recovery_codes",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
    ],
)
def test_every_page_of_sign_in_wears_the_theme_without_inline_script(client: Client, user: User, name: str) -> None:
    anonymous = {"account_login", "account_reset_password", "account_inactive"}
    if name not in anonymous:
        sign_in(client, "ouyang")
        make.with_second_factor(user)
    response = client.get(reverse(name), follow=True)
    page = response.content.decode()
    assert response.status_code == 200
    assert "site/tokens.css" in page
    assert " style=" not in page
    assert "<script>" not in page
