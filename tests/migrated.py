"""A migrated database is made once and copied for every later run, until a migration or a locked package changes.

The first run after such a change migrates from nothing, as a new house does; the copies only spare the next ones its
half minute. A copy that can't be had costs that half minute and nothing else.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
from pathlib import Path
from typing import IO, Any

import psycopg
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).parent.parent
COPIES = ROOT / ".pytest_cache" / "migrated"
CODE = ("certificates", "cms", "courses", "lms")


def _key() -> str:
    """What the tables follow from: our migrations and, through the lock file, everybody else's."""
    known = hashlib.sha256((ROOT / "requirements-dev.lock").read_bytes())
    for path in sorted(path for top in CODE for path in (ROOT / top).rglob("migrations/*.py")):
        known.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return known.hexdigest()[:16]


def bring() -> bool:
    """Lay a copy where this process expects its database. False: there is none yet, and it is for us to ``keep`` one.

    Of several processes that find none the first migrates, and the others wait for what it keeps.
    """
    _turn.take()
    brought = _bring_file() if connection.vendor == "sqlite" else _bring_database()
    if brought:
        _turn.leave()
    return brought


def lay(folder: Path) -> None:
    """Lay a copy where a process of the product whose ``VAR_DIR`` is ``folder`` has its database on SQLite."""
    shutil.copyfile(_copy(), folder / "lms.sqlite3")


def keep() -> None:
    """Keep a copy of the database that was just migrated."""
    try:
        if connection.vendor == "sqlite":
            _keep_file()
        else:
            _keep_database()
    finally:
        _turn.leave()


class _Turn:
    """One process at a time, until it leaves or ends."""

    def __init__(self) -> None:
        self._file: IO[str] | None = None

    def take(self) -> None:
        COPIES.mkdir(parents=True, exist_ok=True)
        self._file = (COPIES / "turn").open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def leave(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


_turn = _Turn()


def _copy() -> Path:
    return COPIES / f"{_key()}.sqlite3"


def _bring_file() -> bool:
    if not _copy().exists():
        return False
    shutil.copyfile(_copy(), _test_database()["NAME"])
    return True


def _keep_file() -> None:
    for old in COPIES.glob("*.sqlite3"):
        if old != _copy():
            old.unlink(missing_ok=True)
    half = _copy().with_suffix(f".{os.getpid()}")
    connection.ensure_connection()
    copy = sqlite3.connect(half)
    connection.connection.backup(copy)
    copy.close()
    half.replace(_copy())


def _test_database() -> dict[str, Any]:
    return dict(settings.DATABASES["default"]["TEST"])


def _server() -> psycopg.Connection[Any]:
    given = {**connection.settings_dict, "NAME": "postgres"}
    names = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password", "NAME": "dbname"}
    return psycopg.connect(**{ours: given[name] for name, ours in names.items() if given[name]}, autocommit=True)


def _name() -> str:
    return str(_test_database().get("NAME") or f"test_{settings.DATABASES['default']['NAME']}")


def _exists(server: Any, name: str) -> bool:
    return server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def template() -> str:
    """The database of PostgreSQL that copies are made of."""
    return f"migrated_{_key()}"


def _bring_database() -> bool:
    of = template()
    with _server() as server:
        if not _exists(server, of):
            return False
        server.execute(f'DROP DATABASE IF EXISTS "{_name()}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{_name()}" TEMPLATE "{of}"')
    return True


def _keep_database() -> None:
    kept, name = template(), str(connection.settings_dict["NAME"])
    connection.close()
    with _server() as server:
        # One worker keeps it; the others, that migrated at the same time, find it there.
        server.execute("SELECT pg_advisory_lock(%s)", [int(_key()[:8], 16)])
        if not _exists(server, kept):
            for (old,) in server.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE 'migrated\\_%%'"
            ).fetchall():
                server.execute(f'DROP DATABASE IF EXISTS "{old}"')
            server.execute(f'CREATE DATABASE "{kept}" TEMPLATE "{name}"')
