"""A ban tells each employer once, inside its own transaction, and waits for the word that the person is gone."""

from datetime import timedelta

import pytest

from lms.hiring import services
from lms.hiring.models import BanAlert
from lms.hiring.services import alerts
from lms.people.models import Employment, Message
from lms.registry.models import BanState
from lms.registry.services import consequences
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound
from tests.factories import people, policy, registry

LATER = registry.ENTERED + timedelta(hours=2)


def alert_at(employment: Employment) -> BanAlert:
    return BanAlert.objects.get(employment=employment)


def test_every_employer_is_told_once() -> None:
    one, two = people.institution(), people.institution()
    person = people.employed(institution=one).person
    people.employed(institution=two, person=person)
    case = registry.case_in_force(person)
    assert BanAlert.objects.count() == 2
    for institution in (one, two):
        told = Message.objects.get(user=people.manager_of(institution), code="ban.alert")
        assert told.urgent
        assert person.name in told.title
    state = BanState.objects.get(case=case, state="in_force")
    alerts.raise_alerts(state=state, subjects=list(case.subjects.all()), actor=people.system(), now=LATER)
    assert BanAlert.objects.count() == 2
    assert Message.objects.filter(code="ban.alert").count() == 2


def test_the_deadline_is_the_policys() -> None:
    employment = people.employed(institution=people.institution())
    registry.case_in_force(employment.person)
    alert = alert_at(employment)
    hours = policy.shanghai_pack().hiring.removal_confirm_hours
    assert alert.confirm_by - alert.at == timedelta(hours=hours)


def test_a_former_employer_is_not_told() -> None:
    employment = people.employed(institution=people.institution())
    people.services.end_employment(
        employment=employment, to_date=registry.FACTS, reason="离职", actor=people.system(), now=people.LONG_AGO
    )
    registry.case_in_force(employment.person)
    assert not BanAlert.objects.exists()


def test_the_second_officer_sees_how_many_before() -> None:
    employer = people.institution()
    culprit, manager = (people.employed(institution=employer).person for _ in range(2))
    case = registry.submitted_case(culprit, managers=[manager])
    told = {row.code: row.count for row in consequences(case)}
    assert told["employers_alerted"] == 2
    assert not BanAlert.objects.exists()


def test_confirmed_the_employment_ends() -> None:
    institution = people.institution()
    employment = people.employed(institution=institution)
    registry.case_in_force(employment.person)
    alert = alert_at(employment)
    actor = people.acting(people.manager_of(institution))
    services.confirm_removal(alert=alert, note="当日停职并解除合同", actor=actor, now=LATER)
    employment.refresh_from_db()
    assert employment.to_date == LATER.date()
    assert not BanAlert.objects.open().exists()
    with pytest.raises(Conflict) as refused:
        services.confirm_removal(alert=alert, note="再次", actor=actor, now=LATER)
    assert refused.value.code == "confirmed_already"


def test_without_a_word_of_what_was_done() -> None:
    institution = people.institution()
    employment = people.employed(institution=institution)
    registry.case_in_force(employment.person)
    with pytest.raises(Invalid):
        services.confirm_removal(
            alert=alert_at(employment), note=" ", actor=people.acting(people.manager_of(institution)), now=LATER
        )


def test_another_institution_and_an_officer_may_not_confirm() -> None:
    employment = people.employed(institution=people.institution())
    registry.case_in_force(employment.person)
    other = people.acting(people.manager_of(people.institution()))
    with pytest.raises(NotFound):
        services.confirm_removal(alert=alert_at(employment), note="已处理", actor=other, now=LATER)
    with pytest.raises(NotAllowed):
        services.confirm_removal(
            alert=alert_at(employment), note="已处理", actor=people.acting(registry.registrar()), now=LATER
        )


def test_overdue_is_escalated_once() -> None:
    officer = registry.registrar()
    employment = people.employed(institution=people.institution())
    registry.case_in_force(employment.person)
    deadline = alert_at(employment).confirm_by
    assert services.escalate_overdue(now=deadline) == 0
    for _twice in range(2):
        services.escalate_overdue(now=deadline + timedelta(seconds=1))
    assert Message.objects.filter(user=officer, code="alert.overdue").count() == 1


def test_annulled_the_alert_asks_for_nothing_any_more() -> None:
    institution = people.institution()
    employment = people.employed(institution=institution)
    case = registry.case_in_force(employment.person)
    registry.annulled(case)
    assert not BanAlert.objects.open().exists()
    told = Message.objects.get(user=people.manager_of(institution), code="ban.annulled")
    assert "不再适用" in told.body


def test_one_of_two_bans_annulled_nobody_is_told_that_they_may_come_back() -> None:
    institution = people.institution()
    employment = people.employed(institution=institution)
    case = registry.case_in_force(employment.person)
    registry.case_in_force(employment.person)
    registry.annulled(case)
    assert BanAlert.objects.open().count() == 1
    told = Message.objects.get(user=people.manager_of(institution), code="ban.annulled")
    assert "仍不得" in told.body
    assert "不再适用" not in told.body
