"""What a college has in stock for its lessons, and what of it the person at the editor may choose.

Nothing here is found by asking for a key: authors choose from lists, and a key that came another way is refused when the
course is saved (``cms.drafts.refuse_foreign``).
"""

import uuid
from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import get_active_log_context

from cms.access import WRITING_ROLES
from lms.people.models import Role, User
from lms.people.querysets import in_region


def package_choices() -> Iterator[tuple[str, str]]:
    from cms.models import CoursePackage

    return _choices(CoursePackage.objects.order_by("title"))


def text_choices() -> Iterator[tuple[str, str]]:
    from cms.models import ReusableText

    return _choices(ReusableText.objects.defer("body").order_by("title"))


def _choices(rows: QuerySet[Any]) -> Iterator[tuple[str, str]]:
    """Key and title of the college's rows, for an approver those of the region. What is retired says so."""
    user = get_active_log_context().user
    if not isinstance(user, User):
        return
    for row in rows.filter(_within_reach(user)):
        yield str(row.pk), _("%(title)s（已停用）") % {"title": row.title} if row.retired_at else row.title


def _within_reach(user: User) -> Q:
    """Rows of the colleges the user writes for, and of those in the regions the user approves for."""
    rows = list(user.memberships.open(timezone.now()).select_related("organisation"))
    where = Q(college__in=[row.organisation_id for row in rows if row.role in WRITING_ROLES])
    for row in rows:
        if row.role == Role.BUREAU_APPROVER and row.organisation and row.organisation.region_code:
            where |= in_region("college__region_code", row.organisation.region_code)
    return where


def package_of(key: Any) -> Any:
    """The package a lesson names, if there is one."""
    from cms.models import CoursePackage

    return CoursePackage.objects.filter(pk=key).first() if is_key(key) else None


def texts_by_key(keys: list[Any]) -> dict[uuid.UUID, Any]:
    """Reusable texts by their keys; what is no key is left out."""
    from cms.models import ReusableText

    wanted = [uuid.UUID(str(key)) for key in keys if is_key(key)]
    return ReusableText.objects.in_bulk(wanted) if wanted else {}


def is_key(value: Any) -> bool:
    try:
        uuid.UUID(str(value))
    except ValueError:
        return False
    return True
