"""``manage.py reconcile_hours``: prove the books. Exits with 1 and names each drift."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from lms.ledger.reconcile import Reconciled
from lms.ledger.shares import prove


class Command(BaseCommand):
    help = "Derive every hour entry from its evidence and walk every chain; non-zero exit on drift."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--processes", type=int, help="share a large book among so many (default: one a processor)")

    def handle(self, *args: Any, **options: Any) -> None:
        seen, drifts = Reconciled(), 0
        for drift in prove(seen, processes=options["processes"]):
            drifts += 1
            self.stderr.write(str(drift))
        self.stdout.write(f"{seen.entries} entries of {seen.persons} persons: {drifts or 'no'} drift")
        if drifts:
            sys.exit(1)
