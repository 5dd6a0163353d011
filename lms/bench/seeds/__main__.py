"""``python -m lms.bench.seeds NAME REQUESTS PLAN``: migrate the empty database, seed it, write the plan."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import django


class Result(Protocol):
    """A plan of requests, or the figures of what was measured here already."""

    def write(self, path: Path) -> None: ...


# Each is loaded by itself: what one needs of dictionaries takes a good part of a second.
SEEDS = {
    "ban_alerts": "ban_alerts.seed",
    "batch_check": "batch.seed",
    "certificates": "certificates.seed",
    "heartbeats": "heartbeats.seed",
    "hiring_check_api": "hiring.seed",
    "home_page": "home.seed",
    "honest_time": "honest_time.seed",
    "reconcile": "reconcile.seed",
    "screening": "screening.seed",
    "standing": "standing.seed",
    "verification": "verification.seed",
    "verification_page": "verification.seed_page",
}


def main() -> None:
    django.setup()
    from django.core.management import call_command
    from django.utils import timezone
    from django.utils.module_loading import import_string

    name, requests, plan = sys.argv[1:]
    seed: Callable[..., Result] = import_string(f"lms.bench.seeds.{SEEDS[name]}")
    call_command("migrate", verbosity=0)
    seed(requests=int(requests), now=timezone.now()).write(Path(plan))


if __name__ == "__main__":
    main()
