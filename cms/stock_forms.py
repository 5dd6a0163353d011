"""Forms for what a college keeps in stock: packages, terms."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class PackageForm(forms.Form):
    title = forms.CharField(label=_("名称"), max_length=200)
    file = forms.FileField(
        label=_("ZIP 文件"),
        help_text=_("HTML5 课件（最外层有 index.html）或 SCORM 课件（有 imsmanifest.xml）。只能放浏览器能显示的文件。"),
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["data-max-bytes"] = str(settings.UPLOAD_LIMITS["package"])


class TermForm(forms.Form):
    term = forms.CharField(label=_("术语"), max_length=60)
    text = forms.CharField(label=_("解释"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class SearchForm(forms.Form):
    q = forms.CharField(label=_("名称"), required=False, max_length=100, widget=forms.SearchInput)
