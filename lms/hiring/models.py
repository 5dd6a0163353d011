"""One ``Check`` is an institution asking, for a purpose and with consent, whether a person may work with children.

It is never changed; its receipt is a signed PDF that does not say why. Each look-up is visible to the person. A
``BanAlert`` tells one employer of one banned employee and waits for the confirmation of removal.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.audit.append_only import AppendOnlyModel, UUIDModel
from lms.documents.models import ArchivedDocument
from lms.hiring.querysets import AlertQuerySet, BatchQuerySet, CheckQuerySet
from lms.people.models import Employment, Organisation, Person
from lms.people.models.persons import DocumentTypeChoices
from lms.registry.models import BanState, BanSubject, ListVersion


class Purpose(models.TextChoices):
    HIRING = "hiring", _("拟录用")
    ANNUAL_REVIEW = "annual_review", _("年度复核")
    VOLUNTEER = "volunteer", _("志愿服务")
    TRANSFER = "transfer", _("转岗")


class Outcome(models.TextChoices):
    CLEAR = "clear", _("未见禁入")
    BARRED = "barred", _("禁入")
    REVIEW = "review", _("待人工核对")


class Check(AppendOnlyModel):
    institution = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="checks")
    asked_by = models.CharField(_("核查人"), max_length=150)  # user name or API key prefix
    purpose = models.CharField(_("用途"), max_length=16, choices=Purpose.choices)
    consent = models.BooleanField(_("已取得本人同意"))
    reference = models.CharField(_("内部编号"), max_length=64, blank=True)
    name = models.CharField(_("姓名"), max_length=100)
    document_type = models.CharField(_("证件类型"), max_length=32, choices=DocumentTypeChoices.choices)
    ciphertext = models.TextField()
    key_version = models.PositiveSmallIntegerField()
    blind_index = models.CharField(max_length=64, db_index=True)
    masked = models.CharField(_("证件号"), max_length=32)
    date_of_birth = models.DateField(_("出生日期"), null=True, blank=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="checks")
    outcome = models.CharField(_("结果"), max_length=8, choices=Outcome.choices)
    rule = models.CharField(max_length=48)
    list_version = models.ForeignKey(ListVersion, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(_("核查时间"))
    valid_until = models.DateField(_("有效期至"))
    receipt_token = models.CharField(max_length=43, unique=True)

    objects = CheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("入职核查")
        verbose_name_plural = _("入职核查")
        ordering = ["-checked_at"]
        constraints = [models.CheckConstraint(condition=models.Q(consent=True), name="check_has_consent")]
        indexes = [models.Index(fields=["institution", "-checked_at"], name="check_by_institution")]

    def __str__(self) -> str:
        return f"{self.name} {self.get_outcome_display()}"


class CheckCandidate(AppendOnlyModel):
    """A listed subject that a check under review might be."""

    checked = models.ForeignKey(Check, on_delete=models.PROTECT, related_name="candidates")
    subject = models.ForeignKey(BanSubject, on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(max_length=48)

    class Meta:
        verbose_name = _("可能匹配")
        verbose_name_plural = _("可能匹配")

    def __str__(self) -> str:
        return self.rule


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


class CheckReceipt(AppendOnlyModel):
    checked = models.OneToOneField(Check, on_delete=models.PROTECT, related_name="receipt")
    document = models.OneToOneField(ArchivedDocument, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("核查回执")
        verbose_name_plural = _("核查回执")

    def __str__(self) -> str:
        return str(self.checked_id)


class IdempotentAnswer(AppendOnlyModel):
    """The check that an ``Idempotency-Key`` of an organisation already made."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=128)
    request_digest = models.CharField(max_length=64)  # keyed: the request holds an identity number
    checked = models.ForeignKey(Check, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("幂等记录")
        verbose_name_plural = _("幂等记录")
        constraints = [models.UniqueConstraint(fields=["organisation", "key"], name="one_answer_a_key")]

    def __str__(self) -> str:
        return self.key


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
