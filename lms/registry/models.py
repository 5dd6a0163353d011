"""The list of bans. One ``BanCase`` is one decision of one authority with its documents; a ``BanSubject`` is one human
being it names. States are appended (``BanState``). A ban acts from *in force* on, stays in force under appeal, and ends
only when annulled; a lifetime ban can't expire. Entry and lifting each take two different officers.
"""

from datetime import date

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lms.audit.append_only import AppendOnlyModel, UUIDModel
from lms.documents.models import ArchivedDocument
from lms.people.models import Person
from lms.people.models.persons import DocumentTypeChoices
from lms.registry.intake_models import Intake, IntakeRow, Peer
from lms.registry.list_models import ListAct, ListLeaf, ListNode, ListVersion
from lms.registry.querysets import BanCaseQuerySet, BanSubjectQuerySet

__all__ = [
    "BanCase",
    "BanKind",
    "BanMatchKey",
    "BanState",
    "BanSubject",
    "BanSubjectIndex",
    "CaseDocument",
    "CaseState",
    "CompensationNote",
    "FactsCategory",
    "Intake",
    "IntakeRow",
    "ListAct",
    "ListLeaf",
    "ListNode",
    "ListVersion",
    "Peer",
    "SubjectRole",
]


class FactsCategory(models.TextChoices):
    ABUSE = "abuse", _("虐待儿童")
    SEXUAL = "sexual", _("性侵、猥亵儿童")
    NEGLECT = "neglect", _("严重失职致儿童伤害")
    CONCEALMENT = "concealment", _("隐瞒不报")


class SubjectRole(models.TextChoices):
    PERPETRATOR = "perpetrator", _("行为人")
    MANAGER = "manager", _("直接管理人")


class BanKind(models.TextChoices):
    LIFETIME = "lifetime", _("终身禁入")
    DATED = "dated", _("限期禁入")


class CaseState(models.TextChoices):
    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("待复核")
    RETURNED = "returned", _("退回")
    IN_FORCE = "in_force", _("生效")
    UNDER_APPEAL = "under_appeal", _("申诉中（仍有效）")
    APPEAL_CLOSED = "appeal_closed", _("申诉终结（仍有效）")
    ANNULMENT_PROPOSED = "annulment_proposed", _("拟撤销，待复核")
    ANNULMENT_DECLINED = "annulment_declined", _("撤销未获同意")
    ANNULLED = "annulled", pgettext_lazy("ban", "已撤销")


class BanCase(UUIDModel):
    number = models.CharField(_("决定文号"), max_length=100)
    authority = models.CharField(_("作出机关"), max_length=200)
    decided_on = models.DateField(_("决定日期"))
    facts_on = models.DateField(_("事实发生日期"))
    facts_category = models.CharField(_("事实类别"), max_length=16, choices=FactsCategory.choices)
    legal_basis = models.CharField(_("法律依据"), max_length=300)
    region_code = models.CharField(_("地区"), max_length=6, db_index=True)
    created_at = models.DateTimeField(_("录入时间"))
    # Decisions on the same facts (a court's, an authority's) share the key of the first case; empty in that case itself.
    matter = models.UUIDField(null=True, db_index=True)

    objects = BanCaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("禁入案件")
        verbose_name_plural = _("禁入案件")
        constraints = [models.UniqueConstraint(fields=["authority", "number"], name="one_case_a_decision")]

    def __str__(self) -> str:
        return f"{self.authority} {self.number}"


class CaseDocument(AppendOnlyModel):
    """A file of the case (decision, judgment, overturning document), kept in the archive with its hash."""

    case = models.ForeignKey(BanCase, on_delete=models.PROTECT, related_name="documents")
    purpose = models.CharField(max_length=16)  # decision | overturning | other
    document = models.ForeignKey(ArchivedDocument, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("案件文件")
        verbose_name_plural = _("案件文件")

    def __str__(self) -> str:
        return f"{self.case} {self.purpose}"


class BanSubject(UUIDModel):
    """Editable while the case is a draft; fixed by the hash of the list version once in force."""

    case = models.ForeignKey(BanCase, on_delete=models.PROTECT, related_name="subjects")
    # Found by an index of its own, below: most of a list is people nobody here knows.
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="bans", db_index=False
    )
    role = models.CharField(pgettext_lazy("ban", "身份"), max_length=16, choices=SubjectRole.choices)
    kind = models.CharField(_("期限"), max_length=16, choices=BanKind.choices)
    from_date = models.DateField(_("自"))
    until = models.DateField(_("至（含）"), null=True, blank=True)
    # Identity as it stood in the decision; also for someone not yet known here.
    name = models.CharField(_("姓名"), max_length=100, db_index=True)
    birth_date = models.DateField(_("出生日期"), null=True, blank=True)
    document_type = models.CharField(_("证件类型"), max_length=32, choices=DocumentTypeChoices.choices)
    ciphertext = models.TextField()
    key_version = models.PositiveSmallIntegerField()
    masked = models.CharField(_("证件号"), max_length=32)
    # "key version:HMAC" of the number as entered: what the list version covers, whatever key the number is sealed under.
    number_digest = models.CharField(max_length=80, default="")

    objects = BanSubjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("禁入对象")
        verbose_name_plural = _("禁入对象")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="lifetime", until=None) | models.Q(kind="dated", until__isnull=False),
                name="lifetime_has_no_end",
            )
        ]
        indexes = [
            models.Index(fields=["name", "birth_date"], name="ban_subject_name_birth"),
            models.Index(fields=["birth_date"], name="ban_subject_birth"),
            models.Index(fields=["person"], name="ban_subject_person", condition=models.Q(person__isnull=False)),
            # Few are dated; every minute somebody asks which of them begin or end.
            models.Index(fields=["until"], condition=models.Q(kind="dated"), name="ban_subject_dated"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_role_display()})"

    def would_act(self, on: date) -> bool:
        """Whether its terms cover ``on`` (both ends inclusive), if the case is in force."""
        return self.from_date <= on and (self.until is None or on <= self.until)


class BanSubjectIndex(UUIDModel):
    """A blind index under which the subject is found: every written form of every known document."""

    subject = models.ForeignKey(BanSubject, on_delete=models.PROTECT, related_name="indexes")
    blind_index = models.CharField(max_length=64, db_index=True)

    class Meta:
        verbose_name = _("禁入索引")
        verbose_name_plural = _("禁入索引")
        constraints = [models.UniqueConstraint(fields=["subject", "blind_index"], name="one_index_a_subject")]

    def __str__(self) -> str:
        return self.blind_index[:12]


class BanMatchKey(models.Model):
    """A key by which a check finds the subject (``lms.rules.finding``): keyed, 64 bits. It finds, and decides nothing.

    There are about eight a subject and nothing refers to one, so the row is as small as it can be.
    """

    key = models.BigIntegerField()
    subject = models.ForeignKey(BanSubject, on_delete=models.PROTECT, related_name="match_keys")

    class Meta:
        verbose_name = _("禁入比对索引")
        verbose_name_plural = _("禁入比对索引")
        constraints = [models.UniqueConstraint(fields=["key", "subject"], name="one_key_a_subject")]

    def __str__(self) -> str:
        return f"{self.key}"


class BanState(AppendOnlyModel):
    """One step in a case's life. ``number`` counts within the case: two officers at once can't both take a step."""

    case = models.ForeignKey(BanCase, on_delete=models.PROTECT, related_name="states")
    number = models.PositiveIntegerField()
    state = models.CharField(_("状态"), max_length=20, choices=CaseState.choices)
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(_("理由"), blank=True)
    document = models.ForeignKey(ArchivedDocument, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("案件状态")
        verbose_name_plural = _("案件状态")
        ordering = ["case", "number"]
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="one_step_at_a_time"),
            models.UniqueConstraint(
                fields=["case", "state"],
                condition=models.Q(state__in=["in_force", "annulled"]),
                name="in_force_once_annulled_once",
            ),
        ]
        indexes = [models.Index(fields=["state", "case"], name="ban_state_case")]

    def __str__(self) -> str:
        return f"{self.case} {self.get_state_display()}"


class CompensationNote(AppendOnlyModel):
    """What is decided or paid for a ban that was overturned. Added as it becomes known."""

    case = models.ForeignKey(BanCase, on_delete=models.PROTECT, related_name="compensation_notes")
    note = models.TextField(_("补偿情况"))
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("补偿记录")
        verbose_name_plural = _("补偿记录")
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.case} {self.at:%Y-%m-%d}"
