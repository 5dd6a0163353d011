"""``manage.py demo_data [--scale N] [--once]``: the demonstration, the same every time."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.demo.accounts import refuse_in_production
from lms.demo.load import grow, is_loaded, load
from lms.people.models import Organisation
from lms.rules.refusals import Refusal


class Command(BaseCommand):
    help = (
        "Load the demonstration: five cities, sixty practitioners, twelve courses, a year of training. Once is enough."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--scale", type=int, default=1, help="so many times sixty practitioners, for load")
        parser.add_argument("--once", action="store_true", help="leave an installation that is in use alone")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            refuse_in_production()
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["scale"] < 1:
            raise CommandError("--scale: give a number from 1 on.")
        started = time.monotonic()
        if is_loaded():
            self.stdout.write(_("演示数据已经在了。"))
        elif options["once"] and Organisation.objects.exists():
            self.stdout.write(_("已有正式数据，不载入演示数据。"))
            return
        else:
            load(now=timezone.now(), say=self._say(started))
        grow(scale=options["scale"], now=timezone.now(), say=self._say(started))

    def _say(self, started: float) -> Any:
        def say(line: str) -> None:
            self.stdout.write(f"{line}（{time.monotonic() - started:.0f} s）")

        return say
