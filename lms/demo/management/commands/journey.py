"""``manage.py journey [--out DIR]``: the main job from end to end, on an empty database of its own."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from lms.demo.journey import stage


class Command(BaseCommand):
    help = "Walk the main job end to end on an empty database; exit code 1 at the first step that fails."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--out", type=Path, default=Path(settings.VAR_DIR) / "journey", help="where the files are left"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(stage.run(out=options["out"]))
