"""A ``Recall`` takes back many certificates of one issuer that were found fraudulent or issued in error.

Which ones is fixed when it is proposed (``RecallItem``): what the second officer saw is what is revoked, and nothing
else. States are appended: proposed → confirmed → done, or proposed → declined. What may never happen: one officer
does both, or a certificate is revoked twice however often the work is interrupted and taken up again.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from certificates.models.certificates import Certificate
from certificates.querysets import RecallQuerySet
from lms.audit.append_only import AppendOnlyModel, UUIDModel
from lms.documents.models import ArchivedDocument
from lms.people.models import Organisation


class Recall(UUIDModel):
    issuer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    # What it is about: release, session, batch, issued_from, issued_to (ISO) as far as they were given.
    scope = models.JSONField()
    code = models.CharField(_("撤销原因（公开）"), max_length=32)  # of StateCode
    authority = models.CharField(_("决定机关（公开）"), max_length=200)
    reason = models.CharField(_("具体理由（告知持证人）"), max_length=300)
    document = models.ForeignKey(ArchivedDocument, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("提出时间"))
    # The latest state, kept for queries; the rows of RecallState are the record.
    state = models.CharField(max_length=12)
    objects = RecallQuerySet.as_manager()

    class Meta:
        verbose_name = _("批量撤销")
        verbose_name_plural = _("批量撤销")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.issuer} {self.created_at:%Y-%m-%d}"


class RecallState(AppendOnlyModel):
    class Name(models.TextChoices):
        PROPOSED = "proposed", _("待复核")
        CONFIRMED = "confirmed", _("正在撤销")
        DECLINED = "declined", _("未获同意")
        DONE = "done", _("已完成")

    recall = models.ForeignKey(Recall, on_delete=models.PROTECT, related_name="states")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=Name.choices)
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    organisation_name = models.CharField(max_length=200, blank=True)
    reason = models.CharField(_("理由"), max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("批量撤销状态")
        verbose_name_plural = _("批量撤销状态")
        constraints = [models.UniqueConstraint(fields=["recall", "number"], name="one_recall_state_a_number")]

    def __str__(self) -> str:
        return self.state


class RecallItem(UUIDModel):
    """One certificate of a recall. ``outcome`` is empty until its turn has come."""

    class Outcome(models.TextChoices):
        REVOKED = "revoked", _("已撤销")
        # Its holder's name was corrected meanwhile: the edition that took its place was revoked.
        SUCCESSOR = "successor", _("已撤销换发的新证")
        ALREADY = "already", _("此前已撤销")

    recall = models.ForeignKey(Recall, on_delete=models.PROTECT, related_name="items")
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)

    class Meta:
        verbose_name = _("批量撤销的证书")
        verbose_name_plural = _("批量撤销的证书")
        constraints = [models.UniqueConstraint(fields=["recall", "certificate"], name="one_recall_item_a_certificate")]
        indexes = [models.Index(fields=["recall", "outcome"], name="recall_items_by_outcome")]

    def __str__(self) -> str:
        return f"{self.certificate_id} {self.outcome}"
