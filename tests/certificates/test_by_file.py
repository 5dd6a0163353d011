"""A file handed in: original, altered (where), saved anew, none of ours; and files made to break whoever opens them."""

import zlib
from datetime import timedelta
from time import monotonic
from typing import Any

import pikepdf
import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from certificates.models import Certificate
from certificates.services import by_file, paper_of
from certificates.services.files import FileVerdict, Finding
from certificates.showing import signature_code
from lms.documents import archive, strangers
from tests.factories.certificates import NOON, course_certificate, holder
from tests.factories.pdfs import CATALOGUE, PAGES, blank, pdf_of, saved, written_over

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_counters() -> None:
    cache.clear()


@pytest.fixture
def certificate() -> Certificate:
    return course_certificate(holder(name="欧阳秋月"), now=timezone.now() - timedelta(days=1))


@pytest.fixture
def original(certificate: Certificate) -> bytes:
    return archive.read(paper_of(certificate=certificate, now=NOON))


def judged(content: bytes) -> FileVerdict:
    return by_file(content, timezone.localdate())


def without_links(file: pikepdf.Pdf) -> None:
    del file.pages[0].obj["/Annots"]


def test_the_original_is_not_even_opened(original: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strangers, "look", None)
    assert judged(original).finding is Finding.ORIGINAL


def test_something_behind_the_original(original: bytes, certificate: Certificate) -> None:
    verdict = judged(original + b"\n% and more\n")
    assert (verdict.finding, verdict.certificate, verdict.appended) == (Finding.APPENDED, certificate, 12)


def test_other_words_on_the_page_are_quoted_and_the_original_is_not(original: bytes, certificate: Certificate) -> None:
    verdict = judged(saved(original, written_over))
    assert (verdict.finding, verdict.certificate) == (Finding.ALTERED, certificate)
    assert verdict.changes
    assert ("page", 1) in verdict.changes.places
    assert verdict.changes.added == ((1, "Wang Fang 999 hours"),)
    assert signature_code(verdict) == "broken"


def test_saved_anew_by_another_program(original: bytes, certificate: Certificate) -> None:
    verdict = judged(saved(original, object_stream_mode=pikepdf.ObjectStreamMode.generate))
    assert (verdict.finding, verdict.certificate) == (Finding.RESAVED, certificate)
    assert signature_code(verdict) == "broken"


def test_without_its_links_it_is_known_by_serial_and_name(original: bytes, certificate: Certificate) -> None:
    verdict = judged(saved(original, without_links))
    assert (verdict.finding, verdict.certificate) == (Finding.ALTERED, certificate)


def test_a_serial_alone_tells_nothing(certificate: Certificate) -> None:
    """Whoever writes serials into files of their own learns no more than at the form that asks for the name."""
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    words = b"BT /F 12 Tf 10 10 Td (%s) Tj ET" % certificate.serial.encode()
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 5 0 R /Resources << /Font << /F 4 0 R >> >> >>"
    stream = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(words), words)
    verdict = judged(pdf_of(CATALOGUE, PAGES, page, font, stream))
    assert (verdict.finding, verdict.certificate) == (Finding.FOREIGN, None)


def _bomb() -> bytes:
    packed = zlib.compress(b"q " * (64 * 1024 * 1024), 9)
    packed = zlib.compress(packed, 9)
    stream = b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>\nstream\n%s\nendstream" % (len(packed), packed)
    return pdf_of(CATALOGUE, PAGES, b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>", stream)


def _crowd() -> bytes:
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"
    return pdf_of(CATALOGUE, PAGES, page, *([b"<< /A [1 2 3] >>"] * 21_000))


def _locked() -> bytes:
    return saved(blank(), encryption=pikepdf.Encryption(owner="a", user="b"))


def _circle() -> bytes:
    return pdf_of(CATALOGUE, b"<< /Type /Pages /Kids [2 0 R] /Count 1 /Parent 2 0 R >>")


@pytest.mark.parametrize(
    ("made", "findings"),
    [
        (_bomb, {Finding.FOREIGN, Finding.UNREADABLE, Finding.TOO_COMPLEX}),
        (_crowd, {Finding.TOO_COMPLEX}),
        (_locked, {Finding.ENCRYPTED}),
        (_circle, {Finding.FOREIGN, Finding.UNREADABLE}),
        (lambda: b"%PDF-1.7\n" + b"[" * 500_000 + b"startxref", {Finding.UNREADABLE}),
    ],
    ids=["bomb", "crowd", "locked", "circle", "nested"],
)
def test_hostile_files_are_answered_within_bounds(made: Any, findings: set[Finding]) -> None:
    started = monotonic()
    verdict = judged(made())
    assert verdict.finding in findings
    assert verdict.certificate is None
    assert monotonic() - started < strangers.PATIENCE


def test_one_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strangers, "PATIENCE", 0.0005)
    assert judged(b"%PDF-1.7\nstartxref").finding is Finding.TOO_LONG


def test_the_page_says_where(client: Client, original: bytes, certificate: Certificate) -> None:
    file = SimpleUploadedFile("证书.pdf", saved(original, written_over), content_type="application/pdf")
    text = client.post(reverse("certificates:verify_file"), {"file": file}).content.decode()
    for words in ("第 1 页", "Wang Fang 999 hours", "已不是签署时的样子", certificate.serial, "欧阳**"):
        assert words in text
    assert "欧阳秋月" not in text


def test_the_answer_for_machines_says_where(client: Client, original: bytes) -> None:
    file = SimpleUploadedFile("a.pdf", saved(original, written_over), content_type="application/pdf")
    answer = client.post("/api/v1/certificates/verify-file/", {"file": file}).json()
    assert (answer["finding"], answer["signature"], answer["issued_here"]) == ("altered", "broken", True)
    assert {"code": "text", "page": 1, "text": "Wang Fang 999 hours"} in answer["changes"]
    assert {"code": "page", "page": 1, "text": None} in answer["changes"]
