"""What a registrar says of a check under review."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.audit.append_only import AppendOnlyModel
from lms.hiring.models.checks import Check, Outcome
from lms.registry.models import ListVersion


class ReviewDecision(AppendOnlyModel):
    """A registrar's answer to a check under review: the same person (barred) or another one (clear)."""

    checked = models.OneToOneField(Check, on_delete=models.PROTECT, related_name="decision")
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    reason = models.CharField(_("理由"), max_length=300)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    list_version = models.ForeignKey(ListVersion, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("核对决定")
        verbose_name_plural = _("核对决定")

    def __str__(self) -> str:
        return self.outcome
