"""Handed in, forwarded by the college's publisher, decided by the bureau: each step by those who may, once, and told."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from wagtail.models import Comment
from wagtail.users.models import UserProfile

from cms.models import BureauApprovalTask, CollegeReviewTask, CoursePage
from cms.services import approve, forward, recall, return_with_comment, revise_course_page, submit_for_approval
from courses.catalogue.models import Release
from lms.audit.models import AuditEvent
from lms.people.models import Letter, User
from lms.rules.refusals import Refusal
from tests.factories.catalogue import a_college
from tests.factories.cms import (
    NOW,
    a_course,
    acting_as,
    approver,
    author,
    drafted_course,
    editor_data,
    handed_in_course,
    publisher,
)
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _policy(db: None) -> None:
    packs_loaded()


@pytest.fixture
def writer() -> User:
    """An author of a college that has a publisher."""
    writer = author()
    publisher(writer.memberships.get().organisation)
    return writer


@pytest.fixture
def chief(writer: User) -> User:
    """The publisher of the writer's college."""
    return User.objects.get(memberships__organisation=_college(writer), memberships__role="college_publisher")


def _college(user: User) -> Any:
    return user.memberships.get().organisation


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _step(page: CoursePage) -> type:
    return type(CoursePage.objects.get(pk=page.pk).current_workflow_task)


def _refused(verb: Any, **kwargs: Any) -> Refusal:
    with pytest.raises(Refusal) as refused:
        verb(now=NOW, **kwargs)
    return refused.value


def test_the_publisher_stands_between_author_and_bureau(writer: User, chief: User) -> None:
    officer = approver()
    page = handed_in_course(writer)
    assert _step(page) is CollegeReviewTask
    assert not officer.inbox.exists()
    assert _refused(approve, page=page, actor=acting_as(officer)).code == "not_under_review"
    page = forward(page=page, actor=acting_as(chief), now=NOW, comment="内容已核对")
    assert _step(page) is BureauApprovalTask
    release = approve(page=page, actor=acting_as(officer), now=NOW)
    assert release is not None
    verbs = (
        AuditEvent.objects.filter(verb__startswith="course.").order_by("at", "id").values_list("verb", "actor_label")
    )
    assert list(verbs)[1:4] == [
        ("course.submitted", writer.username),
        ("course.forwarded", chief.username),
        ("course.approved", officer.username),
    ]


def test_each_step_is_told_to_those_it_waits_for_and_by_mail(writer: User, chief: User) -> None:
    officer = approver()
    for user in (writer, chief, officer):
        User.objects.filter(pk=user.pk).update(email=f"{user.username}@example.org")
    page = handed_in_course(writer)
    assert list(chief.inbox.values_list("code", "url")) == [
        ("course.to_forward", reverse("cms:review", args=[page.pk]))
    ]
    assert not writer.inbox.exists()
    forward(page=page, actor=acting_as(chief), now=NOW)
    assert list(officer.inbox.values_list("code", flat=True)) == ["course.submitted"]
    assert list(writer.inbox.values_list("code", flat=True)) == ["course.forwarded"]
    return_with_comment(page=page, comment="请补充巡视间隔", actor=acting_as(officer), now=NOW)
    assert set(writer.inbox.values_list("code", flat=True)) == {"course.forwarded", "course.returned"}
    assert Letter.objects.filter(message__user=writer).count() == 2
    assert Letter.objects.filter(message__user=officer).count() == 1


def test_wagtail_sends_no_mail_of_its_own(writer: User, mailoutbox: list[Any]) -> None:
    User.objects.filter(pk=writer.pk).update(email="author@example.org")
    profile = UserProfile.get_for_user(writer)
    assert not profile.submitted_notifications
    assert not profile.updated_comments_notifications
    handed_in_course(writer)
    assert not mailoutbox


def test_what_a_publisher_hands_in_goes_straight_to_the_bureau(chief: User) -> None:
    assert _step(handed_in_course(chief)) is BureauApprovalTask


def test_a_college_without_a_publisher_is_not_stuck() -> None:
    assert _step(handed_in_course(author())) is BureauApprovalTask


def test_a_publisher_who_left_answers_for_nothing(writer: User, chief: User) -> None:
    chief.memberships.update(to_at=NOW)
    assert _step(handed_in_course(writer)) is BureauApprovalTask


def test_sent_back_by_the_bureau_it_passes_the_publisher_again(writer: User, chief: User) -> None:
    officer = approver()
    page = forward(page=handed_in_course(writer), actor=acting_as(chief), now=NOW)
    page = return_with_comment(page=page, comment="请补充", actor=acting_as(officer), now=NOW)
    page = submit_for_approval(page=page, actor=acting_as(writer), now=NOW)
    assert _step(page) is CollegeReviewTask
    page = return_with_comment(page=page, comment="还缺出处", actor=acting_as(chief), now=NOW)
    page = submit_for_approval(page=page, actor=acting_as(writer), now=NOW)
    assert _step(page) is CollegeReviewTask
    page = forward(page=page, actor=acting_as(chief), now=NOW)
    assert _step(page) is BureauApprovalTask
    page = return_with_comment(page=page, comment="再看一次", actor=acting_as(officer), now=NOW)
    # Handed in by the publisher himself: nobody else in the college has to be asked.
    assert _step(submit_for_approval(page=page, actor=acting_as(chief), now=NOW)) is BureauApprovalTask


def test_forwarding_twice_is_refused(writer: User, chief: User) -> None:
    page = forward(page=handed_in_course(writer), actor=acting_as(chief), now=NOW)
    assert _refused(forward, page=page, actor=acting_as(chief)).code == "not_under_review"
    assert chief.inbox.filter(code="course.to_forward").count() == 1


def test_only_the_own_publisher_forwards(writer: User, chief: User) -> None:
    page, stranger = handed_in_course(writer), publisher(a_college())
    assert _refused(forward, page=page, actor=acting_as(writer)).status == 403
    assert _refused(forward, page=page, actor=acting_as(stranger)).status == 404
    assert _refused(return_with_comment, page=page, comment="x", actor=acting_as(stranger)).status == 404
    assert _step(page) is CollegeReviewTask


def test_returning_needs_a_reason(writer: User, chief: User) -> None:
    page = handed_in_course(writer)
    assert _refused(return_with_comment, page=page, comment=" ", actor=acting_as(chief)).code == "comment_required"


def test_at_the_colleges_step_the_publisher_mends_and_the_author_waits(writer: User, chief: User) -> None:
    page = handed_in_course(writer)
    mended: dict[str, Any] = {"page": page, "content": a_course(title="发布人改的")}
    assert _refused(revise_course_page, actor=acting_as(writer), **mended).code == "under_review"
    page = revise_course_page(actor=acting_as(chief), now=NOW, **mended)
    page = forward(page=page, actor=acting_as(chief), now=NOW)
    assert _refused(revise_course_page, actor=acting_as(chief), **mended).code == "under_review"
    release = approve(page=page, actor=acting_as(approver()), now=NOW)
    assert release is not None
    assert release.title == "发布人改的"


def test_the_same_in_the_editor(writer: User, chief: User) -> None:
    page = handed_in_course(writer)
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    _client(writer).post(address, editor_data(page, title="作者改的"))
    assert CoursePage.objects.get(pk=page.pk).draft_title == page.title
    _client(chief).post(address, editor_data(page, title="发布人改的"))
    assert CoursePage.objects.get(pk=page.pk).draft_title == "发布人改的"
    assert _step(page) is CollegeReviewTask


def test_a_submission_is_taken_back_at_either_step(writer: User, chief: User) -> None:
    officer = approver()
    page = recall(page=handed_in_course(writer), actor=acting_as(writer), now=NOW)
    assert not page.workflow_in_progress
    assert chief.inbox.filter(code="course.recalled").count() == 1
    page = submit_for_approval(page=page, actor=acting_as(writer), now=NOW)
    page = forward(page=page, actor=acting_as(chief), now=NOW)
    page = recall(page=page, actor=acting_as(chief), now=NOW)
    assert officer.inbox.filter(code="course.recalled").count() == 1
    assert AuditEvent.objects.filter(verb="course.recalled").count() == 2
    assert _refused(recall, page=page, actor=acting_as(writer)).code == "not_under_review"
    assert _refused(approve, page=page, actor=acting_as(officer)).code == "not_under_review"
    revise_course_page(page=page, content=a_course(), actor=acting_as(writer), now=NOW)


def test_nobody_takes_back_anothers_submission(writer: User) -> None:
    page = handed_in_course(writer)
    assert _refused(recall, page=page, actor=acting_as(author(a_college()))).status == 404
    assert _refused(recall, page=page, actor=acting_as(approver())).status == 403


def test_in_the_editor_taking_back_is_told_too(writer: User, chief: User) -> None:
    page = handed_in_course(writer)
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    _client(writer).post(address, {**editor_data(page), "action-cancel-workflow": "1"})
    assert not CoursePage.objects.get(pk=page.pk).workflow_in_progress
    assert chief.inbox.filter(code="course.recalled").count() == 1


def test_wagtails_own_buttons_forward_and_return(writer: User, chief: User) -> None:
    page = handed_in_course(writer)
    for who, word, step in ((chief, "approve", BureauApprovalTask),):
        state = page.current_workflow_task_state
        address = reverse("wagtailadmin_pages:workflow_action", args=[page.pk, word, state.pk])
        _client(writer).post(address, {"comment": ""})
        assert _step(page) is CollegeReviewTask
        _client(who).post(address, {"comment": ""})
        assert _step(page) is step


def test_who_hands_in_lands_at_the_workbench(writer: User) -> None:
    page = drafted_course(writer)
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    client = _client(writer)
    data = {**editor_data(page, class_hours="0.1", title="交上去"), "action-submit": "1"}
    from tests.cms.test_editor import _paragraphs

    data |= editor_data(page, ("reading", {"title": "阅读", "minutes": "", "body": _paragraphs(45)}))
    answer = client.post(address, {**data, "action-submit": "1"}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("cms:workbench")
    text = answer.content.decode()
    assert "已提交审批" in text
    assert "院校复核中" in text
    assert "moderation" not in text


def test_the_publishers_pages(writer: User, chief: User) -> None:
    page = handed_in_course(writer, title="待复核的课")
    desk = _client(chief).get(reverse("cms:workbench") + "?show=review").content.decode()
    assert "待复核的课" in desk
    address = reverse("cms:review", args=[page.pk])
    assert _client(writer).get(address).status_code == 403
    assert _client(publisher(a_college())).get(address).status_code == 404
    answer = _client(chief).post(address, {"return": "1", "comment": ""})
    assert "退回时请写明需要修改的地方" in answer.content.decode()
    _client(chief).post(address, {"approve": "1", "comment": "可以"})
    assert _step(page) is BureauApprovalTask
    assert "现在不在这一步审批中" in _client(chief).get(address).content.decode()


def test_before_the_college_forwards_the_bureau_finds_nothing(writer: User) -> None:
    page = handed_in_course(writer)
    officer = _client(approver())
    for name in ("cms:approval", "cms:preview", "cms:differences"):
        assert officer.get(reverse(name, args=[page.pk])).status_code == 404


def test_comments_in_place_are_read_by_the_next(writer: User, chief: User) -> None:
    page = handed_in_course(writer)
    lesson = page.get_latest_revision_as_object().lessons[0]
    comment = {"page": page, "user": chief, "position": ""}
    Comment.objects.create(text="这里缺出处", contentpath=f"lessons.{lesson.id}.title", **comment)
    Comment.objects.create(text="简介太短", contentpath="summary", **comment)
    shown = _client(chief).get(reverse("cms:review", args=[page.pk])).content.decode()
    assert "这里缺出处" in shown
    assert "睡眠环境的三条底线" in shown
    assert "简介 ·" in shown
    forward(page=page, actor=acting_as(chief), now=NOW)
    assert "简介太短" in _client(approver()).get(reverse("cms:approval", args=[page.pk])).content.decode()
    assert "有 2 条批注待处理" in _client(writer).get(reverse("cms:workbench")).content.decode()


def test_a_superuser_does_not_publish_past_the_bureau(writer: User) -> None:
    root = User.objects.create_superuser("root")
    page = handed_in_course(writer)
    with pytest.raises(PermissionDenied):
        page.get_latest_revision().publish(user=root)
    with pytest.raises(Refusal) as refused:
        page.get_latest_revision().publish(user=root, skip_permission_checks=True)
    assert refused.value.code == "approval_required"
    assert not Release.objects.exists()


def test_two_publishers_forward_at_once(writer: User, chief: User) -> None:
    page = handed_in_course(writer)
    other = publisher(_college(writer))
    state = page.current_workflow_task_state
    forward(page=page, actor=acting_as(other), now=NOW)
    # The second still holds the page as it was.
    address = reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "approve", state.pk])
    _client(chief).post(address, {"comment": ""})
    assert _step(page) is BureauApprovalTask
    assert AuditEvent.objects.filter(verb="course.forwarded").count() == 1


def test_the_publishers_page_needs_few_queries(writer: User, chief: User, django_assert_max_num_queries: Any) -> None:
    page = handed_in_course(writer)
    client, address = _client(chief), reverse("cms:review", args=[page.pk])
    client.get(address)
    with django_assert_max_num_queries(15):
        assert client.get(address).status_code == 200
