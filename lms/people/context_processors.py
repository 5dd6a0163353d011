"""What every page shows: where one can go in the current role, and how many messages wait."""

from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lms.people.models import Membership, Message, Role

_PRACTITIONER = (
    (_("首页"), "learning:home", "home"),
    (pgettext_lazy("navigation", "课程"), "catalogue:index", "book"),
    (pgettext_lazy("navigation", "证书"), "certificates:mine", "certificate"),
    (_("谁查过我"), "people:lookups", "eye"),
    (_("我的"), "people:profile", "person"),
)
_COLLEGE = (
    (_("工作台"), "cms:workbench", "home"),
    (_("课程编写"), "wagtailadmin_home", "edit"),
    (pgettext_lazy("navigation", "面授"), "classroom:sessions", "calendar"),
    (_("学员"), "learning:learners", "people"),
    (_("补贴"), "subsidies:claims", "money"),
    (_("培训计划"), "catalogue:desk", "list"),
    (pgettext_lazy("navigation", "证书"), "certificates:register", "certificate"),
)
_INSTITUTION = (
    (_("核查"), "hiring:home", "search"),
    (_("花名册"), "hiring:roster", "people"),
    (_("警报"), "hiring:alerts", "bell"),
    (_("记录"), "hiring:checks", "list"),
    (_("机构"), "people:organisation", "building"),
)
_MANAGER = (
    *_INSTITUTION[:4],
    (_("必修"), "learning:assignments", "book"),
    (_("外部学时"), "ledger:outside", "upload"),
    (_("假期"), "ledger:leaves", "calendar"),
    *_INSTITUTION[4:],
)
_HR_BUREAU = (
    (_("补贴审计"), "subsidies:home", "money"),
    (_("学习审核"), "learning:reviews", "eye"),
    (pgettext_lazy("navigation", "项目"), "subsidies:schemes", "list"),
    (_("课程审批"), "cms:approvals", "check"),
    (_("培训计划"), "catalogue:desk", "list"),
    (pgettext_lazy("navigation", "证书"), "certificates:register", "certificate"),
    (_("机构准入"), "people:admissions", "building"),
    (_("看板"), "oversight:dashboard", "chart"),
)
_REGISTRAR = (
    (_("禁入案件"), "registry:home", "seal"),
    (_("待核对"), "hiring:reviews", "search"),
    (_("离岗跟踪"), "hiring:alerts", "bell"),
    (pgettext_lazy("navigation", "证书"), "certificates:register", "certificate"),
    (_("看板"), "oversight:dashboard", "chart"),
    (_("机构准入"), "people:admissions", "building"),
)
_ADMINISTRATOR = (
    (_("机构准入"), "people:admissions", "building"),
    (_("看板"), "oversight:dashboard", "chart"),
    (_("内容管理"), "wagtailadmin_home", "edit"),
    (_("接口密钥"), "people:keys", "lock"),
    (_("地区交换"), "registry:peers", "globe"),
)
# Whom the editor or the approvals would only send away is not led there.
_TEACHER = tuple(item for item in _COLLEGE if item[1] not in {"wagtailadmin_home", "catalogue:desk"})
_AUDITOR = (
    *(item for item in _HR_BUREAU if item[1] not in {"cms:approvals", "catalogue:desk"}),
    (_("学时核验"), "ledger:checking", "certificate"),
)
# The first item of each is the workbench that ``home`` leads to.
ITEMS: dict[str, tuple[tuple[Any, str, str], ...]] = {
    Role.PRACTITIONER: _PRACTITIONER,
    Role.COLLEGE_AUTHOR: _COLLEGE,
    Role.COLLEGE_TEACHER: _TEACHER,
    Role.COLLEGE_PUBLISHER: _COLLEGE,
    Role.INSTITUTION_CHECKER: _INSTITUTION,
    Role.INSTITUTION_MANAGER: _MANAGER,
    Role.BUREAU_AUDITOR: _AUDITOR,
    Role.BUREAU_APPROVER: _HR_BUREAU,
    Role.REGISTRAR: _REGISTRAR,
    Role.CONFIRMING_REGISTRAR: _REGISTRAR,
    Role.ADMINISTRATOR: _ADMINISTRATOR,
}
_PUBLIC = (
    (_("课程目录"), "catalogue:index", "book"),
    (_("证书核验"), "certificates:verify", "certificate"),
    (_("公开统计"), "oversight:public", "chart"),
    (_("禁入统计"), "ban_list:statistics", "seal"),
)
_OWN_ACCOUNT = (
    (_("修改密码"), "account_change_password", "lock"),
    (_("两步验证"), "mfa_index", "shield"),
)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context of the page frame. Costs one query, for the count of unread messages, and only where it is shown."""
    footer = links(_PUBLIC)
    membership: Membership | None = getattr(request, "membership", None)
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"nav_items": [], "footer_links": footer, "home_url": _address("welcome")}
    memberships = getattr(request, "memberships", [])
    return {
        "nav_items": _marked(links(ITEMS.get(membership.role, ()) if membership else ()), request.path),
        "footer_links": footer,
        "home_url": _address("home"),
        "inbox_url": _address("people:inbox"),
        "profile_url": _address("people:profile"),
        "unread_messages": cache(lambda: Message.objects.filter(user_id=user.pk, read_at=None).count()),
        "memberships": memberships,
        "current_role_label": membership.get_role_display() if membership else "",
        "current_organisation_label": membership.organisation.name if membership and membership.organisation else "",
        "account_links": links((*_role_links(membership, memberships), *_OWN_ACCOUNT)),
    }


def links(items: tuple[tuple[Any, str, str], ...]) -> list[dict[str, Any]]:
    """``{label, url, icon}`` of each item whose page exists."""
    found = ((label, _address(name), icon) for label, name, icon in items)
    return [{"label": label, "url": url, "icon": icon} for label, url, icon in found if url]


@cache
def _address(name: str) -> str:
    """Where a page is that shows no single thing: the same as long as the process runs, and on every page twenty times.

    Empty where there is no such page.
    """
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _role_links(membership: Membership | None, memberships: list[Membership]) -> tuple[tuple[Any, str, str], ...]:
    several = ((_("切换角色"), "people:roles", "people"),) if len(memberships) > 1 else ()
    body = ((_("本机构"), "people:organisation", "building"),) if membership and membership.organisation_id else ()
    return (*several, *body)


def _marked(items: list[dict[str, Any]], path: str) -> list[dict[str, Any]]:
    """Mark the one item the page lies under: the longest address that begins it."""
    above = [item for item in items if path.startswith(item["url"])]
    nearest = max(above, key=lambda item: len(item["url"]), default=None)
    return [{**item, "active": item is nearest} for item in items]
