"""Required courses: assigned once, to those who are meant, told at once; cancelled; nobody else's people."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connections

from courses.learning.models import Assignment, AssignmentReminder
from courses.learning.required import obligations, own_assignments, required_of
from courses.learning.services.assignments import ANNOUNCED, assign, cancel_assignment
from lms.audit.models import AuditEvent
from lms.people.models import Message, Person
from lms.people.services import end_employment
from lms.rules.refusals import Refusal
from tests.factories import people
from tests.factories.catalogue import offered_programme, released_course
from tests.factories.learning import NOON, SYSTEM, assigned
from tests.factories.ledger import credited
from tests.factories.policy import packs_loaded

TODAY = NOON.date()


@pytest.fixture(autouse=True)
def _policy(db: None) -> None:
    packs_loaded()


def code_of(verb, **given) -> str:
    with pytest.raises(Refusal) as refused:
        verb(**{"actor": SYSTEM, "now": NOON, **given})
    assert str(refused.value)
    return refused.value.code


def meant_by(assignment: Assignment, today: date = TODAY) -> set[Person]:
    return {row.person for row in obligations([assignment], today)}


def states(assignment: Assignment, today: date = TODAY) -> list[str]:
    return [row.state for row in obligations([assignment], today)]


class TestWhom:
    def test_everybody_a_post_one_person_and_whoever_comes_later(self) -> None:
        home = people.institution()
        carer = people.employed(institution=home).person
        cook = people.employed(institution=home, post="cook").person
        people.employed(institution=people.institution())
        release = released_course()
        everybody, cooks = assigned(home, release), assigned(home, release, post="cook")
        one = assigned(home, release, person=carer)
        assert meant_by(everybody) == {carer, cook}
        assert meant_by(cooks) == {cook}
        assert meant_by(one) == {carer}
        new = people.employed(institution=home, post="cook", from_date=TODAY + timedelta(days=1)).person
        assert new not in meant_by(cooks)
        assert new in meant_by(cooks, TODAY + timedelta(days=1))
        assert {row.assignment for row in required_of(carer, TODAY)} == {everybody, one}
        assert {row.assignment for row in required_of(cook, TODAY)} == {everybody, cooks}

    def test_who_left_is_not_meant_from_the_next_day_on(self) -> None:
        home = people.institution()
        employment = people.employed(institution=home)
        assignment = assigned(home)
        end_employment(employment=employment, to_date=TODAY, reason="", actor=SYSTEM, now=NOON)
        assert meant_by(assignment) == {employment.person}
        assert meant_by(assignment, TODAY + timedelta(days=1)) == set()
        assert required_of(employment.person, TODAY + timedelta(days=1)) == []

    def test_left_and_back_on_one_day_is_one_person(self) -> None:
        home = people.institution()
        first = people.employed(institution=home)
        end_employment(employment=first, to_date=TODAY, reason="", actor=SYSTEM, now=NOON)
        people.employed(institution=home, person=first.person, from_date=TODAY)
        assert len(obligations([assigned(home)], TODAY)) == 1


class TestDone:
    @pytest.mark.parametrize(
        ("on", "state"),
        [
            (date(2025, 12, 31), "due"),
            (date(2026, 1, 1), "done"),
            (date(2026, 6, 20), "done"),
            (date(2027, 1, 5), "done"),
        ],
    )
    def test_hours_since_new_year_of_the_year_it_was_assigned_in(self, on: date, state: str) -> None:
        home = people.institution()
        person = people.employed(institution=home).person
        release = released_course()
        assignment = assigned(home, release)
        credited(person, course_id=release.course_id, on=on)
        assert states(assignment) == [state]

    def test_the_year_is_the_local_one(self) -> None:
        """Half past midnight in Shanghai on New Year's Day is still the old year in Greenwich."""
        home = people.institution()
        person = people.employed(institution=home).person
        release = released_course()
        assignment = assigned(home, release, now=datetime(2026, 12, 31, 16, 30, tzinfo=UTC))
        credited(person, course_id=release.course_id, on=date(2026, 12, 31))
        assert states(assignment, date(2027, 1, 1)) == ["due"]

    def test_due_on_that_day_late_on_the_next(self) -> None:
        home = people.institution()
        people.employed(institution=home)
        assignment = assigned(home, due_on=TODAY)
        assert states(assignment) == ["due"]
        assert states(assignment, TODAY + timedelta(days=1)) == ["late"]

    def test_a_programme_is_done_with_its_last_course(self) -> None:
        home = people.institution()
        person = people.employed(institution=home).person
        programme = offered_programme()
        assignment = assigned(home, programme)
        courses = [item.course_id for item in programme.items.all()]
        credited(person, course_id=courses[0])
        (row,) = obligations([assignment], TODAY)
        assert (row.state, row.done, row.total, row.thing.title) == ("due", 1, 2, programme.title)
        credited(person, course_id=courses[1])
        (row,) = obligations([assignment], TODAY)
        assert (row.state, row.done, row.total, row.done_on) == ("done", 2, 2, TODAY)

    def test_what_was_withdrawn_is_not_insisted_on(self) -> None:
        home = people.institution()
        person = people.employed(institution=home).person
        programme = offered_programme()
        assignment, single = assigned(home, programme), assigned(home)
        first, second = (item.course for item in programme.items.all())
        for course in (first, single.course):
            course.withdrawn_at = NOON
            course.save()
        assert states(single) == ["closed"]
        credited(person, course_id=second.pk)
        (row,) = obligations([assignment], TODAY)
        assert (row.state, row.done, row.total) == ("done", 1, 1)

    def test_a_withdrawn_programme_is_closed(self) -> None:
        home = people.institution()
        people.employed(institution=home)
        programme = offered_programme()
        assignment = assigned(home, programme)
        programme.withdrawn_at = NOON
        programme.save()
        assert states(assignment) == ["closed"]


class TestAssign:
    def test_those_meant_are_told_at_once_by_a_message_each(self) -> None:
        home = people.institution(name="阳光托育")
        told, done = people.practitioner(), people.practitioner()
        for user in (told, done):
            people.employed(institution=home, person=user.person)
        release = released_course(title="急救")
        credited(done.person, course_id=release.course_id)
        assignment = assigned(home, release, due_on=date(2026, 9, 1))
        (message,) = Message.objects.filter(code="assignment")
        assert message.user == told
        assert "急救" in message.title
        assert "2026-09-01" in message.title
        assert "阳光托育" in message.body
        assert message.url.endswith(f"/{release.course_id}/")
        assert AssignmentReminder.objects.get().days == ANNOUNCED
        assert AuditEvent.objects.filter(verb="assignment.made", subject_id=assignment.pk).count() == 1

    @pytest.mark.parametrize(
        ("due_on", "code"),
        [
            (TODAY - timedelta(days=1), "due_in_past"),
            (TODAY, ""),
            (date(2028, 2, 29), ""),
            (TODAY + timedelta(days=730), ""),
            (TODAY + timedelta(days=731), "due_too_far"),
        ],
    )
    def test_days(self, due_on: date, code: str) -> None:
        home = people.institution()
        given = {"institution": home, "course": released_course().course, "due_on": due_on}
        if code:
            assert code_of(assign, **given) == code
        else:
            assert assign(**given, actor=SYSTEM, now=NOON)

    def test_today_is_the_local_day(self) -> None:
        late_evening = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)  # midnight in Shanghai
        given = {"institution": people.institution(), "course": released_course().course}
        assert code_of(assign, **given, due_on=date(2026, 12, 31), now=late_evening) == "due_in_past"

    def test_what_can_not_be_required(self) -> None:
        home, due = people.institution(), {"due_on": TODAY}
        gone, elsewhere = released_course(), released_course(regions=["110000"])
        gone.course.withdrawn_at = NOON
        gone.course.save()
        programme = offered_programme()
        both = {"course": released_course().course, "programme": programme}
        assert code_of(assign, institution=home, **due) == "assignment_of_one_thing"
        assert code_of(assign, institution=home, **both, **due) == "assignment_of_one_thing"
        assert code_of(assign, institution=home, course=gone.course, **due) == "course_withdrawn"
        assert code_of(assign, institution=home, course=elsewhere.course, **due) == "wrong_region"
        assert code_of(assign, institution=home, course=both["course"], post="pilot", **due) == "post_unknown"
        programme.withdrawn_at = NOON
        programme.save()
        assert code_of(assign, institution=home, programme=programme, **due) == "programme_not_offered"

    def test_somebody_elses_people_are_not_found(self) -> None:
        home, next_door = people.institution(), people.institution()
        theirs = people.employed(institution=next_door).person
        given = {"course": released_course().course, "due_on": TODAY}
        assert code_of(assign, institution=home, person=theirs, **given) == "person_unknown"
        manager = people.acting(people.manager_of(next_door))
        assert code_of(assign, institution=home, actor=manager, **given) == "assignment_unknown"
        checker = people.acting(people.member(home, "institution_checker"))
        assert code_of(assign, institution=home, actor=checker, **given) == "role_required"
        own = people.acting(people.manager_of(home))
        assert assign(institution=home, **given, actor=own, now=NOON) in own_assignments(own)
        assert not own_assignments(manager).exists()
        assert not own_assignments(checker).exists()

    def test_twice_is_refused_another_post_is_not_and_a_past_one_is_over(self) -> None:
        home, release = people.institution(), released_course()
        assigned(home, release, due_on=TODAY)
        given = {"institution": home, "course": release.course}
        assert code_of(assign, **given, due_on=TODAY) == "assigned_already"
        assert assign(**given, due_on=TODAY, post="cook", actor=SYSTEM, now=NOON)
        tomorrow = NOON + timedelta(days=1)
        assert assign(**given, due_on=tomorrow.date(), actor=SYSTEM, now=tomorrow)


class TestCancel:
    def test_those_who_were_still_to_learn_it_are_told_once(self) -> None:
        home = people.institution()
        user = people.practitioner()
        people.employed(institution=home, person=user.person)
        assignment = assigned(home)
        cancel_assignment(assignment=assignment, actor=SYSTEM, now=NOON)
        assert code_of(cancel_assignment, assignment=assignment) == "cancelled_already"
        assert user.inbox.filter(code="assignment_cancelled").count() == 1
        assert required_of(user.person, TODAY) == []
        assert assigned(home, assignment.course.releases.get())

    def test_not_by_the_neighbour(self) -> None:
        assignment = assigned(people.institution())
        stranger = people.acting(people.manager_of(people.institution()))
        assert code_of(cancel_assignment, assignment=assignment, actor=stranger) == "assignment_unknown"


@pytest.mark.django_db(transaction=True)
def test_two_clicks_make_one_assignment() -> None:
    home, release = people.institution(), released_course()
    ready, results = threading.Barrier(2), []

    def go() -> None:
        try:
            ready.wait(10)
            results.append(str(assigned(home, release).pk))
        except Refusal as refusal:
            results.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert "assigned_already" in results
    assert Assignment.objects.count() == 1
