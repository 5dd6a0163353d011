"""The stage: a database, files and keys of the journey's own, gone when it ends.

The journey runs in a process of its own, because settings read the environment once. It inherits the database server
and nothing else that could reach what is real: no storage, no broker, no learning-record store, no signing key.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from django.conf import settings

from lms.demo.own_database import bare_environment, own_database


def run(*, out: Path) -> int:
    """Walk the journey on a fresh stage; its exit code. Files are left in ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="journey-") as directory, own_database("journey") as address:
        environment = bare_environment() | {
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
