"""The stage: a database, files, keys and a web server of the benchmark's own on a free port, gone when it ends.

Seeding and serving are processes of their own, because settings read the environment once. They inherit the database
server and nothing else that could reach what is real: no storage, no broker, no cache.
"""

import json
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

from lms.bench.plans import Plan
from lms.demo.own_database import bare_environment, own_database

# One process, as in the Procfile: page and bare view share it.
SERVER = ("gunicorn", "--workers", "1", "--worker-class", "gthread", "--threads", "8", "--keep-alive", "60")
SEEDING_SECONDS, STOPPING_SECONDS = 3600, 10


class StageError(Exception):
    """Seeding or serving failed; the message is the end of what the process wrote."""


@contextmanager
def served(name: str, n: int) -> Iterator[tuple[Plan, int]]:
    """The plan of benchmark ``name`` for ``n`` requests, and the port of the server that was seeded for it."""
    with _stage() as (directory, environment):
        plan = directory / "plan.json"
        _seed([name, str(n), str(plan)], environment)
        with _server(environment, directory / "server.log") as port:
            yield Plan.read(plan), port


def told(name: str, n: int) -> dict[str, Any]:
    """What the seeding process of ``name`` measured by itself, where nothing needs to be served."""
    with _stage() as (directory, environment):
        written = directory / "told.json"
        _seed([name, str(n), str(written)], environment)
        figures: dict[str, Any] = json.loads(written.read_text(encoding="utf-8"))
    return figures


@contextmanager
def _stage() -> Iterator[tuple[Path, dict[str, str]]]:
    """An empty directory, and the environment of processes that know nothing else."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory, own_database("bench") as address:
        environment = bare_environment() | {
            "DJANGO_SETTINGS_MODULE": "lms.bench.settings",
            "VAR_DIR": directory,
            "DATABASE_URL": address,
            "PUBLIC_BASE_URL": "http://127.0.0.1:8000",
            "PYTHONIOENCODING": "utf-8",
        }
        (Path(directory) / "static").mkdir()
        yield Path(directory), environment


def _seed(arguments: list[str], environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "lms.bench.seeds", *arguments]
    done = subprocess.run(
        command,
        env=environment,
        cwd=settings.BASE_DIR,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=SEEDING_SECONDS,
    )
    if done.returncode:
        raise StageError(done.stdout.decode(errors="replace")[-2000:])


@contextmanager
def _server(environment: dict[str, str], log: Path) -> Iterator[int]:
    """A server that inherits a listening socket: no port is guessed, and who knocks before it is up waits."""
    with socket.create_server(("127.0.0.1", 0)) as listening, log.open("wb") as written:
        # As the server sets it on every socket of its own: who connects before it is up would else wait for an
        # acknowledgement between head and body of every answer.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        port = int(listening.getsockname()[1])
        command = [sys.executable, "-m", *SERVER, "--bind", f"fd://{listening.fileno()}", "lms.wsgi"]
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=settings.BASE_DIR,
            pass_fds=[listening.fileno()],
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    try:
        yield port
    except OSError as error:
        raise StageError(log.read_text(encoding="utf-8", errors="replace")[-2000:]) from error
    finally:
        process.terminate()
        try:
            process.wait(STOPPING_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
