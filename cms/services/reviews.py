"""A course's way through review: handed in, forwarded by its college, approved or sent back; or taken back.

The editor's own buttons do the same, through the steps of ``cms.models.workflow``.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from wagtail.models import TaskState

from cms import acting, news
from cms.models import BureauApprovalTask, CollegeReviewTask, CoursePage
from cms.services.common import fresh, locked, require_writer, user_of
from cms.services.schedule import cancel_schedule
from courses.catalogue.models import Release
from lms.audit.actors import Actor
from lms.people.access import require
from lms.people.models import Role
from lms.rules.refusals import Conflict, Invalid, NotFound
from lms.rules.regions import covers


@transaction.atomic
def submit_for_approval(*, page: CoursePage, actor: Actor, now: datetime) -> CoursePage:
    """Hand in the newest draft: to the college's publisher, or to the bureau where a publisher hands it in himself.

    Refuses ``under_review``, ``scheduled``, ``nothing_new`` and what could not be released.
    """
    require_writer(actor, page.college)
    page = locked(page)
    if page.workflow_in_progress:
        raise Conflict("under_review", _("课程已经在审批中，无需重复提交。"))
    if page.scheduled_revision:
        raise Conflict("scheduled", _("课程已经批准，等待定时发布；撤回后才能重新提交。"))
    if page.live and not page.has_unpublished_changes:
        raise Conflict("nothing_new", _("课程自上次批准以来没有改动。"))
    user = user_of(actor)
    with acting.as_(acting.Acting(actor, now)):
        if page.current_workflow_state:
            # Sent back before: the same case goes on, its comments stay with it.
            page.current_workflow_state.resume(user=user)
        else:
            page.get_workflow().start(page, user)
    return fresh(page)


@transaction.atomic
def forward(*, page: CoursePage, actor: Actor, now: datetime, comment: str = "") -> CoursePage:
    """Put before the bureau what an author of one's college handed in, by its publisher."""
    state = _waiting(page, actor, CollegeReviewTask)
    with acting.as_(acting.Acting(actor, now)):
        state.task.specific.on_action(state, user_of(actor), "approve", comment=comment)
    return fresh(page)


@transaction.atomic
def approve(*, page: CoursePage, actor: Actor, now: datetime, comment: str = "") -> Release | None:
    """Approve what was submitted: the page goes live and its release is frozen, or neither.

    None where the college asked for a later hour: then the release is frozen at that hour (``publish_scheduled``).
    """
    state = _waiting(page, actor, BureauApprovalTask)
    with acting.as_(acting.Acting(actor, now, approves=True)):
        state.task.specific.on_action(state, user_of(actor), "approve", comment=comment)
    if fresh(page).scheduled_revision:
        return None
    return Release.objects.filter(course_id=page.course_id).order_by("-number").first()


@transaction.atomic
def return_with_comment(*, page: CoursePage, comment: str, actor: Actor, now: datetime) -> CoursePage:
    """Send the course back to its author, saying what is to be changed (required): the publisher's or the bureau's word."""
    task = CollegeReviewTask if actor.role == Role.COLLEGE_PUBLISHER else BureauApprovalTask
    if task is BureauApprovalTask and page.scheduled_releases.waiting().exists():
        return _take_approval_back(page, comment, actor, now)
    state = _waiting(page, actor, task)
    with acting.as_(acting.Acting(actor, now)):
        state.task.specific.on_action(state, user_of(actor), "reject", comment=comment)
    return fresh(page)


@transaction.atomic
def recall(*, page: CoursePage, actor: Actor, now: datetime) -> CoursePage:
    """Take a submission back, or an approval that still waits for its hour; the draft can be written on again."""
    require_writer(actor, page.college)
    page = locked(page)
    if page.workflow_in_progress:
        with acting.as_(acting.Acting(actor, now)):
            page.current_workflow_state.cancel(user=user_of(actor))
    elif page.scheduled_releases.waiting().exists():
        cancel_schedule(page=page, actor=actor, now=now)
        news.recalled(page, now, at_college=False)
    else:
        raise Conflict("not_under_review", _("课程不在审批中：可能已经被批准、退回或撤回。"))
    return fresh(page)


def _take_approval_back(page: CoursePage, comment: str, actor: Actor, now: datetime) -> CoursePage:
    """The bureau changes its mind before the hour has come."""
    _require_decider(page, actor, BureauApprovalTask)
    if not comment.strip():
        raise Invalid("comment_required", _("退回时请写明需要修改的地方。"), field="comment")
    page = locked(page)
    cancel_schedule(page=page, actor=actor, now=now, reason=comment)
    news.returned(page, now, comment=comment)
    return fresh(page)


def _waiting(page: CoursePage, actor: Actor, task: type[BureauApprovalTask | CollegeReviewTask]) -> TaskState:
    """The step that waits for this decision."""
    _require_decider(page, actor, task)
    state = locked(page).current_workflow_task_state
    if state is None or state.status != TaskState.STATUS_IN_PROGRESS or not isinstance(state.task.specific, task):
        raise Conflict("not_under_review", _("课程不在这一步审批中：可能已经被批准、退回或撤回。"))
    return state


def _require_decider(page: CoursePage, actor: Actor, task: type[BureauApprovalTask | CollegeReviewTask]) -> None:
    """Other colleges' and regions' courses don't exist for the actor."""
    if task is BureauApprovalTask:
        require(actor, Role.BUREAU_APPROVER)
        inside = bool(actor.region_code) and covers(actor.region_code, page.college.region_code)
    else:
        require(actor, Role.COLLEGE_PUBLISHER)
        inside = actor.organisation_id == page.college_id
    if not (inside or actor.is_system):
        raise NotFound("course_unknown", _("没有找到这门课程。"))
