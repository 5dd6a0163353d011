"""A workbook of many people, from its upload to the signed workbook of answers, beside asking about them one at a time."""

from typing import Any

from lms.bench.report import machine
from lms.bench.stage import told

NAME = "batch_check"
USUAL = 100_000


def run(n: int) -> dict[str, Any]:
    """``n`` rows; against ten times as many bans, up to a million (on SQLite, a hundred thousand)."""
    return {"name": NAME, **told(NAME, n), "machine": machine()}
