"""Writing a course in the browser: the editor's own form, its arithmetic, submission and decision."""

import pytest
from django.test import Client
from django.urls import reverse

from cms.models import CollegePage, CoursePage
from courses.catalogue.models import Release
from lms.people.models import User
from tests.factories.catalogue import a_college
from tests.factories.cms import a_reading, approver, author, drafted_course, editor_data, submitted_course, text_of
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _policy(db: None) -> None:
    packs_loaded()


@pytest.fixture
def writer() -> User:
    return author()


@pytest.fixture
def client(writer: User) -> Client:
    client = Client()
    client.force_login(writer)
    return client


def _add_address(writer: User) -> str:
    branch = CollegePage.objects.get(organisation=writer.memberships.get().organisation)
    return reverse("wagtailadmin_pages:add", args=["cms", "coursepage", branch.pk])


def _officer() -> Client:
    client = Client()
    client.force_login(approver())
    return client


def test_a_draft_may_be_unfinished(client: Client, writer: User) -> None:
    assert client.get(_add_address(writer)).status_code == 200
    client.post(_add_address(writer), editor_data(class_hours="", summary=""))
    page = CoursePage.objects.get()
    assert not page.live
    assert page.college == writer.memberships.get().organisation


def test_submitting_too_large_a_claim_stays_in_the_form_and_names_both_figures(client: Client, writer: User) -> None:
    page = drafted_course(writer)
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    answer = client.post(address, {**editor_data(page, class_hours="2.0"), "action-submit": "1"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "需要 90 分钟的内容" in text
    assert "现有内容只有 1 分钟" in text
    assert not CoursePage.objects.get(pk=page.pk).workflow_in_progress


def test_submitting_from_the_editor_puts_it_before_the_bureau(client: Client, writer: User) -> None:
    page = drafted_course(writer)
    long_enough = ("reading", {"title": "阅读", "minutes": "", "body": _paragraphs(45)})
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    client.post(address, {**editor_data(page, long_enough), "action-submit": "1"})
    assert CoursePage.objects.get(pk=page.pk).workflow_in_progress


def test_an_author_can_not_publish_by_asking_for_it(client: Client, writer: User) -> None:
    page = drafted_course(writer)
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    client.post(address, {**editor_data(page), "action-publish": "1"})
    assert not CoursePage.objects.get(pk=page.pk).live
    assert not Release.objects.exists()


def test_the_arithmetic_follows_the_form(client: Client, writer: User) -> None:
    page = drafted_course(writer, a_reading(45))
    editor = reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert "申报 1.0 学时（45 分钟），内容 45 分钟：可以" in client.get(editor).content.decode()
    answer = client.post(reverse("cms:hours") + f"?editor={editor}", editor_data(page, class_hours="3"))
    assert "申报 3 学时需要 135 分钟，内容只有 1 分钟：不可以" in answer.content.decode()
    answer = client.post(reverse("cms:hours") + f"?editor={_add_address(writer)}", editor_data(class_hours="0.5"))
    assert answer.status_code == 200
    assert CoursePage.objects.get(pk=page.pk).get_latest_revision_as_object().class_hours == 1


def test_the_arithmetic_of_anothers_course_is_not_told(client: Client) -> None:
    page = drafted_course(author(a_college()))
    editor = reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert client.post(reverse("cms:hours") + f"?editor={editor}", editor_data(page)).status_code == 404


def test_an_approver_comments_but_changes_nothing(writer: User) -> None:
    page = submitted_course(writer)
    officer = _officer()
    officer.post(
        reverse("wagtailadmin_pages:edit", args=[page.pk]), editor_data(page, title="审批员改的", class_hours="9")
    )
    latest = CoursePage.objects.get(pk=page.pk).get_latest_revision_as_object()
    assert (latest.title, latest.class_hours) == (page.title, page.class_hours)


def test_the_bureaus_page_approves(writer: User) -> None:
    page = submitted_course(writer)
    answer = _officer().post(reverse("cms:approval", args=[page.pk]), {"approve": "1", "comment": "很好"}, follow=True)
    assert "第 1 版已发布" in answer.content.decode()
    assert Release.objects.get().course_id == page.course_id


def test_the_bureaus_page_returns_only_with_a_comment(client: Client, writer: User) -> None:
    page = submitted_course(writer)
    officer = _officer()
    answer = officer.post(reverse("cms:approval", args=[page.pk]), {"return": "1", "comment": ""})
    assert "退回时请写明需要修改的地方" in answer.content.decode()
    officer.post(reverse("cms:approval", args=[page.pk]), {"return": "1", "comment": "请补充巡视间隔"})
    assert "请补充巡视间隔" in client.get(reverse("cms:workbench")).content.decode()
    client.post(reverse("cms:submit", args=[page.pk]))
    assert CoursePage.objects.get(pk=page.pk).workflow_in_progress


def test_approving_in_wagtails_own_screen_releases_too(writer: User) -> None:
    page = submitted_course(writer)
    state = page.current_workflow_task_state
    address = reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "approve", state.pk])
    _officer().post(address, {"comment": ""})
    assert Release.objects.get().course_id == page.course_id


def test_an_author_does_not_approve_in_wagtails_own_screen(client: Client, writer: User) -> None:
    page = submitted_course(writer)
    state = page.current_workflow_task_state
    client.post(reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "approve", state.pk]), {"comment": ""})
    assert not Release.objects.exists()
    assert CoursePage.objects.get(pk=page.pk).workflow_in_progress


def test_the_editors_preview_shows_the_course_as_a_learner_meets_it(client: Client, writer: User) -> None:
    page = drafted_course(writer)
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk])
    assert client.post(address, editor_data(page, title="预览名称")).json()["is_valid"]
    shown = client.get(address)
    assert shown.status_code == 200
    assert "预览名称" in shown.content.decode()


def test_wagtails_own_sign_in_leads_to_ours() -> None:
    answer = Client().get("/cms/admin/login/?next=/cms/admin/")
    assert (answer.status_code, answer["Location"]) == (302, reverse("account_login") + "?next=/cms/admin/")
    assert Client().post("/cms/admin/login/", {"username": "a", "password": "b"}).status_code == 302
    assert Client().get("/cms/admin/password_reset/").status_code == 404


def test_the_workbench_needs_few_queries_however_many_courses(
    client: Client, writer: User, django_assert_max_num_queries: object
) -> None:
    for number in range(6):
        drafted_course(writer, title=f"课程{number}")
    submitted_course(writer)
    client.get(reverse("cms:workbench"))
    with django_assert_max_num_queries(15):  # type: ignore[operator]
        assert client.get(reverse("cms:workbench")).status_code == 200


def test_the_queue_needs_few_queries_however_many_courses(writer: User, django_assert_max_num_queries: object) -> None:
    for _number in range(4):
        submitted_course(writer)
    officer = _officer()
    officer.get(reverse("cms:approvals"))
    with django_assert_max_num_queries(15):  # type: ignore[operator]
        assert officer.get(reverse("cms:approvals")).status_code == 200


def _paragraphs(minutes: int) -> object:
    from wagtail.test.utils.form_data import rich_text, streamfield

    return streamfield([("paragraph", rich_text(f"<p>{text_of(minutes)}</p>"))])
