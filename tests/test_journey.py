"""The main job end to end, as a person would start it, on the engine in use; and what it says when a step fails."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from lms.demo import own_database
from lms.demo.journey import stage, steps
from lms.demo.journey.story import Failed
from lms.rules.refusals import Conflict
from tests import migrated


@pytest.fixture
def _migrated_before(db: None, on_sqlite: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stage begins with a copy of the suite's empty tables, migrated as a journey would: half a minute less."""
    run = subprocess.run

    def run_on_a_copy(command: list[str], **given: Any) -> Any:
        migrated.lay(Path(given["env"]["VAR_DIR"]))
        return run(command, **given)

    if on_sqlite:
        monkeypatch.setattr(stage.subprocess, "run", run_on_a_copy)
    else:
        monkeypatch.setattr(own_database, "TEMPLATE", migrated.template())


@pytest.mark.usefixtures("_migrated_before")
@pytest.mark.timeout(900)
def test_the_journey_reaches_its_end(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "left"
    with pytest.raises(SystemExit) as ended:
        call_command("journey", out=out)
    told = capfd.readouterr()
    lines = told.out.splitlines()
    assert ended.value.code == 0, told.out + told.err
    assert [line[0] for line in lines[:-1]] == ["✓"] * len(steps.STEPS), told.out
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
