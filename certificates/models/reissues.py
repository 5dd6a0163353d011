"""A new document for the same fact. One ``Reissue`` orders the document with that number; the file itself comes after.

The certificate, its serial and its address stay what they are. What may never happen: a document that was once issued
can no longer be verified, or two people order the same number.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from certificates.models.certificates import Certificate
from certificates.querysets import ReissueQuerySet
from lms.audit.append_only import AppendOnlyModel


class ReissueCause(models.TextChoices):
    LOST = "lost", _("证书遗失")
    DAMAGED = "damaged", _("证书损坏")
    TEMPLATE = "template", _("证书式样更新")
    KEY = "key", _("签名密钥更换")


class Reissue(AppendOnlyModel):
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="reissues")
    number = models.PositiveSmallIntegerField()  # of the document it asks for: 2, 3 …
    cause = models.CharField(_("原因"), max_length=12, choices=ReissueCause.choices)
    reason = models.CharField(_("说明"), max_length=300, blank=True)
    by_holder = models.BooleanField(_("持证人申请"))
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    objects = ReissueQuerySet.as_manager()

    class Meta:
        verbose_name = _("补发记录")
        verbose_name_plural = _("补发记录")
        constraints = [
            models.UniqueConstraint(fields=["certificate", "number"], name="one_reissue_a_document_number"),
            models.CheckConstraint(condition=models.Q(number__gte=2), name="the_first_document_is_no_reissue"),
        ]

    def __str__(self) -> str:
        return f"{self.certificate_id} #{self.number}"
