"""One ``Claim`` asks public money for training that took place; its lines are frozen from evidence when assembled.

Money is integer fen. Lines, verdicts, samples and steps are appended: assembling again, while the claim is still the
college's, freezes a new set of lines under the next assembly number and leaves the old one readable. What may never
happen: one officer auditing and deciding the same claim, or a paid line whose person is banned.
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from courses.catalogue.models import Release
from lms.audit.append_only import AppendOnlyModel, UUIDModel
from lms.people.models import Organisation, Person
from lms.subsidies.querysets import ClaimLineQuerySet, ClaimQuerySet, SchemeQuerySet


class SchemeKind(models.TextChoices):
    SHORTAGE_TRAINING = "shortage_training", _("紧缺培训补贴")
    VOCATIONAL_TRAINING = "vocational_training", _("职业培训补贴")
    APPRAISAL = "appraisal", _("职业技能鉴定补贴")


class ClaimState(models.TextChoices):
    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("待审计")
    AUDITED = "audited", _("待决定")
    RETURNED = "returned", _("退回补正")
    APPROVED = "approved", _("已批准")
    REJECTED = "rejected", _("不予批准")
    PAID = "paid", _("已拨付")


class Scheme(UUIDModel):
    bureau = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="schemes")
    kind = models.CharField(_("类别"), max_length=20, choices=SchemeKind.choices)
    name = models.CharField(_("名称"), max_length=200)
    occupation = models.CharField(_("职业（工种）"), max_length=50)
    level = models.CharField(_("等级"), max_length=32, blank=True)
    amount_fen = models.PositiveIntegerField(_("每人补贴（分）"))
    budget_fen = models.PositiveBigIntegerField(_("预算上限（分）"))
    opens_on = models.DateField(_("受理开始"))
    closes_on = models.DateField(_("受理截止"))
    requires_certificate = models.BooleanField(_("须取得证书"), default=True)
    created_at = models.DateTimeField()

    objects = SchemeQuerySet.as_manager()

    class Meta:
        verbose_name = _("补贴项目")
        verbose_name_plural = _("补贴项目")
        constraints = [
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="scheme_amount_positive"),
            models.CheckConstraint(condition=models.Q(closes_on__gte=models.F("opens_on")), name="scheme_window"),
            models.UniqueConstraint(fields=["bureau", "name", "opens_on"], name="one_scheme_a_name_and_window"),
        ]

    def __str__(self) -> str:
        return self.name


class Claim(UUIDModel):
    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="claims")
    college = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="claims")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="claims")
    number = models.CharField(_("申报编号"), max_length=32, unique=True)
    # The latest of ClaimStep, kept for queries; the rows are the record.
    state = models.CharField(_("状态"), max_length=12, choices=ClaimState.choices, default=ClaimState.DRAFT)
    # Which set of lines counts; the first is 1.
    assembly = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(_("申报时间"))

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("补贴申报")
        verbose_name_plural = _("补贴申报")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "college", "release"],
                condition=models.Q(state="draft"),
                name="one_draft_a_scheme_and_release",
            )
        ]

    def __str__(self) -> str:
        return self.number


class ClaimLine(AppendOnlyModel):
    """One trainee of a claim, with the facts as they stood when the claim was assembled."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="lines")
    assembly = models.PositiveSmallIntegerField(default=1)
    position = models.PositiveIntegerField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="claim_lines")
    enrolment_id = models.UUIDField()
    certificate_id = models.UUIDField(null=True)
    amount_fen = models.PositiveIntegerField()
    facts = models.JSONField()
    facts_hash = models.CharField(max_length=64)

    # There where a queryset was asked ``with_verdict()``.
    verdict: str | None
    verdict_findings: list[dict[str, Any]] | None
    verdict_reason: str | None
    verdict_number: int | None

    objects = ClaimLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("申报明细")
        verbose_name_plural = _("申报明细")
        ordering = ["claim", "assembly", "position"]
        constraints = [
            models.UniqueConstraint(fields=["claim", "assembly", "person"], name="one_line_a_person"),
            models.UniqueConstraint(fields=["claim", "assembly", "position"], name="one_line_a_position"),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.position}"


class LineVerdict(AppendOnlyModel):
    """What the rules, or a ban, say of a line. The latest number counts; earlier ones stay readable."""

    class Verdict(models.TextChoices):
        PAY = "pay", _("可补贴")
        QUERY = "query", _("存疑")
        REFUSE = "refuse", _("不予补贴")
        BLOCKED = "blocked", _("禁入冻结")

    line = models.ForeignKey(ClaimLine, on_delete=models.PROTECT, related_name="verdicts")
    number = models.PositiveSmallIntegerField()
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    findings = models.JSONField(default=list)  # [{"code", "severity", "params"}]
    reason = models.CharField(_("理由"), max_length=300, blank=True)  # of the officer who settled it
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("明细结论")
        verbose_name_plural = _("明细结论")
        constraints = [models.UniqueConstraint(fields=["line", "number"], name="one_verdict_a_number")]

    def __str__(self) -> str:
        return self.verdict


class ClaimStep(AppendOnlyModel):
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="steps")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=ClaimState.choices)
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(_("理由"), blank=True)
    amount_fen = models.PositiveBigIntegerField(_("金额（分）"), null=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("申报步骤")
        verbose_name_plural = _("申报步骤")
        constraints = [models.UniqueConstraint(fields=["claim", "number"], name="one_claim_step_a_number")]

    def __str__(self) -> str:
        return self.state


class Sample(AppendOnlyModel):
    """Lines drawn for a close look. Whoever has the seed and the lines draws the same ones again."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="samples")
    assembly = models.PositiveSmallIntegerField()
    seed = models.CharField(_("随机种子"), max_length=64)
    share = models.DecimalField(_("抽样比例"), max_digits=3, decimal_places=2)
    line_ids = models.JSONField()
    drawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("抽样")
        verbose_name_plural = _("抽样")
        constraints = [models.UniqueConstraint(fields=["claim", "assembly"], name="one_sample_an_assembly")]

    def __str__(self) -> str:
        return self.seed
