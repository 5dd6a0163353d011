"""A ``BanAlert`` tells one employer of one banned employee and waits for the confirmation of removal."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.audit.append_only import AppendOnlyModel
from lms.hiring.querysets import AlertQuerySet
from lms.people.models import Employment, Organisation
from lms.registry.models import BanState, BanSubject


class BanAlert(AppendOnlyModel):
    """One employer told of one banned employee. Delivered at once to the inbox of its checkers and managers."""

    state = models.ForeignKey(BanState, on_delete=models.PROTECT, related_name="alerts")
    subject = models.ForeignKey(BanSubject, on_delete=models.PROTECT, related_name="alerts")
    institution = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="ban_alerts")
    employment = models.ForeignKey(Employment, on_delete=models.PROTECT, related_name="+")
    confirm_by = models.DateTimeField(_("确认期限"))
    at = models.DateTimeField(_("时间"))

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("禁入警报")
        verbose_name_plural = _("禁入警报")
        constraints = [
            models.UniqueConstraint(fields=["subject", "employment", "state"], name="one_alert_an_employment")
        ]

    def __str__(self) -> str:
        return f"{self.institution_id} {self.subject_id}"


class AlertConfirmation(AppendOnlyModel):
    """The employer's word that the person no longer works with children there."""

    alert = models.OneToOneField(BanAlert, on_delete=models.PROTECT, related_name="confirmation")
    note = models.CharField(_("处理情况"), max_length=300)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("离岗确认")
        verbose_name_plural = _("离岗确认")

    def __str__(self) -> str:
        return self.note[:40]


class AlertNotice(AppendOnlyModel):
    """One reminder of an alert that is not confirmed, or the word to the bureau that its deadline has passed."""

    class Step(models.TextChoices):
        HALF = "half", _("期限过半")
        LAST = "last", _("期限将至")
        OVERDUE = "overdue", _("已超期")

    alert = models.ForeignKey(BanAlert, on_delete=models.PROTECT, related_name="notices")
    step = models.CharField(_("提醒"), max_length=8, choices=Step.choices)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("离岗催办")
        verbose_name_plural = _("离岗催办")
        constraints = [models.UniqueConstraint(fields=["alert", "step"], name="one_notice_a_step")]

    def __str__(self) -> str:
        return self.step
