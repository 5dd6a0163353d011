"""A real LRS on this machine, as good or as bad as a test wants it."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest


@dataclass
class ExternalLrs:
    """Keeps statements by id. ``answers`` are taken one by one before it behaves: a status, or seconds of silence."""

    url: str = ""
    answers: list[int | float] = field(default_factory=list)
    statements: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"

    def do_PUT(self) -> None:
        lrs, address = self.server.lrs, urlsplit(self.path)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        key = parse_qs(address.query)["statementId"][0]
        lrs.requests.append({"path": address.path, "id": key, "headers": dict(self.headers), "body": body})
        answer = lrs.answers.pop(0) if lrs.answers else 0
        if isinstance(answer, float):
            lrs.statements.setdefault(key, body)  # it stored the statement, but its answer never arrives
            time.sleep(answer)
            return
        status = answer or (204 if lrs.statements.setdefault(key, body) == body else 409)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    lrs: ExternalLrs


@pytest.fixture
def external_lrs(settings: Any) -> Iterator[ExternalLrs]:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.lrs = ExternalLrs(url=f"http://127.0.0.1:{server.server_port}/xapi/")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    settings.EXTERNAL_LRS_URL = server.lrs.url
    settings.EXTERNAL_LRS_KEY, settings.EXTERNAL_LRS_SECRET = "key", "secret"
    yield server.lrs
    server.shutdown()
    server.server_close()
    thread.join(5)
