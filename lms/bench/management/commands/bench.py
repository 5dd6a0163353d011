"""``manage.py bench NAME [--json] [--n N]``, ``manage.py bench --list``: measure on a server of its own."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lms.bench import runner
from lms.bench.client import WrongAnswerError
from lms.bench.stage import StageError


class Command(BaseCommand):
    help = "Run one benchmark beside its peer, over HTTP, on a server and a database made for it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", choices=runner.NAMES)
        parser.add_argument("--list", action="store_true", help="names of the benchmarks, one a line")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of a sentence")
        parser.add_argument("--n", type=int, help="how many requests, persons or entries, as the benchmark counts")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            self.stdout.write("\n".join(runner.NAMES))
            return
        if not options["name"]:
            raise CommandError("name a benchmark, or see them all with --list")
        if options["n"] is not None and not 1 <= options["n"] <= runner.MOST_N:
            raise CommandError(f"--n: give a number from 1 to {runner.MOST_N}")
        try:
            told = runner.run(options["name"], options["n"])
        except (StageError, WrongAnswerError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(told, ensure_ascii=False) if options["json"] else sentence(told))


def sentence(told: dict[str, Any]) -> str:
    """The figures for people."""
    spread = f", half within {told['p50_ms']} ms, 99 % within {told['p99_ms']} ms" if "p50_ms" in told else ""
    peers = "; ".join(f"{name} {peer['per_second']} a second" for name, peer in told["peers"].items())
    return f"{told['name']}: {told['per_second']} a second{spread}, peak {told['peak_mb']} MB; {peers}"
