"""Writes every identity document under the newest key of IDENTITY_KEYS and indexes it anew.

May be stopped and run again. Older keys stay in IDENTITY_KEYS while append-only rows (hiring checks) written under
them are kept: those are read, never rewritten. The command says which keys those are.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from lms.audit.actors import Actor
from lms.people import vault
from lms.people.services.sealing import reseal_documents, reseal_second_factors, sealed_under


class Command(BaseCommand):
    help = "Encrypt and index identity documents and second factors under the newest identity key."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=500)

    def handle(self, *args: Any, **options: Any) -> None:
        actor = Actor.system("rotate-identity-keys")
        total = 0
        while done := reseal_documents(size=options["batch"], actor=actor, now=timezone.now()):
            total += done
        factors = reseal_second_factors(actor=actor, now=timezone.now())
        self.stdout.write(f"{total} documents, {factors} second factors")
        for version, tables in sorted(sealed_under().items()):
            if version < vault.newest_version():
                rows = ", ".join(f"{count} {label}" for label, count in sorted(tables.items()))
                self.stdout.write(f"key {version} must stay: {rows}")
