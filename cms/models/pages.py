"""The tree colleges write in: one home, one page per college, below it that college's courses.

A ``CoursePage`` is a draft, however often it was approved; what learners see is the release that approval froze. Its
``translation_key`` is the key of the catalogue's course and stays the same through every revision. What may never
happen: a course page that goes live without a bureau's approval.
"""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, Group
from django.core.validators import MinValueValidator
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import CommentPanel, FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Collection, Page, PagePermissionTester

from cms import acting
from cms.blocks import LessonsBlock
from cms.forms import CoursePageForm
from cms.panels import HoursPanel, NotesPanel
from cms.widgets import CoverChooser
from courses.catalogue.models import Delivery, Topic
from lms.ledger.models import Category
from lms.people.models import Organisation, User


class FixedTester(PagePermissionTester):
    """Rights on a page that belongs to the frame: it is neither edited, moved nor published by hand."""

    def _never(self, *args: Any, **kwargs: Any) -> bool:
        return False

    can_edit = can_delete = can_move = can_publish = can_unpublish = can_publish_subpage = _never
    can_reorder_children = can_copy = _never


class CourseTester(PagePermissionTester):
    """Rights on a course: nobody, not even a superuser, publishes past the bureau's approval."""

    def can_publish(self) -> bool:
        return acting.approval() is not None

    def can_unpublish(self) -> bool:
        return False

    def can_copy(self) -> bool:
        """Copied from the workbench: Wagtail's own copy would take dates and notes of the old course along."""
        return False

    can_copy_from = can_copy


class HomePage(Page):
    subpage_types = ["cms.CollegePage"]
    parent_page_types = ["wagtailcore.Page"]
    max_count = 1

    class Meta:
        verbose_name = _("课程编写首页")

    def permissions_for_user(self, user: User | AnonymousUser) -> PagePermissionTester:
        return FixedTester(user, self)


class CollegePage(Page):
    """A college's branch: its group may write below, its collection holds its files."""

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="+")
    collection = models.OneToOneField(Collection, on_delete=models.PROTECT, related_name="+")
    group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="+")

    subpage_types = ["cms.CoursePage"]
    parent_page_types = ["cms.HomePage"]
    is_creatable = False

    class Meta:
        verbose_name = _("院校")

    def permissions_for_user(self, user: User | AnonymousUser) -> PagePermissionTester:
        return FixedTester(user, self)


class CoursePage(Page):
    # Follows from the place in the tree; kept for queries.
    college = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", editable=False)
    title_en = models.CharField(_("英文名称"), max_length=200, blank=True)
    summary = models.TextField(_("简介"), help_text=_("两三句话：学完能做什么，适合谁。"))
    cover = models.ForeignKey(
        "wagtailimages.Image",
        verbose_name=_("封面"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    category = models.CharField(_("类别"), max_length=8, choices=Category.choices)
    topic = models.CharField(_("主题"), max_length=20, choices=Topic.choices)
    delivery = models.CharField(_("形式"), max_length=8, choices=Delivery.choices, default=Delivery.ONLINE)
    class_hours = models.DecimalField(
        _("申报学时"), max_digits=5, decimal_places=1, validators=[MinValueValidator(0)], null=True
    )
    regions = models.JSONField(_("适用地区"), default=list, blank=True)
    # Keys of the catalogue's courses to be passed first.
    prerequisites = models.JSONField(_("先修课程"), default=list, blank=True)
    notes = models.TextField(
        _("更新说明"), blank=True, help_text=_("和上一版相比改了什么。发布后会告诉正在学习旧版的学员。")
    )
    lessons = StreamField(LessonsBlock(), verbose_name=_("课节"), blank=True)

    base_form_class = CoursePageForm
    template = "cms/course_page.html"
    subpage_types: list[str] = []
    parent_page_types = ["cms.CollegePage"]
    show_in_menus_default = False
    content_panels = [
        FieldPanel("title", heading=_("课程名称")),
        FieldPanel("title_en"),
        FieldPanel("summary"),
        FieldPanel("cover", widget=CoverChooser),
        MultiFieldPanel(
            [FieldPanel("category"), FieldPanel("topic"), FieldPanel("delivery"), FieldPanel("regions")],
            heading=_("归类"),
        ),
        MultiFieldPanel([FieldPanel("class_hours"), HoursPanel()], heading=_("学时")),
        NotesPanel("notes"),
        FieldPanel("lessons"),
        FieldPanel("prerequisites"),
        MultiFieldPanel(
            [
                FieldPanel(
                    "go_live_at",
                    heading=_("计划发布时间"),
                    help_text=_("批准后到这个时间才发布；留空表示批准后立即发布。"),
                ),
                FieldPanel(
                    "expire_at",
                    heading=_("计划下架时间"),
                    help_text=_("到这个时间不再接受报名，已报名的学员可以学完；留空表示长期开放。"),
                ),
            ],
            heading=_("上架时间"),
        ),
    ]
    promote_panels: list[Any] = []
    settings_panels = [CommentPanel()]

    class Meta:
        verbose_name = _("课程")

    @property
    def course_id(self) -> uuid.UUID:
        """The key of the catalogue's course that this page's approvals release."""
        return uuid.UUID(str(self.translation_key))

    def save(self, *args: Any, **kwargs: Any) -> None:
        college = CollegePage.objects.ancestor_of(self).values_list("organisation_id", flat=True).first()
        if college:
            self.college_id = college
        super().save(*args, **kwargs)

    def permissions_for_user(self, user: User | AnonymousUser) -> PagePermissionTester:
        return CourseTester(user, self)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from cms.drafts import preview_lessons

        return {**super().get_context(request, *args, **kwargs), "lessons": preview_lessons(self)}

    def get_url_parts(self, *args: Any, **kwargs: Any) -> tuple[int, str, str] | None:
        """Learners meet the course in the catalogue; before its first release there is no address."""
        from django.urls import reverse

        if not self.live:
            return None
        return (0, settings.PUBLIC_BASE_URL, reverse("catalogue:course", args=[self.course_id]))
