"""Institutions that look people up as nobody does who is hiring: what registrars decide, and the figures."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from lms.hiring.forms.fields import ALL, reason_field, search_field, state_field
from lms.hiring.models import LookUpDecision


class LookUpDecisionForm(forms.Form):
    verdict = forms.ChoiceField(label=_("处理"), choices=LookUpDecision.Verdict.choices, widget=forms.RadioSelect)
    reason = reason_field(_("理由"), help_text=_("予以警示的，机构负责人会看到理由。"))


class LookUpFilter(forms.Form):
    q = search_field(_("机构"))
    state = state_field(("", _("待处理")), ("decided", _("已处理")), ("all", ALL[1]))


class StatisticsFilter(forms.Form):
    month = forms.CharField(
        label=_("月份"), required=False, widget=forms.DateInput(format="%Y-%m", attrs={"type": "month"})
    )
    q = search_field(_("机构"))

    def clean_month(self) -> date | None:
        """The first day of the month; nothing where none is asked for."""
        written = self.cleaned_data["month"]
        try:
            return date.fromisoformat(f"{written}-01") if written else None
        except ValueError:
            raise forms.ValidationError(_("月份请写成 2026-03 的形式。")) from None
