"""One ``Session`` is a classroom day in a room. Presence is proved by scans of a QR that rotates with the server's time."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.catalogue.models import Lesson
from courses.classroom.querysets import SessionQuerySet
from lms.audit.append_only import AppendOnlyModel, UUIDModel
from lms.people.models import Organisation, Person


class Session(UUIDModel):
    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="sessions")
    college = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="sessions")
    venue = models.CharField(_("地点"), max_length=200)
    teacher = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="sessions_taught")
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))
    capacity = models.PositiveSmallIntegerField(_("人数上限"))
    qr_secret = models.CharField(max_length=64, editable=False)
    cancelled_at = models.DateTimeField(_("取消时间"), null=True, blank=True)
    cancel_reason = models.CharField(_("取消原因"), max_length=200, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("面授班次")
        verbose_name_plural = _("面授班次")
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="session_ends_after_start"
            )
        ]
        indexes = [
            models.Index(fields=["teacher", "starts_at"], name="session_teacher"),
            models.Index(fields=["venue", "starts_at"], name="session_venue"),
        ]

    def __str__(self) -> str:
        return f"{self.lesson.title} {timezone.localtime(self.starts_at):%Y-%m-%d %H:%M}"


class Booking(UUIDModel):
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="bookings")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="bookings")
    enrolment_id = models.UUIDField()
    booked_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("预约")
        verbose_name_plural = _("预约")
        constraints = [
            models.UniqueConstraint(
                fields=["session", "person"], condition=models.Q(cancelled_at=None), name="one_booking_a_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.session}"


class Scan(AppendOnlyModel):
    """One check-in or check-out; the first of each kind counts."""

    class Kind(models.TextChoices):
        IN = "in", _("签到")
        OUT = "out", _("签退")

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="scans")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="scans")
    kind = models.CharField(max_length=3, choices=Kind.choices)
    method = models.CharField(max_length=8)  # qr | paper
    reason = models.CharField(max_length=200, blank=True)  # why on paper
    device = models.CharField(max_length=64, blank=True)  # digest of the device, for audits
    recorded_by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("签到记录")
        verbose_name_plural = _("签到记录")
        constraints = [models.UniqueConstraint(fields=["session", "person", "kind"], name="one_scan_a_kind")]

    def __str__(self) -> str:
        return f"{self.person} {self.kind} {self.at:%H:%M}"
