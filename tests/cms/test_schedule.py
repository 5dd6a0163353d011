"""Approved for a later hour: frozen then and once, as approved by that approver; taken back, late, or no longer right."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Revision

from cms.models import CoursePage, ScheduledRelease
from cms.services import (
    approve,
    publish_due,
    publish_scheduled,
    recall,
    return_with_comment,
    revise_course_page,
    submit_for_approval,
    withdraw_expired,
)
from cms.timetable import sweep
from courses.assessment.models import Question
from courses.catalogue.models import Course, Release
from courses.catalogue.services import reopen_course
from lms.audit.models import AuditEvent
from lms.people.models import User
from lms.rules.refusals import NotAllowed, Refusal
from tests.factories import assessment
from tests.factories.cms import (
    NOW,
    a_course,
    a_reading,
    acting_as,
    approved_course,
    approver,
    author,
    submitted_course,
)
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db
HOUR = NOW + timedelta(days=3)


@pytest.fixture(autouse=True)
def _policy(db: None) -> None:
    packs_loaded()


@pytest.fixture
def writer() -> User:
    return author()


@pytest.fixture
def officer() -> User:
    return approver()


def _approved_for_later(writer: User, officer: User, **fields: Any) -> CoursePage:
    page = submitted_course(writer, go_live_at=HOUR, **fields)
    assert approve(page=page, actor=acting_as(officer), now=NOW) is None
    return CoursePage.objects.get(pk=page.pk)


def test_nothing_is_released_before_its_hour(writer: User, officer: User) -> None:
    page = _approved_for_later(writer, officer)
    assert not page.live
    assert page.scheduled_revision is not None
    assert publish_scheduled(now=HOUR - timedelta(seconds=1)) == 0
    assert not Release.objects.exists()
    assert writer.inbox.get(code="course.scheduled").body.startswith("将于 2026年3月5日")


def test_at_its_hour_it_is_frozen_as_approved_by_that_approver(writer: User, officer: User) -> None:
    page = _approved_for_later(writer, officer)
    # He has left the office meanwhile: what he approved stands.
    officer.memberships.update(to_at=NOW + timedelta(days=1))
    late = HOUR + timedelta(hours=5)
    assert publish_scheduled(now=late) == 1
    release = Release.objects.get()
    assert (release.approved_by, release.published_at) == (officer.username, late)
    page = CoursePage.objects.get(pk=page.pk)
    assert page.live
    assert page.scheduled_revision is None
    row = ScheduledRelease.objects.get()
    assert (row.outcome, row.ended_at) == ("published", late)
    event = AuditEvent.objects.get(verb="release.published")
    assert (event.actor_label, event.role) == (officer.username, "bureau_approver")
    assert writer.inbox.filter(code="course.approved").count() == 1


def test_two_workers_and_a_second_run_freeze_it_once(writer: User, officer: User) -> None:
    _approved_for_later(writer, officer)
    key = ScheduledRelease.objects.get().pk
    assert publish_due(schedule_id=key, now=HOUR) is not None
    assert publish_due(schedule_id=key, now=HOUR) is None
    assert publish_scheduled(now=HOUR) == 0
    assert Release.objects.count() == 1


def test_killed_while_freezing_it_is_taken_up_again(
    writer: User, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    _approved_for_later(writer, officer)
    from cms.services import schedule

    def killed(*args: object) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(schedule, "_go_live", killed)
        with pytest.raises(SystemExit):
            publish_scheduled(now=HOUR)
    assert not Release.objects.exists()
    assert publish_scheduled(now=HOUR + timedelta(seconds=1)) == 0
    assert publish_scheduled(now=HOUR + timedelta(seconds=schedule.HOLD_SECONDS + 1)) == 1


def test_the_approver_himself_is_told_when_it_no_longer_holds(writer: User, officer: User) -> None:
    college = writer.memberships.get().organisation
    versions = assessment.paper(3, assessment.bank(college, "题库"))
    from cms.content import QuizContent

    quiz = QuizContent("测验", versions[0].question.bank_id, 3, 20)
    page = submitted_course(writer, a_reading(45), quiz, go_live_at=HOUR)
    approve(page=page, actor=acting_as(officer), now=NOW)
    Question.objects.filter(pk=versions[0].question_id).update(retired=True)
    assert publish_scheduled(now=HOUR) == 0
    row = ScheduledRelease.objects.get()
    assert row.outcome == "refused"
    assert "要抽 3 题" in row.problem
    for user in (writer, officer):
        assert "要抽 3 题" in user.inbox.get(code="course.schedule_refused").body
    page = CoursePage.objects.get(pk=page.pk)
    assert page.scheduled_revision is None
    revise_course_page(page=page, content=a_course(), actor=acting_as(writer), now=HOUR)
    assert AuditEvent.objects.filter(verb="course.schedule_refused").count() == 1


def test_until_then_nobody_changes_it(writer: User, officer: User) -> None:
    page = _approved_for_later(writer, officer)
    for verb, extra in ((revise_course_page, {"content": a_course()}), (submit_for_approval, {})):
        with pytest.raises(Refusal) as refused:
            verb(page=page, actor=acting_as(writer), now=NOW, **extra)
        assert refused.value.code == "scheduled"


def test_the_college_takes_it_back(writer: User, officer: User) -> None:
    page = recall(page=_approved_for_later(writer, officer), actor=acting_as(writer), now=NOW)
    assert publish_scheduled(now=HOUR) == 0
    assert ScheduledRelease.objects.get().outcome == "cancelled"
    assert officer.inbox.filter(code="course.recalled").exists()
    page = submit_for_approval(page=page, actor=acting_as(writer), now=NOW)
    approve(page=page, actor=acting_as(officer), now=NOW)
    assert publish_scheduled(now=HOUR) == 1


def test_the_bureau_takes_its_approval_back(writer: User, officer: User) -> None:
    page = _approved_for_later(writer, officer)
    with pytest.raises(Refusal) as refused:
        return_with_comment(page=page, comment="", actor=acting_as(officer), now=NOW)
    assert refused.value.code == "comment_required"
    with pytest.raises(Refusal) as refused:
        return_with_comment(page=page, comment="x", actor=acting_as(approver("110000")), now=NOW)
    assert refused.value.status == 404
    page = return_with_comment(page=page, comment="出处有误", actor=acting_as(officer), now=NOW)
    assert page.scheduled_revision is None
    assert writer.inbox.get(code="course.returned").body == "出处有误"
    assert publish_scheduled(now=HOUR) == 0


def test_an_hour_that_is_past_when_it_is_approved_means_now(writer: User, officer: User) -> None:
    page = submitted_course(writer, go_live_at=HOUR)
    release = approve(page=page, actor=acting_as(officer), now=HOUR + timedelta(minutes=1))
    assert release is not None
    assert not ScheduledRelease.objects.exists()


def test_a_new_version_waits_while_the_old_one_is_taught(writer: User, officer: User) -> None:
    page, first = approved_course(writer, officer)
    content = a_course(title="第二版", notes="换了名称", go_live_at=HOUR)
    page = revise_course_page(page=page, content=content, actor=acting_as(writer), now=NOW)
    page = submit_for_approval(page=page, actor=acting_as(writer), now=NOW)
    assert approve(page=page, actor=acting_as(officer), now=NOW) is None
    assert Release.objects.current().get() == first
    assert CoursePage.objects.get(pk=page.pk).live
    publish_scheduled(now=HOUR)
    assert Release.objects.current().get().number == 2


def test_wagtails_own_command_publishes_nothing(writer: User, officer: User) -> None:
    _approved_for_later(writer, officer)
    Revision.objects.exclude(approved_go_live_at=None).update(approved_go_live_at=NOW)
    with pytest.raises(NotAllowed):
        call_command("publish_scheduled")
    assert not Release.objects.exists()


def test_one_that_breaks_down_keeps_no_other_waiting(
    writer: User, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, whole = _approved_for_later(writer, officer), _approved_for_later(writer, officer, title="另一门课程")
    from cms.services import schedule

    go_live = schedule._go_live

    def with_a_file_gone(row: ScheduledRelease) -> None:
        if row.page_id == broken.pk:
            raise FileNotFoundError
        go_live(row)

    monkeypatch.setattr(schedule, "_go_live", with_a_file_gone)
    assert publish_scheduled(now=HOUR) == 1
    assert Release.objects.get().course_id == whole.course_id
    assert ScheduledRelease.objects.waiting().get().page_id == broken.pk


def test_the_sweep_does_all_of_it_and_one_failure_keeps_nothing_else(
    writer: User, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    _approved_for_later(writer, officer)
    from cms import timetable

    def broken(*, now: object) -> int:
        raise RuntimeError("disk full")

    monkeypatch.setattr(timetable, "withdraw_expired", broken)
    sweep()
    assert Release.objects.count() == 1


def test_the_last_day_closes_enrolment_once(writer: User, officer: User) -> None:
    last = timezone.now() + timedelta(days=30)
    page, release = approved_course(writer, officer, expire_at=last)
    assert withdraw_expired(now=last - timedelta(seconds=1)) == 0
    assert withdraw_expired(now=last) == 1
    course = Course.objects.get(pk=release.course_id)
    assert course.withdrawn_at == last
    assert writer.inbox.filter(code="course.expired").count() == 1
    assert withdraw_expired(now=last) == 0
    # The bureau decides otherwise; the same day does not close it again.
    reopen_course(course=course, actor=acting_as(officer), now=last)
    assert withdraw_expired(now=last + timedelta(days=1)) == 0
    assert CoursePage.objects.get(pk=page.pk).live


def test_screens_say_when(writer: User, officer: User) -> None:
    page = _approved_for_later(writer, officer)
    client = Client()
    client.force_login(writer)
    assert "将于 2026年3月5日" in client.get(reverse("cms:workbench")).content.decode()
    client.force_login(officer)
    shown = client.get(reverse("cms:approval", args=[page.pk])).content.decode()
    assert f"已由 {officer.username} 批准" in shown
    assert "收回批准" in shown
