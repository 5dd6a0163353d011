"""A fence around Wagtail's admin: what is not named here does not exist for colleges and bureaus.

Wagtail's own checks stay in force inside; the fence closes what they leave open (reports, choosers by key, bulk
actions, other people's drafts by a guessed number) and answers 404, as everywhere in the product.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.decorators import csp_update
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page
from wagtail.permissions import policy_registry

from cms.access import page_ids_in_review_by
from cms.models import CourseMedia

View = Callable[..., HttpResponseBase]

# URL names open to colleges and bureaus, with or without their namespace.
OPEN_NAMESPACES = frozenset(
    {"wagtailimages", "wagtailimages_chooser", "wagtaildocs", "wagtaildocs_chooser", "wagtailmedia"}
)
OPEN = frozenset(
    {
        "wagtailadmin_home",
        "wagtailadmin_explore_root",
        "wagtailadmin_explore",
        "wagtailadmin_explore_results",
        "wagtailadmin_api:pages:listing",
        "wagtailadmin_choose_page",
        "wagtailadmin_choose_page_child",
        "wagtailadmin_dismissibles",
        "wagtailadmin_editing_sessions:ping",
        "wagtailadmin_editing_sessions:release",
        "wagtailadmin_block_preview",
        "wagtailadmin_sprite",
        "wagtailadmin_javascript_catalog",
        "wagtailadmin_logout",
    }
)
OPEN_PAGES = frozenset(
    {
        "add",
        "preview_on_add",
        "usage",
        "edit",
        "preview_on_edit",
        "view_draft",
        "add_subpage",
        "delete",
        "search",
        "search_results",
        "workflow_action",
        "collect_workflow_action_data",
        "confirm_workflow_cancellation",
        "workflow_preview",
        "revisions_index",
        "revisions_view",
        "revisions_revert",
        "revisions_compare",
        "workflow_history",
        "workflow_history_detail",
        "history",
        "history_results",
    }
)
PAGE_ARGUMENTS = ("page_id", "parent_page_id", "page_to_move_id", "destination_id")
# Parts of an address that name nothing of anybody's, or something Wagtail looks for only below the page or file named
# beside it, or below the person who asks. An address with a part that is not known here is not opened.
HARMLESS_ARGUMENTS = frozenset(
    {
        *("content_type_app_name", "content_type_model_name", "action_name", "media_type", "filter_spec"),
        *("revision_id", "revision_id_a", "revision_id_b", "task_state_id", "task_id", "workflow_state_id"),
        *("app_label", "model_name", "object_id", "session_id", "uploaded_file_id"),
    }
)
# How a file's key is called in the addresses of its namespace.
FILE_ARGUMENTS = ("image_id", "document_id", "doc_id", "media_id", "pk")
FILE_ACTIONS = ["add", "change", "delete", "choose"]


def fenced(view: View) -> View:
    """Let through only what the person at the editor may know of. Superusers keep everything Wagtail has."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and not request.user.is_superuser and not _may(request, kwargs):
            raise Http404
        return view(request, *args, **kwargs)

    # Wagtail writes a few style attributes and style elements from its scripts; nothing of the kind is needed for
    # scripts, so the site's policy for them stays as strict as elsewhere.
    return csp_update({"style-src": ["'unsafe-inline'"]})(inner)  # type: ignore[no-any-return]


def _may(request: HttpRequest, kwargs: dict[str, Any]) -> bool:
    match = request.resolver_match
    assert match is not None
    known = HARMLESS_ARGUMENTS.union(PAGE_ARGUMENTS, FILE_ARGUMENTS)
    if not _is_open(match.view_name) or not known.issuperset(kwargs):
        return False
    namespace = match.namespaces[0] if match.namespaces else ""
    if namespace in OPEN_NAMESPACES:
        return _may_file(request, namespace, kwargs)
    keys = [kwargs[name] for name in PAGE_ARGUMENTS if name in kwargs]
    if match.view_name == "wagtailadmin_pages:revisions_compare":
        keys.append(kwargs["pk"])
    if match.view_name == "wagtailadmin_editing_sessions:ping":
        return kwargs["model_name"] in {"page", "coursepage"} and _may_pages(request, [kwargs["object_id"]])
    return _may_pages(request, keys)


def _is_open(name: str) -> bool:
    namespace, _colon, rest = name.partition(":")
    return name in OPEN or namespace in OPEN_NAMESPACES or (namespace == "wagtailadmin_pages" and rest in OPEN_PAGES)


def _may_pages(request: HttpRequest, keys: list[Any]) -> bool:
    wanted = {int(key) for key in keys}
    if not wanted:
        return True
    known = policy_registry.get_by_type(Page).explorable_instances(request.user).filter(pk__in=wanted)
    left = wanted - set(known.values_list("pk", flat=True))
    if not left:
        return True
    return left <= {int(key) for key in page_ids_in_review_by(request.user, timezone.now())}  # type: ignore[arg-type]


def _may_file(request: HttpRequest, namespace: str, kwargs: dict[str, Any]) -> bool:
    models = {"wagtailimages": get_image_model, "wagtaildocs": get_document_model}
    model = models.get(namespace.removesuffix("_chooser"), lambda: CourseMedia)()
    keys = [kwargs[name] for name in FILE_ARGUMENTS if name in kwargs] + request.GET.getlist("id")
    wanted = {str(key) for key in keys}
    if not wanted:
        return True
    if not all(key.isdigit() for key in wanted):
        return False
    policy = policy_registry.get_by_type(model)
    known = policy.instances_user_has_any_permission_for(request.user, FILE_ACTIONS)
    found: int = known.filter(pk__in=wanted).distinct().count()
    return found == len(wanted)
