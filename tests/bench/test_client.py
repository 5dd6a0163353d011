"""The client times what it was asked to, and takes no wrong answer for a fast one."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from lms.bench.client import WrongAnswerError, fetch, send
from lms.bench.plans import Ask


class Echo(BaseHTTPRequestHandler):
    """Answers 201 to a POST with its body, 200 to a GET with its path."""

    protocol_version = "HTTP/1.1"
    seen: list[str] = []

    def answer(self, status: int, body: bytes) -> None:
        self.seen.append(f"{self.command} {self.path} {self.headers.get('X-Key', '')}")
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self.answer(200, self.path.encode())

    def do_POST(self) -> None:
        self.answer(201, self.rfile.read(int(self.headers["Content-Length"])))

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    Echo.seen = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_every_request_is_sent_once_and_timed(port: int) -> None:
    timings = send(port, [Ask(f"/{number}", holds=f"/{number}") for number in range(7)], clients=3)
    assert sorted(Echo.seen) == [f"GET /{number} " for number in range(7)]
    assert len(timings.milliseconds) == 7
    assert 0 < max(timings.milliseconds) <= timings.seconds * 1000


def test_more_clients_than_requests(port: int) -> None:
    assert len(send(port, [Ask("/")], clients=4).milliseconds) == 1


def test_headers_and_body_go_with_a_post(port: int) -> None:
    send(port, [Ask("/checks", "POST", {"X-Key": "k"}, "婴", status=201, holds="婴")], clients=1)
    assert Echo.seen == ["POST /checks k"]


@pytest.mark.parametrize("ask", [Ask("/", status=302), Ask("/", holds="林小满")])
def test_a_wrong_answer_ends_the_benchmark(port: int, ask: Ask) -> None:
    with pytest.raises(WrongAnswerError):
        send(port, [Ask("/"), ask], clients=2)


def test_fetch(port: int) -> None:
    assert fetch(port, "/peak") == b"/peak"
