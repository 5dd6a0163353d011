"""One benchmark from an empty stage to its JSON object: seed, serve, warm up, measure in turns with the peer."""

import json
from collections.abc import Iterator
from itertools import cycle, islice
from time import monotonic
from typing import Any

from lms.bench import (
    ban_alerts,
    batch_check,
    certificates,
    heartbeats,
    honest_time,
    reconcile,
    screening_quality,
    screening_speed,
    standing,
    verification,
)
from lms.bench.client import Timings, fetch, send
from lms.bench.plans import Ask, Plan
from lms.bench.report import figures, machine
from lms.bench.stage import served

PAGES = ("hiring_check_api", "home_page", "verification_page")
# Those that measure in a way of their own, each with the size it has when nobody gives one.
OTHERS = {
    batch_check.NAME: (batch_check.run, batch_check.USUAL),
    ban_alerts.NAME: (ban_alerts.run, 500),
    certificates.NAME: (certificates.run, 1_000),
    heartbeats.NAME: (heartbeats.run, 600),
    honest_time.NAME: (honest_time.run, 5),
    reconcile.NAME: (reconcile.run, 10_000),
    screening_quality.NAME: (screening_quality.run, 100_000),
    screening_speed.NAME: (screening_speed.run, screening_speed.USUAL),
    standing.NAME: (standing.run, 2_000),
    verification.NAME: (verification.run, 300),
}
NAMES = tuple(sorted((*PAGES, *OTHERS)))
DEFAULT_N, MOST_N = 300, 1_000_000
CLIENTS = 4
WARM_UP = 20
# Small rounds: whatever else the machine does hits both sides alike.
LARGEST_ROUND, LEAST_ROUNDS = 50, 6
SECONDS_AT_MOST = 120


def run(name: str, n: int | None) -> dict[str, Any]:
    """Run one benchmark at size ``n``, or at its own."""
    if name in OTHERS:
        measure, usual = OTHERS[name]
        return measure(n or usual)
    return _page(name, n or DEFAULT_N)


def _page(name: str, n: int) -> dict[str, Any]:
    """Measure ``n`` requests of ``name`` and as many of the bare view; fewer when the time is over before that."""
    with served(name, n + WARM_UP) as (plan, port):
        asks = cycle(plan.asks)
        send(port, list(islice(asks, WARM_UP)), clients=CLIENTS)
        send(port, [plan.bare] * WARM_UP, clients=CLIENTS)
        own, bare, rounds = _in_turns(port, asks, plan.bare, n)
        peak = json.loads(fetch(port, "/bench/peak/"))
    return {"name": name, **figures(own), **peak, **_beside(plan, own, bare, rounds), "machine": machine()}


def _in_turns(port: int, asks: Iterator[Ask], bare_ask: Ask, n: int) -> tuple[Timings, Timings, int]:
    own, bare, rounds = Timings(), Timings(), 0
    size = min(LARGEST_ROUND, -(-n // LEAST_ROUNDS))
    until = monotonic() + SECONDS_AT_MOST
    while (left := n - len(own.milliseconds)) and monotonic() < until:
        now_sent = list(islice(asks, min(size, left)))
        pair = [(own, now_sent), (bare, [bare_ask] * len(now_sent))]
        # Each side goes first every other time.
        for timings, round_of in pair if rounds % 2 == 0 else reversed(pair):
            timings.add(send(port, round_of, clients=CLIENTS))
        rounds += 1
    return own, bare, rounds


def _beside(plan: Plan, own: Timings, bare: Timings, rounds: int) -> dict[str, Any]:
    """The peer's figures, and what the measurement was made of."""
    mine, peer = figures(own), figures(bare)
    share = round(mine["per_second"] / peer["per_second"], 3)
    return {
        "peers": {"bare_view": peer},
        "extra": {"share_of_bare_view": share, "clients": CLIENTS, "rounds": rounds, **plan.counts},
    }
