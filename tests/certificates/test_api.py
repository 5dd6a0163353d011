"""Verification for machines: one answer a state, problem details for what can't be answered, limits that say when."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from certificates.models import Certificate
from certificates.services import paper_of, revoke_certificate
from lms.documents import archive
from tests.factories.certificates import NOON, SYSTEM, course_certificate, holder

pytestmark = pytest.mark.django_db
FILE = "/api/v1/certificates/verify-file/"


@pytest.fixture(autouse=True)
def _fresh_counters() -> None:
    cache.clear()


def ask(client: Client, token: str) -> Any:
    return client.get(f"/api/v1/certificates/{token}/")


def upload(client: Client, content: bytes) -> Any:
    return client.post(FILE, {"file": SimpleUploadedFile("a.pdf", content, content_type="application/pdf")})


def issued(**ago: int) -> Certificate:
    return course_certificate(holder(name="欧阳秋月"), now=timezone.now() - timedelta(**ago))


def test_valid(client: Client) -> None:
    certificate = issued(days=1)
    answer = ask(client, certificate.token).json()
    assert answer["status"] == "valid"
    assert answer["holder"] == "欧阳**"
    assert answer["serial"] == certificate.serial
    assert answer["class_hours"] == [{"category": "skills", "earned": "1", "required": None}]
    assert answer["issued_at"].endswith("+08:00")
    assert answer["url"].endswith(f"/verify/{certificate.token}/")
    assert answer["revocation"] is None
    assert "欧阳秋月" not in str(answer)


def test_expired(client: Client) -> None:
    assert ask(client, issued(days=365 * 3).token).json()["status"] == "expired"


def test_revoked_with_reason(client: Client) -> None:
    certificate = issued(days=1)
    revoke_certificate(
        certificate=certificate,
        code="error",
        reason="内部说明",
        authority="浦东开放大学",
        actor=SYSTEM,
        now=timezone.now(),
    )
    answer = ask(client, certificate.token).json()
    assert answer["status"] == "revoked"
    assert answer["revocation"]["code"] == "error"
    assert answer["revocation"]["reason"] == "签发有误"
    assert "内部说明" not in str(answer)


def test_unknown_tells_nothing_else(client: Client) -> None:
    response = ask(client, "x" * 43)
    assert (response.status_code, response.json()) == (200, {"status": "unknown"})


def test_few_queries_and_no_session(client: Client) -> None:
    certificate = issued()
    with CaptureQueriesContext(connection) as queries:
        response = ask(client, certificate.token)
    assert len(queries) <= 4
    assert not response.cookies


def test_a_file(client: Client) -> None:
    certificate = issued()
    content = archive.read(paper_of(certificate=certificate, now=NOON))
    exact = upload(client, content).json()
    assert (exact["issued_here"], exact["untouched"], exact["status"]) == (True, True, "valid")
    altered = upload(client, content + b" ").json()
    assert (altered["issued_here"], altered["untouched"], altered["status"]) == (True, False, "valid")
    other = upload(client, b"%PDF-1.4 other").json()
    assert other == {
        "issued_here": False,
        "untouched": False,
        "status": "unknown",
        "finding": "unreadable",
        "signature": None,
        "appended_bytes": 0,
        "changes": [],
    }


def test_refusals_are_problem_details(client: Client) -> None:
    for response, status, code in (
        (client.post(FILE), 422, "file_missing"),
        (upload(client, b"MZ not a pdf"), 422, "upload_wrong_kind"),
        (
            client.generic("POST", FILE, b"", "multipart/form-data; boundary=x", CONTENT_LENGTH=str(64 * 1024**2)),
            413,
            "upload_too_large",
        ),
    ):
        assert (response.status_code, response.json()["code"]) == (status, code)
        assert response["Content-Type"] == "application/problem+json"


def test_limits_say_when(client: Client) -> None:
    answers = [upload(client, b"%PDF-1.4 other") for _ in range(13)]
    assert answers[11].status_code == 200
    assert answers[12].status_code == 429
    assert int(answers[12]["Retry-After"]) > 0


def test_it_is_described(client: Client) -> None:
    schema = client.get("/api/schema/?format=json").json()
    described = schema["paths"]["/api/v1/certificates/{token}/"]["get"]
    assert described["operationId"] == "verify_certificate"
    assert schema["paths"][FILE]["post"]["requestBody"]["content"].keys() == {"multipart/form-data"}
    assert schema["components"]["schemas"]["Verification"]["required"] == ["status"]
