"""Who works where, on which post, under which direct manager (a ban needs it), and with which qualification."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.audit.append_only import UUIDModel
from lms.people.models.organisations import Organisation
from lms.people.models.persons import Person
from lms.people.querysets import EmploymentQuerySet, QualificationQuerySet


class Post(models.TextChoices):
    """Posts named by the five city documents."""

    INSTITUTION_HEAD = "institution_head", _("机构负责人")
    CAREGIVER = "caregiver", _("保育人员")
    HEALTH_STAFF = "health_staff", _("卫生保健人员")
    COOK = "cook", _("炊事人员")
    GUARD = "guard", _("保安人员")


class Employment(UUIDModel):
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="employments")
    institution = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="employments")
    post = models.CharField(_("岗位"), max_length=32, choices=Post.choices)
    from_date = models.DateField(_("入职日期"))
    to_date = models.DateField(_("离职日期"), null=True, blank=True)
    end_reason = models.CharField(_("离职原因"), max_length=200, blank=True)
    # The clear hiring check that this employment started on.
    check_id = models.UUIDField(null=True, blank=True)

    objects = EmploymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("任职")
        verbose_name_plural = _("任职")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "institution"], condition=models.Q(to_date=None), name="one_open_employment"
            ),
            models.CheckConstraint(
                condition=models.Q(to_date=None) | models.Q(to_date__gte=models.F("from_date")), name="employment_dates"
            ),
        ]
        indexes = [models.Index(fields=["institution", "to_date"], name="employment_roster")]

    def __str__(self) -> str:
        return f"{self.person} @ {self.institution}"


class ReportingLine(UUIDModel):
    """Who was directly responsible for this employee, from when to when (both inclusive)."""

    employment = models.ForeignKey(Employment, on_delete=models.PROTECT, related_name="reporting_lines")
    manager = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="reports")
    from_date = models.DateField(_("自"))
    to_date = models.DateField(_("至"), null=True, blank=True)

    class Meta:
        verbose_name = _("直接管理人")
        verbose_name_plural = _("直接管理人")
        constraints = [
            models.UniqueConstraint(
                fields=["employment"], condition=models.Q(to_date=None), name="one_direct_manager_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.manager}"


class Qualification(UUIDModel):
    """A certificate issued elsewhere (育婴员, 保育师, 1+X …). It counts only once someone entitled verified it."""

    class Kind(models.TextChoices):
        INFANT_CAREGIVER = "yuyingyuan", _("育婴员")
        NURSERY_TEACHER = "baoyushi", _("保育师")
        NURSERY_WORKER = "baoyuyuan", _("保育员")
        ONE_PLUS_X = "one_plus_x", _("1+X 职业技能等级证书")
        HEALTH_TRAINING = "health_training", _("卫生保健人员岗前培训")
        TEACHER = "teacher", _("教师资格证")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="qualifications")
    kind = models.CharField(_("种类"), max_length=16, choices=Kind.choices)
    level = models.CharField(_("等级"), max_length=32, blank=True)
    number = models.CharField(_("证书编号"), max_length=64)
    issued_on = models.DateField(_("发证日期"))
    issuer = models.CharField(_("发证机关"), max_length=200)
    valid_to = models.DateField(_("有效期至"), null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    verified_at = models.DateTimeField(_("核验时间"), null=True, blank=True)

    objects = QualificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("职业资格")
        verbose_name_plural = _("职业资格")
        constraints = [models.UniqueConstraint(fields=["kind", "number"], name="one_qualification_number")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"
