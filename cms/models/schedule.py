"""Work that waits for its hour: an approved release to be frozen later, and the news of a new release to be told."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Revision

from cms.models.pages import CoursePage
from courses.catalogue.models import Release
from lms.audit.append_only import UUIDModel
from lms.people.models import Organisation, User


class Outcome(models.TextChoices):
    PUBLISHED = "published", _("已发布")
    CANCELLED = "cancelled", _("已撤回")
    REFUSED = "refused", _("未能发布")


class ScheduledReleaseQuerySet(models.QuerySet["ScheduledRelease"]):
    def waiting(self) -> "ScheduledReleaseQuerySet":
        return self.filter(outcome="")


class ScheduledRelease(UUIDModel):
    """One approval that takes effect later. Who approved is kept as it was then. One waits per course."""

    page = models.ForeignKey(CoursePage, on_delete=models.CASCADE, related_name="scheduled_releases")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    go_live_at = models.DateTimeField(_("发布时间"))
    approved_at = models.DateTimeField(_("批准时间"))
    approver = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    approver_label = models.CharField(_("审批人"), max_length=150)
    bureau = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(_("结果"), max_length=12, choices=Outcome.choices, blank=True)
    problem = models.CharField(_("问题"), max_length=500, blank=True)
    ended_at = models.DateTimeField(null=True)
    taken_until = models.DateTimeField(null=True)  # a worker holds it until then

    objects = ScheduledReleaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("定时发布")
        verbose_name_plural = _("定时发布")
        constraints = [
            models.UniqueConstraint(
                fields=["page"], condition=models.Q(outcome=""), name="one_scheduled_release_a_course"
            )
        ]
        indexes = [models.Index(fields=["outcome", "go_live_at"], name="scheduled_release_due")]

    def __str__(self) -> str:
        return f"{self.page_id} {self.go_live_at:%Y-%m-%d %H:%M}"


class ReleaseNotice(UUIDModel):
    """People who are learning an earlier release are to be told of a new one. ``done_at`` once all of them were."""

    release = models.OneToOneField(Release, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    told = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    taken_until = models.DateTimeField(null=True)  # a worker holds it until then

    class Meta:
        verbose_name = _("新版本通知")
        verbose_name_plural = _("新版本通知")
        indexes = [models.Index(fields=["done_at", "created_at"], name="release_notice_due")]

    def __str__(self) -> str:
        return f"{self.release_id} {self.told}"
