"""How the year of everybody in a city stands, beside the bare sum of their minutes and beside asking one by one."""

from typing import Any

from lms.bench.report import machine
from lms.bench.stage import told

NAME = "standing"


def run(n: int) -> dict[str, Any]:
    """``n`` persons with sixty entries each."""
    return {"name": NAME, **told(NAME, n), "machine": machine()}
