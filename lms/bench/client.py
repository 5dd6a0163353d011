"""A small HTTP client: a few threads, each with a connection that it keeps, each request timed from send to last byte."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection
from time import perf_counter

from lms.bench.plans import Ask

TIMEOUT_SECONDS = 60


class WrongAnswerError(Exception):
    """The server answered something else than the benchmark is about."""


@dataclass
class Timings:
    """Milliseconds of each request, and the seconds all of them took side by side."""

    milliseconds: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, other: "Timings") -> None:
        self.milliseconds += other.milliseconds
        self.seconds += other.seconds


def send(port: int, asks: Sequence[Ask], *, clients: int) -> Timings:
    """Send ``asks`` from so many clients at once, dealt out in turn. Raises ``WrongAnswerError`` at the first wrong answer."""
    hands = [asks[number::clients] for number in range(clients)]
    started = perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        timed = list(pool.map(lambda hand: _one_after_the_other(port, hand), hands))
    return Timings([each for one in timed for each in one], perf_counter() - started)


def fetch(port: int, path: str) -> bytes:
    """The body behind ``path``."""
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    try:
        return exchange(connection, Ask(path))
    finally:
        connection.close()


def _one_after_the_other(port: int, asks: Sequence[Ask]) -> list[float]:
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    timed = []
    try:
        for ask in asks:
            started = perf_counter()
            exchange(connection, ask)
            timed.append((perf_counter() - started) * 1000)
    finally:
        connection.close()
    return timed


def exchange(connection: HTTPConnection, ask: Ask) -> bytes:
    """Ask over an open connection; the body, or ``WrongAnswerError``."""
    connection.request(ask.method, ask.path, body=ask.body.encode() or None, headers=dict(ask.headers))
    response = connection.getresponse()
    body = response.read()
    if response.status != ask.status or ask.holds.encode() not in body:
        raise WrongAnswerError(f"{ask.method} answered {response.status}, expected {ask.status} with {ask.holds!r}")
    return body
