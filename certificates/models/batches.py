"""One ``IssueBatch`` is one order to issue to everybody a rule selects: drafted (a dry run), running, paused, ended.

One ``IssueBatchRow`` is one person of the selection and one piece of work: it waits until it says *issued* (by this
batch), *held* (there was a certificate already) or *refused* (and why). Whoever wants to know what a batch has brought
into the world follows ``certificate.batch_rows``. What may never happen: a certificate that two rows say they issued,
or a row settled twice.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from certificates.models.certificates import Certificate
from certificates.models.types import CertificateType
from certificates.querysets import IssueBatchQuerySet, IssueBatchRowQuerySet
from lms.audit.append_only import UUIDModel
from lms.people.models import Organisation, Person


class BatchState(models.TextChoices):
    """Only ``running`` is worked on. A step is taken by compare-and-set: of two at once, one takes it."""

    DRAFTED = "drafted", pgettext_lazy("issue batch", "待确认")
    RUNNING = "running", pgettext_lazy("issue batch", "签发中")
    PAUSED = "paused", pgettext_lazy("issue batch", "已暂停")
    FINISHED = "finished", pgettext_lazy("issue batch", "已完成")
    CANCELLED = "cancelled", pgettext_lazy("issue batch", "已取消")


class IssueBatch(UUIDModel):
    type = models.ForeignKey(CertificateType, on_delete=models.PROTECT, related_name="batches")
    # What the certificates are for: "2026" (annual); empty where every person has a period of their own (course).
    period = models.CharField(max_length=40, blank=True)
    # Whom it selects, as ``certificates.services.selecting.Selection`` reads it; never changed once drafted.
    rule = models.JSONField()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="issue_batches")
    region_code = models.CharField(max_length=6, db_index=True)  # the organisation's: which bureaus may look
    # Who ordered it: the certificates are issued in their name, whichever worker makes them.
    actor_id = models.UUIDField(null=True)
    asked_by = models.CharField(_("经办人"), max_length=150)
    actor_role = models.CharField(max_length=32)
    state = models.CharField(_("状态"), max_length=12, choices=BatchState.choices, default=BatchState.DRAFTED)
    total = models.PositiveIntegerField(_("人数"))
    drafted_at = models.DateTimeField(_("试算时间"))
    started_at = models.DateTimeField(_("开始时间"), null=True, blank=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    taken_until = models.DateTimeField(null=True, blank=True)  # a worker holds it until then

    objects = IssueBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("批量签发")
        verbose_name_plural = _("批量签发")
        ordering = ["-drafted_at", "-pk"]
        constraints = [models.CheckConstraint(condition=models.Q(total__gte=1), name="issue_batch_has_rows")]
        indexes = [
            models.Index(fields=["organisation", "-drafted_at"], name="issue_batch_by_organisation"),
            models.Index(fields=["drafted_at"], name="issue_batch_running", condition=models.Q(state="running")),
        ]

    def __str__(self) -> str:
        return f"{self.type_id} {self.period} {self.state}"


class IssueBatchRow(UUIDModel):
    """One person of a selection. ``foreseen`` is what the dry run said; ``outcome`` is what became of it."""

    class Outcome(models.TextChoices):
        WAITING = "", pgettext_lazy("issue batch", "待签发")
        ISSUED = "issued", pgettext_lazy("issue batch", "已签发")
        HELD = "held", pgettext_lazy("issue batch", "已持有")
        REFUSED = "refused", pgettext_lazy("issue batch", "未签发")

    batch = models.ForeignKey(IssueBatch, on_delete=models.PROTECT, related_name="rows")
    number = models.PositiveIntegerField(_("序号"))
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    period = models.CharField(max_length=40)
    foreseen = models.CharField(max_length=48, blank=True)  # empty = would be issued; else the code
    outcome = models.CharField(_("结果"), max_length=8, choices=Outcome.choices, blank=True, default=Outcome.WAITING)
    # Why not: the code for machines, and what its sentence names (class-hours left, a character).
    code = models.CharField(max_length=48, blank=True)
    params = models.JSONField(default=dict)
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, null=True, related_name="batch_rows")

    objects = IssueBatchRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("批量签发行")
        verbose_name_plural = _("批量签发行")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="one_issue_row_a_number"),
            models.UniqueConstraint(fields=["batch", "person", "period"], name="one_issue_row_a_person"),
            models.UniqueConstraint(
                fields=["certificate"], condition=models.Q(outcome="issued"), name="issued_by_one_batch"
            ),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["issued", "held"], certificate__isnull=False)
                | models.Q(outcome__in=["", "refused"], certificate__isnull=True),
                name="issue_row_has_what_it_says",
            ),
        ]
        indexes = [
            models.Index(fields=["batch", "number"], name="issue_row_waiting", condition=models.Q(outcome="")),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.number}"
