"""Policy is dated data. One ``PolicyPack`` is what one city asked for from a day on; it is never edited once loaded.

The pack in force on a day is the latest one of the nearest region that began on or before it.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.audit.append_only import AppendOnlyModel, UUIDModel
from lms.people.places import Place


class Region(UUIDModel):
    """A place of GB/T 2260. The tree is in the code: 310115 lies in 310000."""

    code = models.CharField(_("代码"), max_length=6, unique=True)
    name = models.CharField(_("名称"), max_length=50)
    name_en = models.CharField(_("英文名称"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("地区")
        verbose_name_plural = _("地区")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """The name in the language in use."""
        return Place(self.code, self.name, self.name_en).label


class PolicyPack(AppendOnlyModel):
    region_code = models.CharField(_("地区"), max_length=6)
    version = models.CharField(_("版本"), max_length=32)
    valid_from = models.DateField(_("生效日期"))
    title = models.CharField(_("文件"), max_length=200)
    data = models.JSONField(_("内容"))
    content_hash = models.CharField(max_length=64)
    loaded_at = models.DateTimeField(_("载入时间"))

    class Meta:
        verbose_name = _("政策包")
        verbose_name_plural = _("政策包")
        ordering = ["region_code", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["region_code", "valid_from"], name="one_pack_a_day"),
            models.UniqueConstraint(fields=["region_code", "version"], name="one_pack_a_version"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.version}"
