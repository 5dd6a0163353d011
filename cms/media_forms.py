"""The form behind the media library."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtailmedia.forms import BaseMediaForm

from cms.captions import read_captions
from cms.renditions import ask_for_rendition
from lms.people.wording import sentence
from lms.rules.refusals import Refusal

CAPTIONS_BYTES = 512 * 1024


class CourseMediaForm(BaseMediaForm):  # type: ignore[misc]
    """Upload of a video or of sound: the server finds its length and size, people add a title and captions."""

    captions_file = forms.FileField(
        label=_("字幕文件（.vtt 或 .srt）"),
        required=False,
        help_text=_("UTF-8、GBK、Big5、UTF-16 编码都可以，会统一转成 UTF-8 的 WebVTT。"),
        widget=forms.FileInput(attrs={"accept": ".vtt,.srt,text/vtt", "data-max-bytes": str(CAPTIONS_BYTES)}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit = settings.UPLOAD_LIMITS["video" if self.instance.is_video else "audio"]
        self.fields["file"].widget.attrs["data-max-bytes"] = str(limit)
        self.fields["file"].help_text = _("时长由服务器读取得出，不必填写。")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        uploaded = cleaned.get("captions_file")
        if uploaded:
            cleaned["captions"] = self._read(uploaded)
        return cleaned

    def save(self, commit: bool = True) -> Any:
        media = super().save(commit)
        if commit and "file" in self.changed_data:
            ask_for_rendition(media=media, now=timezone.now())
        return media

    def _read(self, uploaded: Any) -> str:
        if uploaded.size > CAPTIONS_BYTES:
            self.add_error("captions_file", _("字幕文件太大。"))
            return ""
        try:
            return read_captions(uploaded.read())
        except Refusal as refusal:
            self.add_error("captions_file", sentence(refusal))
            return ""
