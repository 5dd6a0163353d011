"""Coming into force: two officers, one commit, and everyone named is found under every document."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection

from lms.audit.models import AuditEvent
from lms.people.services import add_document
from lms.registry import services, signals
from lms.registry.models import BanCase, BanSubject, ListVersion
from lms.rules.bans import BanKind
from lms.rules.refusals import Conflict, NotAllowed, NotFound, Refusal
from tests.factories import people, registry

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 10)


def test_in_force_after_the_second_officer() -> None:
    person = people.person()
    case = registry.submitted_case(person)
    assert services.is_barred(person, TODAY) is None

    step = services.confirm_case(case=case, actor=people.acting(registry.confirming()), now=registry.ENTERED)

    fact = services.is_barred(person, TODAY)
    assert fact is not None
    assert (fact.kind, fact.until) == (BanKind.LIFETIME, None)
    assert services.barred_ids([person.pk], TODAY) == {person.pk}
    version = services.current_list_version()
    assert (version.number, version.entries, version.state_id) == (1, 1, step.pk)
    assert AuditEvent.objects.filter(verb="ban_subject.barred", person_id=person.pk).count() == 1
    assert AuditEvent.objects.filter(verb="ban_case.came_into_force", subject_id=case.pk).count() == 1


def test_before_its_first_day_and_for_ever_after() -> None:
    person = registry.banned()
    assert services.is_barred(person, registry.DECIDED - timedelta(days=1)) is None
    assert services.is_barred(person, registry.DECIDED) is not None
    assert services.is_barred(person, date(2099, 12, 31)) is not None


def test_the_officer_who_submitted_may_not_confirm() -> None:
    officer = people.officer("registrar")
    people.services.grant_role(
        user=officer,
        role="confirming_registrar",
        organisation=people.bureau(),
        actor=people.system(),
        now=people.LONG_AGO,
    )
    case = registry.submitted_case(people.person(), officer=officer)
    with pytest.raises(NotAllowed) as refused:
        services.confirm_case(case=case, actor=people.acting(officer, "confirming_registrar"), now=registry.ENTERED)
    assert refused.value.code == "same_officer"
    assert not case.states.filter(state="in_force").exists()


def test_a_second_confirmation_gets_a_clear_answer() -> None:
    case = registry.case_in_force(people.person())
    with pytest.raises(Conflict) as refused:
        services.confirm_case(case=case, actor=people.acting(registry.confirming()), now=registry.ENTERED)
    assert refused.value.code == "already_in_force"
    assert ListVersion.objects.filter(number__gt=0).count() == 1


def test_a_registrar_without_the_second_role_may_not() -> None:
    case = registry.submitted_case(people.person())
    with pytest.raises(NotAllowed):
        services.confirm_case(case=case, actor=people.acting(registry.registrar()), now=registry.ENTERED)


def test_no_system_job_confirms() -> None:
    case = registry.submitted_case(people.person())
    with pytest.raises(NotAllowed) as refused:
        services.confirm_case(case=case, actor=people.system(), now=registry.ENTERED)
    assert refused.value.code == "officer_required"


def test_an_officer_of_another_region_finds_no_case() -> None:
    case = registry.submitted_case(people.person())
    elsewhere = people.acting(registry.confirming(people.BEIJING))
    with pytest.raises(NotFound):
        services.confirm_case(case=case, actor=elsewhere, now=registry.ENTERED)


def test_a_receiver_that_fails_undoes_everything() -> None:
    person = people.person()
    case = registry.submitted_case(person)

    def fails(**_news: Any) -> None:
        raise ObjectDoesNotExist

    signals.ban_in_force.connect(fails)
    try:
        with pytest.raises(ObjectDoesNotExist):
            services.confirm_case(case=case, actor=people.acting(registry.confirming()), now=registry.ENTERED)
    finally:
        signals.ban_in_force.disconnect(fails)
    assert services.is_barred(person, TODAY) is None
    assert case.states.order_by("-number")[0].state == "submitted"
    assert services.current_list_version().number == 0


def test_receivers_are_told_inside_the_transaction() -> None:
    person, heard = people.person(), []

    def hears(case: BanCase, subjects: list[BanSubject], **_news: Any) -> None:
        heard.append((case.pk, [subject.person_id for subject in subjects], connection.in_atomic_block))

    signals.ban_in_force.connect(hears)
    try:
        case = registry.case_in_force(person)
    finally:
        signals.ban_in_force.disconnect(hears)
    assert heard == [(case.pk, [person.pk], True)]


def test_someone_registered_after_the_ban_is_barred_from_the_start() -> None:
    number = people.resident_number()
    registry.case_in_force(unknown=[{"name": "王小明", "document_type": "resident_id", "document_number": number}])
    person = people.person(name="王小明", document_number=number)
    assert services.is_barred(person, TODAY) is not None
    assert services.barred_ids([person.pk, people.person().pk], TODAY) == {person.pk}


def test_someone_registered_between_submission_and_confirmation_is_linked() -> None:
    number = people.resident_number()
    case = registry.submitted_case(
        unknown=[{"name": "王小明", "document_type": "resident_id", "document_number": number}]
    )
    person = people.person(name="王小明", document_number=number)
    services.confirm_case(case=case, actor=people.acting(registry.confirming()), now=registry.ENTERED)
    assert case.subjects.get().person_id == person.pk


def test_found_under_every_document_of_the_person() -> None:
    person = people.person()
    add_document(
        person=person,
        document_type="passport",
        document_number="E12345678",
        valid_from=date(2025, 1, 1),
        actor=people.system(),
        now=people.LONG_AGO,
    )
    registry.banned(person)
    numbers = people.services.identity_numbers(person)
    assert len(numbers) == 2
    for number in numbers:
        assert services.acting_subjects([number], TODAY).count() == 1


def test_fifteen_digits_find_the_same_subject() -> None:
    number = people.resident_number(born=date(1985, 6, 1))
    registry.case_in_force(
        unknown=[
            {
                "name": "王小明",
                "document_type": "resident_id",
                "document_number": number[:6] + number[8:17],
            }
        ]
    )
    assert services.is_barred(people.person(name="王小明", document_number=number), TODAY) is not None


def test_overlapping_bans_the_strictest_acts() -> None:
    """A court bans for five years, the authority for life: two decisions on one person."""
    person = people.person()
    registry.case_in_force(person, until=date(2031, 3, 1))
    dated = services.is_barred(person, TODAY)
    assert dated is not None
    assert dated.until == date(2031, 3, 1)
    life = registry.case_in_force(person)
    fact = services.is_barred(person, TODAY)
    assert fact is not None
    assert fact.kind == BanKind.LIFETIME
    registry.annulled(life)
    assert services.is_barred(person, date(2031, 3, 1)) == dated
    assert services.is_barred(person, date(2031, 3, 2)) is None


@pytest.mark.django_db(transaction=True)
def test_two_confirmers_at_once_one_wins() -> None:
    person = people.person()
    case = registry.submitted_case(person)
    actors = [people.acting(registry.confirming()), people.acting(registry.confirming())]
    barrier, answers = threading.Barrier(2), []

    def confirm(actor: Any) -> None:
        try:
            barrier.wait(timeout=10)
            services.confirm_case(case=case, actor=actor, now=registry.ENTERED)
            answers.append("in_force")
        except Refusal as refusal:
            answers.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=confirm, args=[actor]) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(answers) in (["already_in_force", "in_force"], ["case_moved_on", "in_force"])
    assert case.states.filter(state="in_force").count() == 1
    assert ListVersion.objects.filter(number__gt=0).count() == 1
