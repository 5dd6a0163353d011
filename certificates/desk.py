"""What issuers and bureaus do with certificates, as pages beside each other: which of them a role is led to."""

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from certificates.services.recalls import CONFIRMING_ROLES, PROPOSING_ROLES
from certificates.services.type_editing import MANAGING_ROLES
from lms.people.models import Role
from lms.people.querysets import BUREAU_ROLES

READERS = (Role.COLLEGE_AUTHOR, Role.COLLEGE_TEACHER, Role.COLLEGE_PUBLISHER, *sorted(BUREAU_ROLES))
# Name of the page, what it is called, who is led there.
PAGES = (
    ("register", _("登记簿"), READERS),
    ("statistics", _("统计"), READERS),
    ("batches", _("批量签发"), (Role.COLLEGE_PUBLISHER, *sorted(BUREAU_ROLES))),
    ("recalls", _("批量撤销"), (*PROPOSING_ROLES, *CONFIRMING_ROLES)),
    ("types", _("类型与版式"), MANAGING_ROLES),
    ("pictures", _("版式图片"), MANAGING_ROLES),
)


def pages_for(role: str, active: str) -> list[dict[str, object]]:
    """The tabs of a role, as the tabs component wants them."""
    tabs: list[dict[str, object]] = []
    for name, label, roles in PAGES:
        try:
            url = reverse(f"certificates:{name}")
        except NoReverseMatch:
            continue
        if role in roles:
            tabs.append({"label": label, "url": url, "active": name == active, "count": None})
    return tabs
