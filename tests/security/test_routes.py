"""Every address of the product, knocked at by everybody: nobody gets in who is not meant to, and no door is forgotten."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.security.routes import ROUTES, Row
from tests.security.world import SECRETS, World

SIGN_IN = "/accounts/login/"
# Wagtail's own rooms stand behind one fence, which tests/cms/test_scope.py tries. Its sign-in and sign-out lead to ours.
FENCED = "cms/admin/"


def _addresses(patterns: list[Any], namespace: str = "", above: str = "") -> Iterator[str]:
    for one in patterns:
        route = f"{above}{one.pattern}"
        if route.startswith(FENCED):
            continue
        if isinstance(one, URLResolver):
            inner = f"{namespace}{one.namespace}:" if one.namespace else namespace
            yield from _addresses(one.url_patterns, inner, route)
        else:
            assert isinstance(one, URLPattern)
            yield f"{namespace}{one.name}" if one.name else route


def knock(client: Client, row: Row, address: str) -> HttpResponseBase:
    """One request whose effects are undone."""
    with transaction.atomic():
        if row.json:
            answer = client.post(address, row.data, content_type="application/json")
        elif row.post:
            answer = client.post(address, row.data)
        else:
            answer = client.get(address)
        transaction.set_rollback(True)
    return answer


def address_of(name: str, world: World) -> str:
    row = ROUTES[name]
    address = reverse(name, kwargs=row.address(world))
    return f"{address}?{row.query.format(world)}" if row.query else address


def told(answer: HttpResponseBase) -> str:
    if answer.streaming:
        return ""
    return answer.content.decode(errors="replace")  # type: ignore[attr-defined]


def leaks(answer: HttpResponseBase) -> list[str]:
    body = told(answer)
    return [secret for secret in SECRETS if secret in body]


def names(*kinds: str) -> list[str]:
    return [name for name, row in ROUTES.items() if row.kind in kinds]


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert sorted(set(_addresses(get_resolver().url_patterns))) == sorted(ROUTES)


@pytest.mark.parametrize("name", names("object", "list"))
def test_nobody_gets_in_without_signing_in(name: str, world: World) -> None:
    row = ROUTES[name]
    answer = knock(Client(), row, address_of(name, world))
    if answer.status_code == 302:
        assert answer.headers["Location"].startswith(SIGN_IN)
    else:
        assert answer.status_code in {401, 403}
    assert leaks(answer) == []


@pytest.mark.parametrize("name", names("object", "list"))
def test_a_door_opens_for_its_roles_and_no_others(name: str, world: World) -> None:
    row, address = ROUTES[name], address_of(name, world)
    for role, client in world.ours.items():
        answer = knock(client, row, address)
        assert answer.status_code < 500, role
        shut = answer.status_code in {403, 404}
        assert shut is (role not in row.may), (role, answer.status_code)


@pytest.mark.parametrize("name", names("object"))
def test_the_neighbours_find_nothing_of_ours(name: str, world: World) -> None:
    row, address = ROUTES[name], address_of(name, world)
    for role, client in world.theirs.items():
        answer = knock(client, row, address)
        assert answer.status_code in {403, 404}, (role, answer.status_code)
        assert leaks(answer) == [], role


@pytest.mark.parametrize("name", names("list"))
def test_the_neighbours_lists_hold_nothing_of_ours(name: str, world: World) -> None:
    row, address = ROUTES[name], address_of(name, world)
    for role, client in world.theirs.items():
        answer = knock(client, row, address)
        assert answer.status_code < 500, role
        assert (answer.status_code in {403, 404}) is (role not in row.may), (role, answer.status_code)
        assert leaks(answer) == [], role


@pytest.mark.parametrize("name", names("public", "account"))
def test_public_doors_answer_everybody_and_fall_over_for_nobody(name: str, world: World) -> None:
    row, address = ROUTES[name], address_of(name, world)
    for client in (Client(), *world.ours.values()):
        answer = knock(client, row, address)
        assert answer.status_code < 500 or name == "readyz"


@pytest.mark.parametrize("name", names("machine"))
def test_machines_without_a_key_are_told_so(name: str, world: World) -> None:
    answer = knock(Client(), ROUTES[name], address_of(name, world))
    assert answer.status_code == 401
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
