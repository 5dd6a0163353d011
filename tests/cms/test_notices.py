"""A new release is told to everybody who is learning an earlier one, once, whoever dies on the way."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from cms.models import CoursePage, ReleaseNotice
from cms.services import approve, notices, revise_course_page, submit_for_approval, tell_enrolled
from courses.catalogue.models import Release
from courses.learning.models import Enrolment
from lms.people.models import Letter, Message, User
from tests.factories import learning, people
from tests.factories.cms import NOW, a_course, acting_as, approved_course, approver, author
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=10)


@pytest.fixture(autouse=True)
def _policy(db: None) -> None:
    packs_loaded()


@pytest.fixture
def writer() -> User:
    return author()


@pytest.fixture
def officer() -> User:
    return approver()


@pytest.fixture
def course(writer: User, officer: User) -> tuple[CoursePage, Release]:
    return approved_course(writer, officer)


def _again(page: CoursePage, writer: User, officer: User, title: str = "第二版") -> Release:
    content = a_course(title=title, notes=f"{title}：补了巡视间隔")
    page = revise_course_page(page=page, content=content, actor=acting_as(writer), now=LATER)
    page = submit_for_approval(page=page, actor=acting_as(writer), now=LATER)
    release = approve(page=page, actor=acting_as(officer), now=LATER)
    assert release is not None
    return release


def _learner(release: Release) -> User:
    user = people.practitioner()
    assert user.person is not None
    learning.enrolled(user.person, release, now=NOW)
    return user


def _told(user: User) -> list[Message]:
    return list(user.inbox.filter(code="release.published"))


def test_a_first_release_is_no_news(course: tuple[CoursePage, Release]) -> None:
    assert not ReleaseNotice.objects.exists()


def test_people_who_are_learning_are_told_what_changed(
    course: tuple[CoursePage, Release], writer: User, officer: User
) -> None:
    page, first = course
    learner, bystander = _learner(first), people.practitioner()
    User.objects.filter(pk=learner.pk).update(email="learner@example.org")
    second = _again(page, writer, officer)
    assert not _told(learner)
    assert tell_enrolled(now=LATER) == 1
    (message,) = _told(learner)
    assert message.title == "您在学的课程“第二版”有了第 2 版"
    assert "补了巡视间隔" in message.body
    assert "继续学习已报名的版本" in message.body
    assert message.url == reverse("cms:release-changes", args=[second.pk])
    assert Letter.objects.filter(message=message).exists()
    assert not _told(bystander)
    assert Enrolment.objects.get(person=learner.person).release == first


def test_who_finished_left_or_learns_the_new_one_is_left_alone(
    course: tuple[CoursePage, Release], writer: User, officer: User
) -> None:
    page, first = course
    done = {state: _learner(first) for state in ("passed", "failed", "withdrawn", "voided")}
    for state, user in done.items():
        Enrolment.objects.filter(person=user.person).update(state=state)
    second = _again(page, writer, officer)
    newcomer = _learner(second)
    assert tell_enrolled(now=LATER) == 0
    assert not any(_told(user) for user in (*done.values(), newcomer))


def test_run_again_nobody_is_told_twice(course: tuple[CoursePage, Release], writer: User, officer: User) -> None:
    page, first = course
    learner = _learner(first)
    _again(page, writer, officer)
    tell_enrolled(now=LATER)
    assert tell_enrolled(now=LATER) == 0
    ReleaseNotice.objects.update(done_at=None)
    tell_enrolled(now=LATER)
    assert len(_told(learner)) == 1
    assert ReleaseNotice.objects.get().done_at == LATER


def test_two_new_versions_are_two_messages(course: tuple[CoursePage, Release], writer: User, officer: User) -> None:
    page, first = course
    learner = _learner(first)
    _again(page, writer, officer)
    _again(CoursePage.objects.get(pk=page.pk), writer, officer, "第三版")
    tell_enrolled(now=LATER)
    assert len(_told(learner)) == 2


def test_killed_after_the_first_batch_the_rest_is_told_later(
    course: tuple[CoursePage, Release], writer: User, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, first = course
    learners = [_learner(first) for _ in range(5)]
    _again(page, writer, officer)
    monkeypatch.setattr(notices, "BATCH", 2)
    calls: list[int] = []

    def dies(**kwargs: Any) -> int:
        if calls:
            raise SystemExit
        calls.append(1)
        return int(told(**kwargs))

    told = notices.tell_users
    with monkeypatch.context() as broken:
        broken.setattr(notices, "tell_users", dies)
        with pytest.raises(SystemExit):
            tell_enrolled(now=LATER)
    assert sum(len(_told(user)) for user in learners) == 2
    assert tell_enrolled(now=LATER) == 0
    assert tell_enrolled(now=LATER + timedelta(seconds=notices.HOLD_SECONDS)) == 5
    assert [len(_told(user)) for user in learners] == [1] * 5


def test_many_learners_cost_queries_by_the_batch(
    course: tuple[CoursePage, Release],
    writer: User,
    officer: User,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: Any,
) -> None:
    page, first = course
    for _ in range(6):
        _learner(first)
    _again(page, writer, officer)
    monkeypatch.setattr(notices, "BATCH", 3)
    # Per batch: who, insert, who has an address; beside them taking and noting the work.
    with django_assert_max_num_queries(18):
        assert tell_enrolled(now=LATER) == 6
