"""Who works where, and who was directly responsible on a day."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import Q

from lms.audit.models import AuditEvent
from lms.people import services
from lms.people.models import Employment, Post, ReportingLine, Role
from lms.people.services import direct_managers_on, employment
from lms.rules.refusals import Refusal
from tests.factories import people as make

pytestmark = pytest.mark.django_db
NEW_YEARS_EVE = date(2025, 12, 31)
NEW_YEAR = date(2026, 1, 1)


def record(**wanted: Any) -> Employment:
    defaults = {
        "post": Post.CAREGIVER,
        "from_date": date(2025, 3, 1),
        "manager": None,
        "check_id": None,
        "actor": make.system(),
        "now": make.LONG_AGO,
    }
    return services.record_employment(**(defaults | wanted))


def refused(verb: Any, **wanted: Any) -> str:
    with pytest.raises(Refusal) as caught:
        verb(**wanted)
    return caught.value.code


def test_it_starts_on_a_check_under_a_manager() -> None:
    institution = make.institution()
    head = make.employed(institution=institution, post=Post.INSTITUTION_HEAD).person
    person, check = make.person(), uuid4()
    manager = make.acting(make.manager_of(institution))
    row = record(person=person, institution=institution, manager=head, check_id=check, actor=manager)
    assert (row.check_id, row.to_date) == (check, None)
    assert [entry.manager for entry in direct_managers_on(person, date(2025, 3, 1))] == [head]
    assert direct_managers_on(person, date(2025, 2, 28)) == []
    event = AuditEvent.objects.get(verb="employment.started", person_id=person.pk)
    assert event.changes["check"] == str(check)


def test_people_need_a_check_and_jobs_do_not() -> None:
    institution = make.institution()
    manager = make.acting(make.manager_of(institution))
    assert refused(record, person=make.person(), institution=institution, actor=manager) == "check_required"


def test_twice_is_refused_by_the_database() -> None:
    institution, person = make.institution(), make.person()
    record(person=person, institution=institution)
    assert refused(record, person=person, institution=institution) == "employed_already"
    assert record(person=person, institution=make.institution()).pk
    assert Employment.objects.filter(person=person).count() == 2


def test_only_admitted_institutions_employ_and_only_for_themselves() -> None:
    person, institution = make.person(), make.institution()
    assert refused(record, person=person, institution=make.applicant()) == "not_admitted"
    assert refused(record, person=person, institution=make.college()) == "not_admitted"
    stranger = make.acting(make.manager_of(make.institution()))
    found = refused(record, person=person, institution=institution, actor=stranger, check_id=uuid4())
    assert found == "employment_unknown"
    officer = make.acting(make.officer())
    assert refused(record, person=person, institution=institution, actor=officer) == "role_required"
    assert not Employment.objects.exists()


def test_the_manager_works_there_and_is_somebody_else() -> None:
    institution, person = make.institution(), make.person()
    elsewhere = make.employed(institution=make.institution()).person
    assert refused(record, person=person, institution=institution, manager=elsewhere) == "manager_elsewhere"
    assert refused(record, person=person, institution=institution, manager=person) == "own_manager"
    assert not Employment.objects.filter(person=person).exists()


def test_killed_half_way_nobody_is_employed(monkeypatch: pytest.MonkeyPatch) -> None:
    def die(**_: object) -> None:
        raise SystemExit

    institution, person = make.institution(), make.person()
    monkeypatch.setattr(employment, "record", die)
    with pytest.raises(SystemExit):
        record(person=person, institution=institution)
    assert not Employment.objects.exists()


def test_a_new_manager_begins_where_the_old_one_ends() -> None:
    institution = make.institution()
    first, second = (make.employed(institution=institution).person for _ in range(2))
    row = make.employed(institution=institution, manager=first)
    assign = {"employment": row, "actor": make.system(), "now": make.LONG_AGO}
    services.assign_manager(manager=second, from_date=NEW_YEAR, **assign)
    assert [entry.manager for entry in direct_managers_on(row.person, NEW_YEARS_EVE)] == [first]
    assert [entry.manager for entry in direct_managers_on(row.person, NEW_YEAR)] == [second]
    again = services.assign_manager(manager=second, from_date=NEW_YEAR, **assign)
    assert again.manager == second
    assert ReportingLine.objects.filter(employment=row).count() == 2
    assert refused(services.assign_manager, manager=first, from_date=NEW_YEARS_EVE, **assign) == "before_present_line"
    corrected = services.assign_manager(manager=first, from_date=NEW_YEAR, **assign)
    assert corrected.pk == again.pk
    event = AuditEvent.objects.filter(verb="employment.manager_assigned").order_by("-pk").first()
    assert event is not None
    assert (event.changes["previous"], event.changes["manager"]) == (str(second.pk), str(first.pk))


def test_a_manager_outside_the_employment_is_refused() -> None:
    institution = make.institution()
    head = make.employed(institution=institution).person
    row = make.employed(institution=institution, from_date=date(2025, 5, 1))
    assign = {"employment": row, "manager": head, "actor": make.system(), "now": make.LONG_AGO}
    assert refused(services.assign_manager, from_date=date(2025, 4, 30), **assign) == "outside_employment"


def test_the_last_day_is_inclusive_and_lines_end_with_it() -> None:
    institution = make.institution()
    head = make.employed(institution=institution)
    row = make.employed(institution=institution, manager=head.person)
    manager = make.acting(make.manager_of(institution))
    end = {"reason": "合同到期", "actor": manager, "now": make.LONG_AGO}
    assert refused(services.end_employment, employment=row, to_date=date(2024, 1, 31), **end) == "dates_reversed"
    services.end_employment(employment=row, to_date=NEW_YEARS_EVE, **end)
    assert direct_managers_on(row.person, NEW_YEARS_EVE)
    assert not direct_managers_on(row.person, NEW_YEAR)
    assert refused(services.end_employment, employment=row, to_date=NEW_YEAR, **end) == "ended_already"


def test_when_the_manager_leaves_nobody_is_led_by_them_any_more() -> None:
    institution = make.institution()
    head = make.employed(institution=institution)
    row = make.employed(institution=institution, manager=head.person)
    services.end_employment(
        employment=head, to_date=NEW_YEARS_EVE, reason="离职", actor=make.system(), now=make.LONG_AGO
    )
    assert direct_managers_on(row.person, NEW_YEARS_EVE)
    assert not direct_managers_on(row.person, NEW_YEAR)
    assert Employment.objects.on(NEW_YEAR).filter(Q(pk=row.pk)).exists()


def test_one_works_at_two_places_under_two_managers() -> None:
    person = make.person()
    heads = []
    for _ in range(2):
        institution = make.institution()
        head = make.employed(institution=institution).person
        make.employed(institution=institution, person=person, manager=head)
        heads.append(head)
    assert {entry.manager for entry in direct_managers_on(person, NEW_YEAR)} == set(heads)


def test_another_institution_ends_nothing() -> None:
    row = make.employed(institution=make.institution())
    stranger = make.acting(make.manager_of(make.institution()), Role.INSTITUTION_MANAGER)
    end = {"employment": row, "to_date": NEW_YEAR, "reason": "", "actor": stranger, "now": make.LONG_AGO}
    assert refused(services.end_employment, **end) == "employment_unknown"
