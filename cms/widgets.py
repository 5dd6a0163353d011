"""Wagtail's image chooser for a plain field, without the inline script our content security policy refuses."""

from typing import Any

from django import forms
from django.templatetags.static import static
from wagtail.images.widgets import AdminImageChooser


class CoverChooser(AdminImageChooser):  # type: ignore[misc]
    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> str:
        known = {**(attrs or {}), "data-cover-chooser": self.get_chooser_modal_url()}
        html: str = self.render_html(name, self.get_value_data(value), known)
        return html

    @property
    def media(self) -> forms.Media:
        inherited: forms.Media = super().media
        return inherited + forms.Media(js=[static("cms/cover.js")])
