"""How an hour becomes honest: enrolment, one lease per person, heartbeats with the server's clock, completions.

``LessonProgress`` is a cache that can be derived again from ``Heartbeat`` rows; every other noun that proves an hour is
append-only. What may never happen: credit for time that did not pass or media that was not played.
"""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from courses.catalogue.models import Course, Lesson, Programme, Release
from courses.learning.querysets import AnomalyFlagQuerySet, EnrolmentQuerySet
from lms.audit.append_only import AppendOnlyModel, UUIDModel
from lms.people.models import Organisation, Person


class EnrolmentStateName(models.TextChoices):
    ENROLLED = "enrolled", _("已报名")
    IN_PROGRESS = "in_progress", _("学习中")
    PASSED = "passed", _("已通过")
    FAILED = "failed", _("未通过")
    WITHDRAWN = "withdrawn", _("已退出")
    STOPPED = "stopped", _("已停止")
    VOIDED = "voided", _("已作废")


class Enrolment(UUIDModel):
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="enrolments")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="enrolments")
    year = models.PositiveSmallIntegerField(_("年度"))
    # The latest of EnrolmentState, kept for queries; the rows are the record.
    state = models.CharField(
        _("状态"), max_length=12, choices=EnrolmentStateName.choices, default=EnrolmentStateName.ENROLLED
    )
    enrolled_at = models.DateTimeField(_("报名时间"))

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("报名")
        verbose_name_plural = _("报名")
        constraints = [models.UniqueConstraint(fields=["person", "release", "year"], name="one_enrolment_a_year")]
        indexes = [models.Index(fields=["person", "year", "state"], name="enrolment_person_year")]

    def __str__(self) -> str:
        return f"{self.person} {self.release} {self.year}"


class EnrolmentState(AppendOnlyModel):
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="states")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=EnrolmentStateName.choices)
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("报名状态")
        verbose_name_plural = _("报名状态")
        constraints = [models.UniqueConstraint(fields=["enrolment", "number"], name="one_enrolment_state_a_number")]

    def __str__(self) -> str:
        return self.state


class Lease(UUIDModel):
    """The right to learn for credit on one device. One active lease per person, anywhere."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="leases")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="leases")
    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="leases")
    nonce = models.CharField(max_length=64)  # given with each answer, asked back with the next heartbeat
    # A page that closes can't wait for its last answer: its parting heartbeat may carry the nonce before.
    previous_nonce = models.CharField(max_length=64, blank=True)
    # Pace of the policy pack in force when the lease was opened: {"max_rate", "grace_ms", "daily_cap_minutes", "beat_seconds"}
    pace = models.JSONField(default=dict)
    # Played, but time has not yet paid for it (lms.rules.honest_time).
    pending = models.JSONField(default=list)
    # Covered when the last presence challenge was passed: a missed one takes credit back to it.
    confirmed = models.JSONField(default=list)
    # Whether all that was covered when the lease began was confirmed by then; replaying begins there.
    began_confirmed = models.BooleanField(default=False)
    # Credited milliseconds until the server asks whether somebody is there; drawn at random, never told. None: never.
    challenge_in_ms = models.PositiveIntegerField(null=True, blank=True)
    # Until when the open presence challenge can still be answered. None: none is open.
    asked_until = models.DateTimeField(null=True, blank=True)
    # What the person keeps of the credit of one local day, under all leases of the day: the daily cap counts it.
    day = models.DateField(null=True, blank=True)
    day_ms = models.PositiveBigIntegerField(default=0)
    device = models.CharField(max_length=64)  # digest of the browser's cookie
    device_label = models.CharField(max_length=100, blank=True)
    address = models.CharField(max_length=64, blank=True)  # keyed digest, for anomaly rules
    opened_at = models.DateTimeField()
    last_beat_at = models.DateTimeField()
    last_sequence = models.PositiveIntegerField(default=0)
    told_sequence = models.PositiveIntegerField(default=0)  # up to which the learning record knows what was played
    # When the rules of anomalies look at this lease next. None: they have seen all of it.
    look_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(
        max_length=16, blank=True
    )  # closed | replaced | taken_over | expired | stopped | forged

    class Meta:
        verbose_name = _("学习租约")
        verbose_name_plural = _("学习租约")
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(ended_at=None), name="one_active_lease_a_person"
            )
        ]
        indexes = [
            models.Index(fields=["last_beat_at"], name="lease_last_beat"),
            models.Index(fields=["asked_until"], condition=models.Q(asked_until__isnull=False), name="lease_asked"),
            models.Index(fields=["look_at"], condition=models.Q(look_at__isnull=False), name="lease_look_at"),
            models.Index(fields=["address", "opened_at"], name="lease_address"),
            models.Index(fields=["device", "opened_at"], name="lease_device"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.lesson_id}"


class Heartbeat(AppendOnlyModel):
    """What the player said it played, with the server's own receipt time and what was credited for it."""

    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="heartbeats")
    sequence = models.PositiveIntegerField()
    received_at = models.DateTimeField()
    played = models.JSONField()  # [[start_ms, end_ms], …] of the media
    visible = models.BooleanField()
    position_ms = models.PositiveBigIntegerField()
    credited_ms = models.PositiveIntegerField()
    refused = models.CharField(max_length=32, blank=True)  # code, when it earned nothing

    class Meta:
        verbose_name = _("心跳")
        verbose_name_plural = _("心跳")
        constraints = [models.UniqueConstraint(fields=["lease", "sequence"], name="one_heartbeat_a_sequence")]

    def __str__(self) -> str:
        return f"{self.lease_id} #{self.sequence}"


class PresenceChallenge(AppendOnlyModel):
    """The server asked whether somebody is there. The question and its right answer are drawn anew each time."""

    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="challenges")
    number = models.PositiveSmallIntegerField()  # 1, 2, 3 … within the lease
    kind = models.CharField(max_length=32)
    prompt = models.CharField(max_length=300)
    choices = models.JSONField()  # [{"key": random, "text": …}, …] as shown
    answer = models.CharField(max_length=32)  # key of the right choice; never leaves the server
    asked_at = models.DateTimeField()
    answer_until = models.DateTimeField()

    class Meta:
        verbose_name = _("在场确认")
        verbose_name_plural = _("在场确认")
        constraints = [models.UniqueConstraint(fields=["lease", "number"], name="one_challenge_a_number")]

    def __str__(self) -> str:
        return f"{self.lease_id} #{self.number}"


class ChallengeResult(models.TextChoices):
    PASSED = "passed", _("已确认")
    WRONG = "wrong", _("答错")
    MISSED = "missed", _("未通过")
    REPEATED = "repeated", _("换页后重问")


class ChallengeOutcome(AppendOnlyModel):
    """How a challenge ended, once.

    Passed confirms what is covered. Missed (no answer in time, or wrong a second time) takes credit back to what was
    confirmed before. Wrong: another was asked at once. Repeated: asked again under the lease that followed.
    """

    challenge = models.OneToOneField(PresenceChallenge, on_delete=models.PROTECT, related_name="outcome")
    result = models.CharField(max_length=8, choices=ChallengeResult.choices)
    # The last heartbeat of the lease this outcome came after: replaying needs the order.
    after_sequence = models.PositiveIntegerField()
    taken_back_ms = models.PositiveBigIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("在场确认结果")
        verbose_name_plural = _("在场确认结果")

    def __str__(self) -> str:
        return self.result


class LessonProgress(UUIDModel):
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="progress")
    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="progress")
    covered = models.JSONField(default=list)  # normalised [[start_ms, end_ms], …] credited so far
    credited_ms = models.PositiveBigIntegerField(default=0)
    position_ms = models.PositiveBigIntegerField(default=0)
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("课节进度")
        verbose_name_plural = _("课节进度")
        constraints = [models.UniqueConstraint(fields=["enrolment", "lesson"], name="one_progress_a_lesson")]

    def __str__(self) -> str:
        return f"{self.lesson_id} {self.credited_ms}"


class LessonCompletion(AppendOnlyModel):
    """A lesson is complete: coverage reached, quiz passed, or classroom day attended. ``evidence`` says which rows."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="lesson_completions")
    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="completions")
    evidence_kind = models.CharField(max_length=16)  # heartbeats | attempt | attendance
    evidence = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("课节完成")
        verbose_name_plural = _("课节完成")
        constraints = [models.UniqueConstraint(fields=["enrolment", "lesson"], name="one_completion_a_lesson")]

    def __str__(self) -> str:
        return f"{self.lesson_id}"


class CourseCompletion(AppendOnlyModel):
    """The evidence behind the hour entry of a course. ``digest`` covers the lesson completions."""

    enrolment = models.OneToOneField(Enrolment, on_delete=models.PROTECT, related_name="completion")
    minutes = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("课程完成")
        verbose_name_plural = _("课程完成")

    def __str__(self) -> str:
        return f"{self.enrolment_id}"


class AnomalyFlag(AppendOnlyModel):
    """Something a reviewer should look at. Flagged, never silently punished."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="flags")
    code = models.CharField(max_length=32)
    data = models.JSONField(default=dict)
    at = models.DateTimeField()

    # There where a queryset was asked ``with_state()`` or ``by_risk()``.
    state: str
    state_at: datetime | None
    weight: int

    objects = AnomalyFlagQuerySet.as_manager()

    class Meta:
        verbose_name = _("异常标记")
        verbose_name_plural = _("异常标记")
        constraints = [models.UniqueConstraint(fields=["enrolment", "code"], name="one_flag_a_kind")]

    def __str__(self) -> str:
        return self.code


class FlagDecisionName(models.TextChoices):
    CLEARED = "cleared", _("未发现问题")
    VOIDED = "voided", _("学时作废")
    APPEALED = "appealed", _("已申诉")
    UPHELD = "upheld", _("维持作废")
    OVERTURNED = "overturned", _("撤销作废")


class FlagDecision(AppendOnlyModel):
    """What became of a flag, step by step: a reviewer clears or voids, the person may appeal, another officer decides."""

    flag = models.ForeignKey(AnomalyFlag, on_delete=models.PROTECT, related_name="decisions")
    number = models.PositiveSmallIntegerField()
    decision = models.CharField(_("决定"), max_length=12, choices=FlagDecisionName.choices)
    reason = models.CharField(_("理由"), max_length=1000)
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    # The office that decided, or the name of the person who appealed.
    by_label = models.CharField(_("决定人"), max_length=150)
    # With a voiding: the last day of the appeal (inclusive), as the person was told.
    appeal_until = models.DateField(_("申诉截止"), null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("异常处理决定")
        verbose_name_plural = _("异常处理决定")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["flag", "number"], name="one_decision_a_number")]

    def __str__(self) -> str:
        return self.decision


class Assignment(UUIDModel):
    """An institution requires a course or a programme of its people: one person, everybody in a post, or everybody.

    Whoever works there when it is read is meant, also somebody hired later.
    """

    institution = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="assignments")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, null=True, blank=True, related_name="assignments")
    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, null=True, blank=True, related_name="assignments"
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="assignments")
    post = models.CharField(_("岗位"), max_length=32, blank=True)
    due_on = models.DateField(_("完成期限"))
    note = models.CharField(_("说明"), max_length=300, blank=True)
    assigned_at = models.DateTimeField(_("布置时间"))
    cancelled_at = models.DateTimeField(_("撤销时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("必修安排")
        verbose_name_plural = _("必修安排")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(course__isnull=True, programme__isnull=False)
                | models.Q(course__isnull=False, programme__isnull=True),
                name="assignment_of_one_thing",
            )
        ]
        indexes = [models.Index(fields=["due_on"], name="assignment_due")]

    def __str__(self) -> str:
        return f"{self.course_id or self.programme_id} {self.due_on}"


class AssignmentReminder(AppendOnlyModel):
    """Somebody was reminded. ``days`` before the day it is due; one reminder of each kind."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="reminders")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    days = models.SmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("提醒记录")
        verbose_name_plural = _("提醒记录")
        constraints = [
            models.UniqueConstraint(fields=["assignment", "person", "days"], name="one_reminder_a_person_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} -{self.days}"
