"""A question that changes nothing needs nobody to ask first whether the connection lives; it is asked again on a new one."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, transaction

from lms.audit import rows
from lms.audit.rows import read_one


@pytest.fixture
def kept() -> Iterator[None]:
    """A connection kept from the request before, about to be asked whether it lives."""
    connection.ensure_connection()
    enabled = connection.health_check_enabled
    connection.health_check_enabled, connection.health_check_done = True, False
    yield
    connection.health_check_enabled = enabled


def refuse(*_given: Any) -> None:
    raise AssertionError("asked without need")


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_lives_is_asked_once(kept: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "is_usable", refuse)
    assert read_one("SELECT %s, 2", [1]) == (1, 2)
    assert read_one("SELECT 1 WHERE 1 = %s", [2]) is None


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_died_is_replaced(kept: None, on_sqlite: bool) -> None:
    if on_sqlite:
        pytest.skip("a file does not hang up")
    given = {**connection.settings_dict}
    names = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password", "NAME": "dbname"}
    before = connection.connection
    with psycopg.connect(
        **{ours: given[name] for name, ours in names.items() if given[name]}, autocommit=True
    ) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [before.info.backend_pid])
    assert read_one("SELECT 1", []) == (1,)
    assert connection.connection is not before


@pytest.mark.django_db(transaction=True)
def test_it_is_asked_again_once_and_no_more(kept: None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def away(statement: str, _parameters: Any) -> None:
        asked.append(statement)
        raise OperationalError

    monkeypatch.setattr(rows, "_first", away)
    with pytest.raises(OperationalError):
        read_one("SELECT 1", [])
    assert asked == ["SELECT 1"] * 2


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_nothing_is_asked_again(kept: None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def away(statement: str, _parameters: Any) -> None:
        asked.append(statement)
        raise OperationalError

    with transaction.atomic():
        connection.health_check_done = False
        monkeypatch.setattr(rows, "_first", away)
        with pytest.raises(OperationalError):
            read_one("SELECT 1", [])
        connection.health_check_done = True
    assert asked == ["SELECT 1"]
