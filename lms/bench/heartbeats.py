"""Heartbeats over HTTP, each with the nonce of the answer before, beside a bare view that reads one row and inserts one.

Every seat plays in real time: a heartbeat claims the media that could be played since its last one.
"""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.client import HTTPConnection
from itertools import cycle, islice
from time import monotonic, perf_counter
from typing import Any

from lms.bench.client import TIMEOUT_SECONDS, Timings, exchange, fetch
from lms.bench.plans import Ask
from lms.bench.report import figures, machine
from lms.bench.stage import served

NAME = "heartbeats"
CLIENTS, WARM_UP, ROUNDS = 4, 5, 10
SECONDS_AT_MOST = 120


class Seat:
    """One learner with a lease: what the next heartbeat says follows from the last answer."""

    def __init__(self, opening: Ask, connection: HTTPConnection) -> None:
        answer = json.loads(exchange(connection, opening))
        self._headers, self._path = opening.headers, f"/learn/leases/{answer['lease']}/beat/"
        self._nonce, self._sequence, self._position = answer["nonce"], 0, 0
        self._spoke = monotonic()

    def beat(self, connection: HTTPConnection) -> None:
        now = monotonic()
        end = self._position + max(1, round((now - self._spoke) * 1000))
        self._sequence, self._spoke = self._sequence + 1, now
        said = {
            "sequence": self._sequence,
            "nonce": self._nonce,
            "played": [[self._position, end]],
            "visible": True,
            "position_ms": end,
        }
        ask = Ask(self._path, "POST", self._headers, json.dumps(said), holds='"refused": ""')
        self._nonce, self._position = json.loads(exchange(connection, ask))["nonce"], end


def run(n: int) -> dict[str, Any]:
    """Measure ``n`` heartbeats and as many requests of the bare view, in turns."""
    with served(NAME, n) as (plan, port):
        hands = [_Hand(port, plan.asks[number::CLIENTS], plan.bare) for number in range(CLIENTS)]
        for side in ("beat", "bare"):
            _round(hands, side, WARM_UP * CLIENTS)
        own, bare, rounds = Timings(), Timings(), 0
        until = monotonic() + SECONDS_AT_MOST
        while len(own.milliseconds) < n and monotonic() < until:
            size = min(n - len(own.milliseconds), max(CLIENTS, n // ROUNDS))
            sides = [("beat", own), ("bare", bare)]
            for side, timings in sides if rounds % 2 == 0 else reversed(sides):
                timings.add(_round(hands, side, size))
            rounds += 1
        peak = json.loads(fetch(port, "/bench/peak/"))
    mine, peer = figures(own), figures(bare)
    share = round(mine["per_second"] / peer["per_second"], 3)
    extra = {"share_of_bare_view": share, "clients": CLIENTS, "rounds": rounds, **plan.counts}
    return {"name": NAME, **mine, **peak, "peers": {"bare_view": peer}, "extra": extra, "machine": machine()}


class _Hand:
    """One client: its connection, its seats in turn, and the bare view's address."""

    def __init__(self, port: int, openings: Sequence[Ask], bare: Ask) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
        self._seats = cycle([Seat(opening, self._connection) for opening in openings])
        self._bare = bare

    def beat(self, times: int) -> list[float]:
        return [_timed(partial(seat.beat, self._connection)) for seat in islice(self._seats, times)]

    def bare(self, times: int) -> list[float]:
        return [_timed(lambda: exchange(self._connection, self._bare)) for _time in range(times)]


def _timed(act: Callable[[], object]) -> float:
    started = perf_counter()
    act()
    return (perf_counter() - started) * 1000


def _round(hands: Sequence[_Hand], side: str, times: int) -> Timings:
    """So many requests in all, dealt out to the hands at once."""
    each = [len(range(number, times, len(hands))) for number in range(len(hands))]
    started = perf_counter()
    with ThreadPoolExecutor(len(hands)) as pool:
        timed = list(pool.map(lambda hand, own: getattr(hand, side)(own), hands, each))
    return Timings([one for part in timed for one in part], perf_counter() - started)
