"""Warm before the first paper: web and worker processes, and nobody else; it may fail, but never stops a start."""

import importlib
import subprocess
import sys
from typing import Any

import pytest
from celery.signals import worker_init, worker_process_init
from django.conf import settings

from lms.documents import engine, pades, warming

FRESH = """
import django, sys, time
django.setup()
from lms.documents import warming
{first}
from lms.documents import pdf, signing
from datetime import UTC, datetime
begun = time.process_time()
signing.sign(pdf.render("documents/base.html", {{}}), reason="-", now=datetime.now(UTC))
print(time.process_time() - begun)
"""


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    called: list[str] = []
    monkeypatch.setattr(warming, "begin", lambda: called.append("begin"))
    monkeypatch.setattr(warming, "load", lambda: called.append("load"))
    return called


def processor_seconds(first: str) -> float:
    """What the first paper of a fresh process costs after ``first``."""
    done = subprocess.run(
        [sys.executable, "-c", FRESH.format(first=first)],
        capture_output=True,
        text=True,
        check=True,
        cwd=settings.BASE_DIR,
    )
    return float(done.stdout.split()[-1])


def test_the_web_server_begins_when_it_is_loaded(begun: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "lms.wsgi", raising=False)
    importlib.import_module("lms.wsgi")
    assert begun == ["begin"]


def test_a_worker_loads_before_it_forks_and_each_of_its_processes_prints(begun: list[str]) -> None:
    worker_init.send(sender=None)
    assert begun == ["load"]
    worker_process_init.send(sender=None)
    assert begun == ["load", "begin"]


@pytest.mark.usefixtures("keys")
def test_everything_is_tried_once() -> None:
    warming.begin().join()
    assert pades.signer.cache_info().currsize == 1


def test_it_fails_in_silence(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def broken(_page: str) -> bytes:
        raise OSError("out of ink")

    monkeypatch.setattr(engine, "print_page", broken)
    warming.begin().join()
    assert "OSError" in caplog.text
    assert "out of ink" not in caplog.text


def test_a_time_stamp_authority_is_not_asked(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    from lms.documents import signing

    settings.TIMESTAMP_URL = "https://tsa.example.gov.cn/"
    monkeypatch.setattr(signing, "sign", lambda *_args, **_more: pytest.fail("asked"))
    monkeypatch.setattr(signing, "ready", lambda: True)
    warming.begin().join()


def test_the_first_paper_of_a_warm_process_takes_a_quarter_of_a_cold_one() -> None:
    cold, warm = processor_seconds(""), processor_seconds("warming.begin().join()")
    assert warm < cold / 4, (cold, warm)


def test_a_command_loads_none_of_it() -> None:
    code = (
        "import sys, django; django.setup(); from django.core.management import call_command; call_command('check'); "
        "print([name for name in ('weasyprint', 'pyhanko') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=settings.BASE_DIR
    )
    assert done.stdout.splitlines()[-1] == "[]"
