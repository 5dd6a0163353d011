"""Enrolling in a programme: the next course or all that are left; one that refuses doesn't keep the others."""

from datetime import UTC, datetime

import pytest

from courses.learning.models import Enrolment
from courses.learning.services.enrolments import enrol, enrol_programme
from lms.audit.actors import Actor
from lms.people.models import Person
from lms.rules.refusals import Refusal
from tests.factories import people, registry
from tests.factories.catalogue import a_college, offered_programme, released_course
from tests.factories.learning import NOON, SYSTEM, enrolled
from tests.factories.ledger import credited, learner


def enrol_in(programme, person: Person, *, only_next: bool = False, **changed):
    given = {"actor": SYSTEM, "now": NOON, **changed}
    return enrol_programme(person=person, programme=programme, only_next=only_next, **given)


def code_of(*args, **given) -> str:
    with pytest.raises(Refusal) as refused:
        enrol_in(*args, **given)
    assert str(refused.value)
    return refused.value.code


@pytest.mark.django_db
class TestProgramme:
    def test_one_after_the_other_then_nothing_is_left(self) -> None:
        person, programme = learner(), offered_programme()
        first, second = (item.course_id for item in programme.items.all())
        assert [one.release.course_id for one in enrol_in(programme, person, only_next=True).made] == [first]
        assert [one.release.course_id for one in enrol_in(programme, person, only_next=True).made] == [second]
        assert code_of(programme, person, only_next=True) == "programme_done"

    def test_all_that_are_left(self) -> None:
        person, programme = learner(), offered_programme()
        first, second = (item.course_id for item in programme.items.all())
        credited(person, course_id=first)
        assert [one.release.course_id for one in enrol_in(programme, person).made] == [second]

    def test_a_course_that_refuses_does_not_keep_the_others(self) -> None:
        college = a_college()
        skills = released_course(college=college, title="技能", class_hours=72)
        ethics = released_course(
            college=college, title="师德", class_hours=40, category="ethics", prerequisites=[str(skills.course_id)]
        )
        person = learner()
        result = enrol_in(offered_programme([ethics, skills]), person)
        assert [one.release for one in result.made] == [skills]
        assert [(title, refusal.code) for title, refusal in result.refused] == [("师德", "prerequisite_missing")]
        other = learner(name="又一人")
        only = enrol_in(offered_programme([ethics, skills], title="另一个"), other, only_next=True)
        assert [one.release for one in only.made] == [skills]

    def test_refused_altogether(self) -> None:
        person, programme = learner(), offered_programme()
        stranger = Actor(kind="user", label="x", role="practitioner", person_id=learner(name="别人").pk)
        assert code_of(programme, person, actor=stranger) == "no_enrolment"
        barred = people.person()
        registry.case_in_force(barred)
        assert code_of(programme, barred) == "barred"
        programme.withdrawn_at = NOON
        programme.save()
        assert code_of(programme, learner(name="第三人")) == "programme_not_offered"
        assert code_of(offered_programme(year=2027), learner(name="第四人")) == "programme_other_year"
        assert not Enrolment.objects.exists()

    def test_a_running_course_of_last_year_is_gone_on_with(self) -> None:
        person, programme = learner(), offered_programme()
        first = programme.items.all()[0].course.releases.get()
        before = enrolled(person, first, now=datetime(2025, 12, 31, 15, 0, tzinfo=UTC))
        result = enrol_in(programme, person)
        assert before not in result.made
        assert len(result.made) == 1


@pytest.mark.django_db
class TestPrerequisite:
    def test_enrolment_waits_for_it_and_one_that_runs_goes_on(self) -> None:
        person, first = learner(), released_course(title="甲")
        wanted = released_course(title="乙", prerequisites=[str(first.course_id)])
        with pytest.raises(Refusal) as refused:
            enrol(person=person, release=wanted, actor=SYSTEM, now=NOON)
        assert refused.value.code == "prerequisite_missing"
        assert "“甲”" in str(refused.value)
        credited(person, course_id=first.course_id)
        assert enrolled(person, wanted).state == "enrolled"
        running = enrolled(person, released_course(title="丙"))
        stricter = released_course(course=running.release.course, prerequisites=[str(wanted.course_id)])
        assert enrolled(person, stricter) == running
