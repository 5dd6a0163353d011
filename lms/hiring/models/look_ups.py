"""Patterns in how an institution looks people up (``lms.rules.look_ups``), and what a registrar made of each."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.audit.append_only import AppendOnlyModel
from lms.hiring.querysets import LookUpAlertQuerySet
from lms.people.models import Organisation


class PatternChoices(models.TextChoices):
    """Mirror of ``lms.rules.look_ups.Pattern`` with the names people see."""

    MISSES = "misses", _("所查证件大多无人登记")
    GUESSED_NAMES = "guessed_names", _("同一证件号试多个姓名")
    SEQUENCE = "sequence", _("按姓名顺序逐个查询")
    NEIGHBOURING_NUMBERS = "neighbouring_numbers", _("同地同日出生的号码逐个查询")
    OUTSIDE_HOURS = "outside_hours", _("非工作时间查询")
    SAME_PERSON = "same_person", _("反复查询同一人")
    BURST = "burst", _("短时间内大量查询")


class LookUpAlert(AppendOnlyModel):
    """One pattern of one institution on one day, with the figures that showed it. It names nobody who was asked about."""

    institution = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="look_up_alerts")
    pattern = models.CharField(_("情形"), max_length=24, choices=PatternChoices.choices)
    day = models.DateField(_("日期"))
    count = models.PositiveIntegerField(_("次数"))
    total = models.PositiveIntegerField(_("当日查询"))
    figures = models.JSONField(default=dict)
    at = models.DateTimeField(_("发现时间"))

    objects = LookUpAlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("异常查询提醒")
        verbose_name_plural = _("异常查询提醒")
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "pattern", "day"], name="one_look_up_alert_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.institution_id} {self.pattern} {self.day}"


class LookUpDecision(AppendOnlyModel):
    """What a registrar made of an alert: explained by the institution, or warned."""

    class Verdict(models.TextChoices):
        EXPLAINED = "explained", _("已说明，情况合理")
        WARNED = "warned", _("予以警示")

    alert = models.OneToOneField(LookUpAlert, on_delete=models.PROTECT, related_name="decision")
    verdict = models.CharField(_("处理"), max_length=12, choices=Verdict.choices)
    reason = models.CharField(_("理由"), max_length=300)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("处理时间"))

    class Meta:
        verbose_name = _("异常查询处理")
        verbose_name_plural = _("异常查询处理")

    def __str__(self) -> str:
        return f"{self.alert_id} {self.verdict}"
