"""What people and programs read when a request meets a database that does not answer, or a mistake of ours."""

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client

from lms.people import middleware
from lms.people.models import Person
from tests.factories import people

LOCKED_SECONDS = 2.0


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], Client]:
    """A signed-in browser; looking its memberships up raises what is given."""

    def fail(error: Exception) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(people.practitioner())

        def broken(*_: object) -> None:
            raise error

        monkeypatch.setattr(middleware, "memberships_of", broken)
        return client

    return fail


@pytest.mark.django_db
@pytest.mark.parametrize("error", [OperationalError("server closed the connection"), InterfaceError("closed")])
def test_a_page_says_what_to_do_and_when(failing: Callable[[Exception], Client], error: Exception) -> None:
    page = failing(error).get("/learn/")
    assert (page.status_code, page["Retry-After"]) == (503, "5")
    told = page.content.decode()
    assert "数据库暂时没有应答" in told
    assert "再决定要不要重新提交" in told
    assert "server closed" not in told
    assert "Content-Security-Policy" in page.headers


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/v1/hiring-checks/", "/xapi/about"])
def test_a_program_is_told_to_try_again(failing: Callable[[Exception], Client], path: str) -> None:
    answer = failing(OperationalError("gone")).post(path)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "/api/problems/database_unavailable",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "数据库暂时没有应答，还不能确定这一步是否已经完成。请稍后以同一 Idempotency-Key 重试。",
        "code": "database_unavailable",
        "errors": [],
    }


@pytest.mark.django_db
def test_any_other_mistake_is_no_outage(failing: Callable[[Exception], Client]) -> None:
    client = failing(RuntimeError("310101199003071234"))
    page, answer = client.get("/learn/"), client.get("/api/v1/hiring-checks/")
    assert (page.status_code, answer.status_code) == (500, 500)
    assert "Retry-After" not in page.headers
    assert "系统出现故障" in page.content.decode()
    assert answer.json()["code"] == "internal_error"
    for told in (page, answer):
        assert "310101199003071234" not in told.content.decode()


def lock() -> sqlite3.Connection:
    """Another writer, in the middle of its transaction."""
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    return other


@pytest.mark.django_db(transaction=True)
def test_a_writer_waits_for_the_other_one_and_goes_on(on_sqlite: bool) -> None:
    if not on_sqlite:
        pytest.skip("SQLite: on PostgreSQL writers of other rows do not wait")
    with closing(lock()) as other:
        letting_go = threading.Timer(LOCKED_SECONDS, other.rollback)
        began = time.monotonic()
        letting_go.start()
        person = people.person(name="欧阳秋月")
        waited = time.monotonic() - began
        letting_go.join()
    assert waited > LOCKED_SECONDS * 0.9
    assert list(Person.objects.all()) == [person]


@pytest.mark.django_db(transaction=True)
def test_a_writer_that_waited_too_long_is_told_so(on_sqlite: bool) -> None:
    if not on_sqlite:
        pytest.skip("SQLite: on PostgreSQL writers of other rows do not wait")
    client = Client(raise_request_exception=False)
    client.force_login(people.practitioner())
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 100")
    try:
        with closing(lock()):
            page = client.post("/accounts/logout/")
        assert page.status_code == 503
        assert client.post("/accounts/logout/").status_code == 302
    finally:
        connection.close()  # the next one has the patience of the settings
