"""The simulation itself: it needs a database of its own and a clock that nobody else looks at."""

import json
import resource
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from django.test.utils import override_settings

from courses.learning.models import Heartbeat
from lms.rules.intervals import EMPTY, Intervals

RECORDING_SECONDS = 1800
KIB = 1024


@dataclass(frozen=True, slots=True)
class Figures:
    """What the benchmark tells, but for its name and the machine."""

    of: dict[str, Any]

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(self.of, ensure_ascii=False), encoding="utf-8")


def seed(*, requests: int, now: datetime) -> Figures:
    """Let ``requests`` persons of each kind learn one recording of half an hour."""
    # Made for tests; a machine that serves people has no use for them.
    from tests.simulator.kinds import simulate

    started = perf_counter()
    with override_settings(
        ALLOWED_HOSTS=["testserver"], PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]
    ):
        kinds = simulate(each=requests, seconds=RECORDING_SECONDS)
    seconds = perf_counter() - started
    heartbeats = Heartbeat.objects.count()
    believing, believed = _believing()
    return Figures(
        {
            "n": heartbeats,
            "seconds": round(seconds, 3),
            "per_second": round(heartbeats / seconds, 1),
            "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB, 1),
            "peers": {"believes_the_browser": believing},
            "extra": {
                "kinds": {
                    kind: {
                        "people": told.people,
                        "true_seconds": round(told.true_ms / 1000, 1),
                        "credited_seconds": round(told.credited_ms / 1000, 1),
                        "believed_seconds": round(sum(believed.get(key, 0) for key in told.enrolments) / 1000, 1),
                        "share_flagged": round(told.flagged / told.people, 3),
                        "heartbeats_above_time": sum(outcome.above_time for outcome in told.outcomes),
                    }
                    for kind, told in kinds.items()
                }
            },
        }
    )


def _believing() -> tuple[dict[str, Any], dict[Any, int]]:
    """The same heartbeats where every reported segment counts, whenever it came; and what each enrolment gets so."""
    rows: Sequence[tuple[Any, Any]] = list(Heartbeat.objects.values_list("lease__enrolment", "played"))
    started, covered = perf_counter(), dict[Any, Intervals]()
    for enrolment, played in rows:
        inside = [[max(0, start), min(end, RECORDING_SECONDS * 1000)] for start, end in played]
        new = Intervals.from_pairs([pair for pair in inside if pair[0] < pair[1]])
        covered[enrolment] = covered.get(enrolment, EMPTY).union(new)
    seconds = perf_counter() - started
    figures = {"n": len(rows), "seconds": round(seconds, 3), "per_second": round(len(rows) / max(seconds, 1e-9), 1)}
    return figures, {enrolment: one.covered() for enrolment, one in covered.items()}
