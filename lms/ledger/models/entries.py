"""One ``HourEntry`` is minutes of learning that a person earned, with the evidence they trace to.

Append-only: a correction is an entry of kind *reversal*. Entries of one person are numbered without a gap and linked by
hash, so a missing or altered row shows. What may never happen: an entry without evidence, an entry reversed twice.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.audit.append_only import AppendOnlyModel
from lms.ledger.querysets import HourEntryQuerySet
from lms.people.models import Person
from lms.policy.models import PolicyPack


class Category(models.TextChoices):
    SKILLS = "skills", _("综合技能培训")
    ETHICS = "ethics", _("职业道德教育")


class EntryKind(models.TextChoices):
    CREDIT = "credit", _("计入")
    REVERSAL = "reversal", _("冲销")


class HourEntry(AppendOnlyModel):
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="hour_entries")
    number = models.PositiveIntegerField(_("序号"))  # 1, 2, 3 … within the person
    kind = models.CharField(_("类型"), max_length=8, choices=EntryKind.choices)
    category = models.CharField(_("类别"), max_length=8, choices=Category.choices)
    minutes = models.PositiveIntegerField(_("分钟"))  # always positive; a reversal subtracts
    class_hours = models.DecimalField(_("学时"), max_digits=7, decimal_places=2)  # by the pack in force
    year = models.PositiveSmallIntegerField(_("年度"))
    on = models.DateField(_("日期"))
    title = models.CharField(_("来源"), max_length=200)
    delivery = models.CharField(_("形式"), max_length=8, default="online")  # online | offline | blended
    # The course whose release was learned: one counts once a year.
    course_id = models.UUIDField(null=True, blank=True)
    release_id = models.UUIDField(null=True, blank=True)
    evidence_kind = models.CharField(_("证据"), max_length=32)
    evidence_id = models.UUIDField()
    evidence_digest = models.CharField(max_length=64)
    pack = models.ForeignKey(PolicyPack, on_delete=models.PROTECT, related_name="+")
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by")
    reason = models.CharField(_("理由"), max_length=300, blank=True)
    recorded_at = models.DateTimeField(_("入账时间"))
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects = HourEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("学时记录")
        verbose_name_plural = _("学时记录")
        constraints = [
            models.UniqueConstraint(fields=["person", "number"], name="one_chain_a_person"),
            models.UniqueConstraint(
                fields=["evidence_kind", "evidence_id"],
                condition=models.Q(kind="credit"),
                name="one_credit_an_evidence",
            ),
            models.CheckConstraint(condition=models.Q(minutes__gt=0), name="minutes_positive"),
            models.CheckConstraint(condition=models.Q(category__in=["skills", "ethics"]), name="category_known"),
            models.CheckConstraint(
                condition=~models.Q(evidence_kind="") & ~models.Q(evidence_digest=""), name="evidence_present"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="credit", reverses=None) | models.Q(kind="reversal", reverses__isnull=False),
                name="reversal_names_its_entry",
            ),
        ]
        # Everything a standing is added up from, so that it is read from the index alone (``services.standings``).
        indexes = [
            models.Index(
                fields=["person", "year", "category", "course_id", "kind", "on", "delivery", "minutes"],
                name="entry_standing",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} #{self.number} {self.category} {self.minutes}"
