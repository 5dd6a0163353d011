"""One ``Leave`` is a stretch in which a practitioner did not work: proposed by the employer, confirmed by a bureau.

Append-only, as what it does to a year must be explained later: each step is a ``LeaveState``. A leave reduces a year
only while it is confirmed. What may never happen: two steps of one leave under the same number.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.audit.append_only import AppendOnlyModel
from lms.documents.models import ArchivedDocument
from lms.ledger.querysets import LeaveQuerySet
from lms.people.models import Organisation, Person


class LeaveKind(models.TextChoices):
    MATERNITY = "maternity", _("产假")
    SICK = "sick", _("病假")
    PARENTAL = "parental", _("育儿假")
    OTHER = "other", _("其他经批准的假期")


class LeaveStateName(models.TextChoices):
    PROPOSED = "proposed", _("待确认")
    CONFIRMED = "confirmed", _("已确认")
    REFUSED = "refused", _("未确认")
    WITHDRAWN = "withdrawn", _("已撤回")
    REVOKED = "revoked", _("确认已撤销")


class Leave(AppendOnlyModel):
    """Both days inclusive. ``document`` is the paper that shows it: a hospital's certificate, an approved form."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="leaves")
    institution = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("假别"), max_length=12, choices=LeaveKind.choices)
    from_date = models.DateField(_("自"))
    to_date = models.DateField(_("至"))
    document = models.ForeignKey(ArchivedDocument, on_delete=models.PROTECT, related_name="+")
    proposed_by = models.CharField(_("提出人"), max_length=150)
    at = models.DateTimeField(_("提出时间"))

    objects = LeaveQuerySet.as_manager()

    class Meta:
        verbose_name = _("假期")
        verbose_name_plural = _("假期")
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(to_date__gte=models.F("from_date")), name="leave_dates")
        ]
        indexes = [models.Index(fields=["person", "to_date"], name="leave_of_person")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.from_date} {self.to_date}"


class LeaveState(AppendOnlyModel):
    leave = models.ForeignKey(Leave, on_delete=models.PROTECT, related_name="states")
    number = models.PositiveSmallIntegerField()  # 1, 2, 3 within the leave
    state = models.CharField(max_length=12, choices=LeaveStateName.choices)
    reason = models.CharField(_("理由"), max_length=300, blank=True)
    by = models.CharField(_("经办人"), max_length=150)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("假期状态")
        verbose_name_plural = _("假期状态")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["leave", "number"], name="one_step_of_a_leave")]

    def __str__(self) -> str:
        return f"{self.leave_id} {self.number} {self.state}"
