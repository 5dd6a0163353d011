"""Many questions at once: a batch is work to be done, its rows are the questions in the order of the file.

A row is answered by the one check that names it. All rows of a batch are covered by its one receipt.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.audit.append_only import AppendOnlyModel, UUIDModel
from lms.documents.models import ArchivedDocument
from lms.hiring.models.checks import Purpose
from lms.hiring.querysets import BatchQuerySet, BatchUploadQuerySet
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
    # The last row that was asked, or passed over for its error; what comes after it waits.
    done_through = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    # Called off by the institution: what was asked by then stays asked.
    cancelled_at = models.DateTimeField(_("取消时间"), null=True, blank=True)
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
    """One row of a batch: done when a check names it, or when it has the error that says what to correct."""

    batch = models.ForeignKey(CheckBatch, on_delete=models.PROTECT, related_name="rows", db_index=False)
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

    class Meta:
        verbose_name = _("批量核查行")
        verbose_name_plural = _("批量核查行")
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="one_row_a_number")]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.number}"


class BatchUpload(UUIDModel):
    """A long list as it was handed in, until a worker has read it. Work, not history.

    It becomes the batch of the same key, or says what is wrong with the file; after a dry run, what is wrong with its
    rows. The file holds identity numbers: it is ``sealed``, and kept no longer than until it is read.
    """

    institution = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="batch_uploads")
    purpose = models.CharField(_("用途"), max_length=16, choices=Purpose.choices)
    dry_run = models.BooleanField(_("试读"))
    actor_kind = models.CharField(max_length=8)
    actor_id = models.UUIDField(null=True)
    asked_by = models.CharField(_("核查人"), max_length=150)
    actor_role = models.CharField(max_length=32)
    ending = models.CharField(max_length=5)  # of the file's name, which is not kept
    sealed = models.BinaryField()
    key_version = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(_("上传时间"))
    # Rows read so far, and how many there are at most.
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(_("行数"), default=0)
    undated = models.PositiveIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0)
    first_errors = models.JSONField(default=list)  # of a dry run: number, name, code, sentence
    error_code = models.CharField(max_length=48, blank=True)
    error = models.CharField(_("错误"), max_length=300, blank=True)
    finished_at = models.DateTimeField(_("完成时间"), null=True)
    taken_until = models.DateTimeField(null=True)  # a worker holds it until then

    objects = BatchUploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("批量核查上传")
        verbose_name_plural = _("批量核查上传")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.institution_id} {self.created_at:%Y-%m-%d}"


class BatchReceipt(AppendOnlyModel):
    """What a batch comes to: the workbook of its answers, and the signed paper that stands for all of its checks."""

    batch = models.OneToOneField(CheckBatch, on_delete=models.PROTECT, related_name="receipt")
    workbook = models.OneToOneField(ArchivedDocument, on_delete=models.PROTECT, related_name="+")
    document = models.OneToOneField(ArchivedDocument, on_delete=models.PROTECT, related_name="+")
    token = models.CharField(max_length=43)
    # As they were answered: what a registrar decides later stands beside them, not here.
    clear = models.PositiveIntegerField()
    barred = models.PositiveIntegerField()
    review = models.PositiveIntegerField()
    errors = models.PositiveIntegerField()
    not_asked = models.PositiveIntegerField()
    first_checked_at = models.DateTimeField(null=True)
    last_checked_at = models.DateTimeField(null=True)
    first_list_version = models.PositiveBigIntegerField(null=True)
    last_list_version = models.PositiveBigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("批量核查回执")
        verbose_name_plural = _("批量核查回执")
        constraints = [models.UniqueConstraint(fields=["token"], name="one_batch_a_token")]

    def __str__(self) -> str:
        return str(self.batch_id)
