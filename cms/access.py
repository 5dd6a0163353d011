"""Who may work where in the editor: memberships of people become Wagtail groups, and nothing else does.

A college has one group with rights on its own branch of the tree and its own collection. Nobody may publish: that is
what the bureau's approval does. What may never happen: a college that sees another one's drafts or files.
"""

import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.utils import timezone
from wagtail.log_actions import get_active_log_context

from courses.assessment.models import QuestionBank
from lms.audit.actors import Actor
from lms.people.models import Membership, Organisation, Role, User
from lms.people.querysets import in_region
from lms.rules.regions import covers

WRITING_ROLES = (Role.COLLEGE_AUTHOR, Role.COLLEGE_PUBLISHER)
COLLEGE_ROLES = (*WRITING_ROLES, Role.COLLEGE_TEACHER)
APPROVERS = "approvers"
ADMINISTRATORS = "administrators"


def group_of_college(college_id: uuid.UUID) -> Group:
    return Group.objects.get_or_create(name=f"college-{college_id}")[0]


def plain_group(name: str) -> Group:
    """A group that may open the editor; what it sees there is decided page by page."""
    group, created = Group.objects.get_or_create(name=name)
    if created:
        group.permissions.add(permission("wagtailadmin", "admin", "access_admin"))
    return group


def permission(app_label: str, model: str, codename: str) -> Permission:
    """A permission by name, made if the migration that would make it has not run yet."""
    named = Permission.objects.filter(content_type__app_label=app_label, content_type__model=model, codename=codename)
    if found := named.first():
        return found
    kind, _made = ContentType.objects.get_or_create(app_label=app_label, model=model)
    return Permission.objects.get_or_create(content_type=kind, codename=codename, defaults={"name": codename})[0]


def permissions(rights: Iterable[tuple[str, str, str]]) -> list[Permission]:
    """Permissions by (app, model, codename), looked up at once."""
    wanted = list(rights)
    one_of = Q()
    for app_label, model, codename in wanted:
        one_of |= Q(content_type__app_label=app_label, content_type__model=model, codename=codename)
    found = {
        (each.content_type.app_label, each.content_type.model, each.codename): each
        for each in Permission.objects.filter(one_of).select_related("content_type")
    }
    return [found.get(right) or permission(*right) for right in wanted]


def sync_groups(user: User, now: datetime) -> None:
    """Make the user's editing groups what their memberships say. Other groups are left alone."""
    rows = list(user.memberships.open(now).filter(role__in=[*WRITING_ROLES, Role.BUREAU_APPROVER, Role.ADMINISTRATOR]))
    wanted = {
        group_of_college(row.organisation_id) for row in rows if row.role in WRITING_ROLES and row.organisation_id
    }
    if any(row.role == Role.BUREAU_APPROVER for row in rows):
        wanted.add(plain_group(APPROVERS))
    if any(row.role == Role.ADMINISTRATOR for row in rows):
        wanted.add(plain_group(ADMINISTRATORS))
    held = {group for group in user.groups.all() if group.name.startswith("college-") or group.name in _PLAIN}
    user.groups.remove(*(held - wanted))
    user.groups.add(*(wanted - held))


_PLAIN = frozenset({APPROVERS, ADMINISTRATORS})


def approving_membership(user: User, college: Organisation, now: datetime) -> Membership | None:
    """The membership by which ``user`` may decide over ``college``'s courses: approver of a bureau of its region."""
    rows = user.memberships.open(now).with_role(Role.BUREAU_APPROVER).select_related("organisation")
    return next((row for row in rows if row.organisation and _decides_over(row.organisation, college)), None)


def writing_membership(user: User, college: Organisation, now: datetime) -> Membership | None:
    """The membership by which ``user`` writes for ``college``; a publisher's before an author's."""
    rows = user.memberships.open(now).with_role(*WRITING_ROLES).filter(organisation=college)
    return rows.select_related("organisation").order_by("-role").first()


def publishing_membership(user: User, college: Organisation, now: datetime) -> Membership | None:
    """The membership by which ``user`` answers for ``college``'s courses."""
    rows = user.memberships.open(now).with_role(Role.COLLEGE_PUBLISHER).filter(organisation=college)
    return rows.select_related("organisation").first()


def answers_for(actor: Actor, college: Organisation, now: datetime) -> bool:
    """Whether what ``actor`` hands in needs no word of the college's publisher: it is his own, or there is none."""
    if actor.is_system or actor.role == Role.COLLEGE_PUBLISHER:
        return True
    publishers = Membership.objects.open(now).filter(organisation=college).with_role(Role.COLLEGE_PUBLISHER)
    return not publishers.filter(user__is_active=True).exists()


def _decides_over(bureau: Organisation, college: Organisation) -> bool:
    return bool(bureau.region_code) and covers(bureau.region_code, college.region_code)


def bank_choices() -> Iterator[tuple[str, str]]:
    """Question banks the person at the editor may choose from: their college's own, for an approver the region's."""
    user = get_active_log_context().user
    if not isinstance(user, User):
        return
    rows = list(user.memberships.open(timezone.now()).select_related("organisation"))
    own = {row.organisation_id for row in rows if row.role in WRITING_ROLES}
    bureaus = [row.organisation for row in rows if row.role == Role.BUREAU_APPROVER and row.organisation]
    for bank in QuestionBank.objects.select_related("college").order_by("college__name", "name"):
        if bank.college_id in own or any(_decides_over(bureau, bank.college) for bureau in bureaus):
            yield str(bank.pk), bank.name


def page_ids_in_review_by(user: User, now: datetime) -> list[str]:
    """Keys (as text, as workflow states keep them) of the course pages in the regions ``user`` approves for."""
    from cms.models import CoursePage

    rows = user.memberships.open(now).with_role(Role.BUREAU_APPROVER).select_related("organisation")
    codes = [row.organisation.region_code for row in rows if row.organisation and row.organisation.region_code]
    if not codes:
        return []
    where = Q()
    for code in codes:
        where |= in_region("college__region_code", code)
    return [str(key) for key in CoursePage.objects.filter(where).values_list("pk", flat=True)]


def page_ids_published_by(user: User, now: datetime) -> list[str]:
    """Keys (as text) of the course pages of the colleges ``user`` answers for."""
    from cms.models import CoursePage

    rows = user.memberships.open(now).with_role(Role.COLLEGE_PUBLISHER)
    pages = CoursePage.objects.filter(college__in=rows.values("organisation"))
    return [str(key) for key in pages.values_list("pk", flat=True)]


def writing_roles(user: User, now: datetime) -> bool:
    """Whether ``user`` writes for any college."""
    return user.memberships.open(now).with_role(*WRITING_ROLES).exists()


def approving_roles(user: User, now: datetime) -> bool:
    """Whether ``user`` approves for any bureau."""
    return user.memberships.open(now).with_role(Role.BUREAU_APPROVER).exists()
