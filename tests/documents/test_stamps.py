"""Time stamps: somebody vouches for the time; away, they keep nobody waiting and no paper from being issued."""

import datetime as dt
import io
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
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

from lms.documents import press, signing, stamps
from tests.documents.pdfa import faults
from tests.factories.authority import Authority, Holder, key_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]


def der(holder: Holder) -> asn1.Certificate:
    return asn1.Certificate.load(holder.certificate.public_bytes(serialization.Encoding.DER))


class Clock:
    """A time-stamp authority on this machine: counts what it is asked, and can fall silent. It keeps the list of the
    revoked, too."""

    def __init__(self, authority: Authority) -> None:
        key = authority.stamping.key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.answers = DummyTimeStamper(
            der(authority.stamping), asn1_keys.PrivateKeyInfo.load(key), certs_to_embed=[der(authority.issuing)]
        )
        self.asked, self.broken, self.revoked = 0, False, authority.revoked()
        clock = self

        class Desk(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                clock.asked += 1
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(503 if clock.broken else 200)
                self.send_header("Content-Type", "text/html" if clock.broken else "application/timestamp-reply")
                self.end_headers()
                if not clock.broken:
                    self.wfile.write(clock.answers.request_tsa_response(tsp.TimeStampReq.load(body)).dump())

            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/pkix-crl")
                self.end_headers()
                self.wfile.write(clock.revoked)

            def log_message(self, *args: object) -> None:
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Desk)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"


@pytest.fixture
def clock(authority: Authority, settings: object, tmp_path: Path) -> Iterator[Clock]:
    """An authority that answers; the key of this installation is certified by its chain."""
    clock = Clock(authority)
    thread = threading.Thread(target=clock.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    stamps._rests_until.clear()
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
    stamps._rests_until.clear()
    assert signing.examine(signed(printed_page)).signature.proven_at  # type: ignore[union-attr]


def test_nobody_listening_is_no_hindrance(clock: Clock, settings: object, printed_page: bytes) -> None:
    settings.TIMESTAMP_URL = "http://127.0.0.1:9/"  # type: ignore[attr-defined]
    assert signing.examine(signed(printed_page)).good


def test_a_page_changed_after_the_last_stamp_is_found(clock: Clock, printed_page: bytes) -> None:
    from tests.documents.test_examine import added

    found = signing.examine(added(signed(printed_page), "page"))
    assert (found.intact, found.whole, found.good) == (True, False, False)


def test_papers_printed_by_the_dozen_are_stamped_each_by_itself(clock: Clock, settings: object, tmp_path: Path) -> None:
    (tmp_path / "paper.html").write_text(
        '{% extends "documents/base.html" %}{% block content %}<h1>证书</h1><p>{{ name }}</p>{% endblock %}'
    )
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [str(tmp_path)]}]  # type: ignore[attr-defined]
    sheets = [{"name": f"第{number}人"} for number in range(3)]
    now = dt.datetime.now(dt.UTC)
    papers = list(press.printed(template="paper.html", sheets=sheets, reasons="签发", now=now))
    found = [signing.examine(paper) for paper in papers if isinstance(paper, bytes)]
    assert len(found) == len(sheets)
    assert all(each.good and each.signature and each.signature.proven_at for each in found)


def test_the_password_of_an_authority_is_no_part_of_its_address() -> None:
    stamping = stamps.stamping("https://lms:p%40ss@tsa.example.gov.cn/stamp")
    assert (stamping.url, stamping.authority.auth) == ("https://tsa.example.gov.cn/stamp", ("lms", "p@ss"))
