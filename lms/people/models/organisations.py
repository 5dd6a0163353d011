"""Colleges, institutions (employers), bureaus and training bases. Nothing of theirs is visible before admission."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.audit.append_only import AppendOnlyModel, UUIDModel
from lms.documents.models import ArchivedDocument
from lms.people.querysets import OrganisationQuerySet


class OrganisationKind(models.TextChoices):
    COLLEGE = "college", _("培训院校")
    INSTITUTION = "institution", _("托育机构")
    TRAINING_BASE = "training_base", _("实训基地")
    HEALTH_BUREAU = "health_bureau", _("卫生健康部门")
    HR_BUREAU = "hr_bureau", _("人力资源社会保障部门")


class OrganisationStatus(models.TextChoices):
    APPLIED = "applied", _("待审核")
    ADMITTED = "admitted", _("已准入")
    REFUSED = "refused", _("未通过")
    CLOSED = "closed", _("已关闭")


class Organisation(UUIDModel):
    kind = models.CharField(_("类型"), max_length=16, choices=OrganisationKind.choices)
    name = models.CharField(_("名称"), max_length=200)
    name_en = models.CharField(_("英文名称"), max_length=200, blank=True)
    credit_code = models.CharField(_("统一社会信用代码"), max_length=18, unique=True, null=True, blank=True)
    # Some genuine codes fail GB 32100's check digit: it warns the bureau, it does not refuse.
    credit_code_warning = models.BooleanField(_("信用代码校验位不符"), default=False)
    region_code = models.CharField(_("所在地区"), max_length=6, db_index=True)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    contact_name = models.CharField(_("联系人"), max_length=100, blank=True)
    contact_phone = models.CharField(_("联系电话"), max_length=20, blank=True)
    # The latest decision, kept for queries; the rows of AdmissionDecision are the record.
    status = models.CharField(
        _("状态"), max_length=16, choices=OrganisationStatus.choices, default=OrganisationStatus.APPLIED
    )
    created_at = models.DateTimeField(_("申请时间"))

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("机构")
        verbose_name_plural = _("机构")
        indexes = [models.Index(fields=["kind", "status", "region_code"], name="organisation_kind_status")]

    def __str__(self) -> str:
        return self.name


class AdmissionDecision(AppendOnlyModel):
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="decisions")
    status = models.CharField(_("决定"), max_length=16, choices=OrganisationStatus.choices)
    reason = models.TextField(_("理由"), blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("准入决定")
        verbose_name_plural = _("准入决定")

    def __str__(self) -> str:
        return f"{self.organisation} {self.get_status_display()}"


class OrganisationProof(AppendOnlyModel):
    """A document the applicant handed in: licence, filing receipt. Its bytes are in the archive."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="proofs")
    document = models.ForeignKey(ArchivedDocument, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("申请材料")
        verbose_name_plural = _("申请材料")
        ordering = ["at"]

    def __str__(self) -> str:
        return self.document.file_name


class ResponsiblePerson(UUIDModel):
    """Who answers for the organisation in law, over time."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="responsible_persons")
    name = models.CharField(_("法定代表人或举办者"), max_length=100)
    from_date = models.DateField(_("自"))
    to_date = models.DateField(_("至"), null=True, blank=True)

    class Meta:
        verbose_name = _("责任人")
        verbose_name_plural = _("责任人")

    def __str__(self) -> str:
        return self.name


class AnnualInspection(AppendOnlyModel):
    """Result of one year's inspection. Two failed years running close the institution."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="inspections")
    year = models.PositiveSmallIntegerField(_("年度"))
    passed = models.BooleanField(_("合格"))
    note = models.TextField(_("说明"), blank=True)
    at = models.DateTimeField(_("登记时间"))

    class Meta:
        verbose_name = _("年检结果")
        verbose_name_plural = _("年检结果")
        constraints = [models.UniqueConstraint(fields=["organisation", "year"], name="one_inspection_a_year")]

    def __str__(self) -> str:
        return f"{self.organisation} {self.year}"


class IntegrityRecord(AppendOnlyModel):
    """One entry of the body's integrity record (诚信记录), good or bad."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="integrity_records")
    good = models.BooleanField(_("守信"))
    fact = models.TextField(_("事实"))
    authority = models.CharField(_("认定机关"), max_length=200)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("诚信记录")
        verbose_name_plural = _("诚信记录")

    def __str__(self) -> str:
        return self.fact[:40]
