"""The two steps of a course's review: its college's publisher, then an approver of the bureau of the college's region.

A publisher who hands a course in answers for it himself, and a college without a publisher has nobody to ask: then the
first step is passed over, and says so. The last approval publishes the page, and publishing freezes the release, in one
transaction: both happen or neither. What may never happen: a course before the bureau that its college did not answer for.
"""

from datetime import datetime
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Task, TaskState, WorkflowState

from cms import access, acting, news
from lms.audit.services import record
from lms.people.models import Membership, User
from lms.rules.refusals import Conflict, Invalid


class ReviewTask(Task):
    """What both steps share: one decides, once, and says why when a course goes back."""

    approve_label: ClassVar[Any]
    approve_with_comment_label: ClassVar[Any]
    # What the audit trail calls an approval at this step.
    approved_verb: ClassVar[str]

    class Meta:
        abstract = True

    def decider(self, user: User | None, page: Any, now: datetime) -> acting.Acting:
        """Who decides by a click in the editor, or a refusal."""
        raise NotImplementedError

    def membership(self, user: User, page: Any, now: datetime) -> Membership | None:
        """By which role ``user`` decides here."""
        raise NotImplementedError

    def page_ids(self, user: User, now: datetime) -> list[str]:
        """Keys (as text) of the pages ``user`` decides over at this step, under review or not."""
        raise NotImplementedError

    def begin(self, workflow_state: WorkflowState, user: User | None) -> tuple[TaskState, Any, acting.Acting]:
        """A new state of this step. Refuses what could not be released anyway."""
        from cms.drafts import check_page

        page = workflow_state.content_object.get_latest_revision_as_object()
        doing = acting.current() or acting.for_writer(user, page, timezone.now())
        check_page(page, doing.now)
        return super().start(workflow_state, user=user), page, doing

    @transaction.atomic
    def on_action(self, task_state: TaskState, user: User, action_name: str, **kwargs: Any) -> None:
        page = task_state.workflow_state.content_object.specific
        doing = acting.current() or self.decider(user, page, timezone.now())
        comment = kwargs.get("comment", "")
        if action_name == "reject" and not comment.strip():
            raise Invalid("comment_required", _("退回时请写明需要修改的地方。"), field="comment")
        # Two at once: the second finds the step finished.
        locked = TaskState.objects.select_for_update().get(pk=task_state.pk).specific
        if locked.status != TaskState.STATUS_IN_PROGRESS:
            raise PermissionDenied
        approved = action_name == "approve"
        with acting.as_(doing):
            record(
                verb=self.approved_verb if approved else "course.returned",
                actor=doing.actor,
                now=doing.now,
                subject=page,
                changes=names(page),
                reason=comment,
            )
            super().on_action(locked, user, action_name, **kwargs)
        self.told(page, doing.now, approved=approved, comment=comment)

    def told(self, page: Any, now: datetime, *, approved: bool, comment: str) -> None:
        """Tell those whom the decision concerns."""
        raise NotImplementedError

    def user_can_access_editor(self, obj: Any, user: User) -> bool:
        return self.membership(user, obj, timezone.now()) is not None

    def locked_for_user(self, obj: Any, user: User) -> bool:
        """While a course is under review only who decides may open it for writing."""
        return not self.user_can_access_editor(obj, user)

    def get_actions(self, obj: Any, user: User) -> list[tuple[str, Any, bool]]:
        if not self.user_can_access_editor(obj, user):
            return []
        return [
            ("reject", _("退回修改"), True),
            ("approve", self.approve_label, False),
            ("approve", self.approve_with_comment_label, True),
        ]

    def get_task_states_user_can_moderate(self, user: User, **kwargs: Any) -> QuerySet[TaskState]:
        waiting = self.task_states.filter(status=TaskState.STATUS_IN_PROGRESS)
        found: QuerySet[TaskState] = waiting.filter(workflow_state__object_id__in=self.page_ids(user, timezone.now()))
        return found


class CollegeReviewTask(ReviewTask):
    """The college's publisher reads what an author hands in, mends it, forwards it or sends it back."""

    approve_label = _("转交主管部门")
    approve_with_comment_label = _("转交并附意见")
    approved_verb = "course.forwarded"

    class Meta:
        verbose_name = _("院校复核")

    @classmethod
    def get_description(cls) -> str:
        return str(_("由本院校的发布人复核后转交主管部门"))

    def start(self, workflow_state: WorkflowState, user: User | None = None) -> TaskState:
        state, page, doing = self.begin(workflow_state, user)
        record(verb="course.submitted", actor=doing.actor, now=doing.now, subject=page, changes=names(page))
        if access.answers_for(doing.actor, page.college, doing.now):
            state.status, state.finished_at, state.finished_by = TaskState.STATUS_SKIPPED, doing.now, user
            state.save()
        else:
            news.waiting_at_college(page, doing.now)
        return state

    def decider(self, user: User | None, page: Any, now: datetime) -> acting.Acting:
        return acting.for_publisher(user, page, now)

    def membership(self, user: User, page: Any, now: datetime) -> Membership | None:
        return access.publishing_membership(user, page.specific.college, now)

    def page_ids(self, user: User, now: datetime) -> list[str]:
        return access.page_ids_published_by(user, now)

    def told(self, page: Any, now: datetime, *, approved: bool, comment: str) -> None:
        if approved:
            news.forwarded(page, now, comment=comment)
        else:
            news.returned(page, now, comment=comment)


class BureauApprovalTask(ReviewTask):
    """Only an approver of the college's region approves a course or sends it back."""

    approve_label = _("批准")
    approve_with_comment_label = _("批准并附意见")
    approved_verb = "course.approved"

    class Meta:
        verbose_name = _("主管部门审批")

    @classmethod
    def get_description(cls) -> str:
        return str(_("由院校所在地区人力资源社会保障部门的审批员审批"))

    def start(self, workflow_state: WorkflowState, user: User | None = None) -> TaskState:
        """Take a course before the bureau; one that was sent back passes its college's publisher again first."""
        college_step = CollegeReviewTask.objects.get()
        before = workflow_state.task_states.order_by("pk").last()
        if before is None or before.task_id != college_step.pk:
            state: TaskState = college_step.start(workflow_state, user=user)
            return state
        state, page, doing = self.begin(workflow_state, user)
        news.waiting_at_bureau(page, doing.now)
        return state

    def decider(self, user: User | None, page: Any, now: datetime) -> acting.Acting:
        return acting.for_approver(user, page, now)

    def on_action(self, task_state: TaskState, user: User, action_name: str, **kwargs: Any) -> None:
        """Whoever writes for the college leaves the decision to a colleague, in whichever role they come."""
        college = task_state.workflow_state.content_object.specific.college
        if user and access.writing_membership(user, college, timezone.now()):
            raise Conflict("own_course", _("您是这所院校的作者或发布人，须由另一位审批员决定。"))
        super().on_action(task_state, user, action_name, **kwargs)

    def membership(self, user: User, page: Any, now: datetime) -> Membership | None:
        return access.approving_membership(user, page.specific.college, now)

    def page_ids(self, user: User, now: datetime) -> list[str]:
        return access.page_ids_in_review_by(user, now)

    def told(self, page: Any, now: datetime, *, approved: bool, comment: str) -> None:
        if not approved:
            news.returned(page, now, comment=comment)
        elif not page.scheduled_releases.waiting().exists():
            news.approved(page, now, comment=comment)


def names(page: Any) -> dict[str, str]:
    """What an audit event says of a course."""
    return {"course": str(page.specific.course_id), "title": page.title}
