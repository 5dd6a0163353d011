"""Identity numbers stay out of logs, audit, addresses, pages and errors."""

import logging

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from lms.audit.models import AuditEvent
from lms.people import services
from lms.people.services import persons
from tests.factories import people as make

pytestmark = pytest.mark.django_db
NUMBER = "11010519491231002X"
WRONG = "110105194912310021"


def form(number: str, username: str = "ouyang") -> dict[str, str]:
    return {
        "name": "欧阳秋月",
        "document_type": "resident_id",
        "document_number": number,
        "phone": "",
        "region_code": make.PUDONG,
        "username": username,
        "password": make.PASSWORD,
        "password_again": make.PASSWORD,
        "consent": "on",
    } | {"phone": "13900001234"}


@pytest.fixture(autouse=True)
def _places(monkeypatch: pytest.MonkeyPatch) -> None:
    from lms.people import places

    monkeypatch.setattr(places, "_sources", [lambda: [places.Place(make.PUDONG, "浦东新区")]])


def test_no_log_line_and_no_audit_event_holds_a_number(
    client: Client, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    client.post(reverse("people:register"), form(WRONG))
    response = client.post(reverse("people:register"), form(NUMBER))
    assert response.status_code == 302
    assert NUMBER not in response.headers["Location"]
    client.get(reverse("people:profile"))
    client.logout()
    client.post(reverse("people:register"), form(NUMBER, "second"))
    written = caplog.text + "".join(capfd.readouterr())
    for number in (NUMBER, WRONG, NUMBER[:17]):
        assert number not in written
    for event in AuditEvent.objects.all():
        assert NUMBER not in f"{event.changes} {event.reason} {event.actor_label}"
    assert AuditEvent.objects.count() >= 2


def test_an_error_in_the_middle_is_logged_without_the_number(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def fail(number: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(persons, "holder", fail)
    client.raise_request_exception = False
    assert client.post(reverse("people:register"), form(NUMBER)).status_code == 500
    written = caplog.text + "".join(capfd.readouterr())
    assert "ZeroDivisionError" in written
    assert NUMBER not in written


def test_no_column_of_the_database_holds_a_number() -> None:
    services.register_person(
        name="欧阳秋月",
        document_type="resident_id",
        document_number=NUMBER,
        region_code=make.PUDONG,
        actor=make.system(),
        now=make.LONG_AGO,
    )
    with connection.cursor() as cursor:
        for table in ("people_person", "people_identitydocument", "audit_auditevent"):
            cursor.execute(f'SELECT * FROM "{table}"')
            assert NUMBER not in str(cursor.fetchall())


def test_the_same_document_looks_different_each_time_it_is_sealed() -> None:
    from lms.people import vault

    assert vault.seal(NUMBER).ciphertext != vault.seal(NUMBER).ciphertext
