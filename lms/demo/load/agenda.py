"""What happens when: acts are put down in any order and happen in the order of their times.

So the audit record, the ledger and every number given out grow as they would have grown in life.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

Act = Callable[[datetime], object]


@dataclass
class Agenda:
    _entries: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _count: int = 0

    def add(self, at: datetime, act: Act) -> None:
        """``act`` is called with ``at``. Of two at the same moment the one put down first happens first."""
        heapq.heappush(self._entries, (at, self._count, act))
        self._count += 1

    def play(self) -> int:
        """Let everything happen; an act may put down more. Returns how many acts there were."""
        played = 0
        while self._entries:
            at, _number, act = heapq.heappop(self._entries)
            act(at)
            played += 1
        return played
