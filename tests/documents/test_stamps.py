"""Time stamps: somebody vouches for the time; away, they keep nobody waiting and no paper from being issued."""

import datetime as dt
import io
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from asn1crypto import x509 as asn1
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore

from lms.documents import engine, press, signing, stamps
from tests.documents.pdfa import faults
from tests.factories.authority import Authority, Holder, key_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]


def der(holder: Holder) -> asn1.Certificate:
    return asn1.Certificate.load(holder.certificate.public_bytes(serialization.Encoding.DER))


class Clock:
    """A time-stamp authority on this machine: counts what it is asked, and can fall silent. It keeps the list of the
    revoked, too, and answers who asks for the one signer (OCSP)."""

    def __init__(self, authority: Authority) -> None:
        key = authority.stamping.key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.answers = DummyTimeStamper(
            der(authority.stamping), asn1_keys.PrivateKeyInfo.load(key), certs_to_embed=[der(authority.issuing)]
        )
        self.asked, self.broken, self.revoked = 0, False, authority.revoked()
        self.lists_given, self.answers_given, self.signer_revoked = 0, 0, False
        self.signer: Holder | None = None
        clock = self

        class Desk(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path == "/ocsp":
                    assert clock.signer
                    clock.answers_given += 1
                    told = authority.answer(body, clock.signer, revoked=clock.signer_revoked)
                    self.send_response(200)
                    self.send_header("Content-Type", "application/ocsp-response")
                    self.end_headers()
                    self.wfile.write(told)
                    return
                clock.asked += 1
                self.send_response(503 if clock.broken else 200)
                self.send_header("Content-Type", "text/html" if clock.broken else "application/timestamp-reply")
                self.end_headers()
                if not clock.broken:
                    self.wfile.write(clock.answers.request_tsa_response(tsp.TimeStampReq.load(body)).dump())

            def do_GET(self) -> None:
                clock.lists_given += 1
                self.send_response(200)
                self.send_header("Content-Type", "application/pkix-crl")
                self.end_headers()
                self.wfile.write(clock.revoked)

            def log_message(self, *args: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"


@pytest.fixture
def clock(authority: Authority, settings: object, tmp_path: Path) -> Iterator[Clock]:
    """An authority that answers; the key of this installation is certified by its chain."""
    clock = Clock(authority)
    thread = threading.Thread(target=clock.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    stamps.forget()
    settings.TIMESTAMP_URL = clock.url  # type: ignore[attr-defined]
    settings.SIGNING_KEY_FILE = str(key_file(authority.signer(revoked_at=f"{clock.url}crl"), tmp_path))  # type: ignore[attr-defined]
    settings.SIGNING_CHAIN_FILE = str(authority.chain_file(tmp_path))  # type: ignore[attr-defined]
    yield clock
    clock.server.shutdown()
    clock.server.server_close()
    thread.join()


def signed(page: bytes) -> bytes:
    return signing.sign(page, reason="签发", now=dt.datetime.now(dt.UTC))


def test_a_paper_carries_what_proves_it_decades_later(
    clock: Clock, authority: Authority, printed_page: bytes, tmp_path: Path
) -> None:
    content = signed(printed_page)
    found = signing.examine(content)
    assert found.good
    assert found.signature
    assert found.signature.proven_at
    assert abs(found.signature.proven_at - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)
    assert found.signature.proven_by == "托育测试时间戳"
    reader = PdfFileReader(io.BytesIO(content))
    store = DocumentSecurityStore.read_dss(reader)
    names = {each.get_object().data for each in store.certs.values()}
    assert {der(each).dump() for each in (authority.root, authority.issuing, authority.stamping)} <= names
    assert len(reader.embedded_timestamp_signatures) == 1
    assert [each.get_object().data for each in store.crls] == [clock.revoked]
    # Validated by what the file carries and one root, with nothing asked of anybody.
    context = store.as_validation_context({"trust_roots": [der(authority.root)], "allow_fetching": False})
    status = validate_pdf_signature(reader.embedded_regular_signatures[0], context)
    assert status.trusted
    assert status.timestamp_validity.trusted
    assert len(content) < 80_000
    assert faults(content) == []
    if shutil.which("pdfsig"):
        (tmp_path / "paper.pdf").write_bytes(content)
        command = ["pdfsig", "-nocert", tmp_path / "paper.pdf"]
        told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        assert told.count("Signature is Valid") == 1  # poppler lists time stamps without verifying them
        assert "Signature #2" in told


@pytest.fixture
def asking(clock: Clock, authority: Authority, settings: object, tmp_path: Path) -> Clock:
    """The signer's certificate says where one may ask for it alone."""
    clock.signer = authority.signer(asked_at=f"{clock.url}ocsp")
    settings.SIGNING_KEY_FILE = str(key_file(clock.signer, tmp_path))  # type: ignore[attr-defined]
    return clock


def test_the_answer_about_the_signer_goes_into_the_file(
    asking: Clock, authority: Authority, printed_page: bytes
) -> None:
    content = signed(printed_page)
    reader = PdfFileReader(io.BytesIO(content))
    store = DocumentSecurityStore.read_dss(reader)
    assert len(store.ocsps) == 1
    assert store.crls == []
    # Hard: where a certificate says that one may ask, there is an answer, and it is in the file.
    told = {"trust_roots": [der(authority.root)], "allow_fetching": False, "revocation_mode": "hard-fail"}
    status = validate_pdf_signature(reader.embedded_regular_signatures[0], store.as_validation_context(told))
    assert status.trusted
    assert status.timestamp_validity.trusted
    assert faults(content) == []
    assert len(content) < 80_000


def test_what_is_said_of_revocation_is_asked_once_in_some_minutes(
    asking: Clock, printed_page: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    papers = [signed(printed_page) for _paper in range(3)]
    assert asking.answers_given == 1
    assert asking.asked in {6, 7}  # a stamp for the signature and one for the file; once one to know how large they are
    for paper in papers:
        assert len(DocumentSecurityStore.read_dss(PdfFileReader(io.BytesIO(paper))).ocsps) == 1
    monkeypatch.setattr(stamps, "FRESH", -1)
    stamps.forget()
    signed(printed_page)
    signed(printed_page)
    assert asking.answers_given == 3


def test_a_revoked_certificate_signs_nothing(
    asking: Clock, printed_page: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    asking.signer_revoked = True
    with pytest.raises(signing.OutOfReach) as refused:
        signed(printed_page)
    assert (refused.value.code, refused.value.status) == ("signing_revoked", 503)
    assert "revoked" in caplog.text
    asking.signer_revoked = False
    assert signing.examine(signed(printed_page)).good


def test_whoever_should_answer_and_does_not_is_no_hindrance(
    clock: Clock, authority: Authority, settings: object, printed_page: bytes, tmp_path: Path
) -> None:
    signer = authority.signer(asked_at="http://127.0.0.1:9/ocsp")
    settings.SIGNING_KEY_FILE = str(key_file(signer, tmp_path))  # type: ignore[attr-defined]
    found = signing.examine(signed(printed_page))
    assert found.good
    assert found.signature
    assert found.signature.proven_at


def test_without_roots_there_is_a_stamp_and_nothing_more(clock: Clock, settings: object, printed_page: bytes) -> None:
    settings.SIGNING_CHAIN_FILE = ""  # type: ignore[attr-defined]
    content = signed(printed_page)
    found = signing.examine(content)
    assert found.good
    assert found.signature
    assert found.signature.proven_at
    assert b"/DSS" not in content


def test_an_authority_that_is_away_keeps_no_paper_and_is_left_alone(clock: Clock, printed_page: bytes) -> None:
    clock.broken = True
    for _paper in range(3):
        found = signing.examine(signed(printed_page))
        assert found.good
        assert found.signature
        assert found.signature.proven_at is None
    assert clock.asked == 1
    clock.broken = False
    stamps.forget()
    assert signing.examine(signed(printed_page)).signature.proven_at  # type: ignore[union-attr]


def test_nobody_listening_is_no_hindrance(clock: Clock, settings: object, printed_page: bytes) -> None:
    settings.TIMESTAMP_URL = "http://127.0.0.1:9/"  # type: ignore[attr-defined]
    assert signing.examine(signed(printed_page)).good


def test_a_page_changed_after_the_last_stamp_is_found(clock: Clock, printed_page: bytes) -> None:
    from tests.documents.test_examine import added

    found = signing.examine(added(signed(printed_page), "page"))
    assert (found.intact, found.whole, found.good) == (True, False, False)


def test_papers_in_bulk_are_cast_and_each_is_stamped(
    asking: Clock, settings: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "paper.html").write_text(
        '{% extends "documents/base.html" %}{% block title %}证书{% endblock %}'
        "{% block content %}<h1>证书</h1><p>{{ name }}</p>{% endblock %}"
    )
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [str(tmp_path)]}]  # type: ignore[attr-defined]
    press.moulds.clear()
    laid_out: list[str] = []
    lay_out = engine.print_page
    monkeypatch.setattr(engine, "print_page", lambda page: laid_out.append(page) or lay_out(page))
    sheets = [{"name": f"第{number:02}人"} for number in range(30)]
    now = dt.datetime.now(dt.UTC)
    papers = list(press.printed(template="paper.html", sheets=sheets, reasons="签发", now=now))
    assert len(laid_out) < 8
    assert 2 * len(sheets) <= asking.asked <= 2 * len(sheets) + press.STAMPED_AT_ONCE
    assert asking.answers_given <= press.STAMPED_AT_ONCE  # those that wait at once each ask for the first time
    for number in (0, 11, 29):
        paper = papers[number]
        assert isinstance(paper, bytes)
        found = signing.examine(paper)
        assert found.good
        assert found.signature
        assert found.signature.proven_at
        assert faults(paper) == []
        assert len(PdfFileReader(io.BytesIO(paper)).embedded_timestamp_signatures) == 1
    # Without the authority the same sheets are signed in series again.
    settings.TIMESTAMP_URL = ""  # type: ignore[attr-defined]
    before = asking.asked
    paper = next(press.printed(template="paper.html", sheets=sheets, reasons="签发", now=now))
    assert isinstance(paper, bytes)
    assert signing.examine(paper).good
    assert asking.asked == before


def test_the_password_of_an_authority_is_no_part_of_its_address() -> None:
    stamping = stamps.stamping("https://lms:p%40ss@tsa.example.gov.cn/stamp")
    assert (stamping.url, stamping.authority.auth) == ("https://tsa.example.gov.cn/stamp", ("lms", "p@ss"))
