"""Verification as anybody meets it: every state, both languages, no session, no script, no way to enumerate."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from certificates.models import Certificate
from certificates.services import paper_of, revoke_certificate, supersede_certificate
from certificates.views.public import PAGES_A_MINUTE
from lms.documents import archive
from lms.people.models import Person
from tests.factories import registry
from tests.factories.certificates import NOON, SYSTEM, annual_certificate, course_certificate, holder

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_counters() -> None:
    cache.clear()


def issued(name: str = "欧阳秋月", **ago: int) -> Certificate:
    """A course certificate issued so long ago."""
    return course_certificate(holder(name=name), now=timezone.now() - timedelta(**ago))


def page(client: Client, token: str, language: str = "zh-hans") -> str:
    response = client.get(reverse("certificates:verification", args=[token]), headers={"accept-language": language})
    return response.content.decode()


def pdf_of(certificate: Certificate) -> bytes:
    return archive.read(paper_of(certificate=certificate, now=NOON))


def uploaded(client: Client, content: bytes, name: str = "证书.pdf") -> Any:
    file = SimpleUploadedFile(name, content, content_type="application/pdf")
    return client.post(reverse("certificates:verify_file"), {"file": file})


def test_valid(client: Client) -> None:
    certificate = issued(days=10)
    text = page(client, certificate.token)
    for word in (
        "有效",
        "Valid",
        "欧阳**",
        certificate.serial,
        certificate.issuer_name,
        "课程结业证书",
        "综合技能培训",
    ):
        assert word in text
    assert "欧阳秋月" not in text
    assert "<script" not in text


def test_valid_in_english_by_the_browser_and_by_link(client: Client) -> None:
    certificate = issued()
    for text in (
        page(client, certificate.token, "en"),
        client.get(reverse("certificates:verification", args=[certificate.token]), {"lang": "en"}).content.decode(),
    ):
        assert '<html lang="en">' in text
        assert "Professional skills" in text
    odd = client.get(reverse("certificates:verification", args=[certificate.token]), {"lang": "../etc"})
    assert odd.status_code == 200


def test_expired(client: Client) -> None:
    text = page(client, issued(days=365 * 3).token)
    assert "已过期" in text
    assert "Expired" in text


def test_revoked_says_why_and_not_more(client: Client) -> None:
    certificate = issued(days=3)
    revoke_certificate(
        certificate=certificate,
        code="fraud",
        reason="由他人代考",
        authority="浦东新区人社局",
        actor=SYSTEM,
        now=timezone.now(),
    )
    text = page(client, certificate.token)
    for word in ("已撤销", "弄虚作假取得", "浦东新区人社局"):
        assert word in text
    assert "由他人代考" not in text


def test_revoked_by_a_ban_names_no_facts(client: Client) -> None:
    certificate = issued(days=3)
    case = registry.case_in_force(certificate.person, now=timezone.now() - timedelta(days=1))
    text = page(client, certificate.token)
    assert "持证人被列入从业禁入名单" in text
    assert case.number not in text
    assert "虐待" not in text


def test_superseded_leads_to_the_new_one(client: Client) -> None:
    old = issued(days=3)
    Person.objects.filter(pk=old.person_id).update(name="欧阳秋玥")
    old.person.refresh_from_db()
    new = supersede_certificate(certificate=old, reason="更正", actor=SYSTEM, now=timezone.now())
    text = page(client, old.token)
    assert "已被替换" in text
    assert f"/verify/{new.token}/" in text
    assert "有效" in page(client, new.token)


def test_unknown(client: Client) -> None:
    response = client.get(reverse("certificates:verification", args=["x" * 43]))
    assert response.status_code == 404
    assert "查无此证" in response.content.decode()


def test_light_and_without_a_trace(client: Client) -> None:
    certificate = issued()
    with CaptureQueriesContext(connection) as queries:
        response = client.get(reverse("certificates:verification", args=[certificate.token]))
    assert len(queries) <= 4
    assert not response.cookies
    assert response["Cache-Control"] == "no-store"
    assert response["X-Robots-Tag"] == "noindex"


def test_by_serial_and_name(client: Client) -> None:
    certificate = issued()
    address = reverse("certificates:verify")
    asked = {"serial": certificate.serial.lower(), "name": "欧阳秋月"}
    right = client.post(address, asked).content.decode()
    assert "verdict--ok" in right
    assert certificate.token not in right
    wrong = client.post(address, {**asked, "name": "王芳"}).content.decode()
    unknown = client.post(address, {**asked, "serial": "CRS-2026-310115-0000999-X"}).content.decode()
    strip = re.compile(r'value="[^"]*"')
    assert "verdict--none" in wrong
    assert strip.sub("", wrong) == strip.sub("", unknown)
    assert client.post(address, {"serial": "", "name": ""}).status_code == 422


def test_so_many_pages_a_minute_and_an_address(client: Client) -> None:
    certificate = issued()
    address = reverse("certificates:verification", args=[certificate.token])
    door = knocked(f"verify-page:{PAGES_A_MINUTE}")
    assert client.get(address).status_code == 200
    answer = client.get(address)
    assert answer.status_code == 429
    assert answer["Retry-After"] == "60"
    assert answer["Cache-Control"] == "no-store"
    text = answer.content.decode()
    assert certificate.serial not in text
    assert "尝试次数过多" in text
    english = client.get(address, {"lang": "en"}).content.decode()
    assert '<html lang="en">' in english
    assert client.head(address).status_code == 429
    assert client.get(address, REMOTE_ADDR="203.0.113.9").status_code == 200
    cache.delete(door)  # the minute is over
    assert client.get(address).status_code == 200


def knocked(door_and_times: str) -> str:
    """As if this address had knocked all but once; the key of its counter."""
    door, _colon, limit = door_and_times.partition(":")
    key = f"knock:{door}:127.0.0.1"
    cache.set(key, int(limit) - 1, 60)
    return key


def test_the_names_of_those_asked_about_are_in_no_address(client: Client) -> None:
    assert 'method="post"' in client.get(reverse("certificates:verify")).content.decode()


def test_serials_cannot_be_tried_one_after_the_other(client: Client) -> None:
    address = reverse("certificates:verify")
    answers = [client.post(address, {"serial": f"ANN-{n}", "name": "王芳"}) for n in range(21)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert answers[-1]["Retry-After"] == "60"
    assert client.get(address).status_code == 200


def test_the_original_file(client: Client) -> None:
    certificate = issued()
    text = uploaded(client, pdf_of(certificate)).content.decode()
    assert "逐字节一致" in text
    assert certificate.serial in text
    assert "verdict--ok" in text


def test_an_untouched_file_of_a_revoked_certificate_is_still_revoked(client: Client) -> None:
    certificate = issued()
    content = pdf_of(certificate)
    revoke_certificate(
        certificate=certificate, code="error", reason="重复签发", authority="x", actor=SYSTEM, now=timezone.now()
    )
    text = uploaded(client, content).content.decode()
    assert "逐字节一致" in text
    assert "verdict--stop" in text


def test_an_altered_file(client: Client) -> None:
    certificate = issued()
    text = uploaded(client, pdf_of(certificate) + b"\n").content.decode()
    assert "不一致" in text
    assert certificate.serial in text


@pytest.mark.parametrize(
    ("content", "name", "status"),
    [(b"%PDF-1.7\nmade elsewhere", "a.pdf", 200), (b"MZ\x90\x00", "a.pdf", 422), (b"", "a.pdf", 422)],
)
def test_other_files(client: Client, content: bytes, name: str, status: int) -> None:
    response = uploaded(client, content, name)
    assert response.status_code == status
    assert "逐字节一致" not in response.content.decode()


def test_a_file_larger_than_any_certificate_is_refused_before_it_is_read(client: Client) -> None:
    response = client.generic(
        "POST", reverse("certificates:verify_file"), b"", content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(64 * 1024**2),
    )  # fmt: skip
    assert response.status_code == 413


def test_files_are_rate_limited(client: Client) -> None:
    answers = [uploaded(client, b"%PDF-1.7\nmade elsewhere") for _ in range(13)]
    assert answers[11].status_code == 200
    assert answers[12].status_code == 429
    assert answers[12]["Retry-After"] == "60"


def test_the_annual_certificate_shows_what_was_asked_for(client: Client) -> None:
    certificate = annual_certificate(holder(), now=timezone.now())
    text = page(client, certificate.token)
    assert "职业道德教育" in text
    assert "（要求 40）" in text


def test_a_verb_that_is_none(client: Client) -> None:
    assert client.post(reverse("certificates:verification", args=["x" * 43])).status_code == 405
    assert client.get(reverse("certificates:verify_file")).status_code == 405
