"""The product's own processes over the database of the test: a web server and workers that can be killed.

They share the identity keys and the files of the test, and have a queue on the disk of their own.
"""

import base64
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from celery import Celery
from django.conf import settings
from django.db import connection

KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
WEB = ("gunicorn", "--worker-class", "gthread", "--threads", "8", "--graceful-timeout", "4")
WORKER = ("celery", "-A", "lms", "worker", "--queues", "default,documents,screening", "--loglevel", "warning")


def environment(home: Path, *, database_port: int | None = None) -> dict[str, str]:
    """What a process of the product is started with; ``database_port`` leads its way to PostgreSQL through a proxy."""
    keys = ",".join(
        f"{version}:{base64.urlsafe_b64encode(key).decode()}" for version, key in settings.IDENTITY_KEYS.items()
    )
    (home / "var" / "static").mkdir(parents=True, exist_ok=True)
    return {key: os.environ[key] for key in KEPT if key in os.environ} | {
        "DJANGO_SETTINGS_MODULE": "lms.settings",
        "VAR_DIR": str(home / "var"),
        "STORAGE_URL": f"file://{settings.MEDIA_ROOT}",
        "STATIC_MANIFEST": "false",
        "DATABASE_URL": _database_url(database_port),
        "SECRET_KEY": settings.SECRET_KEY,
        "IDENTITY_KEYS": keys,
        "PYTHONIOENCODING": "utf-8",
    }


def _database_url(port: int | None) -> str:
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    address = urlsplit(settings.DATABASE_URL)
    who, _at, place = address.netloc.rpartition("@")
    netloc = f"{who}@127.0.0.1:{port}" if port else f"{who}@{place}"
    return address._replace(netloc=netloc, path=f"/{name}").geturl()


@contextmanager
def web(given: dict[str, str], log: Path) -> Iterator[str]:
    """A web server; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        command = [*WEB, "--bind", f"fd://{listening.fileno()}", "lms.wsgi"]
        with started(command, given, log, pass_fds=[listening.fileno()]):
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@contextmanager
def worker(given: dict[str, str], log: Path, *, hands: int = 2) -> Iterator[subprocess.Popen[bytes]]:
    """A worker with so many processes. It is asked to finish at the end, unless the test has killed it."""
    with started([*WORKER, "--concurrency", str(hands)], given, log) as process:
        yield process


@contextmanager
def started(
    command: list[str], given: dict[str, str], log: Path, pass_fds: list[int] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            env=given,
            cwd=settings.BASE_DIR,
            pass_fds=pass_fds or (),
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """The process and all it has started, at once and without a word."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def queue_of(given: dict[str, str]) -> Path:
    return Path(given["VAR_DIR"]) / "queue" / "messages"


def wake(given: dict[str, str], queue: str, task: str, *args: str) -> None:
    """Put a message into the queue of these processes."""
    folder = queue_of(given)
    control = folder.with_name("control")
    for each in (folder, control):
        each.mkdir(parents=True, exist_ok=True)
    folders = {"data_folder_in": str(folder), "data_folder_out": str(folder), "control_folder": str(control)}
    with (
        Celery("tests", set_as_current=False) as app,
        # Named outright: Celery would rather take the broker of CELERY_BROKER_URL than one it was made with.
        app.connection_for_write("filesystem://", transport_options=folders) as line,
    ):
        app.send_task(task, list(args), queue=queue, connection=line)


def wait_until(what: Callable[[], object], *, seconds: float = 30, log: Path | None = None) -> float:
    """Wait for ``what`` to hold; how long it took. Fails with the end of ``log``."""
    began = time.monotonic()
    while not what():
        waited = time.monotonic() - began
        told = log.read_text(encoding="utf-8", errors="replace")[-3000:] if log and log.exists() else ""
        assert waited < seconds, f"still not so after {seconds} s\n{told}"
        time.sleep(0.02)
    return time.monotonic() - began
