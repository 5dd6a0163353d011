"""Write a course, revise it, copy it: drafts, until the review begins."""

import json
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.content import CourseContent
from cms.models import CollegeReviewTask, CoursePage
from cms.services.common import fresh, locked, names, require_writer, user_of
from cms.tree import college_page
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people.models import Organisation, Role
from lms.rules.refusals import Conflict

TITLE_LENGTH = 200
FILLED = (
    "title",
    "title_en",
    "summary",
    "category",
    "topic",
    "delivery",
    "class_hours",
    "cover_id",
    "notes",
    "go_live_at",
    "expire_at",
)
# What a copy takes over. Its address, its place in time and what it said of an earlier version are its own.
COPIED = (
    "title_en",
    "summary",
    "cover_id",
    "category",
    "topic",
    "delivery",
    "class_hours",
    "regions",
    "prerequisites",
    "lessons",
)


@transaction.atomic
def create_course_page(*, college: Organisation, content: CourseContent, actor: Actor, now: datetime) -> CoursePage:
    """Write a new course as a draft below the college's branch. Anything may still be missing."""
    require_writer(actor, college)
    page = CoursePage(owner=user_of(actor), live=False)
    _fill(page, content)
    _plant(page, college, content.slug or content.title, actor)
    record(verb="course.drafted", actor=actor, now=now, subject=page, changes=names(page))
    return page


@transaction.atomic
def revise_course_page(*, page: CoursePage, content: CourseContent, actor: Actor, now: datetime) -> CoursePage:
    """Write the course anew. What was released stays as it is until this is approved."""
    require_writer(actor, page.college)
    page = locked(page)
    _refuse_closed(page, actor)
    latest = page.get_latest_revision_as_object()
    _fill(latest, content)
    if not latest.live:
        latest.save()
    latest.save_revision(user=user_of(actor), log_action=True)
    record(verb="course.revised", actor=actor, now=now, subject=page, changes=names(latest))
    return fresh(page)


@transaction.atomic
def copy_course(*, page: CoursePage, actor: Actor, now: datetime) -> CoursePage:
    """Begin a new course of the same college from the newest draft of another: new key, new address, nothing approved.

    Pictures, recordings, documents and question banks are the college's own and are referred to, not doubled.
    """
    require_writer(actor, page.college)
    latest = page.get_latest_revision_as_object()
    copy = CoursePage(owner=user_of(actor), live=False, **{name: getattr(latest, name) for name in COPIED})
    copy.title = gettext("%(title)s（副本）") % {"title": latest.title[: TITLE_LENGTH - 8]}
    copy.draft_title = copy.title
    _plant(copy, page.college, page.slug, actor)
    changes = {**names(copy), "from": str(page.course_id)}
    record(verb="course.copied", actor=actor, now=now, subject=copy, changes=changes)
    return copy


def _plant(page: CoursePage, college: Organisation, wanted: str, actor: Actor) -> None:
    """Give a new page its place below the college's branch, and its first revision."""
    parent = college_page(college)
    page.slug = _free_slug(parent, wanted)
    parent.add_child(instance=page)
    page.save_revision(user=user_of(actor), log_action=True)


def _refuse_closed(page: CoursePage, actor: Actor) -> None:
    """Nobody writes while others decide; at its college's own step the publisher mends what he reads."""
    if page.scheduled_revision:
        raise Conflict("scheduled", _("课程已经批准，等待定时发布；撤回后才能修改。"))
    if not page.workflow_in_progress:
        return
    at_college = isinstance(page.current_workflow_task, CollegeReviewTask)
    if not (at_college and (actor.is_system or actor.role == Role.COLLEGE_PUBLISHER)):
        raise Conflict("under_review", _("课程正在审批，批准、退回或撤回之后才能修改。"))


def _fill(page: CoursePage, content: CourseContent) -> None:
    for name in FILLED:
        setattr(page, name, getattr(content, name))
    page.prerequisites = [str(key) for key in content.prerequisites]
    page.draft_title = content.title
    page.regions = list(content.regions)
    page.lessons = json.dumps([lesson.stream() for lesson in content.lessons])


def _free_slug(parent: Any, wanted: str) -> str:
    wanted = slugify(wanted, allow_unicode=True)[:200] or "course"
    taken = set(parent.get_children().filter(slug__startswith=wanted).values_list("slug", flat=True))
    slug, number = wanted, 2
    while slug in taken:
        slug, number = f"{wanted}-{number}", number + 1
    return slug
