"""The clock everybody shares. Each person is a generator that says how many milliseconds pass before they act again."""

import heapq
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import time_machine

Life = Iterator[int]  # milliseconds until the next act
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
START = datetime.fromisoformat("2026-06-15T09:00:00+08:00")


class World:
    """Use it as a context: the clock of the whole process is stopped and moved on from act to act."""

    def __init__(self, start: datetime = START, *, chores: Callable[[datetime], object] = lambda _now: None) -> None:
        self.now_ms = (start - EPOCH) // timedelta(milliseconds=1)
        self._chores = chores
        self._travel = time_machine.travel(start, tick=False)

    def __enter__(self) -> "World":
        self._clock = self._travel.start()
        return self

    def __exit__(self, *_what: Any) -> None:
        self._travel.stop()

    @property
    def now(self) -> datetime:
        return EPOCH + timedelta(milliseconds=self.now_ms)

    def run(self, lives: Iterable[Life], *, chores_every_ms: int = 60_000) -> None:
        """Let everybody live to the end, in the order of time; the product's regular jobs run in between."""
        order = count()
        queue = [(self.now_ms, next(order), life) for life in lives]
        heapq.heapify(queue)
        chores_at = self.now_ms + chores_every_ms
        while queue:
            at, _turn, life = heapq.heappop(queue)
            while chores_at <= at:
                self._move(chores_at)
                self._chores(self.now)
                chores_at += chores_every_ms
            self._move(at)
            wait = next(life, None)
            if wait is not None:
                heapq.heappush(queue, (at + max(0, wait), next(order), life))

    def _move(self, at_ms: int) -> None:
        self.now_ms = at_ms
        self._clock.move_to(self.now)
