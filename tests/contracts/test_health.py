"""What machines watch: alive, ready, counted."""

from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import pytest
from django.db import OperationalError, connection
from django.test import Client

from lms.audit.actors import Actor
from lms.audit.models import AuditEvent, AuditLink
from lms.audit.services import record, seal
from lms.people.models import Organisation
from lms.rules.chain import GENESIS

NOW = datetime(2026, 6, 15, 4, 0, tzinfo=UTC)


def test_alive_without_any_query(client: Client) -> None:
    with mock.patch.object(connection, "ensure_connection", side_effect=OperationalError("away")):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_ready_names_every_part(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200, answer.json()
    assert answer.json()["parts"] == {"database": "ok", "queue": "ok", "storage": "ok", "audit_chain": "ok"}


@pytest.mark.django_db
def test_ready_in_three_queries_and_leaves_no_file(
    client: Client, django_assert_max_num_queries, tmp_path: Path
) -> None:
    _sealed_event()
    with django_assert_max_num_queries(3):
        client.get("/readyz")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_database_away(client: Client) -> None:
    with mock.patch("lms.oversight.health.connection.cursor", side_effect=OperationalError("password=secret")):
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "database" in answer.json()["failing"]
    assert "secret" not in answer.content.decode()


@pytest.mark.django_db
def test_queue_away(client: Client, settings) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {}
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["failing"]) == (503, ["queue"])


@pytest.mark.django_db
def test_disk_broker_without_its_folder(client: Client, settings, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    settings.CELERY_BROKER_URL = "filesystem://"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(blocked / "messages"),
        "data_folder_out": str(blocked / "messages"),
        "control_folder": str(blocked / "control"),
    }
    assert client.get("/readyz").json()["failing"] == ["queue"]


@pytest.mark.django_db
def test_archive_not_writable(client: Client, settings, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    storages = {name: dict(value) for name, value in settings.STORAGES.items()}
    storages["archive"]["OPTIONS"] = {"location": str(blocked / "archive")}
    settings.STORAGES = storages
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["failing"]) == (503, ["storage"])


@pytest.mark.django_db
def test_head_of_the_chain_that_does_not_cover_its_event(client: Client) -> None:
    event = _event()
    AuditLink.objects.create(number=1, event=event, previous_hash=GENESIS, hash="0" * 64)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["failing"]) == (503, ["audit_chain"])


def test_metrics_for_this_machine(client: Client) -> None:
    answer = client.get("/metrics", REMOTE_ADDR="127.0.0.1")
    assert answer.status_code == 200
    assert "django_http_requests" in answer.content.decode()


@pytest.mark.parametrize(
    "asked",
    [
        {"REMOTE_ADDR": "203.0.113.9"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=203.0.113.9"},
    ],
)
def test_metrics_for_nobody_else(client: Client, asked: dict[str, str]) -> None:
    assert client.get("/metrics", **asked).status_code == 404


@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/metrics"])
def test_only_asked_never_told(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405


def _event() -> AuditEvent:
    subject = Organisation(name="一家机构")
    return record(verb="organisation.seen", actor=Actor.system("test"), now=NOW, subject=subject)


def _sealed_event() -> None:
    _event()
    assert seal(now=NOW) == 1
