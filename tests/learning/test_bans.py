"""A ban is felt at once: running courses stop with it, and go on when it is annulled."""

from datetime import timedelta

import pytest

from courses.learning.models import Enrolment
from courses.learning.receivers import on_consequences
from courses.learning.services import enrolments, stop_for_ban
from lms.rules.refusals import NotAllowed
from tests.factories.catalogue import reading, released_course
from tests.factories.learning import NOON, SYSTEM, Player, enrolled, leased, passed
from tests.factories.people import practitioner
from tests.factories.policy import packs_loaded
from tests.factories.registry import annulled, banned, case_in_force

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    packs_loaded()
    return practitioner(name="周可").person


def states(enrolment):
    return [row.state for row in enrolment.states.order_by("number")]


def test_running_courses_stop_and_passed_ones_stay(person):
    done = passed(person, released_course(class_hours=1, lessons=[reading(1)]))
    running, begun = enrolled(person), enrolled(person)
    lease = leased(begun)
    assert on_consequences(subjects=[])[0].count == 0
    case_in_force(person, now=NOON)
    for enrolment in (done, running, begun):
        enrolment.refresh_from_db()
    lease.refresh_from_db()
    assert (done.state, running.state, begun.state) == ("passed", "stopped", "stopped")
    assert lease.end_reason == "stopped"
    assert Player(lease).say((0, 15_000)).refused == "lease_ended"
    assert running.states.order_by("-number").first().reason


def test_the_second_officer_is_told_how_many(person):
    enrolled(person)
    enrolled(person)
    case = case_in_force(person, now=NOON)
    enrolled_again = on_consequences(subjects=list(case.subjects.all()))
    assert enrolled_again[0].code == "enrolments_stopped"
    assert enrolled_again[0].count == 0  # they are stopped already


def test_no_enrolment_and_no_lease_while_barred(person):
    before = enrolled(person)
    case_in_force(person, now=NOON)
    with pytest.raises(NotAllowed) as refusal:
        enrolled(person)
    assert refusal.value.code == "barred"
    with pytest.raises(NotAllowed):
        leased(before)


def test_a_ban_that_comes_while_somebody_enrols_is_felt(person, monkeypatch):
    release = released_course()
    before = enrolments.refuse_missing

    def banned_meanwhile(*asked):
        case_in_force(person, now=NOON)
        before(*asked)

    monkeypatch.setattr(enrolments, "refuse_missing", banned_meanwhile)
    with pytest.raises(NotAllowed) as refusal:
        enrolled(person, release)
    assert refusal.value.code == "barred"
    assert not Enrolment.objects.filter(person=person).exists()


def test_after_a_dated_ban_one_comes_back_to_what_was_learned(person):
    begun = enrolled(person)
    leased(begun)
    last_day = NOON.date() + timedelta(days=30)
    banned(person, now=NOON, until=last_day)
    with pytest.raises(NotAllowed):
        enrolled(person, begun.release, now=NOON + timedelta(days=29))
    again = enrolled(person, begun.release, now=NOON + timedelta(days=31))
    assert again == begun
    assert states(begun) == ["enrolled", "in_progress", "stopped", "enrolled"]


def test_a_lost_signal_does_not_let_a_barred_person_learn(person):
    enrolment = enrolled(person)
    case_in_force(person, now=NOON)
    enrolment.state = "enrolled"
    enrolment.save()
    with pytest.raises(NotAllowed) as refusal:
        leased(enrolment)
    assert refusal.value.code == "barred"


def test_annulled_courses_go_on_in_the_state_they_were_stopped_in(person):
    fresh, begun = enrolled(person), enrolled(person)
    leased(begun)
    case = case_in_force(person, now=NOON)
    annulled(case)
    assert states(fresh) == ["enrolled", "stopped", "enrolled"]
    assert states(begun) == ["enrolled", "in_progress", "stopped", "in_progress"]


def test_another_ban_still_acts(person):
    enrolment = enrolled(person)
    first = case_in_force(person, now=NOON)
    case_in_force(person, now=NOON)
    annulled(first)
    enrolment.refresh_from_db()
    assert enrolment.state == "stopped"


def test_somebody_not_barred_is_never_stopped(person):
    enrolment = enrolled(person)
    assert stop_for_ban(person_ids=[person.pk], reason="", actor=SYSTEM, now=NOON) == 0
    enrolment.refresh_from_db()
    assert enrolment.state == "enrolled"
