"""Questions: about one person, about a list, and about what was asked before."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.hiring.forms.fields import ALL, consent_of_all_field, date_field, file_field, filter_field, search_field
from lms.hiring.models import Outcome, Purpose
from lms.people.models.persons import DocumentTypeChoices
from lms.people.services.persons import read_number
from lms.people.wording import sentence
from lms.rules import names
from lms.rules.identity import WITHOUT_BIRTH_DATE
from lms.rules.refusals import Refusal


class CheckForm(forms.Form):
    """One question. Every field that can't be right says so at once, not one after the other.

    Whoever fills it in holds the document, and a birth date stands on each: the form wants it where the number has none.
    """

    name = forms.CharField(
        label=_("姓名"),
        max_length=100,
        help_text=_("与证件一致，生僻字请照原样输入。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    document_type = forms.ChoiceField(label=_("证件类型"), choices=DocumentTypeChoices.choices)
    document_number = forms.CharField(
        label=_("证件号码"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    date_of_birth = date_field(
        _("出生日期"),
        required=False,
        help_text=_("护照、港澳居民通行证和台湾居民通行证必须填写：这些号码里没有出生日期。居民身份证不用填。"),
    )
    purpose = forms.ChoiceField(label=_("用途"), choices=Purpose.choices)
    reference = forms.CharField(label=_("内部编号"), max_length=64, required=False)
    consent = forms.BooleanField(
        label=_("已取得本人同意；本人会看到这次核查"), error_messages={"required": _("核查前须取得本人同意。")}
    )

    def clean_name(self) -> str:
        try:
            return names.validate(self.cleaned_data["name"])
        except Refusal as refusal:
            raise forms.ValidationError(sentence(refusal), code=refusal.code) from None

    def clean_document_number(self) -> str:
        written: str = self.cleaned_data["document_number"]
        try:
            read_number(self.cleaned_data.get("document_type", ""), written, timezone.localdate())
        except Refusal as refusal:
            raise forms.ValidationError(sentence(refusal), code=refusal.code) from None
        return written

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        given = cleaned.get("date_of_birth") or "date_of_birth" in self.errors
        if cleaned.get("document_type") in WITHOUT_BIRTH_DATE and not given:
            told = _("请填写证件上的出生日期。这种证件的号码里没有出生日期，不填写时所有同名的人都须人工核对。")
            self.fields["date_of_birth"].required = True
            self.add_error("date_of_birth", forms.ValidationError(told, code="date_of_birth_required"))
        return cleaned


class BatchForm(forms.Form):
    """Everyone at once, from a workbook."""

    file = file_field(
        _("名单"),
        accept=".xlsx,.csv",
        help_text=_("Excel 或 CSV。列：姓名、证件类型、证件号码、出生日期、内部编号；后两列和证件类型可以没有。"),
    )
    purpose = forms.ChoiceField(label=_("用途"), choices=Purpose.choices, initial=Purpose.ANNUAL_REVIEW)
    consent = consent_of_all_field()
    dry_run = forms.BooleanField(label=_("先试读，不核查"), required=False)


class CheckFilter(forms.Form):
    q = search_field(_("姓名或内部编号"))
    outcome = filter_field(_("结果"), ALL, *Outcome.choices)
    purpose = filter_field(_("用途"), ALL, *Purpose.choices)
