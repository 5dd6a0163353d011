"""Run after a new identity key was added, before documents are resealed."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from lms.audit.actors import Actor
from lms.registry.services import reindex_subjects


class Command(BaseCommand):
    help = "Find every subject of a ban also under identity keys added since."

    def handle(self, *args: Any, **options: Any) -> None:
        changed = reindex_subjects(actor=Actor.system("reindex-registry"), now=timezone.now())
        self.stdout.write(f"{changed} subjects reindexed")
