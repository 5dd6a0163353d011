"""Every room of Wagtail's editor, found by walking its addresses: another college's author finds nothing of ours in any.

An address that comes with a new version of Wagtail is walked too: it is shut until somebody opens it in ``cms.guard``,
and then it has to stand these tests.
"""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, get_resolver
from wagtail.admin.models import EditingSession
from wagtail.models import Comment, TaskState

from cms.guard import _is_open
from cms.models import CollegePage, CoursePage
from lms.people.models import Role, User
from tests.factories import cms
from tests.security.world import DRAFT, SECRETS, World

EDITOR = "cms/admin/"
SHUT = {403, 404}
# A leak shows as it is written, or as JSON writes it.
LEAKS = [*SECRETS, *(json.dumps(secret)[1:-1] for secret in SECRETS), "hidden-picture", "hand-out"]


def _walk(patterns: list[Any], namespace: str = "", above: str = "") -> Iterator[tuple[str, str]]:
    for one in patterns:
        route = f"{above}{one.pattern}"
        if isinstance(one, URLPattern):
            if route.startswith(EDITOR) and one.name:
                yield f"{namespace}{one.name}", route.replace("^", "").replace("$", "").removeprefix(EDITOR)
        else:
            inner = f"{namespace}{one.namespace}:" if one.namespace else namespace
            yield from _walk(one.url_patterns, inner, route)


DOORS = sorted(set(_walk(get_resolver().url_patterns)))
PART = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")
SIGN_OUT = {"wagtailadmin_login", "wagtailadmin_logout", "wagtailadmin_account"}


def _parts(route: str) -> list[str]:
    return [first or second for first, second in PART.findall(route)]


def _address(route: str, values: dict[str, Any]) -> str:
    route = PART.sub(lambda match: str(values.get(match[1] or match[2], 1)), route)
    return "/" + EDITOR + route.replace("\\.", ".").replace("\\Z", "")


OPEN = [door for door in DOORS if _is_open(door[0]) and door[0] not in SIGN_OUT]
TO_SOMETHING = [door for door in OPEN if set(_parts(door[1])) - {"media_type", "session_id", "uploaded_file_id"}]
LISTS = [door for door in OPEN if not _parts(door[1]) or _parts(door[1]) == ["media_type"]]
# Our own room below the editor, where texts are written, is held to its college by tests/cms/test_glossary.py.
CLOSED = [
    door for door in DOORS if not _is_open(door[0]) and door[0] not in SIGN_OUT and not door[0].startswith("cms:")
]


def _named(doors: list[tuple[str, str]]) -> Any:
    return pytest.mark.parametrize(("name", "route"), doors, ids=[f"{name} {route}" for name, route in doors])


@pytest.fixture
def ours(world: World) -> dict[str, Any]:
    """What lies in our college, by the names addresses give it."""
    page: CoursePage = world.handed_in_page
    author: User = world.staff[Role.COLLEGE_AUTHOR]
    state = TaskState.objects.filter(workflow_state__object_id=str(page.pk)).latest("pk")
    Comment.objects.create(page=page, user=author, text=SECRETS[1], contentpath="summary", position="")
    return {
        **dict.fromkeys(("page_id", "page_to_move_id", "destination_id", "object_id"), page.pk),
        "parent_page_id": CollegePage.objects.get(organisation=world.college).pk,
        "content_type_app_name": "cms",
        "content_type_model_name": "coursepage",
        **dict.fromkeys(("revision_id", "revision_id_a", "revision_id_b"), page.latest_revision_id),
        "task_state_id": state.pk,
        "task_id": state.task_id,
        "workflow_state_id": state.workflow_state_id,
        "action_name": "approve",
        "app_label": "cms",
        "model_name": "coursepage",
        "session_id": EditingSession.objects.create(user=author, content_object=page, last_seen_at=cms.NOW).pk,
        "media_type": "video",
        "filter_spec": "width-100",
        "image_id": world.picture.pk,
        **dict.fromkeys(("document_id", "doc_id"), world.hand_out.pk),
        "media_id": world.media.pk,
    }


def _values(name: str, ours: dict[str, Any]) -> dict[str, Any]:
    """``pk`` is a page, a picture or a document, depending on the room."""
    keys = {"wagtailimages_chooser": "image_id", "wagtaildocs_chooser": "document_id", "wagtailadmin_pages": "page_id"}
    return {**ours, "pk": ours[keys.get(name.partition(":")[0], "page_id")]}


def _strangers(world: World) -> list[Client]:
    return [world.theirs[role] for role in (Role.COLLEGE_AUTHOR, Role.COLLEGE_PUBLISHER, Role.BUREAU_APPROVER)]


def _knock(client: Client, address: str, *, post: bool = False) -> HttpResponseBase:
    with transaction.atomic():
        answer = client.post(address, {}) if post else client.get(address)
        transaction.set_rollback(True)
    return answer


def _leaks(answer: HttpResponseBase) -> list[str]:
    if answer.streaming:
        return []
    body = answer.content.decode(errors="replace")  # type: ignore[attr-defined]
    return [secret for secret in LEAKS if secret in body]


def test_the_walk_finds_the_editor() -> None:
    assert len(DOORS) > 150
    assert len(TO_SOMETHING) > 40
    assert len(CLOSED) > 80


@_named(CLOSED)
def test_what_nobody_opened_does_not_exist(name: str, route: str, world: World, ours: dict[str, Any]) -> None:
    address = _address(route, _values(name, ours))
    insiders = [world.ours[role] for role in (Role.COLLEGE_AUTHOR, Role.COLLEGE_PUBLISHER, Role.BUREAU_APPROVER)]
    for client in (*insiders, *_strangers(world)):
        for post in (False, True):
            assert _knock(client, address, post=post).status_code == 404


@_named(TO_SOMETHING)
def test_another_colleges_things_are_not_found_by_guessing(
    name: str, route: str, world: World, ours: dict[str, Any]
) -> None:
    address = _address(route, _values(name, ours))
    for client in _strangers(world):
        for post in (False, True):
            answer = _knock(client, address, post=post)
            assert answer.status_code in SHUT, (post, answer.status_code)
            assert _leaks(answer) == []


@_named(LISTS)
def test_lists_searches_and_choosers_hold_only_ones_own(
    name: str, route: str, world: World, ours: dict[str, Any]
) -> None:
    page, branch = ours["page_id"], ours["parent_page_id"]
    words = quote(DRAFT[:4])
    queries = [
        "",
        f"?q={words}",
        f"?search={words}",
        f"?q={words}&page_type=wagtailcore.page&p=1",
        f"?id={page}",
        f"?id={page}&id={ours['image_id']}",
        f"?id={ours['image_id']}",
        f"?id={ours['document_id']}",
        f"?child_of={branch}",
        f"?descendant_of={branch}&fields=*",
        f"?ancestor_of={page}",
        f"?translation_of={page}",
        f"?slug={world.handed_in_page.slug}&fields=*",
        "?type=cms.CoursePage&fields=*&order=-id&limit=20",
        "?for_explorer=1&child_of=root",
        f"?collection_id={world.picture.collection_id}",
        f"?collection={world.picture.collection_id}&q=",
        f"?file_hash={world.picture.get_file_hash()}",
    ]
    for client in _strangers(world):
        for query in queries:
            answer = _knock(client, _address(route, {"media_type": "video"}) + query)
            assert answer.status_code < 500, (query, answer.status_code)
            assert _leaks(answer) == [], query


# Part of an address beside one's own page: what it names must be looked for below that page.
BESIDE = [
    door
    for door in OPEN
    if "page_id" in _parts(door[1]) and set(_parts(door[1])) & {"revision_id", "task_state_id", "workflow_state_id"}
]


@_named(BESIDE)
def test_ones_own_page_does_not_lead_to_anothers_versions(
    name: str, route: str, world: World, ours: dict[str, Any]
) -> None:
    own = CollegePage.objects.exclude(organisation=world.college).order_by("pk")
    author = world.theirs[Role.COLLEGE_AUTHOR]
    theirs = User.objects.get(pk=author.session["_auth_user_id"])
    page = cms.handed_in_course(theirs, title="邻校的课")
    assert own.filter(organisation=page.college).exists()
    for client in _strangers(world):
        for post in (False, True):
            answer = _knock(client, _address(route, {**ours, "page_id": page.pk}), post=post)
            assert answer.status_code < 500
            assert _leaks(answer) == []
    assert CoursePage.objects.get(pk=world.handed_in_page.pk).workflow_in_progress


def test_comparing_ones_own_page_with_anothers_version(world: World, ours: dict[str, Any]) -> None:
    theirs = User.objects.get(pk=world.theirs[Role.COLLEGE_AUTHOR].session["_auth_user_id"])
    page = cms.drafted_course(theirs, title="邻校的课")
    address = f"/cms/admin/pages/{page.pk}/revisions/compare/{ours['revision_id']}...{page.latest_revision_id}/"
    assert _knock(world.theirs[Role.COLLEGE_AUTHOR], address).status_code == 404


def test_anothers_editing_session_can_not_be_ended(world: World, ours: dict[str, Any]) -> None:
    world.theirs[Role.COLLEGE_AUTHOR].post(f"/cms/admin/editing-sessions/release/{ours['session_id']}/")
    assert EditingSession.objects.filter(pk=ours["session_id"]).exists()


@pytest.mark.parametrize("action", ["delete", "move", "publish", "unpublish", "add_to_collection", "add_tags"])
@pytest.mark.parametrize(
    "model", ["wagtailcore/page", "wagtailimages/image", "wagtaildocs/document", "cms/coursemedia"]
)
def test_bulk_actions_are_shut(action: str, model: str, world: World, ours: dict[str, Any]) -> None:
    app, _slash, kind = model.partition("/")
    address = f"/cms/admin/bulk/{app}/{kind}/{action}/?id={ours['page_id']}&id={ours['image_id']}"
    for client in _strangers(world):
        for post in (False, True):
            assert _knock(client, address, post=post).status_code in SHUT


def test_files_are_not_found_by_their_names(world: World) -> None:
    """A stored file's name can be guessed; pictures in other sizes follow from it."""
    rendition = world.picture.get_rendition("width-40")
    names = [world.picture.file.name, rendition.file.name, world.hand_out.file.name, world.media.file.name]
    names += [world.media.thumbnail.name, f"original_{world.picture.file.name}"]
    for client in _strangers(world):
        for name in names:
            for address in (f"/cms/files/{name}", f"/media/{name}", f"/cms/documents/{world.hand_out.pk}/{name}"):
                answer = client.get(address)
                assert answer.status_code in SHUT, address
                assert _leaks(answer) == [] or answer.status_code == 404


def test_files_take_no_tags(world: World) -> None:
    """Wagtail would show the words one college tags its files with to all the others."""
    author, posted = world.ours[Role.COLLEGE_AUTHOR], {"title": "图片", "tags": "未公开的专题"}
    for app, item in (("images", world.picture), ("documents/edit", world.hand_out), ("media/edit", world.media)):
        address = f"/cms/admin/{app}/{item.pk}/"
        assert 'name="tags"' not in author.get(address).content.decode()
        with transaction.atomic():
            author.post(address, {**posted, "collection": item.collection_id, "captions": ""})
            assert not item.tags.exists()
            transaction.set_rollback(True)


def test_every_part_of_an_open_address_is_known() -> None:
    from cms.guard import FILE_ARGUMENTS, HARMLESS_ARGUMENTS, PAGE_ARGUMENTS

    known = HARMLESS_ARGUMENTS.union(PAGE_ARGUMENTS, FILE_ARGUMENTS)
    assert {part for _name, route in OPEN for part in _parts(route)} <= known
