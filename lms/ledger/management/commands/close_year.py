"""``manage.py close_year YEAR [--region CODE]``: close a year whose grace is over, everywhere or in one region."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from lms.audit.actors import Actor
from lms.ledger.services import close_year, due_closings
from lms.ledger.services.closing import JOB, work_on
from lms.ledger.services.days import local_day
from lms.rules.refusals import Refusal


class Command(BaseCommand):
    help = "Freeze how a year stood for every person; run again, it goes on where it was stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year", type=int)
        parser.add_argument(
            "--region", help="GB/T 2260 code of a region that has a policy pack; all of them without it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        year, now = options["year"], timezone.now()
        regions = [options["region"]] if options["region"] else due_closings(year, local_day(now))
        for region in regions:
            try:
                closing = close_year(year=year, region_code=region, actor=Actor.system(JOB), now=now)
            except Refusal as refusal:
                raise CommandError(str(refusal)) from None
            while work_on(closing_id=closing.pk, now=timezone.now()):
                pass
            closing.refresh_from_db()
            self.stdout.write(f"{region} {year}: {closing.persons} persons")
        if not regions:
            self.stdout.write(f"{year}: nothing to close")
