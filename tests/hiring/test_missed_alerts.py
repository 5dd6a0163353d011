"""``raise_missed``: an employer whom a ban passed by is told all the same, once."""

from datetime import timedelta

import pytest

from lms.hiring.models import BanAlert
from lms.hiring.services.missed_alerts import raise_missed
from lms.people.models import Employment, Message
from tests.factories import people, registry

pytestmark = pytest.mark.django_db
LATER = registry.ENTERED + timedelta(hours=2)


def told(employment: Employment) -> int:
    manager = people.manager_of(employment.institution)
    return Message.objects.filter(user=manager, code="ban.alert", title__contains=employment.person.name).count()


def test_put_on_the_roster_in_the_same_second() -> None:
    """Neither has seen the other: the ban looked for employers before, the employer at the list."""
    person = people.person()
    registry.case_in_force(person)
    employment = people.employed(institution=people.institution(), person=person)
    assert not BanAlert.objects.exists()
    assert [alert.employment_id for alert in raise_missed(now=LATER)] == [employment.pk]
    assert raise_missed(now=LATER + timedelta(minutes=1)) == []
    assert (BanAlert.objects.count(), told(employment)) == (1, 1)


def test_a_document_registered_later_shows_who_somebody_is() -> None:
    listed = {"name": "王小明", "document_type": "passport", "document_number": "E87654321"}
    registry.case_in_force(unknown=[listed])
    person = people.person(name="王小明")
    employment = people.employed(institution=people.institution(), person=person)
    assert raise_missed(now=LATER) == []
    people.services.add_document(
        person=person,
        document_type="passport",
        document_number="E87654321",
        valid_from=registry.FACTS,
        actor=people.system(),
        now=LATER,
    )
    assert [alert.employment_id for alert in raise_missed(now=LATER)] == [employment.pk]


def test_a_number_mistyped_in_a_decision_alerts_nobody_about_a_stranger() -> None:
    number = people.resident_number()
    registry.case_in_force(unknown=[{"name": "赵钱孙", "document_type": "resident_id", "document_number": number}])
    stranger = people.person(name="欧阳秋月", document_number=number)
    people.employed(institution=people.institution(), person=stranger)
    assert raise_missed(now=LATER) == []


def test_a_second_person_of_the_same_ban_is_told_of_too() -> None:
    """The employer has heard of the first; it must hear of the second."""
    institution = people.institution()
    first, second = people.person(), people.person()
    people.employed(institution=institution, person=first)
    registry.case_in_force(first, second)
    employment = people.employed(institution=institution, person=second)
    raise_missed(now=LATER)
    assert told(employment) == 1


def test_told_annulled_or_gone_there_is_nothing_to_raise(django_assert_max_num_queries) -> None:
    employment = people.employed(institution=people.institution())
    registry.annulled(registry.case_in_force(employment.person))
    gone = people.employed(institution=people.institution())
    people.services.end_employment(
        employment=gone, to_date=registry.FACTS, reason="离职", actor=people.system(), now=people.LONG_AGO
    )
    registry.case_in_force(gone.person)
    told_already = people.employed(institution=people.institution())
    registry.case_in_force(told_already.person)
    before = BanAlert.objects.count()
    with django_assert_max_num_queries(8):
        assert raise_missed(now=LATER) == []
    assert BanAlert.objects.count() == before
