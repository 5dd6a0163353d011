"""What changed, for whoever decides and for people who are learning: what the frozen release and the draft really hold."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from wagtail.images.models import Image

from cms.models import CollegePage, CoursePage
from cms.services import approve, return_with_comment, revise_course_page, submit_for_approval
from cms.sheets import sheet_of_page, sheet_of_release
from courses.catalogue.models import Release
from lms.people.models import User
from lms.rules.differences import compare
from lms.rules.refusals import Refusal
from tests.factories import learning, people
from tests.factories.catalogue import a_college
from tests.factories.cms import (
    NOW,
    a_course,
    a_picture,
    a_reading,
    acting_as,
    approver,
    author,
    drafted_course,
    submitted_course,
)
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _policy(db: None) -> None:
    # Wagtail remembers renditions by the picture's key, and keys begin anew with each test.
    cache.clear()
    packs_loaded()


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _reading(words: str, *more: dict[str, Any]) -> Any:
    reading = a_reading(45)
    return type(reading)(reading.title, (*reading.blocks, {"type": "paragraph", "text": words}, *more))


def _second(page: CoursePage, writer: User, words: str = "每 15 分钟巡视一次。", **fields: Any) -> CoursePage:
    """The course written anew and before the bureau."""
    content = a_course(_reading(words), **{"title": page.title, "notes": "巡视间隔改了", **fields})
    page = revise_course_page(page=page, content=content, actor=acting_as(writer), now=NOW)
    return submit_for_approval(page=page, actor=acting_as(writer), now=NOW)


def _first(writer: User, officer: User, *more: dict[str, Any]) -> tuple[CoursePage, Release]:
    page = submitted_course(writer, _reading("每 30 分钟巡视一次。", *more))
    release = approve(page=page, actor=acting_as(officer), now=NOW)
    assert release is not None
    return CoursePage.objects.get(pk=page.pk), release


def test_a_draft_that_was_just_released_does_not_differ_from_its_release() -> None:
    writer, officer = author(), approver()
    collection = CollegePage.objects.get(organisation=writer.memberships.get().organisation).collection
    image = Image.objects.create(title="睡姿", file=a_picture(), collection=collection)
    picture = {"type": "image", "image": image.pk, "description": "睡姿", "caption": "图一"}
    page, release = _first(writer, officer, picture)
    assert not compare(sheet_of_release(release), sheet_of_page(page.get_latest_revision_as_object()))


def test_another_picture_of_the_same_name_is_a_difference() -> None:
    writer, officer = author(), approver()
    collection = CollegePage.objects.get(organisation=writer.memberships.get().organisation).collection
    one = Image.objects.create(title="睡姿", file=a_picture(), collection=collection)
    page, release = _first(writer, officer, {"type": "image", "image": one.pk, "description": "睡姿", "caption": ""})
    other = Image.objects.create(title="睡姿", file=a_picture(colour=(200, 10, 10)), collection=collection)
    more = {"type": "image", "image": other.pk, "description": "睡姿", "caption": ""}
    content = a_course(_reading("每 30 分钟巡视一次。", more), title=page.title)
    page = revise_course_page(page=page, content=content, actor=acting_as(writer), now=NOW)
    assert compare(sheet_of_release(release), sheet_of_page(page.get_latest_revision_as_object())).lessons


def test_the_approver_reads_what_changed() -> None:
    writer, officer = author(), approver()
    page, _release = _first(writer, officer)
    page = _second(page, writer, summary="新的简介。")
    client = _client(officer)
    approval = client.get(reverse("cms:approval", args=[page.pk])).content.decode()
    assert reverse("cms:differences", args=[page.pk]) in approval
    assert "巡视间隔改了" in approval
    shown = client.get(reverse("cms:differences", args=[page.pk])).content.decode()
    assert "<ins>新的简介。</ins>" in shown
    assert "<del>30</del>" in shown or "<del>每 30" in shown or "<ins>15</ins>" in shown
    assert "第 1 版" in shown


def test_handed_in_again_the_approver_compares_with_what_he_sent_back() -> None:
    writer, officer = author(), approver()
    page = submitted_course(writer, _reading("每 30 分钟巡视一次。"))
    page = return_with_comment(page=page, comment="太久", actor=acting_as(officer), now=NOW)
    page = _second(page, writer)
    shown = _client(officer).get(reverse("cms:differences", args=[page.pk])).content.decode()
    assert "退回时的稿子" in shown
    assert "有改动" in shown


def test_there_is_nothing_to_compare_a_first_draft_with() -> None:
    writer = author()
    page = drafted_course(writer)
    shown = _client(writer).get(reverse("cms:differences", args=[page.pk])).content.decode()
    assert "还没有可以比较的稿子" in shown


@pytest.mark.parametrize("wanted", ["99999999", "x", "release"])
def test_what_is_not_the_courses_own_is_not_found(wanted: str) -> None:
    writer = author()
    page = drafted_course(writer)
    address = reverse("cms:differences", args=[page.pk]) + f"?from={wanted}"
    assert _client(writer).get(address).status_code == 404


def test_another_college_and_region_find_nothing() -> None:
    writer, officer = author(), approver()
    page, _release = _first(writer, officer)
    address = reverse("cms:differences", args=[page.pk])
    assert _client(author(a_college())).get(address).status_code == 404
    assert _client(approver("110000")).get(address).status_code == 404


def test_a_new_version_says_what_is_new() -> None:
    writer, officer = author(), approver()
    page, _release = _first(writer, officer)
    for notes in ("", "  "):
        with pytest.raises(Refusal) as refused:
            _second(page, writer, notes=notes)
        assert (refused.value.code, refused.value.field) == ("notes_required", "notes")
    approve(page=_second(page, writer), actor=acting_as(officer), now=NOW)
    page = CoursePage.objects.get(pk=page.pk)
    with pytest.raises(Refusal):
        # The same words again say nothing of this version.
        _second(page, writer, "每 10 分钟巡视一次。")


def test_a_learner_reads_what_changed_and_stays() -> None:
    writer, officer, learner = author(), approver(), people.practitioner()
    page, first = _first(writer, officer)
    assert learner.person is not None
    enrolment = learning.enrolled(learner.person, first, now=NOW)
    second = approve(page=_second(page, writer), actor=acting_as(officer), now=NOW + timedelta(days=1))
    assert second is not None
    client, address = _client(learner), reverse("cms:release-changes", args=[second.pk])
    shown = client.get(address).content.decode()
    assert "您学习的是第 1 版" in shown
    assert "巡视间隔改了" in shown
    assert reverse("learning:course", args=[enrolment.pk]) in shown
    own = client.get(reverse("cms:release-changes", args=[first.pk])).content.decode()
    assert "您学习的就是第 1 版" in own
    assert _client(people.practitioner()).get(address).status_code == 404


def test_pages_need_few_queries(django_assert_max_num_queries: Any) -> None:
    writer, officer, learner = author(), approver(), people.practitioner()
    page, first = _first(writer, officer)
    assert learner.person is not None
    learning.enrolled(learner.person, first, now=NOW)
    second = approve(page=_second(page, writer), actor=acting_as(officer), now=NOW + timedelta(days=1))
    assert second is not None
    for user, name, key in (
        (officer, "cms:differences", page.pk),
        (learner, "cms:release-changes", second.pk),
    ):
        client, address = _client(user), reverse(name, args=[key])
        client.get(address)
        with django_assert_max_num_queries(15):
            assert client.get(address).status_code == 200


def test_the_editors_own_comparison_reads_in_chinese() -> None:
    writer, officer = author(), approver()
    page, _release = _first(writer, officer)
    page = _second(page, writer)
    revisions = list(page.revisions.order_by("pk").values_list("pk", flat=True))
    address = reverse("wagtailadmin_pages:revisions_compare", args=[page.pk, revisions[0], revisions[-1]])
    assert "课节" in _client(writer).get(address).content.decode()
