"""Issuing certificates in bulk, with archive and rows, beside issuing them one at a time, and beside a typesetter."""

from typing import Any

from lms.bench.report import machine
from lms.bench.stage import told

NAME = "certificates"


def run(n: int) -> dict[str, Any]:
    """``n`` certificates of as many persons, in one process."""
    return {"name": NAME, **told(NAME, n), "machine": machine()}
