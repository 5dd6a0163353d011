"""The close of a year. One ``YearClosing`` is one region's year being closed; one ``YearStanding`` how it stood for a person.

The closing is work: it goes on where the last batch ended (``cursor``). The standings are history, append-only: what
comes later (a reversal, a leave confirmed) is a new version that says why. What may never happen: hours credited in a
year that is frozen for the person.
"""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.audit.append_only import AppendOnlyModel, UUIDModel
from lms.people.models import Person
from lms.policy.models import PolicyPack


class YearClosing(UUIDModel):
    region_code = models.CharField(_("地区"), max_length=6)  # of the pack whose persons it closes
    year = models.PositiveSmallIntegerField(_("年度"))
    started_at = models.DateTimeField(_("开始时间"))
    finished_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    persons = models.PositiveIntegerField(_("人数"), default=0)
    cursor = models.UUIDField(null=True, blank=True)  # the last person frozen, in the order of keys
    taken_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("年度结账")
        verbose_name_plural = _("年度结账")
        constraints = [models.UniqueConstraint(fields=["region_code", "year"], name="one_closing_a_year")]

    def __str__(self) -> str:
        return f"{self.region_code} {self.year}"


class YearStanding(AppendOnlyModel):
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="year_standings")
    year = models.PositiveSmallIntegerField(_("年度"))
    version = models.PositiveSmallIntegerField(_("版本"))
    region_code = models.CharField(_("地区"), max_length=6)
    pack = models.ForeignKey(PolicyPack, on_delete=models.PROTECT, null=True, related_name="+")
    met = models.BooleanField(_("学满"))
    # Per category: minutes required, earned, left and to carry over; then the reasons, as codes with their figures.
    lines = models.JSONField(encoder=DjangoJSONEncoder)
    reasons = models.JSONField(encoder=DjangoJSONEncoder)
    # The end of the person's chain when this was written: whatever came after came later.
    head_number = models.PositiveIntegerField()
    head_hash = models.CharField(max_length=64)
    why = models.CharField(_("缘由"), max_length=300, blank=True)
    at = models.DateTimeField(_("结账时间"))

    class Meta:
        verbose_name = _("年度结账记录")
        verbose_name_plural = _("年度结账记录")
        ordering = ["year", "version"]
        constraints = [models.UniqueConstraint(fields=["person", "year", "version"], name="one_version_of_a_year")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.year} v{self.version}"
