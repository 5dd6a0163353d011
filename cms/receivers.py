"""What news from people and from Wagtail sets in motion here."""

from datetime import datetime
from typing import Any

from django.apps import AppConfig
from django.contrib.contenttypes.models import ContentType
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.signals import post_migrate, pre_save
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import TaskState, WorkflowState
from wagtail.signals import page_published, workflow_cancelled
from wagtail.users.models import UserProfile

from cms import acting, news
from cms.access import sync_groups
from cms.drafts import FrozenFiles, release_draft
from cms.models import CollegePage, CollegeReviewTask, CoursePage, HomePage
from cms.models.workflow import names
from cms.services import announce
from cms.tree import college_page, lay_ground
from courses.catalogue.services import publish_release
from lms.audit.services import record
from lms.people.models import Membership, Organisation, OrganisationKind, User
from lms.people.signals import membership_ended, membership_granted, organisation_admitted
from lms.rules.refusals import NotAllowed

WRITING_KINDS = frozenset({OrganisationKind.COLLEGE, OrganisationKind.TRAINING_BASE})


@receiver(organisation_admitted, dispatch_uid="cms.open_branch")
def open_branch(sender: Any, organisation: Organisation, **kwargs: Any) -> None:
    """A college that is admitted gets its place in the editor, in the same commit."""
    if organisation.kind in WRITING_KINDS:
        college_page(organisation)


@receiver(membership_granted, dispatch_uid="cms.role_granted")
@receiver(membership_ended, dispatch_uid="cms.role_ended")
def follow_roles(sender: Any, membership: Membership, now: datetime, **kwargs: Any) -> None:
    organisation = membership.organisation
    if organisation is not None and organisation.kind in WRITING_KINDS:
        college_page(organisation)
    sync_groups(membership.user, now)


@receiver(page_published, sender=CoursePage, dispatch_uid="cms.freeze_release")
def freeze_release(sender: Any, instance: CoursePage, **kwargs: Any) -> None:
    """Publishing freezes the release. Without an approval there is none, whatever asked for it."""
    doing = acting.approval()
    if doing is None:
        raise NotAllowed("approval_required", _("课程必须经主管部门审批才能发布。"))
    release = publish_release(draft=release_draft(instance, files=FrozenFiles()), actor=doing.actor, now=doing.now)
    announce(release=release, now=doing.now)


@receiver(workflow_cancelled, sender=WorkflowState, dispatch_uid="cms.recalled")
def note_recall(sender: Any, instance: WorkflowState, user: User | None, **kwargs: Any) -> None:
    """A submission taken back, by the verb or by the editor's own button. One that was sent back waits for nobody."""
    step = instance.task_states.filter(pk=instance.current_task_state_id, status=TaskState.STATUS_CANCELLED).first()
    if step is None:
        return
    page = instance.content_object.specific
    doing = acting.current() or acting.for_writer(user, page, timezone.now())
    record(verb="course.recalled", actor=doing.actor, now=doing.now, subject=page, changes=names(page))
    news.recalled(page, doing.now, at_college=isinstance(step.task.specific, CollegeReviewTask))


@receiver(pre_save, sender=UserProfile, dispatch_uid="cms.one_voice")
def no_mail_of_its_own(sender: Any, instance: UserProfile, **kwargs: Any) -> None:
    """Wagtail would send e-mail while somebody waits for the page; our news leaves by letters instead."""
    for name in ("submitted", "approved", "rejected", "updated_comments"):
        setattr(instance, f"{name}_notifications", False)


@receiver(post_migrate, dispatch_uid="cms.lay_ground")
def ready_for_work(sender: AppConfig, using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """After migrating (or emptying) a database the tree has its ground again."""
    if sender.name != "cms" or using != DEFAULT_DB_ALIAS:
        return
    tables = set(connections[using].introspection.table_names())
    # Emptying a table does not empty what this process remembers of it.
    ContentType.objects.clear_cache()
    if {HomePage._meta.db_table, CollegePage._meta.db_table, "wagtailcore_workflowpage"} <= tables:
        lay_ground()
