"""Approving a course: the page goes live and its release is frozen, or neither."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest

from cms.models import CoursePage
from cms.services import approve, return_with_comment, revise_course_page, submit_for_approval
from courses.catalogue.models import Course, Lesson, Release
from lms.audit.models import AuditEvent
from lms.people.models import Membership, Role
from lms.rules.refusals import Refusal
from tests.factories.catalogue import a_college
from tests.factories.cms import (
    NOW,
    a_course,
    a_reading,
    acting_as,
    approved_course,
    approver,
    author,
    drafted_course,
    submitted_course,
)
from tests.factories.people import LONG_AGO
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _policy(db: None) -> None:
    packs_loaded()


def test_an_approved_course_is_live_and_released() -> None:
    writer, officer = author(), approver()
    page, release = approved_course(writer, officer)
    assert page.live
    assert not page.has_unpublished_changes
    assert release.course_id == page.course_id
    assert (release.number, release.class_hours, release.content_minutes) == (1, Decimal("1.0"), 45)
    assert release.approved_by == officer.username
    assert release.published_at == NOW
    verbs = list(AuditEvent.objects.filter(actor_label=officer.username).values_list("verb", flat=True))
    assert set(verbs) >= {"course.approved", "release.published"}


def test_the_release_holds_the_reading_as_html() -> None:
    reading = a_reading(45)
    blocks = (
        *reading.blocks,
        {"type": "heading", "text": "<b>三条</b>"},
        {"type": "list", "items": ("仰卧", "平床"), "ordered": True},
        {"type": "table", "caption": "对照", "header": ("情形", "做法"), "rows": (("怕着凉", "用睡袋"),)},
        {"type": "practice", "title": "走一遍", "minutes": 5, "steps": ("看", "记")},
    )
    page = submitted_course(author(), type(reading)("阅读", blocks))
    release = approve(page=page, actor=acting_as(approver()), now=NOW)
    assert release
    lesson = release.lessons.get()
    assert "&lt;b&gt;三条&lt;/b&gt;" in lesson.body
    for piece in ("<ol><li>仰卧</li>", "<td>用睡袋</td>", "练习 5 分钟"):
        assert piece in lesson.body
    assert lesson.seconds == 51 * 60  # 45 minutes and a begun one of text, 5 of practice


def test_a_second_approval_finds_the_case_closed() -> None:
    page, _release = approved_course()
    with pytest.raises(Refusal) as refused:
        approve(page=page, actor=acting_as(approver()), now=NOW)
    assert refused.value.code == "not_under_review"
    assert Release.objects.count() == 1


def test_an_edit_approved_again_is_release_two_and_leaves_the_first() -> None:
    writer, officer = author(), approver()
    page, first = approved_course(writer, officer)
    later = NOW + timedelta(days=30)
    page = revise_course_page(
        page=page, content=a_course(title="第二版", notes="换了名称"), actor=acting_as(writer), now=later
    )
    assert Release.objects.get().title == first.title
    submit_for_approval(page=page, actor=acting_as(writer), now=later)
    second = approve(page=page, actor=acting_as(officer), now=later)
    assert second
    assert (second.number, second.title, second.course_id) == (2, "第二版", first.course_id)
    assert Release.objects.get(number=1).title == first.title
    assert Course.objects.count() == 1


def test_an_author_may_not_approve() -> None:
    writer = author()
    page = submitted_course(writer)
    with pytest.raises(Refusal) as refused:
        approve(page=page, actor=acting_as(writer), now=NOW)
    assert refused.value.status == 403
    assert not Release.objects.exists()


@pytest.mark.parametrize("decide", [approve, partial(return_with_comment, comment="请修改")])
def test_nobody_decides_over_the_college_they_write_for(decide: Callable[..., object]) -> None:
    writer, officer = author(), approver()
    page = submitted_course(writer)
    Membership.objects.create(user=officer, organisation=page.college, role=Role.COLLEGE_PUBLISHER, from_at=LONG_AGO)
    with pytest.raises(Refusal) as refused:
        decide(page=page, actor=acting_as(officer), now=NOW)
    assert refused.value.code == "own_course"
    assert not Release.objects.exists()


def test_another_region_finds_nothing() -> None:
    page = submitted_course()
    with pytest.raises(Refusal) as refused:
        approve(page=page, actor=acting_as(approver("110000")), now=NOW)
    assert refused.value.status == 404
    assert not CoursePage.objects.get(pk=page.pk).live


def test_when_freezing_fails_nothing_is_published(monkeypatch: pytest.MonkeyPatch) -> None:
    page = submitted_course()

    def killed(*args: object, **kwargs: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(Lesson.objects, "bulk_create", killed)
    with pytest.raises(RuntimeError):
        approve(page=page, actor=acting_as(approver()), now=NOW)
    page = CoursePage.objects.get(pk=page.pk)
    assert not page.live
    assert page.workflow_in_progress
    assert not Release.objects.exists()


def test_no_way_to_publish_past_the_approval() -> None:
    page = drafted_course()
    with pytest.raises(Refusal) as refused:
        page.get_latest_revision().publish()
    assert refused.value.code == "approval_required"
    assert not Release.objects.exists()


def test_a_course_is_returned_with_a_comment_and_handed_in_again() -> None:
    writer, officer = author(), approver()
    page = submitted_course(writer)
    with pytest.raises(Refusal) as refused:
        return_with_comment(page=page, comment="  ", actor=acting_as(officer), now=NOW)
    assert refused.value.code == "comment_required"
    page = return_with_comment(page=page, comment="请补充巡视间隔", actor=acting_as(officer), now=NOW)
    assert page.current_workflow_state.status == "needs_changes"
    assert page.current_workflow_state.current_task_state.comment == "请补充巡视间隔"
    page = revise_course_page(page=page, content=a_course(), actor=acting_as(writer), now=NOW)
    page = submit_for_approval(page=page, actor=acting_as(writer), now=NOW)
    release = approve(page=page, actor=acting_as(officer), now=NOW)
    assert release
    assert release.number == 1


def test_submitting_what_claims_too_much_names_both_figures() -> None:
    writer = author()
    page = drafted_course(writer, class_hours=Decimal("8.0"))
    with pytest.raises(Refusal) as refused:
        submit_for_approval(page=page, actor=acting_as(writer), now=NOW)
    assert refused.value.code == "claims_too_much"
    assert "360" in str(refused.value)
    assert "45" in str(refused.value)


def test_submitting_twice_is_refused() -> None:
    writer = author()
    page = submitted_course(writer)
    with pytest.raises(Refusal) as refused:
        submit_for_approval(page=page, actor=acting_as(writer), now=NOW)
    assert refused.value.code == "under_review"


def test_another_college_can_neither_revise_nor_submit() -> None:
    page, stranger = drafted_course(), author(a_college())
    for verb, extra in ((submit_for_approval, {}), (revise_course_page, {"content": a_course()})):
        with pytest.raises(Refusal) as refused:
            verb(page=page, actor=acting_as(stranger), now=NOW, **extra)
        assert refused.value.status == 404


def test_bureau_and_college_are_told() -> None:
    writer, officer, elsewhere = author(), approver(), approver("110000")
    page = submitted_course(writer)
    assert list(officer.inbox.values_list("code", flat=True)) == ["course.submitted"]
    assert not elsewhere.inbox.exists()
    return_with_comment(page=page, comment="请补充巡视间隔", actor=acting_as(officer), now=NOW)
    news = writer.inbox.get(code="course.returned")
    assert news.body == "请补充巡视间隔"
    submit_for_approval(page=page, actor=acting_as(writer), now=NOW)
    approve(page=page, actor=acting_as(officer), now=NOW)
    assert writer.inbox.filter(code="course.approved").count() == 1
