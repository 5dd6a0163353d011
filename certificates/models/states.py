"""The life of a certificate: states are appended, the last one counts."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from certificates.models.certificates import Certificate
from lms.audit.append_only import AppendOnlyModel
from lms.documents.models import ArchivedDocument


class StateCode(models.TextChoices):
    """Why a state was appended, as everybody may read it."""

    BAN = "ban", _("持证人被列入从业禁入名单")
    ERROR = "error", _("签发有误")
    FRAUD = "fraud", _("弄虚作假取得")
    HOURS_REVERSED = "hours_reversed", _("所依据的学时已被冲销")
    HOURS_RESTORED = "hours_restored", _("所依据的学时已补足")
    COURSE_VOIDED = "course_voided", _("所依据的学习记录已作废")
    COURSE_RESTORED = "course_restored", _("学习记录的作废决定已撤销")
    NAME_CORRECTED = "name_corrected", _("持证人信息更正，已换发新证")
    BAN_ANNULLED = "ban_annulled", _("禁入决定已被撤销")
    REVIEWED = "reviewed", _("复核后恢复")


class CertificateState(AppendOnlyModel):
    class Name(models.TextChoices):
        ISSUED = "issued", _("已签发")
        REVOKED = "revoked", _("已撤销")
        SUPERSEDED = "superseded", _("已被替换")
        REINSTATED = "reinstated", _("已恢复")

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="states")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=Name.choices)
    code = models.CharField(max_length=32, blank=True, choices=StateCode.choices)
    # The ban case behind it, when there is one: annulling that case gives back what it took. Or the recall behind it.
    cause_id = models.UUIDField(null=True, db_index=True)
    reason = models.CharField(_("理由"), max_length=300, blank=True)
    authority = models.CharField(_("决定机关"), max_length=200, blank=True)
    # The decision it rests on, as it was handed in.
    document = models.ForeignKey(ArchivedDocument, on_delete=models.PROTECT, null=True, related_name="+")
    successor = models.ForeignKey(Certificate, on_delete=models.PROTECT, null=True, related_name="+")
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("证书状态")
        verbose_name_plural = _("证书状态")
        constraints = [models.UniqueConstraint(fields=["certificate", "number"], name="one_certificate_state_a_number")]
        # What happened after issue: few rows, asked for by everything that tells many certificates at once.
        indexes = [models.Index(fields=["certificate"], condition=models.Q(number__gt=1), name="later_state")]

    def __str__(self) -> str:
        return self.state
