"""One ``Release`` is a course frozen when it was published after approval: what is taught and what it is worth.

A new publication makes a new release; people enrolled stay on theirs. Nothing of a release ever changes.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from courses.catalogue.querysets import CourseQuerySet, ProgrammeQuerySet, ReleaseQuerySet
from lms.audit.append_only import AppendOnlyModel, UUIDModel
from lms.ledger.models import Category
from lms.people.models import Organisation


class Topic(models.TextChoices):
    """The five topics of the Shanghai plan, section 三(三)2."""

    PROFESSIONAL_ETHICS = "professional_ethics", _("职业道德")
    PROFESSIONAL_NORMS = "professional_norms", _("职业规范")
    PROFESSIONAL_SKILLS = "professional_skills", _("职业技能")
    SAFETY = "safety", _("安全防范")
    MENTAL_HEALTH = "mental_health", _("心理健康")


class Delivery(models.TextChoices):
    ONLINE = "online", _("线上")
    OFFLINE = "offline", _("线下")
    BLENDED = "blended", _("线上线下结合")


class LessonKind(models.TextChoices):
    READING = "reading", _("阅读")
    VIDEO = "video", _("视频")
    AUDIO = "audio", _("音频")
    PACKAGE = "package", _("课件包")
    QUIZ = "quiz", _("测验")
    CLASSROOM_DAY = "classroom_day", _("面授")


class Course(UUIDModel):
    """What stays the same from release to release."""

    college = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="courses")
    slug = models.SlugField(_("网址名"), max_length=100, unique=True, allow_unicode=True)
    # When set, the course takes no new enrolments; running ones go on.
    withdrawn_at = models.DateTimeField(_("下架时间"), null=True, blank=True)

    objects = CourseQuerySet.as_manager()

    class Meta:
        verbose_name = _("课程")
        verbose_name_plural = _("课程")

    def __str__(self) -> str:
        return self.slug


class Release(AppendOnlyModel):
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="releases")
    number = models.PositiveIntegerField(_("版次"))
    title = models.CharField(_("课程名称"), max_length=200)
    title_en = models.CharField(_("英文名称"), max_length=200, blank=True)
    summary = models.TextField(_("简介"), blank=True)
    category = models.CharField(_("类别"), max_length=8, choices=Category.choices)
    topic = models.CharField(_("主题"), max_length=20, choices=Topic.choices)
    delivery = models.CharField(_("形式"), max_length=8, choices=Delivery.choices)
    class_hours = models.DecimalField(_("学时"), max_digits=5, decimal_places=1)
    minutes_per_class_hour = models.PositiveSmallIntegerField()
    content_minutes = models.PositiveIntegerField(_("内容时长（分钟）"))
    # GB/T 2260 codes where it counts; empty = everywhere.
    regions = models.JSONField(_("适用地区"), default=list)
    pass_share = models.DecimalField(_("测验及格比例"), max_digits=3, decimal_places=2)
    coverage_share = models.DecimalField(_("完成所需比例"), max_digits=3, decimal_places=2)
    cover = models.CharField(max_length=200, blank=True)  # name in the media storage
    # What changed since the release before, told to people enrolled in an earlier one.
    notes = models.TextField(_("更新说明"), blank=True)
    # Courses (keys) whose passing enrolment asks for first.
    prerequisites = models.JSONField(_("先修课程"), default=list, blank=True)
    glossary = models.JSONField(_("术语"), default=list, blank=True)  # [{"term": …, "text": …}]
    # What the search looks at (lms.rules.chinese_search): words, pinyin and initials of the titles, and of everything.
    search_title = models.TextField(blank=True)
    search_text = models.TextField(blank=True)
    content_hash = models.CharField(max_length=64)
    approved_by = models.CharField(_("审批人"), max_length=150)
    published_at = models.DateTimeField(_("发布时间"))

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("课程版本")
        verbose_name_plural = _("课程版本")
        ordering = ["course", "-number"]
        constraints = [models.UniqueConstraint(fields=["course", "number"], name="one_release_a_number")]

    def __str__(self) -> str:
        return f"{self.title} v{self.number}"


class Lesson(AppendOnlyModel):
    """One lesson of a release, in order. ``seconds`` is what the server probed (video) or expects (reading, room)."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="lessons")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("类型"), max_length=16, choices=LessonKind.choices)
    title = models.CharField(_("标题"), max_length=200)
    seconds = models.PositiveIntegerField(_("时长（秒）"))
    body = models.TextField(_("正文"), blank=True)  # sanitised HTML of a reading or of a classroom programme
    media = models.CharField(max_length=200, blank=True)  # name in the media storage
    media_sha256 = models.CharField(max_length=64, blank=True)
    poster = models.CharField(max_length=200, blank=True)
    captions = models.TextField(_("字幕（WebVTT）"), blank=True)
    chapters = models.JSONField(_("章节"), default=list)  # [{"at": seconds, "title": …}]
    # package: the folder of its unpacked files in the media storage and the page it begins with.
    package = models.JSONField(_("课件包"), default=dict)  # {"folder": …, "entry": "index.html"}
    # quiz: {"question_versions": [uuid…], "draw": n, "minutes": n, "attempts": n, "cool_down_minutes": n}
    blueprint = models.JSONField(_("组卷"), default=dict)

    class Meta:
        verbose_name = _("课节")
        verbose_name_plural = _("课节")
        ordering = ["release", "position"]
        constraints = [models.UniqueConstraint(fields=["release", "position"], name="one_lesson_a_position")]

    def __str__(self) -> str:
        return f"{self.position}. {self.title}"


class RenditionState(models.TextChoices):
    WAITING = "waiting", _("等待转码")
    WORKING = "working", _("转码中")
    READY = "ready", _("已就绪")
    FAILED = "failed", _("转码失败")


class Rendition(UUIDModel):
    """A recording cut into short pieces of two sizes (HLS), for slow networks. Found by the recording's hash.

    Made in the background when a college adds a video; without it the recording is played as it is.
    """

    media_sha256 = models.CharField(max_length=64, unique=True)
    media = models.CharField(max_length=200)  # name in the media storage
    state = models.CharField(_("状态"), max_length=8, choices=RenditionState.choices, default=RenditionState.WAITING)
    progress = models.PositiveSmallIntegerField(_("进度"), default=0)  # per cent
    folder = models.CharField(max_length=200, blank=True)  # of master.m3u8, in the media storage
    problem = models.CharField(_("问题"), max_length=300, blank=True)
    taken_until = models.DateTimeField(null=True, blank=True)  # a worker holds it until then
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("转码")
        verbose_name_plural = _("转码")

    def __str__(self) -> str:
        return f"{self.media_sha256[:12]} {self.state}"


class ProgrammeState(models.TextChoices):
    DRAFT = "draft", _("编制中")
    SUBMITTED = "submitted", _("待审批")
    RETURNED = "returned", _("已退回")
    OFFERED = "offered", _("已批准")
    WITHDRAWN = "withdrawn", _("已下架")


class Programme(UUIDModel):
    """Courses that together satisfy a year. Put together by a college, offered once a bureau approves it.

    What is offered no longer changes: the college withdraws it and puts another one together.
    """

    college = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="programmes")
    title = models.CharField(_("培训计划名称"), max_length=200)
    summary = models.TextField(_("简介"), blank=True)
    year = models.PositiveSmallIntegerField(_("年度"))
    regions = models.JSONField(_("适用地区"), default=list, blank=True)
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True)
    return_reason = models.CharField(_("退回理由"), max_length=300, blank=True)
    approved_at = models.DateTimeField(_("批准时间"), null=True, blank=True)
    approved_by = models.CharField(_("审批人"), max_length=150, blank=True)
    withdrawn_at = models.DateTimeField(_("下架时间"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = _("培训计划")
        verbose_name_plural = _("培训计划")
        constraints = [
            models.UniqueConstraint(fields=["college", "title", "year"], name="one_programme_a_title_and_year")
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.year}"

    @property
    def state(self) -> ProgrammeState:
        if self.withdrawn_at:
            return ProgrammeState.WITHDRAWN
        if self.approved_at:
            return ProgrammeState.OFFERED
        if self.submitted_at:
            return ProgrammeState.SUBMITTED
        return ProgrammeState.RETURNED if self.return_reason else ProgrammeState.DRAFT


class ProgrammeCourse(UUIDModel):
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="items")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("计划内课程")
        verbose_name_plural = _("计划内课程")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["programme", "course"], name="one_place_a_course_and_programme")]

    def __str__(self) -> str:
        return f"{self.position}. {self.course_id}"
