"""The main job end to end, as a person would start it, on the engine in use; and what it says when a step fails."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from lms.demo.journey import steps
from lms.demo.journey.story import Failed
from lms.rules.refusals import Conflict


@pytest.mark.timeout(900)
def test_the_journey_reaches_its_end(tmp_path: Path) -> None:
    out = tmp_path / "left"
    command = [sys.executable, "manage.py", "journey", "--out", str(out)]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line[0] for line in lines[:-1]] == ["✓"] * len(steps.STEPS), done.stdout
    assert (out / "certificate.pdf").read_bytes().startswith(b"%PDF")
    assert (out / "receipt.pdf").read_bytes().startswith(b"%PDF")
    assert (out / "claim.xlsx").read_bytes().startswith(b"PK")
    statements = json.loads((out / "statements.json").read_text(encoding="utf-8"))
    assert len({one["id"] for one in statements}) == len(statements) > 50
    assert sorted(path.name for path in out.iterdir()) == [
        "certificate.pdf",
        "claim.xlsx",
        "receipt.pdf",
        "statements.json",
    ]


@pytest.mark.django_db
def test_the_stage_is_struck() -> None:
    """No database of a journey is left on the server."""
    if connection.vendor != "postgresql":
        pytest.skip("on SQLite the database is a file below the stage's own directory")
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'journey_%'")
        assert cursor.fetchall() == []


@pytest.mark.parametrize(
    "failure", [Failed("credited 16000 ms for 15 s"), Conflict("cool_down", "请在 %(until)s 之后再考。", until="12:30")]
)
def test_it_stops_at_the_first_step_that_fails_and_names_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, failure: Exception
) -> None:
    said: list[str] = []

    def fails(_story: object) -> str:
        raise failure

    monkeypatch.setattr(steps, "STEPS", (("一", lambda _story: "事实"), ("二", fails), ("三", fails)))
    assert not steps.walk(out=tmp_path, say=said.append)
    assert len(said) == 2
    assert said[0].startswith("✓ 一：事实")
    assert said[1] == f"✗ 二：{failure}"
