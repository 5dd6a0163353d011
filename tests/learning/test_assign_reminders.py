"""Reminders of required courses: each step once, caught up, nobody who left or is done, a digest when something moved."""

import threading
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from courses.learning.models import Assignment, AssignmentReminder
from courses.learning.services.assignments import ANNOUNCED, cancel_assignment, remind_assignments
from courses.learning.tasks import remind
from lms.people.models import Letter, Message, Organisation, User
from lms.people.services import end_employment
from lms.rules.reminders import OVERDUE
from tests.factories import people, registry
from tests.factories.catalogue import released_course
from tests.factories.learning import NOON, SYSTEM, assigned
from tests.factories.ledger import credited
from tests.factories.policy import packs_loaded

DUE = date(2026, 12, 31)
HERE = ZoneInfo("Asia/Shanghai")


def morning(days_before: int) -> datetime:
    return datetime.combine(DUE - timedelta(days=days_before), time(8, 5), HERE)


def staff(home: Organisation, **fields) -> User:
    user = people.practitioner()
    people.employed(institution=home, person=user.person, **fields)
    return user


def steps_of(user: User) -> list[int]:
    rows = AssignmentReminder.objects.filter(person=user.person).order_by("at")
    return list(rows.values_list("days", flat=True))


def told(user: User, code: str = "assignment") -> list[str]:
    return list(Message.objects.filter(user=user, code=code).order_by("created_at").values_list("title", flat=True))


@pytest.fixture
def home(db: None) -> Organisation:
    packs_loaded()
    return people.institution()


@pytest.fixture
def required(home: Organisation) -> Assignment:
    return assigned(home, released_course(title="急救"), due_on=DUE)


class TestRemind:
    def test_the_whole_way_day_by_day(self, home: Organisation) -> None:
        user = staff(home)
        assigned(home, released_course(title="急救"), due_on=DUE)
        for days in range(100, -10, -1):
            remind_assignments(now=morning(days))
            remind_assignments(now=morning(days) + timedelta(hours=3))
        assert steps_of(user) == [ANNOUNCED, 90, 60, 30, 7, OVERDUE]
        titles = told(user)
        assert len(titles) == 6
        assert "还有 30 天" in titles[3]
        assert "已过期限" in titles[5]
        assert Message.objects.get(user=user, urgent=True).title == titles[5]

    def test_missed_days_are_caught_up_by_the_nearest_step(self, home: Organisation, required: Assignment) -> None:
        user = staff(home)
        remind_assignments(now=morning(95))
        assert remind_assignments(now=morning(25)) == 1
        assert steps_of(user) == [ANNOUNCED, 30]
        assert "还有 25 天" in told(user)[-1]

    def test_somebody_hired_later_is_told_and_then_reminded(self, home: Organisation, required: Assignment) -> None:
        user = staff(home, from_date=DUE - timedelta(days=20))
        remind_assignments(now=morning(21))
        assert steps_of(user) == []
        for days in (20, 19, 7):
            remind_assignments(now=morning(days))
        assert steps_of(user) == [ANNOUNCED, 7]

    def test_hired_after_the_day_nobody_is_told_what_they_missed(
        self, home: Organisation, required: Assignment
    ) -> None:
        user = staff(home, from_date=DUE + timedelta(days=1))
        remind_assignments(now=morning(-2))
        assert steps_of(user) == []

    def test_those_who_left_are_done_or_barred_hear_nothing(self, home: Organisation) -> None:
        release = released_course()
        gone, done, barred, left = staff(home), staff(home), staff(home), staff(home)
        assigned(home, release, due_on=DUE)
        employment = gone.person.employments.get()
        end_employment(employment=employment, to_date=date(2026, 8, 1), reason="", actor=SYSTEM, now=NOON)
        credited(done.person, course_id=release.course_id, on=date(2026, 8, 1))
        registry.case_in_force(barred.person)
        remind_assignments(now=morning(30))
        assert [steps_of(user)[1:] for user in (gone, done, barred, left)] == [[], [], [], [30]]

    def test_cancelled_or_long_past_is_let_rest(self, home: Organisation, required: Assignment) -> None:
        user = staff(home)
        remind_assignments(now=morning(40))
        assert remind_assignments(now=morning(-100)) == 0
        cancel_assignment(assignment=required, actor=SYSTEM, now=morning(35))
        assert remind_assignments(now=morning(30)) == 0
        assert steps_of(user) == [ANNOUNCED]

    def test_no_account_is_no_obstacle(self, home: Organisation, required: Assignment) -> None:
        people.employed(institution=home)
        assert remind_assignments(now=morning(40)) == 1
        assert remind_assignments(now=morning(30)) == 1
        assert not Message.objects.filter(code="assignment").exists()

    def test_a_letter_goes_to_those_with_an_address(self, home: Organisation, required: Assignment) -> None:
        with_address, without = staff(home), staff(home)
        with_address.email = "wang@example.org"
        with_address.save()
        remind_assignments(now=morning(40))
        assert [letter.message.user for letter in Letter.objects.select_related("message__user")] == [with_address]
        assert len(told(without)) == 1

    def test_midnight_of_the_last_day_in_shanghai(self, home: Organisation, required: Assignment) -> None:
        user = staff(home)
        remind_assignments(now=morning(3))
        last_minute = datetime.combine(DUE, time(23, 59), HERE)
        remind_assignments(now=last_minute)
        assert steps_of(user) == [ANNOUNCED]
        remind_assignments(now=last_minute + timedelta(minutes=1))
        assert steps_of(user) == [ANNOUNCED, OVERDUE]

    def test_the_number_of_queries_does_not_grow_with_people(self, home: Organisation) -> None:
        def spent() -> int:
            with CaptureQueriesContext(connection) as queries:
                remind_assignments(now=morning(30) + timedelta(hours=len(counts)))
            return len(queries)

        counts: list[int] = []
        staff(home)
        for _number in range(2):
            assigned(home, due_on=DUE)
        counts.append(spent())
        for _number in range(8):
            staff(home)
        counts.append(spent())  # all eight are told
        assert counts[1] <= counts[0] + 2

    def test_the_task_runs_it(self, home: Organisation) -> None:
        remind()


class TestDigest:
    def test_who_is_late_and_who_is_due_once_a_day(self, home: Organisation) -> None:
        manager = people.manager_of(home)
        late, soon = staff(home), staff(home)
        assigned(home, released_course(title="急救"), person=late.person, due_on=DUE - timedelta(days=8))
        assigned(home, released_course(title="睡眠"), person=soon.person, due_on=DUE)
        remind_assignments(now=morning(7))
        (message,) = Message.objects.filter(user=manager, code="assignments_digest")
        assert "1 人次逾期，1 人次即将到期" in message.title
        assert f"{late.person.name}“急救”" in message.body
        assert f"{soon.person.name}“睡眠”" in message.body
        remind_assignments(now=morning(7) + timedelta(hours=5))
        assert Message.objects.filter(code="assignments_digest").count() == 1

    def test_no_message_when_nothing_moved(self, home: Organisation) -> None:
        staff(home)
        assigned(home, due_on=DUE)
        remind_assignments(now=morning(-1))
        count = Message.objects.filter(code="assignments_digest").count()
        assert count == 1
        for days in (-2, -3, -4):
            remind_assignments(now=morning(days))
        assert Message.objects.filter(code="assignments_digest").count() == count

    def test_a_far_step_is_no_news_for_managers(self, home: Organisation) -> None:
        staff(home)
        assigned(home, due_on=DUE)
        remind_assignments(now=morning(90))
        assert not Message.objects.filter(code="assignments_digest").exists()

    def test_ten_are_named_and_the_rest_counted(self, home: Organisation) -> None:
        for _number in range(12):
            staff(home)
        assigned(home, due_on=DUE)
        remind_assignments(now=morning(-1))
        body = Message.objects.get(code="assignments_digest").body
        assert "等 12 人次" in body
        assert body.count("“") == 10

    def test_each_institution_hears_of_its_own(self, home: Organisation) -> None:
        next_door = people.institution()
        own, theirs = staff(home), staff(next_door)
        for body in (home, next_door):
            assigned(body, due_on=DUE)
        remind_assignments(now=morning(-1))
        messages = {row.user: row.body for row in Message.objects.filter(code="assignments_digest")}
        assert own.person.name in messages[people.manager_of(home)]
        assert theirs.person.name not in messages[people.manager_of(home)]
        assert theirs.person.name in messages[people.manager_of(next_door)]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_remind_once() -> None:
    packs_loaded()
    home = people.institution()
    user = staff(home)
    assigned(home, due_on=DUE)
    ready, failed = threading.Barrier(2), []

    def go() -> None:
        try:
            ready.wait(10)
            remind_assignments(now=morning(7))
        except Exception as error:  # noqa: BLE001
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert steps_of(user) == [ANNOUNCED, 7]
    assert len(told(user)) == 2
    assert Message.objects.filter(code="assignments_digest").count() == 1
