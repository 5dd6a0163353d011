"""Fields that several forms ask for in the same way."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

ALL = ("", _("全部"))


def date_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


def reason_field(label: Any, *, most: int = 300, rows: int = 3, **more: Any) -> forms.CharField:
    """Some sentences."""
    return forms.CharField(label=label, max_length=most, widget=forms.Textarea(attrs={"rows": rows}), **more)


def file_field(label: Any, *, accept: str, kind: str = "workbook", help_text: Any) -> forms.FileField:
    """``kind`` is that of ``lms.documents.uploads``; the browser tells at once what is too large."""
    attrs = {"accept": accept, "data-max-bytes": settings.UPLOAD_LIMITS[kind]}
    return forms.FileField(label=label, help_text=help_text, widget=forms.FileInput(attrs=attrs))


def consent_of_all_field() -> forms.BooleanField:
    return forms.BooleanField(
        label=_("已取得名单上每一位本人的同意；他们会看到这次核查"),
        error_messages={"required": _("核查前须取得本人同意。")},
    )


def search_field(label: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False)


def filter_field(label: Any, *choices: tuple[Any, Any]) -> forms.ChoiceField:
    """One of the choices, of which an empty first one stands for what is shown when nothing is chosen."""
    return forms.ChoiceField(label=label, required=False, choices=list(choices))


def state_field(*choices: tuple[Any, Any]) -> forms.ChoiceField:
    return filter_field(_("状态"), *choices)
