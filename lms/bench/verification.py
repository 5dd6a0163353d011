"""Verification over HTTP, the page behind the QR and the answer for machines, beside a bare view that reads one row.

Every request comes from an address of its own, as passers-by do: the limits count each of them and stop none.
"""

import json
from itertools import cycle, islice
from time import monotonic
from typing import Any

from lms.bench.client import Timings, fetch, send
from lms.bench.report import figures, machine
from lms.bench.stage import served

NAME = "verification"
CLIENTS, WARM_UP, ROUND = 4, 20, 50
SECONDS_AT_MOST = 120


def run(n: int) -> dict[str, Any]:
    """Measure ``n`` pages, ``n`` answers for machines and ``n`` requests of the bare view, in turns."""
    with served(NAME, n + WARM_UP) as (plan, port):
        sides = {
            "page": cycle([ask for ask in plan.asks if ask.path.startswith("/verify/")]),
            "json": cycle([ask for ask in plan.asks if ask.path.startswith("/api/")]),
            "bare": cycle([plan.bare]),
        }
        taken = {side: Timings() for side in sides}
        for asks in sides.values():
            send(port, list(islice(asks, WARM_UP)), clients=CLIENTS)
        until, order, rounds = monotonic() + SECONDS_AT_MOST, list(sides), 0
        while (left := n - len(taken["page"].milliseconds)) and monotonic() < until:
            for side in order:
                taken[side].add(send(port, list(islice(sides[side], min(ROUND, left))), clients=CLIENTS))
            # Each side goes first in its turn: whatever else the machine does hits all of them alike.
            order, rounds = order[1:] + order[:1], rounds + 1
        peak = json.loads(fetch(port, "/bench/peak/"))
    return {"name": NAME, **_told(taken, rounds, plan.counts), **peak, "machine": machine()}


def _told(taken: dict[str, Timings], rounds: int, counts: Any) -> dict[str, Any]:
    """Both together as the figure; each by itself, and its share of the peer, beside it."""
    both = Timings()
    for side in ("page", "json"):
        both.add(taken[side])
    bare = figures(taken["bare"])

    def share(timings: Timings) -> float:
        return round(figures(timings)["per_second"] / bare["per_second"], 3)

    extra = {
        "share_of_bare_view": share(both),
        "page": figures(taken["page"]) | {"share_of_bare_view": share(taken["page"])},
        "json": figures(taken["json"]) | {"share_of_bare_view": share(taken["json"])},
        "clients": CLIENTS,
        "rounds": rounds,
        **counts,
    }
    mine = figures(both) | {"n": len(taken["page"].milliseconds)}
    return {**mine, "peers": {"bare_view": bare}, "extra": extra}
