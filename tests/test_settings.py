"""The one file that reads the environment: a bad value stops the start with the variable's name, secrets come from files.

The file is run anew for each case, beside the settings of the suite.
"""

import runpy
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

FILE = Path(settings.BASE_DIR) / "lms" / "settings.py"


@pytest.fixture(autouse=True)
def _embedded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variables but those of a test."""
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
    for name in ("DATABASE_URL", "CELERY_BROKER_URL", "CACHE_URL", "STORAGE_URL"):
        monkeypatch.delenv(name, raising=False)


def read(monkeypatch: pytest.MonkeyPatch, **variables: Any) -> dict[str, Any]:
    for name, value in variables.items():
        monkeypatch.setenv(name, str(value))
    return runpy.run_path(str(FILE))


def test_without_any_variable_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    read_here = read(monkeypatch)
    assert read_here["SIGNING_KEY_FILE"] == read_here["BADGE_KEY_FILE"] == read_here["TIMESTAMP_URL"] == ""
    assert read_here["RARE_FONT_FILES"] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            (name, "/nowhere/at/all")
            for name in (
                "SIGNING_KEY_FILE",
                "SIGNING_CERTIFICATE_FILE",
                "SIGNING_CHAIN_FILE",
                "SIGNING_PKCS11_MODULE",
                "TIMESTAMP_CHAIN_FILE",
                "BADGE_KEY_FILE",
                "RARE_FONT_FILES",
                "SIGNING_KEY_PASSWORD_FILE",
                "SIGNING_PKCS11_PIN_FILE",
                "TIMESTAMP_URL_FILE",
                "SECRET_KEY_FILE",
            )
        ),
        ("TIMESTAMP_URL", "tsa.example.gov.cn/stamp"),
        ("TIMESTAMP_URL", "ftp://tsa.example.gov.cn"),
        ("TIMESTAMP_URL", "https://"),
        ("DEBUG", "perhaps"),
        ("PUBLIC_BASE_URL", "lms.example.gov.cn"),
        ("DATABASE_URL", "mysql://root@127.0.0.1/lms"),
        ("CELERY_BROKER_URL", "carrier-pigeon://"),
        ("CACHE_URL", "memcached://127.0.0.1"),
        ("STORAGE_URL", "ftp://files"),
        ("IDENTITY_KEYS", "1:short"),
        ("EMAIL_URL", "pigeon://post"),
        ("EXTERNAL_LRS_URL", "lrs.example.org"),
        ("RENDITIONS_AT_ONCE", "many"),
    ],
)
def test_a_bad_value_stops_the_start_with_its_name(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured, match=rf"\b{name}\b"):
        read(monkeypatch, **{name: value})


def test_one_missing_font_of_several_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    there = tmp_path / "there.ttf"
    there.write_bytes(b"")
    assert read(monkeypatch, RARE_FONT_FILES=f"{there}, ")["RARE_FONT_FILES"] == [str(there)]
    with pytest.raises(ImproperlyConfigured, match=r"gone\.ttf"):
        read(monkeypatch, RARE_FONT_FILES=f"{there}, {tmp_path / 'gone.ttf'}")


def test_a_key_in_hardware_is_named_whole_and_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    module, key = tmp_path / "module.so", tmp_path / "key.pem"
    module.write_bytes(b"")
    key.write_bytes(b"")
    with pytest.raises(ImproperlyConfigured, match="SIGNING_PKCS11_TOKEN"):
        read(monkeypatch, SIGNING_PKCS11_MODULE=module)
    with pytest.raises(ImproperlyConfigured, match="SIGNING_PKCS11_KEY_LABEL"):
        read(monkeypatch, SIGNING_PKCS11_TOKEN="papers")
    assert read(monkeypatch, SIGNING_PKCS11_KEY_LABEL="office")["SIGNING_PKCS11_MODULE"] == str(module)
    with pytest.raises(ImproperlyConfigured, match="SIGNING_PKCS11_MODULE"):
        read(monkeypatch, SIGNING_KEY_FILE=key)


@pytest.mark.parametrize("name", ["SIGNING_KEY_PASSWORD", "SIGNING_PKCS11_PIN", "SECRET_KEY", "TIMESTAMP_URL"])
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_secret_may_lie_in_a_file_whatever_line_it_ends_with(
    name: str, end: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = "https://lms:pass word@tsa.example.gov.cn/" if name == "TIMESTAMP_URL" else " pass word "
    path = tmp_path / "secret"
    path.write_bytes(f"{secret}{end}".encode())
    assert read(monkeypatch, **{f"{name}_FILE": path})[name] == secret


def test_no_secret_stands_in_what_the_start_says(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured) as stopped:
        read(monkeypatch, TIMESTAMP_URL="lms:hush@tsa.example.gov.cn")
    assert "hush" not in str(stopped.value)


def test_production_starts_on_no_key_of_its_own_making(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        read(monkeypatch, PUBLIC_BASE_URL="https://lms.example.gov.cn")
