"""Prints a new key of an organisation, once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from lms.audit.actors import Actor
from lms.people.models import ApiScope, Organisation
from lms.people.services import create_api_key
from lms.people.wording import sentence
from lms.rules.refusals import Refusal


class Command(BaseCommand):
    help = "Make an API key for an organisation and print it once; it can't be read again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", required=True, help="its unified social credit code")
        parser.add_argument("--scope", required=True, choices=ApiScope.values)

    def handle(self, *args: Any, **options: Any) -> None:
        code = options["organisation"].strip().upper()
        organisation = Organisation.objects.filter(credit_code=code).first()
        if organisation is None:
            raise CommandError("No organisation has this credit code.")
        actor = Actor.system("create-api-key")
        try:
            token = create_api_key(organisation=organisation, scope=options["scope"], actor=actor, now=timezone.now())
        except Refusal as refusal:
            raise CommandError(sentence(refusal)) from refusal
        self.stdout.write(token)
