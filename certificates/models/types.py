"""What kinds of certificate there are, and the series their numbers come from.

Types for courses and for yearly requirements follow from the policy packs; nobody types them in. The others are made and
changed by an issuer's staff. Changing one touches nothing that was issued: a certificate carries its own facts.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from certificates.querysets import CertificateTypeQuerySet
from lms.audit.append_only import UUIDModel
from lms.people.models import Organisation


class Rule(models.TextChoices):
    """What has to be earned for one."""

    COURSE_PASSED = "course_passed", _("课程结业")
    ANNUAL_REQUIREMENT = "annual_requirement", _("年度学时达标")
    PROGRAMME = "programme", _("培训计划完成")
    POST = "post", _("岗位培训合格")
    TRAINERS = "trainers", _("师资培训合格")


# Those an issuer's staff makes; the others follow from the policy packs.
STAFF_RULES = (Rule.PROGRAMME, Rule.POST, Rule.TRAINERS)


class CertificateType(UUIDModel):
    key = models.SlugField(max_length=50, unique=True)  # course, annual-310000, post-9f3c…
    rule = models.CharField(_("规则"), max_length=20, choices=Rule.choices)
    title = models.CharField(_("名称"), max_length=100)
    title_en = models.CharField(_("英文名称"), max_length=100)
    serial_prefix = models.CharField(_("编号前缀"), max_length=4)
    # The body whose name stands on it; empty = the college of the course.
    issuer = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    region_code = models.CharField(_("地区"), max_length=6, blank=True)
    validity_months = models.PositiveSmallIntegerField(_("有效期（月）"), null=True, blank=True)
    # programme: {"programmes": [id…]}, none = any of the issuer's.
    # post: {"post": "caregiver", "courses": [id…], "topics": {"safety": "8"}, "within_months": 24 | None}
    # trainers: {"courses": [id…], "within_months": …}. Courses are keys of courses.catalogue, the same in each release.
    requirements = models.JSONField(_("要求"), default=dict, blank=True)
    # Issued by itself when the last requirement is met; else only when somebody issues it.
    automatic = models.BooleanField(_("达到要求时自动签发"), default=True)
    # When set, none is issued any more; what was issued stays.
    retired_at = models.DateTimeField(_("停止签发时间"), null=True, blank=True)

    objects = CertificateTypeQuerySet.as_manager()

    class Meta:
        verbose_name = _("证书类型")
        verbose_name_plural = _("证书类型")
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "title"],
                condition=models.Q(retired_at=None, issuer__isnull=False),
                name="one_type_a_title_and_issuer",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_staffs(self) -> bool:
        """Whether an issuer's staff made it and may change it."""
        return self.rule in STAFF_RULES


class SerialCounter(UUIDModel):
    """The last running number given in one series. Its row lock hands numbers out one at a time."""

    prefix = models.CharField(max_length=4)
    year = models.PositiveSmallIntegerField()
    region_code = models.CharField(max_length=6)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("证书编号序列")
        verbose_name_plural = _("证书编号序列")
        constraints = [
            models.UniqueConstraint(fields=["prefix", "year", "region_code"], name="one_counter_a_series"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year}-{self.region_code}: {self.last}"
