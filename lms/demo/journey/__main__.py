"""What runs on the stage: an empty database is migrated and the steps are walked. Started by ``manage.py journey``."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import django
import structlog
from django.core.management import call_command


def main(out: Path) -> int:
    django.setup()
    # One line a step: requests and wake-ups are no news here.
    logging.disable(logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    call_command("migrate", interactive=False, verbosity=0)
    from lms.demo.journey.steps import walk

    def say(line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    return 0 if walk(out=out, say=say) else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
