"""What a person says against a check about them, and what a registrar of the region answers: open → answered."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.audit.append_only import AppendOnlyModel
from lms.hiring.models.checks import Check, Outcome
from lms.hiring.querysets import DisputeQuerySet
from lms.people.models import Person


class Ground(models.TextChoices):
    WRONG_PERSON = "wrong_person", _("查的不是我")
    NO_CONSENT = "no_consent", _("我没有同意过")
    OUTCOME_WRONG = "outcome_wrong", _("结果不对")


class CheckDispute(AppendOnlyModel):
    """One check is disputed once. The check stays as it is; what it says by now follows the answer."""

    checked = models.OneToOneField(Check, on_delete=models.PROTECT, related_name="dispute")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="check_disputes")
    ground = models.CharField(_("理由"), max_length=16, choices=Ground.choices)
    statement = models.CharField(_("说明"), max_length=500)
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("提出时间"))

    objects = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("核查异议")
        verbose_name_plural = _("核查异议")
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.checked_id} {self.ground}"


class DisputeAnswer(AppendOnlyModel):
    """A registrar's answer. ``outcome`` is what the check says from now on, empty where it stays."""

    dispute = models.OneToOneField(CheckDispute, on_delete=models.PROTECT, related_name="answer")
    upheld = models.BooleanField(_("异议成立"))
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    reason = models.CharField(_("答复"), max_length=500)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("答复时间"))

    class Meta:
        verbose_name = _("异议答复")
        verbose_name_plural = _("异议答复")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome="") | models.Q(outcome="clear", upheld=True), name="only_upheld_clears"
            )
        ]

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.upheld}"
