"""What registrars do with a check under review: the clock, papers asked for, the decision and what is remembered of it.

A ``ReviewDecision`` answers one check. What it says of the number and name asked about and a subject of the list stays
(``PairDecision``) and answers the same question when it comes again, until a second registrar revokes it.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.audit.append_only import AppendOnlyModel, UUIDModel
from lms.documents.models import ArchivedDocument
from lms.hiring.models.checks import Check, Outcome
from lms.people.models.persons import DocumentTypeChoices
from lms.registry.models import BanSubject, ListVersion


class Review(UUIDModel):
    """The service time of one check under review. Mutable: it is work, not history.

    The clock stands while the institution owes a document (``waiting_since``).
    """

    checked = models.OneToOneField(Check, on_delete=models.PROTECT, related_name="review")
    opened_at = models.DateTimeField(_("进入核对"))
    due_at = models.DateTimeField(_("答复期限"))
    waiting_since = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("核对时限")
        verbose_name_plural = _("核对时限")
        indexes = [models.Index(fields=["closed_at", "due_at"], name="review_due")]

    def __str__(self) -> str:
        return f"{self.checked_id} {self.due_at:%Y-%m-%d}"


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


class DecisionRevocation(AppendOnlyModel):
    """A second registrar takes a decision back. What it answered is under review again."""

    decision = models.OneToOneField(ReviewDecision, on_delete=models.PROTECT, related_name="revocation")
    reason = models.CharField(_("理由"), max_length=300)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("撤回核对决定")
        verbose_name_plural = _("撤回核对决定")

    def __str__(self) -> str:
        return self.reason[:40]


class PairDecision(AppendOnlyModel):
    """Whether whoever shows this number under this name is this subject of the list.

    ``number`` counts what was said of one pair: two registrars at once can't both say the next thing about it.
    """

    decision = models.ForeignKey(ReviewDecision, on_delete=models.PROTECT, related_name="pairs")
    subject = models.ForeignKey(BanSubject, on_delete=models.PROTECT, related_name="+")
    document_type = models.CharField(max_length=32, choices=DocumentTypeChoices.choices)
    blind_index = models.CharField(max_length=64)
    name = models.CharField(_("姓名"), max_length=100)
    same = models.BooleanField(_("是同一人"))
    number = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("已认定的组合")
        verbose_name_plural = _("已认定的组合")
        constraints = [
            models.UniqueConstraint(fields=["blind_index", "name", "subject", "number"], name="one_word_of_a_pair")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.same}"


class RememberedAnswer(AppendOnlyModel):
    """A check that was answered, in part or whole, by what was said of the pair before."""

    checked = models.ForeignKey(Check, on_delete=models.PROTECT, related_name="remembered")
    pair = models.ForeignKey(PairDecision, on_delete=models.PROTECT, related_name="answers")

    class Meta:
        verbose_name = _("沿用的结论")
        verbose_name_plural = _("沿用的结论")

    def __str__(self) -> str:
        return f"{self.checked_id}"


class DocumentRequest(AppendOnlyModel):
    """A registrar asks the institution for a paper. ``number`` counts within the check: one at a time."""

    checked = models.ForeignKey(Check, on_delete=models.PROTECT, related_name="document_requests")
    number = models.PositiveIntegerField()
    what = models.CharField(_("需要的材料"), max_length=300)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("补充材料要求")
        verbose_name_plural = _("补充材料要求")
        ordering = ["checked", "number"]
        constraints = [models.UniqueConstraint(fields=["checked", "number"], name="one_paper_at_a_time")]

    def __str__(self) -> str:
        return self.what[:40]


class HandedDocument(AppendOnlyModel):
    """What the institution handed in."""

    request = models.OneToOneField(DocumentRequest, on_delete=models.PROTECT, related_name="answer")
    document = models.OneToOneField(ArchivedDocument, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(_("说明"), max_length=300, blank=True)
    handed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("补充材料")
        verbose_name_plural = _("补充材料")

    def __str__(self) -> str:
        return f"{self.request_id}"
