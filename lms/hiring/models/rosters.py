"""Everybody at once: a staff list that becomes a roster, and the yearly re-check of those on it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.audit.append_only import AppendOnlyModel, UUIDModel
from lms.hiring.models.batches import CheckBatch
from lms.hiring.models.checks import Check
from lms.people.models import Employment, Organisation, Post


class RosterLoad(UUIDModel):
    """One workbook of people who work here. Those without a fresh check are checked in ``batch`` before they start."""

    institution = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="roster_loads")
    batch = models.OneToOneField(CheckBatch, on_delete=models.PROTECT, null=True, related_name="roster_load")
    # Who asked: the employments are entered in their name, whichever worker does it.
    actor_kind = models.CharField(max_length=8)
    actor_id = models.UUIDField(null=True)
    loaded_by = models.CharField(_("上传人"), max_length=150)
    actor_role = models.CharField(max_length=32)
    total = models.PositiveIntegerField(_("行数"))
    created_at = models.DateTimeField(_("上传时间"))
    finished_at = models.DateTimeField(_("完成时间"), null=True)
    taken_until = models.DateTimeField(null=True)  # a worker holds it until then

    class Meta:
        verbose_name = _("花名册导入")
        verbose_name_plural = _("花名册导入")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.institution_id} {self.total}"


class RosterRow(UUIDModel):
    """One person of the list: done when they have their employment, or the error that says what to do.

    ``number`` is the row as Excel shows it, ``asked_as`` that of its row in the batch.
    """

    load = models.ForeignKey(RosterLoad, on_delete=models.PROTECT, related_name="rows")
    number = models.PositiveIntegerField(_("行号"))
    name = models.CharField(_("姓名"), max_length=100)
    masked = models.CharField(_("证件号"), max_length=32, blank=True)
    post = models.CharField(_("岗位"), max_length=32, choices=Post.choices, blank=True)
    from_date = models.DateField(_("入职日期"), null=True)
    manager_name = models.CharField(_("直接管理人"), max_length=100, blank=True)
    # A check they had already, fresh enough; else the batch makes one.
    asked_as = models.PositiveIntegerField(null=True)
    checked = models.ForeignKey(Check, on_delete=models.PROTECT, null=True, related_name="+")
    employment = models.OneToOneField(Employment, on_delete=models.PROTECT, null=True, related_name="+")
    error_code = models.CharField(max_length=48, blank=True)
    error = models.CharField(_("错误"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("花名册导入行")
        verbose_name_plural = _("花名册导入行")
        constraints = [models.UniqueConstraint(fields=["load", "number"], name="one_roster_row_a_number")]

    def __str__(self) -> str:
        return f"{self.load_id} {self.number}"


class Recheck(AppendOnlyModel):
    """The yearly re-check of a roster, started by the institution: one batch with one receipt.

    ``consent_basis``: what the consent of those asked about rests on, in the words the institution agreed to.
    """

    institution = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="rechecks")
    batch = models.OneToOneField(CheckBatch, on_delete=models.PROTECT, related_name="recheck")
    persons = models.PositiveIntegerField(_("人数"))
    consent_basis = models.CharField(_("同意的依据"), max_length=200)
    started_by = models.CharField(_("发起人"), max_length=150)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("年度复核")
        verbose_name_plural = _("年度复核")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.institution_id} {self.at:%Y-%m-%d}"
