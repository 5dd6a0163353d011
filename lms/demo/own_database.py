"""A database of its own for what is walked or measured on empty ground, gone when it ends.

It inherits the database server and nothing else that could reach what is real.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "VIRTUAL_ENV", "PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT")
TEMPLATE = "template0"  # what a database of PostgreSQL begins as


def bare_environment() -> dict[str, str]:
    """What a process needs of this one to run at all; no setting of the product is among it."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ}


@contextmanager
def own_database(prefix: str) -> Iterator[str]:
    """The address of an empty database: none on SQLite, where a stage's directory holds the file; else made and dropped.

    ``prefix`` tells whose it is, should one be left behind.
    """
    if connection.vendor == "sqlite":
        yield ""
        return
    name = f"{prefix}_{secrets.token_hex(6)}"
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"')
    try:
        yield urlsplit(settings.DATABASE_URL)._replace(path=f"/{name}").geturl()
    finally:
        with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
