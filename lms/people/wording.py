"""A refusal in the language of whoever reads it."""

from typing import Any

from django.forms import BaseForm
from django.utils.translation import gettext

from lms.rules.refusals import Refusal


def sentence(refusal: Refusal) -> str:
    """The refusal's sentence, translated here and now."""
    text = gettext(str(refusal.message))
    return text % refusal.params if refusal.params else text


def refuse(form: BaseForm, refusal: Refusal) -> None:
    """Show a verb's refusal where the person can put it right: at the field it names, else above the form."""
    field: Any = refusal.field if refusal.field in form.fields else None
    form.add_error(field, sentence(refusal))
