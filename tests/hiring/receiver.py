"""An institution's own software: a real HTTP server on this machine that answers as a test tells it to."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """``statuses`` are given in turn, the last one for ever. ``seconds``: how long an answer takes to begin."""

    url: str = ""
    statuses: list[int] = field(default_factory=lambda: [204])
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    drip: bool = False
    received: list[Received] = field(default_factory=list)
    answering: threading.Event = field(default_factory=threading.Event)


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A receiver that takes everything, until the test says otherwise."""
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            headers = {key.lower(): value for key, value in self.headers.items()}
            state.received.append(Received(self.path, headers, self.rfile.read(length)))
            state.answering.set()
            time.sleep(state.seconds)
            status = state.statuses.pop(0) if len(state.statuses) > 1 else state.statuses[0]
            try:
                if state.drip:
                    self._drip()
                self.send_response(status)
                for key, value in state.headers.items():
                    self.send_header(key, value)
                self.send_header("Content-Length", "0")
                self.end_headers()
            except OSError:
                return

        def _drip(self) -> None:
            for _ in range(100):
                self.wfile.write(b"H")
                self.wfile.flush()
                time.sleep(0.1)

        def log_message(self, *_args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_address[1]}/alerts?from=lms"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
