"""One ``Share`` is a link that a holder handed out: to one certificate, with the fields they chose, until a day.

Behind it stands the certificate as it is worth now. What may never happen: it shows a field that was not chosen, or
anything at all once it has run out or was taken back.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from certificates.models.certificates import Certificate
from certificates.querysets import ShareQuerySet
from lms.audit.append_only import UUIDModel


class ShareField(models.TextChoices):
    """What a holder may choose to show. What it is a certificate of, and whether it is valid, always stand there."""

    NAME = "name", _("姓名（全名）")
    DOCUMENT = "document", _("证件号（掩码）")
    ISSUER = "issuer", _("发证单位")
    HOURS = "hours", _("学时")
    DATES = "dates", _("发证日期和有效期")
    SERIAL = "serial", _("证书编号")


class Share(UUIDModel):
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="shares")
    token = models.CharField(max_length=43, unique=True)  # unguessable, in the address
    fields = models.JSONField()  # of ShareField, fixed when the link is made
    created_at = models.DateTimeField(_("创建时间"))
    expires_at = models.DateTimeField(_("失效时间"))
    withdrawn_at = models.DateTimeField(_("收回时间"), null=True)
    # Who opened it is nobody's business: how often, and when last, is the holder's.
    opened = models.PositiveIntegerField(_("打开次数"), default=0)
    last_opened_at = models.DateTimeField(_("最近打开"), null=True)

    objects = ShareQuerySet.as_manager()

    class Meta:
        verbose_name = _("分享链接")
        verbose_name_plural = _("分享链接")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.certificate_id} {self.expires_at:%Y-%m-%d}"
