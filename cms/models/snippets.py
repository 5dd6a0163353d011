"""What a college writes once and uses in many courses: terms it explains, texts it repeats.

Publishing freezes both into the release; changing them afterwards changes drafts only.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.fields import StreamField

from cms.blocks import TextBody
from lms.audit.append_only import UUIDModel
from lms.people.models import Organisation


class GlossaryTerm(UUIDModel):
    """A term with its explanation, shown beside every course of the college in which it occurs."""

    college = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    term = models.CharField(_("术语"), max_length=60)
    text = models.CharField(_("解释"), max_length=500)

    class Meta:
        verbose_name = _("术语")
        verbose_name_plural = _("术语")
        constraints = [models.UniqueConstraint(fields=["college", "term"], name="one_term_a_college")]

    def __str__(self) -> str:
        return self.term


class ReusableText(UUIDModel):
    """A text that several readings hold. A retired one is no longer offered, and readings that hold it keep it."""

    college = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", editable=False)
    title = models.CharField(_("名称"), max_length=200, help_text=_("只给作者看，学员看不到。"))
    body = StreamField(TextBody(), verbose_name=_("正文"))
    changed_at = models.DateTimeField(_("修改时间"), editable=False)
    retired_at = models.DateTimeField(_("停用时间"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("常用文字")
        verbose_name_plural = _("常用文字")
        constraints = [models.UniqueConstraint(fields=["college", "title"], name="one_text_a_college_and_title")]

    def __str__(self) -> str:
        return self.title
