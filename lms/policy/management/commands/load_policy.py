"""``manage.py load_policy [FILE…]``: load policy packs, by default those of the five cities."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lms.audit.actors import Actor
from lms.policy.files import WrongPack
from lms.policy.services import DEFAULT_FILES, load_policy


class Command(BaseCommand):
    help = "Load policy packs: checked, all or none; the same file again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="YAML files; default: the five cities")

    def handle(self, *args: Any, **options: Any) -> None:
        files = options["files"] or DEFAULT_FILES
        try:
            results = load_policy(files=files, actor=Actor.system("load-policy"), now=timezone.now())
        except WrongPack as wrong:
            raise CommandError("\n".join(map(str, wrong.faults))) from None
        for row in results:
            state = "loaded" if row.created else "already loaded"
            self.stdout.write(f"{row.file}: {row.region_code} {row.version} {state}")
