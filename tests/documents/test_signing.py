"""Signing: a validator agrees, an altered file is found out, and keys are where and whose they should be."""

import datetime as dt
import io
import shutil
import stat
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from django.core.exceptions import ImproperlyConfigured
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from lms.audit.actors import Actor
from lms.documents import archive, pades, pdf, signing, signing_keys
from lms.documents.engine import print_page
from tests.factories.authority import Authority, key_file

NOW = dt.datetime(2026, 12, 31, 15, 59, 59, tzinfo=dt.UTC)
REASON = "签发年度培训合格证书"


@pytest.fixture
def page() -> bytes:
    return print_page("<html lang='zh-hans'><head><title>证书</title></head><body><p>王敏</p></body></html>")


@pytest.fixture(autouse=True)
def keys(settings: object, tmp_path: Path) -> Path:
    settings.KEYS_DIR = tmp_path / "keys"  # type: ignore[attr-defined]
    return tmp_path / "keys"


def verdict(content: bytes) -> object:
    [signature] = PdfFileReader(io.BytesIO(content)).embedded_signatures
    context = ValidationContext(trust_roots=[signature.signer_cert], moment=NOW)
    return validate_pdf_signature(signature, context)


def test_a_validator_agrees(page: bytes) -> None:
    signed = signing.sign(page, reason=REASON, now=NOW)
    status = verdict(signed)
    assert (status.intact, status.valid) == (True, True)
    assert status.coverage.name == "ENTIRE_FILE"
    [signature] = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature.sig_object["/Reason"] == REASON
    assert signature.self_reported_timestamp == NOW


def test_the_page_itself_stays_as_it_was(page: bytes) -> None:
    signed = signing.sign(page, reason=REASON, now=NOW)
    assert signed.startswith(page)
    assert signing.is_signed(signed)
    assert not signing.is_signed(page)


def test_one_altered_byte_is_found_out(page: bytes) -> None:
    signed = bytearray(signing.sign(page, reason=REASON, now=NOW))
    place = signed.index(b"endstream") - 12
    signed[place] ^= 1
    assert verdict(bytes(signed)).intact is False


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="pdfsig (poppler-utils) is not installed")
def test_another_program_agrees(page: bytes, tmp_path: Path) -> None:
    (tmp_path / "signed.pdf").write_bytes(signing.sign(page, reason=REASON, now=NOW))
    told = subprocess.run(
        ["pdfsig", "-nocert", tmp_path / "signed.pdf"], capture_output=True, text=True, check=False
    ).stdout
    assert "Signature is Valid" in told
    assert "Total document signed" in told


def test_the_embedded_key_is_made_once_for_its_owner_only(page: bytes, keys: Path) -> None:
    signing.sign(page, reason=REASON, now=NOW)
    [file] = keys.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    before = file.read_bytes()
    signing.sign(page, reason=REASON, now=NOW)
    assert file.read_bytes() == before


def test_processes_that_start_together_agree_on_one_key(keys: Path) -> None:
    ready = threading.Barrier(4)

    def start(_process: int) -> bytes:
        ready.wait()
        return signing_keys.embedded(keys).read_bytes()

    with ThreadPoolExecutor(4) as processes:
        seen = set(processes.map(start, range(4)))
    assert len(seen) == 1
    assert [file.name for file in keys.iterdir()] == [signing_keys.EMBEDDED_NAME]


def test_production_never_signs_with_an_embedded_key(page: bytes, keys: Path, settings: object) -> None:
    settings.LOCAL = False  # type: ignore[attr-defined]
    assert signing.sign(page, reason=REASON, now=NOW) == page
    assert not keys.exists()


UNSIGNED = "本文件未经数字签名"


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is not installed")
@pytest.mark.parametrize("local", [True, False])
def test_a_sheet_no_key_signs_says_so(keys: Path, settings: object, tmp_path: Path, local: bool) -> None:
    (tmp_path / "paper.html").write_text(
        '{% extends "documents/base.html" %}{% block content %}<h1>证书</h1>{% endblock %}'
    )
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [str(tmp_path)]}]  # type: ignore[attr-defined]
    settings.LOCAL = local  # type: ignore[attr-defined]
    text = subprocess.run(["pdftotext", "-", "-"], input=pdf.render("paper.html", {}), capture_output=True, check=True)
    assert (UNSIGNED in text.stdout.decode()) is not local


def test_where_no_key_can_be_kept_the_page_comes_back_unsigned(page: bytes, settings: object, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.KEYS_DIR = tmp_path / "file" / "keys"  # type: ignore[attr-defined]
    assert signing.sign(page, reason=REASON, now=NOW) == page


def operators_key(tmp_path: Path, form: str, password: str) -> Path:
    """A key as an operator has it: PKCS#12 or PEM, with or without a password."""
    key, certificate, _chain = pkcs12.load_key_and_certificates(
        signing_keys.embedded(tmp_path / "office").read_bytes(), None
    )
    lock = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    path = tmp_path / f"key.{form}"
    if form == "p12":
        path.write_bytes(pkcs12.serialize_key_and_certificates(b"office", key, certificate, None, lock))
    else:
        block = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)
        path.write_bytes(block + certificate.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.parametrize("form", ["p12", "pem"])
@pytest.mark.parametrize("password", ["", "秘密-secret"])
def test_the_operators_key_signs(
    page: bytes, keys: Path, settings: object, tmp_path: Path, form: str, password: str
) -> None:
    settings.LOCAL = False  # type: ignore[attr-defined]
    settings.SIGNING_KEY_FILE = str(operators_key(tmp_path, form, password))  # type: ignore[attr-defined]
    settings.SIGNING_KEY_PASSWORD = password  # type: ignore[attr-defined]
    assert verdict(signing.sign(page, reason=REASON, now=NOW)).valid
    assert not keys.exists()


def test_a_key_alone_finds_its_certificate_in_a_file_of_its_own(
    page: bytes, authority: Authority, settings: object, tmp_path: Path
) -> None:
    holder = authority.signer()
    (tmp_path / "own.pem").write_bytes(holder.pem)
    settings.SIGNING_KEY_FILE = str(key_file(holder, tmp_path, alone=True))  # type: ignore[attr-defined]
    settings.SIGNING_CERTIFICATE_FILE = str(tmp_path / "own.pem")  # type: ignore[attr-defined]
    settings.SIGNING_CHAIN_FILE = str(authority.chain_file(tmp_path))  # type: ignore[attr-defined]
    [signature] = PdfFileReader(io.BytesIO(signing.sign(page, reason=REASON, now=NOW))).embedded_signatures
    root = asn1.Certificate.load(authority.root.certificate.public_bytes(serialization.Encoding.DER))
    assert validate_pdf_signature(signature, ValidationContext(trust_roots=[root], moment=NOW)).trusted
    settings.SIGNING_CHAIN_FILE = str(tmp_path / "gone.pem")  # type: ignore[attr-defined]
    with pytest.raises(ImproperlyConfigured, match="SIGNING_CHAIN_FILE"):
        signing.sign(page, reason=REASON, now=NOW)


@pytest.mark.parametrize("case", ["absent", "wrong password", "no certificate", "nonsense"])
def test_a_key_file_that_can_not_be_used_is_a_wrong_setting(
    page: bytes, settings: object, tmp_path: Path, case: str
) -> None:
    path = operators_key(tmp_path, "pem" if case == "no certificate" else "p12", "right")
    if case == "absent":
        path.unlink()
    elif case == "no certificate":
        path.write_bytes(path.read_bytes().partition(b"-----BEGIN CERT")[0])
    elif case == "nonsense":
        path.write_bytes(b"not a key")
    settings.SIGNING_KEY_FILE = str(path)  # type: ignore[attr-defined]
    settings.SIGNING_KEY_PASSWORD = "wrong" if case == "wrong password" else "right"  # type: ignore[attr-defined]
    with pytest.raises(ImproperlyConfigured, match="SIGNING_KEY_FILE"):
        signing.sign(page, reason=REASON, now=NOW)


@pytest.mark.django_db
def test_a_paper_is_printed_signed_and_archived_in_one(settings: object, tmp_path: Path) -> None:
    (tmp_path / "paper.html").write_text(
        '{% extends "documents/base.html" %}{% block content %}{{ name }}{% endblock %}'
    )
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [str(tmp_path)]}]  # type: ignore[attr-defined]
    document = archive.issue(
        kind="receipt",
        file_name="receipt.pdf",
        template="paper.html",
        context={"name": "王敏"},
        reason=REASON,
        now=NOW,
        actor=Actor.system("test-issue"),
    )
    content = archive.read(document)
    assert document.signed
    assert verdict(content).valid
    assert pades.FIELD.encode() in content
