"""The form of a sheet's design, and the one of a picture. Everything they offer is the issuer's own."""

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from certificates.models import Accent, Orientation, SheetLanguage, TemplatePicture
from certificates.services.designs import PICTURES, TEXTS, Design, shown_texts
from lms.people.models import Organisation

LABELS = {"logo": _("徽标（左上）"), "seal": _("印章图片"), "ground": _("底纹（铺满纸面）")}
HELP = {
    "logo": _("不选时左上角印单位名称。"),
    "seal": _("不选时由系统按单位名称刻印。"),
    "ground": _("宜用浅色图片，文字直接印在上面。"),
}


class DesignForm(forms.Form):
    """A design as it is written. ``after`` is the version it was begun on."""

    after = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    orientation = forms.ChoiceField(label=_("方向"), choices=Orientation.choices, widget=forms.RadioSelect)
    language = forms.ChoiceField(label=_("语言"), choices=SheetLanguage.choices, widget=forms.RadioSelect)
    accent = forms.ChoiceField(label=_("主色"), choices=Accent.choices)
    border = forms.BooleanField(label=_("印花边"), required=False)
    hours = forms.BooleanField(label=_("印学时表"), required=False)
    note = forms.CharField(
        label=_("修改说明"), required=False, max_length=200, help_text=_("记入版式历史，不印在证书上。")
    )

    def __init__(
        self, data: QueryDict | None, *, issuer: Organisation, design: Design | None = None, after: int = 0
    ) -> None:
        self.pictures = {
            str(picture.pk): picture
            for picture in TemplatePicture.objects.filter(issuer=issuer).select_related("document")
        }
        super().__init__(data, initial=_initial(design, after) if design else None)
        own: dict[str, Any] = self.fields
        note = own.pop("note")
        needed = self._needed(design)
        for name, (label, most, _optional) in TEXTS.items():
            long = name.startswith("body")
            widget = forms.Textarea(attrs={"rows": 4}) if long else forms.TextInput()
            # What is wrong with a text the verb says: which of them count depends on the language.
            own[name] = forms.CharField(
                label=label, required=name in needed, max_length=most * 4, strip=False, widget=widget, localize=False
            )
        for name in PICTURES:
            choices = [("", _("不用图片")), *((key, picture.name) for key, picture in self.pictures.items())]
            own[name] = forms.ChoiceField(label=LABELS[name], required=False, choices=choices, help_text=HELP[name])
        own["note"] = note

    @property
    def design(self) -> Design:
        """What was written, once the form is valid."""
        given = self.cleaned_data
        looks: dict[str, Any] = {name: given[name] for name in ("orientation", "language", "accent", "border", "hours")}
        pictures: dict[str, Any] = {name: self.pictures.get(given[name]) for name in PICTURES}
        return Design(**looks, **pictures, texts={name: given[name] for name in TEXTS})

    def _needed(self, design: Design | None) -> set[str]:
        """The texts that the sheet, in the language chosen, can't do without."""
        chosen = self.data.get("language", "") if self.is_bound else design.language if design else ""
        shown = shown_texts(chosen) if chosen in SheetLanguage.values else []
        return {name for name in shown if not TEXTS[name][2]}

    def groups(self) -> list[dict[str, Any]]:
        """The fields as the page arranges them."""
        parts = (
            (_("纸面"), ("orientation", "language", "accent", "border", "hours")),
            (_("文字"), tuple(TEXTS)),
            (_("图片"), PICTURES),
            (_("发布"), ("note",)),
        )
        return [{"title": title, "fields": [self[name] for name in names]} for title, names in parts]


class PictureForm(forms.Form):
    name = forms.CharField(label=_("名称"), max_length=60, help_text=_("例如：校徽、公章、浅色底纹。"))
    file = forms.FileField(
        label=_("图片文件"),
        help_text=_("PNG 或 JPEG，不超过 5 MB，每边 32 到 6000 像素。印章宜用背景透明的 PNG。"),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,.png,.jpg,.jpeg"}),
    )

    def __init__(self, data: QueryDict | None, files: Any = None, *, issuers: list[Organisation]) -> None:
        self.issuers = issuers
        super().__init__(data, files)
        own: dict[str, Any] = self.fields
        if len(issuers) > 1:
            choices = [(str(one.pk), one.name) for one in issuers]
            own["issuer"] = forms.ChoiceField(label=_("发证单位"), choices=choices)

    @property
    def issuer(self) -> Organisation:
        """Whose picture it is, once the form is valid."""
        chosen = self.cleaned_data.get("issuer", "")
        return next((one for one in self.issuers if str(one.pk) == chosen), self.issuers[0])


def _initial(design: Design, after: int) -> dict[str, Any]:
    looks = {name: getattr(design, name) for name in ("orientation", "language", "accent", "border", "hours")}
    pictures = {
        name: str(cast("TemplatePicture", getattr(design, name)).pk) if getattr(design, name) else ""
        for name in PICTURES
    }
    return {"after": after, **looks, **pictures, **design.texts}
