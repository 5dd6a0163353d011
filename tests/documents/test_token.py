"""A key in hardware, here a token made of software: it signs, it is away, it comes back."""

import datetime as dt
import shutil
import subprocess
from pathlib import Path

import pkcs11
import pytest
from cryptography.hazmat.primitives import serialization
from django.core.exceptions import ImproperlyConfigured

from lms.documents import pades, signing
from lms.documents.signing import OutOfReach
from tests.factories.authority import Authority, Holder, key_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/opt/homebrew/lib/softhsm/libsofthsm2.so")
MODULE = next((each for each in MODULES if Path(each).is_file()), "")
NOW = dt.datetime(2026, 12, 31, 15, 59, 59, tzinfo=dt.UTC)

if not MODULE or shutil.which("softhsm2-util") is None:
    pytest.skip("softhsm2 is not installed", allow_module_level=True)


# Once a process: the library keeps to the directory it found first, and a second key would not be the token's.
@pytest.fixture(scope="session")
def holder(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Holder:
    """Somebody whose key lies in a token ``papers`` under ``office``; the module finds it for the whole process."""
    directory = tmp_path_factory.mktemp("token")
    (directory / "tokens").mkdir()
    configuration = directory / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {directory}/tokens\nobjectstore.backend = file\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(configuration))
        somebody = authority.signer("硬件密钥")
        util = ["softhsm2-util", "--init-token", "--free", "--label", "papers", "--pin", "1234", "--so-pin", "5678"]
        subprocess.run(util, check=True, capture_output=True)
        path = key_file(somebody, directory, alone=True)
        load = ["softhsm2-util", "--import", path, "--token", "papers", "--label", "office", "--id", "01", "--pin"]
        subprocess.run([*load, "1234"], check=True, capture_output=True)
        with pkcs11.lib(MODULE).get_token(token_label="papers").open(rw=True, user_pin="1234") as session:
            session.create_object(
                {
                    pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
                    pkcs11.Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                    pkcs11.Attribute.LABEL: "office",
                    pkcs11.Attribute.ID: b"\x01",
                    pkcs11.Attribute.TOKEN: True,
                    pkcs11.Attribute.SUBJECT: somebody.certificate.subject.public_bytes(),
                    pkcs11.Attribute.VALUE: somebody.certificate.public_bytes(serialization.Encoding.DER),
                }
            )
    return somebody


@pytest.fixture(autouse=True)
def token(holder: Holder, settings: object) -> None:
    pades.forget_tokens()
    settings.SIGNING_PKCS11_MODULE = MODULE  # type: ignore[attr-defined]
    settings.SIGNING_PKCS11_TOKEN = "papers"  # type: ignore[attr-defined]
    settings.SIGNING_PKCS11_KEY_LABEL = "office"  # type: ignore[attr-defined]
    settings.SIGNING_PKCS11_PIN = "1234"  # type: ignore[attr-defined]


def test_the_key_never_leaves_it_and_signs(printed_page: bytes) -> None:
    found = signing.examine(signing.sign(printed_page, reason="签发", now=NOW))
    assert found.good
    assert found.signer == "硬件密钥"
    signing.require_configured_key()


def test_its_certificate_may_come_from_a_file(
    printed_page: bytes, holder: Holder, settings: object, tmp_path: Path
) -> None:
    (tmp_path / "own.pem").write_bytes(holder.pem)
    settings.SIGNING_CERTIFICATE_FILE = str(tmp_path / "own.pem")  # type: ignore[attr-defined]
    assert signing.examine(signing.sign(printed_page, reason="签发", now=NOW)).good


@pytest.mark.parametrize(
    ("setting", "value"), [("TOKEN", "another"), ("KEY_LABEL", "another"), ("PIN", "0000")], ids=lambda each: each
)
def test_a_key_out_of_reach_issues_nothing_unsigned(
    printed_page: bytes, settings: object, setting: str, value: str
) -> None:
    setattr(settings, f"SIGNING_PKCS11_{setting}", value)
    with pytest.raises(OutOfReach) as refusal:
        signing.sign(printed_page, reason="签发", now=NOW)
    assert (refusal.value.code, refusal.value.status) == ("signing_unavailable", 503)
    assert value not in str(refusal.value)
    with pytest.raises(ImproperlyConfigured, match="SIGNING_PKCS11_MODULE"):
        signing.require_configured_key()
