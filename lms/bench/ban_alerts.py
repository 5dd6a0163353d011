"""From the second officer's word to the last alert queued, beside the same ban with its alerts raised one at a time."""

from typing import Any

from lms.bench.report import machine
from lms.bench.stage import told

NAME = "ban_alerts"


def run(n: int) -> dict[str, Any]:
    """A ban of somebody whom ``n`` institutions employ, in one process."""
    return {"name": NAME, **told(NAME, n), "machine": machine()}
