"""What the verbs of authoring share: who may write for a college, and the account behind an actor."""

from django.utils.translation import gettext_lazy as _

from cms.access import WRITING_ROLES
from cms.models import CoursePage
from lms.audit.actors import Actor
from lms.people.access import require
from lms.people.models import Organisation, User
from lms.rules.refusals import NotFound


def require_writer(actor: Actor, college: Organisation) -> None:
    """Authors and publishers of the college; for everybody else it does not exist."""
    require(actor, *WRITING_ROLES)
    if not actor.is_system and actor.organisation_id != college.pk:
        raise NotFound("college_unknown", _("没有找到该院校。"))


def user_of(actor: Actor) -> User | None:
    return User.objects.filter(pk=actor.id).first() if actor.id else None


def fresh(page: CoursePage) -> CoursePage:
    """The page as it stands after Wagtail did its part."""
    found: CoursePage = CoursePage.objects.get(pk=page.pk)
    return found


def locked(page: CoursePage) -> CoursePage:
    """The page's row, held until the transaction ends: two steps of one course follow each other."""
    found: CoursePage = CoursePage.objects.select_for_update().get(pk=page.pk)
    return found


def names(page: CoursePage) -> dict[str, str]:
    """What an audit event says of a course."""
    return {"course": str(page.course_id), "title": page.title}
