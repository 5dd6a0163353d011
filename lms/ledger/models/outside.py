"""Hours learned elsewhere. One ``OutsideBatch`` is what somebody handed in with one proof; its rows are the work.

A row is examined (is this person ours, was it handed in before), then a bureau's auditor accepts or refuses it
(``OutsideDecision``), and what comes of it, an hour entry or the reason why not, is its ``OutsideOutcome``. An identity number is sealed while a row
waits to be matched with a person, and gone afterwards. What may never happen: the same learning accepted twice.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.audit.append_only import AppendOnlyModel, UUIDModel
from lms.documents.models import ArchivedDocument
from lms.ledger.models.entries import Category, HourEntry
from lms.ledger.querysets import OutsideBatchQuerySet, OutsideRowQuerySet
from lms.people.models import Organisation, Person


class OutsideBatch(UUIDModel):
    """Handed in by an institution for its staff, or by a practitioner (``person``) for themselves."""

    institution = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    region_code = models.CharField(_("地区"), max_length=6)  # whose bureau checks it
    submitted_by = models.CharField(_("提交人"), max_length=150)
    user_id = models.UUIDField(null=True)
    proof = models.ForeignKey(ArchivedDocument, on_delete=models.PROTECT, related_name="+")
    total = models.PositiveIntegerField(_("行数"))
    created_at = models.DateTimeField(_("提交时间"))
    examined_at = models.DateTimeField(_("核对完成时间"), null=True, blank=True)
    settled_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    taken_until = models.DateTimeField(null=True, blank=True)

    objects = OutsideBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("外部学时批次")
        verbose_name_plural = _("外部学时批次")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(total__gte=1), name="outside_batch_has_rows"),
            models.CheckConstraint(
                condition=models.Q(institution__isnull=False, person=None)
                | models.Q(institution=None, person__isnull=False),
                name="outside_batch_has_one_owner",
            ),
        ]
        indexes = [models.Index(fields=["region_code", "settled_at"], name="outside_by_region")]

    def __str__(self) -> str:
        return f"{self.region_code} {self.total}"


class OutsideRow(UUIDModel):
    """One course somebody attended elsewhere. ``examined`` rows without an error wait for the bureau."""

    batch = models.ForeignKey(OutsideBatch, on_delete=models.PROTECT, related_name="rows")
    number = models.PositiveIntegerField(_("行号"))  # as Excel shows it
    name = models.CharField(_("姓名"), max_length=100)
    document_type = models.CharField(max_length=32, blank=True)
    ciphertext = models.TextField(blank=True)  # emptied as soon as the row is examined
    key_version = models.PositiveSmallIntegerField(null=True)
    masked = models.CharField(_("证件号"), max_length=32, blank=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="outside_rows")
    category = models.CharField(_("类别"), max_length=8, blank=True, choices=Category.choices)
    class_hours = models.DecimalField(_("学时"), max_digits=7, decimal_places=2, null=True)
    on = models.DateField(_("日期"), null=True)
    title = models.CharField(_("培训名称"), max_length=200, blank=True)
    provider = models.CharField(_("举办单位"), max_length=200, blank=True)
    certificate_number = models.CharField(_("证书编号"), max_length=64, blank=True)
    delivery = models.CharField(_("形式"), max_length=8, default="offline")
    examined = models.BooleanField(default=False)
    # Same person, category, day, title and provider: the same learning. Only rows that may still count hold one.
    fingerprint = models.CharField(max_length=64, null=True)
    error_code = models.CharField(max_length=48, blank=True)
    error_field = models.CharField(max_length=32, blank=True)
    error = models.CharField(_("错误"), max_length=300, blank=True)

    objects = OutsideRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("外部学时行")
        verbose_name_plural = _("外部学时行")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="one_outside_row_a_number"),
            models.UniqueConstraint(fields=["fingerprint"], name="outside_learning_once"),
        ]
        indexes = [
            models.Index(fields=["batch", "number"], name="outside_row_waiting", condition=models.Q(examined=False))
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.number}"


class OutsideDecision(AppendOnlyModel):
    """A bureau's answer to one row, once."""

    row = models.OneToOneField(OutsideRow, on_delete=models.PROTECT, related_name="decision")
    accepted = models.BooleanField(_("认可"))
    reason = models.CharField(_("理由"), max_length=300, blank=True)
    by = models.CharField(_("核验人"), max_length=150)
    at = models.DateTimeField(_("核验时间"))

    class Meta:
        verbose_name = _("外部学时核验")
        verbose_name_plural = _("外部学时核验")

    def __str__(self) -> str:
        return f"{self.row_id} {self.accepted}"


class OutsideOutcome(AppendOnlyModel):
    """What became of a decided row: its entry, or the reason why it earned none."""

    row = models.OneToOneField(OutsideRow, on_delete=models.PROTECT, related_name="outcome")
    entry = models.OneToOneField(HourEntry, on_delete=models.PROTECT, null=True, related_name="+")
    refused_code = models.CharField(max_length=48, blank=True)
    refused = models.CharField(_("未计入的原因"), max_length=300, blank=True)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("外部学时结果")
        verbose_name_plural = _("外部学时结果")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(entry__isnull=False, refused_code="")
                | (models.Q(entry=None) & ~models.Q(refused_code="")),
                name="credited_or_refused",
            )
        ]

    def __str__(self) -> str:
        return f"{self.row_id} {self.refused_code}"
