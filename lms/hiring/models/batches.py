"""Many questions at once: a batch is work to be done, its rows are what is left of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.audit.append_only import UUIDModel
from lms.hiring.models.checks import Check, Purpose
from lms.hiring.querysets import BatchQuerySet
from lms.people.models import Organisation


class CheckBatch(UUIDModel):
    """One workbook of people to check. Its rows are the work; ``taken_until`` is the hold of the worker at it."""

    institution = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="check_batches")
    purpose = models.CharField(_("用途"), max_length=16, choices=Purpose.choices)
    # Who asked: the checks are theirs, whichever worker makes them.
    actor_kind = models.CharField(max_length=8)
    actor_id = models.UUIDField(null=True)
    asked_by = models.CharField(_("核查人"), max_length=150)
    actor_role = models.CharField(max_length=32)
    total = models.PositiveIntegerField(_("行数"))
    created_at = models.DateTimeField(_("上传时间"))
    finished_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    taken_until = models.DateTimeField(null=True, blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("批量核查")
        verbose_name_plural = _("批量核查")
        ordering = ["-created_at"]
        constraints = [models.CheckConstraint(condition=models.Q(total__gte=1), name="batch_has_rows")]

    def __str__(self) -> str:
        return f"{self.institution_id} {self.total}"


class BatchRow(UUIDModel):
    """One row of a batch: done when it has its check or the error that says what to correct."""

    batch = models.ForeignKey(CheckBatch, on_delete=models.PROTECT, related_name="rows")
    number = models.PositiveIntegerField(_("行号"))  # as Excel shows it
    name = models.CharField(_("姓名"), max_length=100)
    document_type = models.CharField(_("证件类型"), max_length=32, blank=True)
    ciphertext = models.TextField(blank=True)
    key_version = models.PositiveSmallIntegerField(null=True)
    masked = models.CharField(_("证件号"), max_length=32, blank=True)
    date_of_birth = models.DateField(_("出生日期"), null=True)
    reference = models.CharField(_("内部编号"), max_length=64, blank=True)
    error_code = models.CharField(max_length=48, blank=True)
    error = models.CharField(_("错误"), max_length=300, blank=True)
    checked = models.ForeignKey(Check, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("批量核查行")
        verbose_name_plural = _("批量核查行")
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="one_row_a_number")]
        indexes = [
            models.Index(
                fields=["batch", "number"], name="batch_row_waiting", condition=models.Q(checked=None, error_code="")
            )
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.number}"
