"""Shapes of the hiring API: what an organisation sends, and what it gets back."""

from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from lms.hiring.models import Check, Outcome, Purpose
from lms.hiring.services import effective_outcome, told_rule
from lms.hiring.services.checks import TOLD_RULES
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
    """The answer, as ``told`` writes it. ``outcome`` is what the check says by now: a registrar may have decided."""

    outcome = serializers.ChoiceField(choices=Outcome.choices)
    list_version = serializers.IntegerField(source="list_version.number", read_only=True)
    rule = serializers.ChoiceField(choices=sorted(TOLD_RULES.values()))
    receipt_url = serializers.URLField()

    class Meta:
        model = Check
        fields = ("id", "outcome", "checked_at", "list_version", "rule", "receipt_url", "valid_until")


def question_in(data: Any) -> dict[str, Any]:
    """What ``check_person`` is asked, out of a request's JSON; refuses as ``CheckRequest`` does.

    What has just the plain values that nearly every question has need not be weighed field by field.
    """
    if type(data) is dict and data.keys() <= _FIELDS and _plain(data):
        return {"reference": "", **data, "date_of_birth": None}
    asked = CheckRequest(data=data)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


def told(check: Check) -> dict[str, Any]:
    """The answer to a question; field by field what ``CheckAnswer`` describes."""
    return {
        "id": str(check.pk),
        "outcome": effective_outcome(check),
        "checked_at": timezone.localtime(check.checked_at).isoformat(),
        "list_version": check.list_version.number,
        "rule": told_rule(check),
        "receipt_url": f"{settings.PUBLIC_BASE_URL}{_receipt_path().replace(_NONE, str(check.pk))}",
        "valid_until": check.valid_until.isoformat(),
    }


@cache
def _receipt_path() -> str:
    """Of the check without a key; worked out once, since every answer has one."""
    return reverse("api-hiring-receipt", args=[_NONE])


_NONE = str(UUID(int=0))
_FIELDS = frozenset(CheckRequest().fields)
_TYPES, _PURPOSES = frozenset(DocumentTypeChoices.values), frozenset(Purpose.values)


def _plain(data: dict[str, Any]) -> bool:
    return (
        data.get("date_of_birth") is None
        and data.get("consent") is True
        and _text(data.get("name"), 100)
        and _text(data.get("document_number"), 40)
        and _one_of(_TYPES, data.get("document_type"))
        and _one_of(_PURPOSES, data.get("purpose"))
        and ("reference" not in data or _text(data["reference"], 64))
    )


def _text(value: Any, longest: int) -> bool:
    return type(value) is str and 0 < len(value) <= longest and value.isprintable() and value == value.strip()


def _one_of(known: frozenset[str], value: Any) -> bool:
    return type(value) is str and value in known
