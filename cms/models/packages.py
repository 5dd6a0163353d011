"""One ``CoursePackage`` is courseware made elsewhere (HTML5 or SCORM), unpacked and kept under the hash of its ZIP file.

Its files never change; a college that hands in another version gets another package. A retired one is no longer offered
to authors, and courses that use it keep it.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.audit.append_only import UUIDModel
from lms.people.models import Organisation


class PackageKind(models.TextChoices):
    HTML5 = "html5", _("HTML5")
    SCORM = "scorm", _("SCORM")


class CoursePackage(UUIDModel):
    college = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(_("名称"), max_length=200)
    kind = models.CharField(_("类型"), max_length=8, choices=PackageKind.choices)
    sha256 = models.CharField(max_length=64)
    folder = models.CharField(max_length=100)  # of the unpacked files, in the media storage
    entry = models.CharField(_("起始页"), max_length=200)
    files = models.PositiveIntegerField(_("文件数"))
    size = models.PositiveBigIntegerField(_("大小"))  # bytes, unpacked
    created_at = models.DateTimeField(_("上传时间"))
    retired_at = models.DateTimeField(_("停用时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("课件包")
        verbose_name_plural = _("课件包")
        constraints = [
            models.UniqueConstraint(fields=["college", "sha256"], name="one_package_a_college_and_hash"),
        ]

    def __str__(self) -> str:
        return self.title
