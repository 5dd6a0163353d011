"""A place in a session: one a person, never more than there are."""

import threading
from datetime import timedelta

import pytest
from django.db import connections

from courses.classroom.models import Booking
from courses.classroom.services import book, cancel_booking, cancel_session
from lms.audit.actors import Actor
from lms.rules.refusals import Refusal
from tests.factories import people
from tests.factories.classroom import NOON, SYSTEM, booked, session
from tests.factories.policy import packs_loaded


def code_of(call, **arguments) -> str:
    with pytest.raises(Refusal) as refusal:
        call(**arguments)
    return refusal.value.code


def seat(of, person, **changed):
    return {"session": of, "person": person, "enrolment_id": of.pk, "actor": SYSTEM, "now": NOON, **changed}


@pytest.mark.django_db
class TestBook:
    @pytest.fixture(autouse=True)
    def _policy(self):
        packs_loaded()

    def test_twice_is_once(self):
        day, person = session(), people.person()
        assert booked(day, person, day.pk) == booked(day, person, day.pk)
        assert Booking.objects.count() == 1

    def test_full(self):
        day = session(capacity=1)
        booked(day, people.person(), day.pk)
        assert code_of(book, **seat(day, people.person())) == "session_full"

    def test_begun_and_cancelled(self):
        day = session()
        assert code_of(book, **seat(day, people.person(), now=day.starts_at)) == "session_begun"
        cancel_session(session=day, reason="停电", actor=SYSTEM, now=NOON)
        assert code_of(book, **seat(day, people.person())) == "session_cancelled"

    def test_in_two_places(self):
        person, first, second = people.person(), session(), session(starts_at=NOON + timedelta(days=1, hours=2))
        booked(first, person, first.pk)
        assert code_of(book, **seat(second, person)) == "learner_elsewhere"
        cancel_booking(session=first, person=person, actor=SYSTEM, now=NOON)
        assert book(**seat(second, person))

    def test_given_back_and_taken_again(self):
        day, person = session(), people.person()
        booked(day, person, day.pk)
        for _time in range(2):
            cancel_booking(session=day, person=person, actor=SYSTEM, now=NOON)
        booked(day, person, day.pk)
        assert Booking.objects.filter(cancelled_at=None).count() == 1
        late = {"session": day, "person": person, "actor": SYSTEM, "now": day.starts_at}
        assert code_of(cancel_booking, **late) == "session_begun"

    def test_for_somebody_else(self):
        stranger = Actor(kind="user", label="x", person_id=people.person().pk, role="practitioner")
        assert code_of(book, **seat(session(), people.person(), actor=stranger)) == "no_booking"


@pytest.mark.django_db(transaction=True)
def test_the_last_place_goes_to_one():
    packs_loaded()
    day, persons = session(capacity=1), [people.person(), people.person()]
    ready, outcomes = threading.Barrier(2), []

    def go(person) -> None:
        try:
            ready.wait(10)
            booked(day, person, day.pk)
            outcomes.append("booked")
        except Refusal as refusal:
            outcomes.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go, args=[person]) for person in persons]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == ["booked", "session_full"]
    assert Booking.objects.count() == 1
