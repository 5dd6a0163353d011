"""One ``Check`` is an institution asking, for a purpose and with consent, whether a person may work with children.

It is never changed; its receipt is a signed PDF that does not say why. Each look-up is visible to the person.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.audit.append_only import AppendOnlyModel
from lms.documents.models import ArchivedDocument
from lms.hiring.querysets import CheckQuerySet
from lms.people.models import Organisation, Person
from lms.people.models.persons import DocumentTypeChoices
from lms.registry.models import BanSubject, ListVersion


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
    institution = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="checks", db_index=False)
    asked_by = models.CharField(_("核查人"), max_length=150)  # user name or API key prefix
    purpose = models.CharField(_("用途"), max_length=16, choices=Purpose.choices)
    consent = models.BooleanField(_("已取得本人同意"))
    reference = models.CharField(_("内部编号"), max_length=64, blank=True)
    name = models.CharField(_("姓名"), max_length=100)
    document_type = models.CharField(_("证件类型"), max_length=32, choices=DocumentTypeChoices.choices)
    ciphertext = models.TextField()
    key_version = models.PositiveSmallIntegerField()
    blind_index = models.CharField(max_length=64)
    masked = models.CharField(_("证件号"), max_length=32)
    date_of_birth = models.DateField(_("出生日期"), null=True, blank=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="checks")
    outcome = models.CharField(_("结果"), max_length=8, choices=Outcome.choices)
    rule = models.CharField(max_length=48)
    list_version = models.ForeignKey(ListVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    checked_at = models.DateTimeField(_("核查时间"))
    valid_until = models.DateField(_("有效期至"))
    receipt_token = models.CharField(max_length=43)
    # The question this is the answer to, where the asker's software numbers its questions. The digest is keyed: a
    # question holds an identity number.
    idempotency_key = models.CharField(max_length=128, null=True)
    request_digest = models.CharField(max_length=64, blank=True)
    # Asked by a batch: the row it answers, once.
    batch_row = models.OneToOneField(
        "hiring.BatchRow", on_delete=models.PROTECT, null=True, related_name="checked", editable=False
    )

    objects = CheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("入职核查")
        verbose_name_plural = _("入职核查")
        ordering = ["-checked_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(consent=True), name="check_has_consent"),
            models.UniqueConstraint(
                fields=["institution", "idempotency_key"],
                condition=models.Q(idempotency_key__isnull=False),
                name="one_check_a_key",
            ),
            models.UniqueConstraint(fields=["receipt_token"], name="one_check_a_token"),
        ]
        # Named here and nowhere else: each index is written with every check.
        indexes = [
            models.Index(fields=["institution", "-checked_at"], name="check_by_institution"),
            models.Index(fields=["blind_index"], name="check_by_number"),
        ]

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


class CheckReceipt(AppendOnlyModel):
    checked = models.OneToOneField(Check, on_delete=models.PROTECT, related_name="receipt")
    document = models.OneToOneField(ArchivedDocument, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("核查回执")
        verbose_name_plural = _("核查回执")

    def __str__(self) -> str:
        return str(self.checked_id)
