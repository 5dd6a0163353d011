"""Forms of the review of flags."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from courses.learning.risk import KINDS
from lms.people import places
from lms.rules.regions import covers

_TEXT: dict[str, Any] = {"max_length": 1000, "widget": forms.Textarea(attrs={"rows": 4})}


class FlagFilter(forms.Form):
    q = forms.CharField(label=_("姓名或课程"), required=False, max_length=100)
    kind = forms.ChoiceField(label=_("类型"), required=False, choices=[("", _("全部")), *KINDS.items()])
    region = forms.ChoiceField(label=_("地区"), required=False)
    state = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, within: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.places = places.names()
        inside = [(code, name) for code, name in sorted(self.places.items()) if within and covers(within, code)]
        self.fields["region"].choices = [("", _("全部")), *inside]  # type: ignore[attr-defined]


class ClearForm(forms.Form):
    reason = forms.CharField(label=_("理由"), help_text=_("写明看了哪些记录，学员看得到。"), **_TEXT)


class VoidForm(forms.Form):
    reason = forms.CharField(label=_("理由"), help_text=_("写明依据哪些记录，学员看得到，并据此申诉。"), **_TEXT)


class AppealForm(forms.Form):
    text = forms.CharField(
        label=_("申诉说明"),
        help_text=_("写明当时的情况，例如在哪里、用什么设备学习，谁可以证明。只能提交一次。"),
        **_TEXT,
    )


class DecideForm(forms.Form):
    overturn = forms.TypedChoiceField(
        label=_("决定"),
        choices=[
            ("no", pgettext_lazy("appeal", "维持作废")),
            ("yes", pgettext_lazy("appeal", "撤销作废，学时重新计入")),
        ],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("理由"), help_text=_("学员看得到。"), **_TEXT)
