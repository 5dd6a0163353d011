"""Somebody was told that a certificate ends. ``days`` before its last day, -1 the first day after; each of them once."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from certificates.models.certificates import Certificate
from lms.audit.append_only import AppendOnlyModel


class ExpiryReminder(AppendOnlyModel):
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="reminders")
    days = models.SmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("到期提醒")
        verbose_name_plural = _("到期提醒")
        constraints = [models.UniqueConstraint(fields=["certificate", "days"], name="one_expiry_reminder_a_step")]

    def __str__(self) -> str:
        return f"{self.certificate_id} -{self.days}"
