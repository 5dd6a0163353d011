"""Where each course stands and what comes next: rows for the workbench and for the approvals queue."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Count, Max, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.models import Comment, TaskState, WorkflowState

from cms.models import CollegeReviewTask, CoursePage, ScheduledRelease
from courses.catalogue.models import Course, Release
from courses.learning.models import Enrolment


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a course stands. ``lamp``: ok, attention, none; ``comment``: what was written when it was sent back."""

    lamp: str
    state: Any
    next_step: Any
    comment: str = ""
    may_submit: bool = False
    # It can be taken back: it is under review, or waits for its hour.
    may_recall: bool = False
    # It waits for the college's own publisher.
    at_college: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One course on the workbench."""

    page: CoursePage
    standing: Standing
    release: int | None
    learners: int
    remarks: int
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment somebody left at a place of the course; ``place`` says where."""

    text: str
    by: str
    at: datetime
    place: str
    replies: tuple[str, ...]


def workbench_rows(pages: Sequence[CoursePage]) -> list[Row]:
    """Rows for some course pages, in a constant number of queries."""
    keys = [page.course_id for page in pages]
    cases = _cases(pages)
    waiting = dict(ScheduledRelease.objects.waiting().filter(page__in=pages).values_list("page_id", "go_live_at"))
    numbers = dict(
        Release.objects.filter(course_id__in=keys).values_list("course_id").annotate(Max("number")).order_by()
    )
    learners = dict(
        Enrolment.objects.filter(release__course_id__in=keys)
        .values_list("release__course_id")
        .annotate(Count("person", distinct=True))
        .order_by()
    )
    remarks = dict(
        Comment.objects.filter(page__in=[page.pk for page in pages], resolved_at=None)
        .values_list("page_id")
        .annotate(Count("pk"))
        .order_by()
    )
    withdrawn = set(Course.objects.filter(pk__in=keys).exclude(withdrawn_at=None).values_list("pk", flat=True))
    rows = []
    for page in pages:
        number = numbers.get(page.course_id)
        standing = _standing(page, cases.get(str(page.pk)), waiting.get(page.pk), number)
        count, open_remarks = learners.get(page.course_id, 0), remarks.get(page.pk, 0)
        rows.append(Row(page, standing, number, count, open_remarks, page.course_id in withdrawn))
    return rows


def _cases(pages: Iterable[CoursePage]) -> dict[str, WorkflowState]:
    """The open case of each page: under review, or returned."""
    open_cases = WorkflowState.objects.active().filter(
        base_content_type=_page_type(), object_id__in=[str(page.pk) for page in pages]
    )
    return {case.object_id: case for case in open_cases.select_related("current_task_state__task")}


def _page_type() -> ContentType:
    from wagtail.models import Page

    return ContentType.objects.get_for_model(Page)


def _standing(page: CoursePage, case: WorkflowState | None, at: datetime | None, number: int | None) -> Standing:
    """``at``: the hour an approved course waits for; ``number``: of its newest release."""
    if at:
        step = format_lazy(_("将于 {at} 发布，期间不能修改。"), at=_moment(at))
        return Standing("ok", _("已批准，等待发布"), step, may_recall=True)
    if case:
        return _in_review(case)
    if number is None:
        return Standing("none", _("草稿"), _("写完后提交审批。"), may_submit=True)
    if page.has_unpublished_changes:
        return Standing("ok", _("已发布，有未提交的修改"), _("提交审批后成为新版本。"), may_submit=True)
    return Standing("ok", _("已发布"), _("可以随时修改，再次批准后成为新版本。"))


def _in_review(case: WorkflowState) -> Standing:
    step = case.current_task_state
    if case.status != WorkflowState.STATUS_IN_PROGRESS:
        comment = step.comment if step else ""
        return Standing("attention", _("已退回"), _("按意见修改后重新提交。"), comment=comment, may_submit=True)
    if step and step.task.content_type_id == ContentType.objects.get_for_model(CollegeReviewTask).pk:
        next_step = _("等待本院校发布人复核，期间作者不能修改。")
        return Standing("none", _("院校复核中"), next_step, may_recall=True, at_college=True)
    return Standing("none", _("审批中"), _("等待主管部门审批，期间不能修改。"), may_recall=True)


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "DATETIME_FORMAT")


def remarks_on(page: CoursePage, draft: Any) -> list[Remark]:
    """Comments in place that nobody has settled yet, in the order they were written."""
    lessons = {child.id: child.value["title"] for child in draft.lessons}
    found = Comment.objects.filter(page_id=page.pk, resolved_at=None).select_related("user__person")
    return [
        Remark(
            text=comment.text,
            by=str(comment.user or ""),
            at=comment.created_at,
            place=_place(comment.contentpath, lessons),
            replies=tuple(f"{reply.user or ''}：{reply.text}" for reply in comment.replies.all()),
        )
        for comment in found.prefetch_related("replies__user__person").order_by("created_at")
    ]


def _place(path: str, lessons: dict[str, str]) -> str:
    """Where a comment stands, in the words of the editor."""
    field, _dot, rest = path.partition(".")
    if field == "lessons":
        return lessons.get(rest.partition(".")[0], "")
    try:
        return str(CoursePage._meta.get_field(field).verbose_name)  # type: ignore[union-attr]
    except FieldDoesNotExist:
        return ""


@dataclass(frozen=True, slots=True)
class Case:
    """One course before the bureau: who handed it in and when, and how it was decided."""

    page: CoursePage
    state: TaskState
    asked_by: str
    at: datetime | None


def cases(states: QuerySet[TaskState]) -> list[Case]:
    """Cases with their pages; states whose page is gone are left out."""
    rows = list(states.select_related("workflow_state__requested_by__person", "finished_by__person"))
    keys = [int(row.workflow_state.object_id) for row in rows]
    pages = CoursePage.objects.filter(pk__in=keys).select_related("college").in_bulk()
    return [
        Case(pages[key], row, str(row.workflow_state.requested_by or ""), row.finished_at or row.started_at)
        for key, row in zip(keys, rows, strict=True)
        if key in pages
    ]
