"""Makes Wagtail's admin a quiet desk: only what authors and approvers need, only what is theirs."""

from typing import Any

from django.contrib import messages
from django.contrib.messages import get_messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.models import Page
from wagtail.permissions import policy_registry

from cms.access import approving_roles, writing_roles
from cms.models import CoursePage
from lms.people.models import User

MENU = frozenset({"explorer", "images", "documents", "stock", "workbench", "banks", "approvals"})


class RoleItem(MenuItem):  # type: ignore[misc]
    """A menu item for those whose roles ``asks`` finds."""

    def __init__(self, *args: Any, asks: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asks = asks

    def is_shown(self, request: HttpRequest) -> bool:
        return bool(self.asks(request.user, timezone.now()))


@hooks.register("register_admin_menu_item")
def workbench_item() -> MenuItem:
    return RoleItem(
        _("工作台"), reverse("cms:workbench"), name="workbench", icon_name="home", order=10, asks=writing_roles
    )


@hooks.register("register_admin_menu_item")
def banks_item() -> MenuItem:
    return RoleItem(_("题库"), reverse("cms:banks"), name="banks", icon_name="tasks", order=250, asks=writing_roles)


@hooks.register("register_admin_menu_item")
def stock_item() -> MenuItem:
    """Recordings with their renditions, packages, texts, terms: in the place of Wagtail's own list of media."""
    label = pgettext_lazy("authoring", "素材")
    return RoleItem(label, reverse("cms:recordings"), name="stock", icon_name="media", order=240, asks=writing_roles)


@hooks.register("register_admin_menu_item")
def approvals_item() -> MenuItem:
    return RoleItem(
        _("课程审批"), reverse("cms:approvals"), name="approvals", icon_name="check", order=20, asks=approving_roles
    )


@hooks.register("construct_main_menu")
def only_what_is_needed(request: HttpRequest, items: list[MenuItem]) -> None:
    if not request.user.is_superuser:
        items[:] = [item for item in items if item.name in MENU]


@hooks.register("construct_explorer_page_queryset")
def own_pages_in_explorer(parent: Page, pages: QuerySet[Page], request: HttpRequest) -> QuerySet[Page]:
    return _own(pages, request)


@hooks.register("construct_page_chooser_queryset")
def own_pages_in_chooser(pages: QuerySet[Page], request: HttpRequest) -> QuerySet[Page]:
    return _own(pages, request)


@hooks.register("construct_media_chooser_queryset")
def own_media_in_chooser(media: Any, request: HttpRequest) -> Any:
    policy = policy_registry.get_by_type(media.model)
    return media & policy.instances_user_has_any_permission_for(request.user, ["add", "change"])


@hooks.register("construct_homepage_panels")
def no_foreign_panels(request: HttpRequest, panels: list[Any]) -> None:
    """Keep what concerns the person: their pages in review, their reviews, their edits."""
    if not request.user.is_superuser:
        panels[:] = [
            panel for panel in panels if panel.name not in {"site_summary", "upgrade_notification", "whats_new"}
        ]


@hooks.register("construct_page_action_menu")
def no_publishing(items: list[Any], request: HttpRequest, context: dict[str, Any]) -> None:
    items[:] = [item for item in items if item.name not in {"action-publish", "action-unpublish"}]


@hooks.register("after_create_page")
@hooks.register("after_edit_page")
def back_to_the_desk(request: HttpRequest, page: Page) -> HttpResponseRedirect | None:
    """Whoever hands a course in or decides over one is done in the editor: lead them to where the next one is."""
    done = {"action-submit", "action-restart-workflow", "workflow-action-name"} & set(request.POST)
    if not done or not isinstance(page.specific, CoursePage):
        return None
    # Wagtail's own sentence holds buttons for its explorer; ours replaces it.
    for _message in get_messages(request):
        pass
    if "workflow-action-name" in done:
        messages.success(request, _("已处理。"))
        decides = isinstance(request.user, User) and approving_roles(request.user, timezone.now())
        return redirect("cms:approvals" if decides else "cms:workbench")
    messages.success(request, _("已提交审批。批准或退回时会通知您。"))
    return redirect("cms:workbench")


@hooks.register("insert_global_admin_css")
def admin_css() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("cms/admin.css"))


@hooks.register("insert_global_admin_js")
def admin_js() -> str:
    return format_html('<script src="{}" defer></script>', static("cms/dates.js"))


@hooks.register("insert_editor_js")
def editor_js() -> str:
    scripts = [(static(name),) for name in ("cms/hours.js", "cms/courses.js")]
    return format_html_join("", '<script src="{}" defer></script>', scripts)


def _own(pages: QuerySet[Page], request: HttpRequest) -> QuerySet[Page]:
    if request.user.is_superuser:
        return pages
    mine = policy_registry.get_by_type(Page).explorable_instances(request.user)
    return pages.filter(pk__in=mine.values_list("pk", flat=True))
