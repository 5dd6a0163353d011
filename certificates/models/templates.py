"""How certificates of a type look in the name of an issuer: one ``TemplateVersion`` is one look, written once.

What may never happen: that a version changes after it was published, or that a certificate is printed with another version
than the one it was issued with. Changing the look means publishing the next version.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from certificates.models.types import CertificateType
from lms.audit.append_only import AppendOnlyModel
from lms.documents.models import ArchivedDocument
from lms.people.models import Organisation


class Orientation(models.TextChoices):
    LANDSCAPE = "landscape", _("横版")
    PORTRAIT = "portrait", _("竖版")


class SheetLanguage(models.TextChoices):
    BILINGUAL = "bilingual", _("中英双语")
    CHINESE = "zh", _("中文")
    ENGLISH = "en", _("英文")


class Accent(models.TextChoices):
    """The one colour of lines and ornaments. Vermilion is the seal's alone."""

    CELADON = "celadon", _("青瓷")
    INDIGO = "indigo", _("靛蓝")
    PLUM = "plum", _("绛紫")
    BRONZE = "bronze", _("古铜")
    INK = "ink", _("墨色")


class TemplatePicture(AppendOnlyModel):
    """A picture an issuer's staff uploaded: a logo, a seal, a ground. Known by its content: the same bytes are one picture."""

    issuer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("名称"), max_length=60)
    document = models.ForeignKey(ArchivedDocument, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(_("宽（像素）"))
    height = models.PositiveIntegerField(_("高（像素）"))
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("版式图片")
        verbose_name_plural = _("版式图片")
        ordering = ["-at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["issuer", "sha256"], name="one_picture_a_content_and_issuer")]

    def __str__(self) -> str:
        return self.name


class TemplateVersion(AppendOnlyModel):
    type = models.ForeignKey(CertificateType, on_delete=models.PROTECT, related_name="versions")
    issuer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(_("版次"))  # 1, 2, 3 … within the type and issuer
    orientation = models.CharField(_("方向"), max_length=12, choices=Orientation.choices)
    language = models.CharField(_("语言"), max_length=12, choices=SheetLanguage.choices)
    accent = models.CharField(_("主色"), max_length=12, choices=Accent.choices)
    border = models.BooleanField(_("花边"), default=True)
    hours = models.BooleanField(_("学时表"), default=True)
    # {"heading": …, "heading_en": …, "lead": …, "body": …, "foot": …}: texts with named fields (certificates.wording).
    texts = models.JSONField(_("文字"))
    logo = models.ForeignKey(TemplatePicture, on_delete=models.PROTECT, null=True, related_name="+")
    seal = models.ForeignKey(TemplatePicture, on_delete=models.PROTECT, null=True, related_name="+")
    ground = models.ForeignKey(TemplatePicture, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(_("修改说明"), max_length=200, blank=True)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("证书版式")
        verbose_name_plural = _("证书版式")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["type", "issuer", "number"], name="one_template_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.type_id} #{self.number}"
