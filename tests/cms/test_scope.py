"""A college sees and edits its own branch and its own files; nobody finds another's, by list, search, chooser or number."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.test.utils.form_data import nested_form_data, streamfield

from cms.models import CollegePage, CourseMedia, CoursePage
from cms.services import add_video, submit_for_approval
from lms.people.models import Organisation, User
from tests.factories.catalogue import a_college
from tests.factories.cms import (
    NOW,
    a_picture,
    a_video_file,
    acting_as,
    approver,
    author,
    drafted_course,
    editor_data,
    submitted_course,
)
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db
SECRET = "甲校尚未公开的课程"


@pytest.fixture(autouse=True)
def _policy(db: None) -> None:
    packs_loaded()


@pytest.fixture
def owner() -> User:
    return author(a_college("甲校"))


@pytest.fixture
def page(owner: User) -> CoursePage:
    return drafted_course(owner, title=SECRET)


@pytest.fixture
def stranger() -> Client:
    return _signed_in(author(a_college("乙校")))


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _branch(user: User) -> CollegePage:
    return CollegePage.objects.get(organisation=user.memberships.get().organisation)


def test_the_owner_reaches_editor_and_preview(owner: User, page: CoursePage) -> None:
    client = _signed_in(owner)
    editor = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk]))
    assert editor.status_code == 200
    assert SECRET in editor.content.decode()
    assert "action-publish" not in editor.content.decode()
    assert client.get(reverse("cms:preview", args=[page.pk])).status_code == 200
    assert client.get(reverse("wagtailadmin_explore", args=[_branch(owner).pk])).status_code == 200


@pytest.mark.parametrize(
    "name",
    ["edit", "history", "usage", "view_draft", "delete", "revisions_index", "workflow_history"],
)
def test_another_draft_is_not_found_by_its_number(page: CoursePage, stranger: Client, name: str) -> None:
    assert stranger.get(reverse(f"wagtailadmin_pages:{name}", args=[page.pk])).status_code == 404


def test_another_draft_is_in_no_list(page: CoursePage, stranger: Client) -> None:
    addresses = [
        reverse("wagtailadmin_home"),
        reverse("wagtailadmin_explore_root"),
        reverse("wagtailadmin_pages:search") + "?q=尚未公开",
        reverse("wagtailadmin_choose_page") + "?page_type=wagtailcore.page",
        reverse("wagtailadmin_api:pages:listing"),
        reverse("cms:workbench"),
    ]
    for address in addresses:
        answer = stranger.get(address, follow=True)
        assert answer.status_code == 200, address
        assert SECRET.encode() not in answer.content, address
        assert SECRET.encode("unicode-escape") not in answer.content, address


def test_another_branch_can_not_be_opened_or_written_in(owner: User, page: CoursePage, stranger: Client) -> None:
    branch = _branch(owner)
    for address in (
        reverse("wagtailadmin_explore", args=[branch.pk]),
        reverse("wagtailadmin_choose_page_child", args=[branch.pk]),
        reverse("wagtailadmin_pages:add", args=["cms", "coursepage", branch.pk]),
        reverse("wagtailadmin_pages:add_subpage", args=[branch.pk]),
        reverse("cms:preview", args=[page.pk]),
        reverse("cms:withdraw", args=[page.pk]),
    ):
        assert stranger.get(address).status_code in {403, 404}, address
    assert stranger.post(reverse("cms:submit", args=[page.pk])).status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "wagtailadmin_reports:site_history",
        "wagtailadmin_reports:workflow",
        "wagtailadmin_reports:aging_pages",
        "wagtailadmin_workflows:index",
        "wagtailusers_users:index",
        "wagtailadmin_collections:index",
        "wagtailadmin_choose_page_chosen_multiple",
    ],
)
def test_screens_nobody_needs_do_not_exist(stranger: Client, name: str) -> None:
    assert stranger.get(reverse(name)).status_code == 404


def test_the_editors_account_page_leads_to_the_profile(stranger: Client) -> None:
    answer = stranger.get(reverse("wagtailadmin_account"))
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("people:profile"))


def test_images_documents_and_videos_stay_at_home(owner: User, stranger: Client) -> None:
    collection = _branch(owner).collection
    image = Image.objects.create(title="甲校图片", file=a_picture(), collection=collection)
    document = Document.objects.create(title="甲校讲义", file=a_picture("x.pdf"), collection=collection)
    media = add_video(
        college=Organisation.objects.get(name="甲校"),
        title="甲校视频",
        file=a_video_file(),
        actor=acting_as(owner),
        now=NOW,
    )
    for address in (
        reverse("wagtailimages:index"),
        reverse("wagtaildocs:index"),
        reverse("cms:recordings"),
        reverse("wagtailimages_chooser:choose"),
        reverse("wagtaildocs_chooser:choose"),
        reverse("wagtailmedia:chooser_typed", args=["video"]),
    ):
        answer = stranger.get(address)
        assert answer.status_code == 200, address
        for title in ("甲校图片", "甲校讲义", "甲校视频"):
            assert title.encode() not in answer.content, address
            assert title.encode("unicode-escape") not in answer.content, address
    for address in (
        reverse("wagtailimages:edit", args=[image.pk]),
        reverse("wagtailimages:preview", args=[image.pk, "width-100"]),
        reverse("wagtailimages_chooser:chosen", args=[image.pk]),
        reverse("wagtailimages_chooser:chosen_multiple") + f"?id={image.pk}",
        reverse("wagtaildocs:edit", args=[document.pk]),
        reverse("wagtaildocs_chooser:chosen", args=[document.pk]),
        reverse("wagtailmedia:edit", args=[media.pk]),
        reverse("wagtailmedia:media_chosen", args=[media.pk]),
        reverse("wagtailmedia:media_usage", args=[media.pk]),
        reverse("cms:file", args=[image.file.name]),
        reverse("cms:file", args=[document.file.name]),
        reverse("cms:file", args=[media.file.name]),
        reverse("cms:file", args=[media.thumbnail.name]),
        reverse("cms:captions", args=[media.pk]),
    ):
        assert stranger.get(address).status_code == 404, address
        assert _signed_in(owner).get(address).status_code == 200, address


def test_files_can_be_wound(owner: User) -> None:
    media = add_video(
        college=Organisation.objects.get(name="甲校"),
        title="视频",
        file=a_video_file(),
        actor=acting_as(owner),
        now=NOW,
    )
    client, address = _signed_in(owner), reverse("cms:file", args=[media.file.name])
    part = client.get(address, headers={"Range": "bytes=10-19"})
    assert part.status_code == 206
    assert b"".join(part.streaming_content) == media.file.open("rb").read()[10:20]
    assert client.get(address, headers={"Range": "bytes=99999999-"}).status_code == 416
    assert Client().get(address).status_code == 302


def test_a_foreign_image_slipped_into_the_form_is_refused(owner: User) -> None:
    other = author(a_college("丙校"))
    image = Image.objects.create(title="丙校图片", file=a_picture(), collection=_branch(other).collection)
    page = drafted_course(owner, cover_id=image.pk)
    from lms.rules.refusals import Refusal

    with pytest.raises(Refusal) as refused:
        submit_for_approval(page=page, actor=acting_as(owner), now=NOW)
    assert refused.value.code == "foreign_file"


@pytest.mark.parametrize("wrong", [{}, {"class_hours": "many"}])
def test_a_form_shown_again_does_not_name_a_foreign_image(owner: User, wrong: dict[str, str]) -> None:
    image = Image.objects.create(
        title="丙校的秘密图片", file=a_picture(), collection=_branch(author(a_college("丙校"))).collection
    )
    page, client = drafted_course(owner), _signed_in(owner)
    picture = {"image": str(image.pk), "description": "x", "caption": ""}
    reading = ("reading", {"title": "阅读", "minutes": "", "body": streamfield([("image", picture)])})
    edit, new = reverse("wagtailadmin_pages:edit", args=[page.pk]), reverse("cms:text-new")
    text = nested_form_data({"title": "" if wrong else "配图", "body": streamfield([("image", picture)])})
    for address, data in (
        (edit, editor_data(page, cover=str(image.pk), **wrong)),
        (edit, editor_data(page, reading, **wrong)),
        (new, dict(text)),
    ):
        response = client.post(address, data)
        assert response.status_code == 404
        assert image.title not in response.content.decode()


def test_the_regions_approver_reads_what_is_under_review_and_nothing_before(owner: User, page: CoursePage) -> None:
    officer, elsewhere = _signed_in(approver()), _signed_in(approver("110000"))
    for client in (officer, elsewhere):
        assert client.get(reverse("cms:preview", args=[page.pk])).status_code == 404
        assert client.get(reverse("cms:approval", args=[page.pk])).status_code == 404
    submit_for_approval(page=page, actor=acting_as(owner), now=timezone.now())
    assert officer.get(reverse("cms:approval", args=[page.pk])).status_code == 200
    assert officer.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).status_code == 200
    assert SECRET in officer.get(reverse("cms:approvals")).content.decode()
    assert elsewhere.get(reverse("cms:approval", args=[page.pk])).status_code == 404
    assert elsewhere.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).status_code == 404
    assert SECRET not in elsewhere.get(reverse("cms:approvals")).content.decode()


def test_a_role_that_ended_opens_nothing(owner: User, page: CoursePage) -> None:
    from cms.access import sync_groups

    owner.memberships.update(to_at=NOW)
    sync_groups(owner, timezone.now())
    client = _signed_in(owner)
    assert not owner.groups.exists()
    assert client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).status_code == 404
    assert client.get(reverse("cms:workbench")).status_code in {302, 403}


def test_under_review_the_college_can_not_change_it(owner: User) -> None:
    page = submitted_course(owner, title="已提交")
    client = _signed_in(owner)
    client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), editor_data(page, title="改过"))
    assert CoursePage.objects.get(pk=page.pk).draft_title == "已提交"


def test_the_media_model_is_ours() -> None:
    from wagtailmedia.models import get_media_model

    assert get_media_model() is CourseMedia
