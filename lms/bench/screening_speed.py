"""One check in the service against a list of a million, beside a bare read of one row by its index."""

from typing import Any

from django.db import connection

from lms.bench.report import machine
from lms.bench.stage import told

NAME = "screening_speed"
# Bans, and as many persons. The embedded database is for a county, not for a country.
USUAL = 1_000_000 if connection.vendor == "postgresql" else 100_000


def run(n: int) -> dict[str, Any]:
    """Against ``n`` bans and ``n`` persons; ``extra`` says how many checks were timed."""
    measured = told("screening", n)
    extra = {"checks": measured["n"], **measured["extra"]}
    return {"name": NAME, **measured, "n": n, "extra": extra, "machine": machine()}
