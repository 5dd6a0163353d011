"""Lists that come as a whole: a workbook of an authority's old list, or another region's signed file.

An ``Intake`` is what one officer handed in and a second confirms as one batch; its rows are the work. A row is one
subject of one decision, entered or annulled; its number is sealed like every other. Nothing acts before the second
officer's word, and a row is taken once, however often the work is begun anew.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.audit.append_only import UUIDModel
from lms.documents.models import ArchivedDocument
from lms.people.models.persons import DocumentTypeChoices
from lms.registry.list_models import ListAct
from lms.registry.querysets import IntakeQuerySet


class Intake(UUIDModel):
    """Mutable: it is work, not history. Its consequences are cases with their own states."""

    class Kind(models.TextChoices):
        WORKBOOK = "workbook", _("名单导入")
        EXCHANGE = "exchange", _("地区交换")

    class State(models.TextChoices):
        WAITING = "waiting", _("待复核")
        RUNNING = "running", _("正在列入")
        FINISHED = "finished", _("已完成")
        DECLINED = "declined", _("未获同意")

    kind = models.CharField(_("来源"), max_length=8, choices=Kind.choices)
    region_code = models.CharField(_("地区"), max_length=6, db_index=True)
    source = models.CharField(_("名单来源"), max_length=200)
    # The letter that came with the list, or the signed file itself: each case made from it rests on this document.
    document = models.ForeignKey(ArchivedDocument, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)  # of the file that held the rows
    total = models.PositiveIntegerField()
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.WAITING)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("提交时间"))
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("复核时间"), null=True)
    reason = models.TextField(_("理由"), blank=True)
    finished_at = models.DateTimeField(null=True)
    taken_until = models.DateTimeField(null=True)  # a worker holds it until then

    objects = IntakeQuerySet.as_manager()

    class Meta:
        verbose_name = _("名单批次")
        verbose_name_plural = _("名单批次")
        ordering = ["-proposed_at"]
        constraints = [
            # The same file handed in again is the same batch; one that was declined may come again.
            models.UniqueConstraint(
                fields=["region_code", "sha256"], condition=~models.Q(state="declined"), name="one_batch_a_file"
            )
        ]

    def __str__(self) -> str:
        return self.source


class IntakeRow(UUIDModel):
    class Outcome(models.TextChoices):
        LISTED = "listed", _("已在名单中，跳过")
        TAKEN = "taken", _("已列入")
        ANNULLED = "annulled", _("已撤销")
        FAILED = "failed", _("未能列入")

    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()  # of the row in the file
    act = models.CharField(max_length=8, choices=ListAct.choices, default=ListAct.ENTERED)
    # The decision
    authority = models.CharField(_("作出机关"), max_length=200)
    case_number = models.CharField(_("决定文号"), max_length=100)
    decided_on = models.DateField(null=True)
    facts_on = models.DateField(null=True)
    facts_category = models.CharField(max_length=16, blank=True)
    legal_basis = models.CharField(max_length=300, blank=True)
    region_code = models.CharField(max_length=6, blank=True)  # where it was decided; empty: in the batch's own region
    # Whom it names
    name = models.CharField(_("姓名"), max_length=100)
    birth_date = models.DateField(null=True)
    document_type = models.CharField(max_length=32, choices=DocumentTypeChoices.choices)
    ciphertext = models.TextField()
    key_version = models.PositiveSmallIntegerField()
    masked = models.CharField(_("证件号"), max_length=32)
    role = models.CharField(max_length=16)
    kind = models.CharField(max_length=16)
    from_date = models.DateField(null=True)
    until = models.DateField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    code = models.CharField(max_length=48, blank=True)
    error = models.CharField(max_length=300, blank=True)
    subject = models.ForeignKey("registry.BanSubject", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("批次行")
        verbose_name_plural = _("批次行")
        constraints = [models.UniqueConstraint(fields=["intake", "number", "act"], name="one_intake_row_a_number")]
        indexes = [
            models.Index(fields=["intake", "outcome", "number"], name="intake_row_left"),
            # Rows of a few decisions are picked out of a hundred thousand.
            models.Index(fields=["intake", "case_number"], name="intake_row_decision"),
        ]

    def __str__(self) -> str:
        return f"{self.intake_id} {self.number}"


class Peer(UUIDModel):
    """Another installation whose signed files are taken: one officer hands in its card, another compares the fingerprint.

    A key that was trusted is withdrawn, never exchanged: another key is another row.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("待核对指纹")
        TRUSTED = "trusted", _("可信")
        WITHDRAWN = "withdrawn", _("已停用")

    name = models.CharField(_("系统"), max_length=200)
    kid = models.CharField(max_length=64)
    sign_key = models.JSONField()
    seal_key = models.JSONField()
    fingerprint = models.CharField(_("指纹"), max_length=64)
    state = models.CharField(_("状态"), max_length=9, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("交换对方")
        verbose_name_plural = _("交换对方")
        ordering = ["name", "proposed_at"]
        constraints = [
            models.UniqueConstraint(fields=["kid"], condition=~models.Q(state="withdrawn"), name="one_peer_a_key")
        ]

    def __str__(self) -> str:
        return self.name
