"""One ``CourseMedia`` is a recording in a college's library: a video, or sound. Duration, size and codec are what the
server found in it.

What may never happen: a recording that lasts less than what is counted of it.
"""

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtailmedia.models import AbstractMedia, MediaType

from cms.captions import tidy_captions
from cms.probing import poster, probe, probe_sound
from courses.catalogue.files import sha256_of
from lms.documents import uploads
from lms.rules.refusals import Refusal


class CourseMedia(AbstractMedia):
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    codec = models.CharField(_("编码"), max_length=16, blank=True, editable=False)
    captions = models.TextField(
        _("字幕或文字稿（WebVTT）"),
        blank=True,
        help_text=_("粘贴 WebVTT 字幕，或在下面上传字幕文件。听障学员需要字幕；音频的字幕作为文字稿显示。"),
    )

    admin_form_fields = ("title", "file", "collection", "captions")

    class Meta:
        verbose_name = _("课程音视频")
        verbose_name_plural = _("课程音视频")

    def clean(self) -> None:
        """Read a new file to its end. What isn't of its kind, too large, cut off or unplayable is a fault of ``file``."""
        super().clean()
        if self.type not in MediaType.values:  # an address of wagtailmedia's asks for neither
            raise ValidationError({"file": _("请选择上传视频，或上传音频。")})
        if self.file and not self.file._committed:
            try:
                self._read_file()
            except Refusal as refusal:
                raise ValidationError({"file": ValidationError(str(refusal), code=refusal.code)}) from refusal
        try:
            self.captions = tidy_captions(self.captions, seconds=self.duration or None)
        except Refusal as refusal:
            raise ValidationError({"captions": ValidationError(str(refusal), code=refusal.code)}) from refusal

    def _read_file(self) -> None:
        uploads.check(self.file, kind=self.type)
        is_video = self.type == MediaType.VIDEO
        found = probe(self.file) if is_video else probe_sound(self.file)
        picture = poster(self.file) if is_video else b""
        self.duration, self.codec = found.seconds, found.codec
        self.width, self.height = found.width or None, found.height or None
        self.sha256 = sha256_of(self.file)
        self.thumbnail = ContentFile(picture, name=f"{self.sha256[:16]}.jpg") if picture else ""

    @property
    def is_video(self) -> bool:
        return bool(self.type == MediaType.VIDEO)
