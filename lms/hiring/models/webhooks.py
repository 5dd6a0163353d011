"""News for an institution's own software: where it wants them (``WebhookEndpoint``), and each message on its way there."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.audit.append_only import UUIDModel
from lms.hiring.models.alerts import BanAlert
from lms.people.models import Organisation


class WebhookEndpoint(UUIDModel):
    """An address of an organisation. Its secret signs what is sent there; it is shown once and kept encrypted."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="webhooks")
    url = models.CharField(_("接收地址"), max_length=500)
    ciphertext = models.TextField()
    key_version = models.PositiveSmallIntegerField()
    created_by = models.CharField(_("创建者"), max_length=150)
    created_at = models.DateTimeField(_("创建时间"))
    disabled_at = models.DateTimeField(_("停用时间"), null=True)

    class Meta:
        verbose_name = _("接收地址")
        verbose_name_plural = _("接收地址")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "url"], condition=models.Q(disabled_at=None), name="one_endpoint_an_address"
            )
        ]

    def __str__(self) -> str:
        return self.url


class WebhookDelivery(UUIDModel):
    """One message to one address. Mutable: it is work, not history. Its key is the id receivers know it by."""

    class Kind(models.TextChoices):
        PING = "ping", _("测试")
        ALERT = "ban.alert", _("禁入警报")
        ANNULLED = "ban.annulled", _("禁入撤销")

    class State(models.TextChoices):
        PENDING = "pending", _("待发送")
        SENT = "sent", _("已送达")
        GIVEN_UP = "given_up", _("无法送达")

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.PROTECT, related_name="deliveries")
    kind = models.CharField(_("事件"), max_length=16, choices=Kind.choices)
    alert = models.ForeignKey(BanAlert, on_delete=models.PROTECT, null=True, related_name="deliveries")
    body = models.TextField()  # the bytes that are signed, the same each time
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveIntegerField(_("次数"), default=0)
    next_attempt_at = models.DateTimeField()
    taken_until = models.DateTimeField(null=True)  # a worker holds it until then
    created_at = models.DateTimeField(_("时间"))
    sent_at = models.DateTimeField(_("送达时间"), null=True)
    last_error = models.CharField(
        _("最近一次失败"), max_length=100, blank=True
    )  # the kind of failure; never an address

    class Meta:
        verbose_name = _("推送")
        verbose_name_plural = _("推送")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "alert", "kind"], name="one_delivery_an_alert"),
            models.CheckConstraint(
                condition=models.Q(kind="ping") | models.Q(alert__isnull=False), name="delivery_is_about_an_alert"
            ),
        ]
        indexes = [models.Index(fields=["state", "next_attempt_at"], name="webhook_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
