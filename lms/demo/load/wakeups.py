"""Wake-ups of workers that a load leaves out: hundreds at once would keep the first worker from what people do.

Each stands for a row that a sweep finds by itself; the product sends every one of them as news that may be lost.
"""

from typing import Any

from django.db import connection


def leave_to_the_sweeps() -> None:
    """Drop what the present transaction would announce robustly on its commit; everything else stays."""
    waiting: list[Any] = list(connection.run_on_commit)
    connection.run_on_commit = [entry for entry in waiting if not entry[2]]
