"""From timings to the one JSON object of a benchmark."""

import math
import os
import platform
from collections.abc import Sequence
from typing import Any

import django
from django.db import connection

from lms.bench.client import Timings


def figures(timings: Timings) -> dict[str, float | int]:
    """Count, seconds, requests a second and percentiles (nearest rank) of what was timed."""
    count = len(timings.milliseconds)
    return {
        "n": count,
        "seconds": round(timings.seconds, 3),
        "per_second": round(count / timings.seconds, 1),
        "p50_ms": round(percentile(timings.milliseconds, 50), 2),
        "p99_ms": round(percentile(timings.milliseconds, 99), 2),
    }


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that at least ``percent`` of 100 of all ``values`` do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def machine() -> dict[str, Any]:
    """What the figures were measured on; ``load`` is what else ran there. No host name."""
    return {
        "system": platform.platform(terse=True),
        "architecture": platform.machine(),
        "cpus": os.cpu_count(),
        "load": [round(value, 2) for value in os.getloadavg()],
        "python": platform.python_version(),
        "django": django.get_version(),
        "database": connection.vendor,
    }
