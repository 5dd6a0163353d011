"""The stage: a database, files and keys of the journey's own, gone when it ends.

The journey runs in a process of its own, because settings read the environment once. It inherits the database server
and nothing else that could reach what is real: no storage, no broker, no learning-record store, no signing key.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "VIRTUAL_ENV", "PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT")


def run(*, out: Path) -> int:
    """Walk the journey on a fresh stage; its exit code. Files are left in ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="journey-") as directory, _database() as address:
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        environment |= {
            "DJANGO_SETTINGS_MODULE": "lms.settings",
            "VAR_DIR": directory,
            "DATABASE_URL": address,
            "CELERY_BROKER_URL": "memory://",
            "PUBLIC_BASE_URL": "http://127.0.0.1:8000",
            "PYTHONIOENCODING": "utf-8",
        }
        (Path(directory) / "static").mkdir()
        command = [sys.executable, "-m", "lms.demo.journey", str(out.resolve())]
        finished = subprocess.run(command, env=environment, cwd=settings.BASE_DIR, check=False)  # noqa: S603
        return finished.returncode


@contextmanager
def _database() -> Iterator[str]:
    """The address of an empty database: a file below the stage's own directory, or one made on the server and dropped."""
    if connection.vendor == "sqlite":
        yield ""
        return
    name = f"journey_{secrets.token_hex(6)}"
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        yield urlsplit(settings.DATABASE_URL)._replace(path=f"/{name}").geturl()
    finally:
        with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
