"""Prove the list of bans: exits non-zero when anything does not hold."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lms.registry.services import current_list_version, verify_registry


class Command(BaseCommand):
    help = "Re-derive every version of the list of bans and check officers, indexes and files."

    def handle(self, *args: Any, **options: Any) -> None:
        findings = verify_registry()
        for finding in findings:
            self.stderr.write(f"{finding.code} {finding.about}")
        if findings:
            raise CommandError(f"{len(findings)} findings")
        version = current_list_version()
        self.stdout.write(f"list version {version.number} holds, {version.entries} entries")
