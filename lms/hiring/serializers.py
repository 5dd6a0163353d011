"""Shapes of the hiring API: what an organisation sends, and what it gets back."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from lms.hiring.models import Check, Outcome, Purpose
from lms.hiring.services import effective_outcome
from lms.people.models.persons import DocumentTypeChoices

# What was given is not repeated: it may be a number that stands in the wrong field.
_UNKNOWN: dict[str, Any] = {"invalid_choice": _("不是可用的选项。")}


class CheckRequest(serializers.Serializer[Any]):
    """One question. Number and name both: there is no looking around."""

    name = serializers.CharField(max_length=100)
    document_type = serializers.ChoiceField(choices=DocumentTypeChoices.choices, error_messages=_UNKNOWN)
    document_number = serializers.CharField(max_length=40, write_only=True)
    date_of_birth = serializers.DateField(required=False, allow_null=True, default=None)
    purpose = serializers.ChoiceField(choices=Purpose.choices, error_messages=_UNKNOWN)
    consent = serializers.BooleanField()
    reference = serializers.CharField(max_length=64, required=False, allow_blank=True, default="")


class CheckAnswer(serializers.ModelSerializer[Check]):
    """The answer. ``outcome`` is what the check says by now: a registrar's decision replaces ``review``."""

    outcome = serializers.SerializerMethodField()
    list_version = serializers.IntegerField(source="list_version.number", read_only=True)
    receipt_url = serializers.SerializerMethodField()

    class Meta:
        model = Check
        fields = ("id", "outcome", "checked_at", "list_version", "rule", "receipt_url", "valid_until")

    def get_outcome(self, check: Check) -> str:
        return Outcome(effective_outcome(check)).value

    def get_receipt_url(self, check: Check) -> str:
        return f"{settings.PUBLIC_BASE_URL}{reverse('api-hiring-receipt', args=[check.pk])}"
