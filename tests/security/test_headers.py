"""What every answer carries, whoever asks: no foreign script, no sniffing, no foreign frame, no cookie a script could read."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from lms.documents.uploads import XLSX
from lms.people.models import Role
from tests.factories import people
from tests.security.routes import ROUTES
from tests.security.test_routes import address_of, knock, names, told
from tests.security.world import World

INLINE = re.compile(
    r"<script(?![^>]*\b(?:src|nonce)=)(?![^>]*application/json)[^>]*>|\son[a-z]+\s*=\s*[\"']|javascript:", re.IGNORECASE
)
STYLED = re.compile(r"<[^>]+\sstyle\s*=\s*[\"']|<style(?![^>]*\bnonce=)", re.IGNORECASE)
FOREIGN = re.compile(r"<(?:script|link|img|iframe|source|video)[^>]+(?:src|href)=[\"'](?:https?:)?//", re.IGNORECASE)
FORM = re.compile(r"<form[^>]*method=[\"']post[\"'][^>]*>.*?</form>", re.IGNORECASE | re.DOTALL)


def _somebody_who_may(name: str, world: World) -> Client:
    row = ROUTES[name]
    if row.kind in {"public", "machine"}:
        return Client()
    if row.kind == "account":
        return world.ours[Role.PRACTITIONER]
    return next(world.ours[role] for role in world.ours if role in row.may)


def _policy(answer: HttpResponseBase) -> dict[str, list[str]]:
    parts = (part.split() for part in answer.headers["Content-Security-Policy"].split(";"))
    return {part[0]: part[1:] for part in parts if part}


# Courseware made elsewhere runs without an origin, under a policy of its own: tests/cms/test_packages.py.
SANDBOXED = {"learning:package-file"}
ANSWERED = [name for name, row in ROUTES.items() if (row.may or row.kind != "object") and name not in SANDBOXED]


@pytest.mark.parametrize("name", ANSWERED)
def test_every_answer_is_safe_to_show(name: str, world: World) -> None:
    answer = knock(_somebody_who_may(name, world), ROUTES[name], address_of(name, world))
    policy = _policy(answer)
    assert policy["default-src"] == ["'self'"]
    assert policy["object-src"] == ["'none'"]
    assert policy["frame-ancestors"] == ["'self'"]
    for directive, sources in policy.items():
        assert "'unsafe-inline'" not in sources, directive
        assert "'unsafe-eval'" not in sources, directive
        assert not any("//" in source or source == "*" for source in sources), directive
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    _shown_safely(answer)


def _shown_safely(answer: HttpResponseBase) -> None:
    kind = answer.headers.get("Content-Type", "")
    if kind.startswith(("application/pdf", XLSX, "application/octet-stream")):
        assert answer.headers["Content-Disposition"].startswith("attachment")
    if kind.startswith("text/html"):
        page = told(answer)
        for wrong in (INLINE, STYLED, FOREIGN):
            assert wrong.search(page) is None
        for form in FORM.findall(page):
            assert "csrfmiddlewaretoken" in form or 'action="/verify/' in form


@pytest.mark.parametrize("role", sorted(ROUTES["home"].may))
def test_the_editor_runs_no_inline_script_either(role: Any, world: World) -> None:
    answer = world.ours[role].get(reverse("wagtailadmin_home"))
    assert "'unsafe-inline'" not in _policy(answer)["script-src"]


# Doors for everybody that take a form all the same.
OPEN_FORMS = ["people:register", "people:apply", "set_language"]


@pytest.mark.parametrize("name", [*names("object", "list"), *OPEN_FORMS])
def test_a_post_without_the_token_is_refused(name: str, world: World) -> None:
    """From another site's page, with the cookies of somebody who may."""
    row = ROUTES[name]
    signed_in = _somebody_who_may(name, world) if row.may else world.ours[Role.REGISTRAR]
    forged = Client(enforce_csrf_checks=True)
    forged.cookies = signed_in.cookies
    answer = forged.post(address_of(name, world), row.data)
    assert answer.status_code in {403, 405}
    if answer.status_code == 403:
        assert "form_expired" in told(answer)


def test_a_session_does_not_stand_in_for_the_token_of_the_api(world: World) -> None:
    forged = Client(enforce_csrf_checks=True)
    forged.cookies = world.ours[Role.INSTITUTION_MANAGER].cookies
    answer = forged.post(reverse("api-hiring-checks"), {}, content_type="application/json")
    assert answer.status_code == 403
    assert answer.headers["Content-Type"].startswith("application/problem+json")


@pytest.mark.django_db
def test_cookies_are_out_of_reach_of_scripts_and_other_sites(client: Client) -> None:
    user = people.practitioner()
    answer = client.post(reverse("account_login"), {"login": user.username, "password": people.PASSWORD})
    cookie = answer.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert settings.SESSION_COOKIE_SECURE is settings.CSRF_COOKIE_SECURE is settings.SECURE
    assert client.get(reverse("people:profile")).headers.get("Cache-Control", "").find("public") < 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_to_another_site(client: Client, target: str) -> None:
    user = people.practitioner()
    language = client.post(reverse("set_language"), {"language": "en", "next": target})
    assert language.status_code == 302
    assert "evil" not in language.headers["Location"]
    assert "javascript" not in language.headers["Location"]
    client.post(f"{reverse('account_login')}?next={target}", {"next": target, "login": user.username})
    answer = client.post(
        f"{reverse('account_login')}?next={target}",
        {"next": target, "login": user.username, "password": people.PASSWORD},
    )
    assert answer.status_code == 302
    assert answer.headers["Location"] == reverse("home")
    away = client.post(f"{reverse('account_logout')}?next={target}", {"next": target})
    assert "evil" not in away.headers.get("Location", "")


@pytest.mark.parametrize("name", names("list"))
def test_what_is_shown_to_one_person_is_kept_by_no_shared_cache(name: str, world: World) -> None:
    answer = knock(_somebody_who_may(name, world), ROUTES[name], address_of(name, world))
    control = answer.headers.get("Cache-Control", "")
    assert "public" not in control
    assert "Cookie" in answer.headers.get("Vary", "") or "private" in control or "no-store" in control
