"""One question, one answer: who is barred, who is clear, who needs a registrar; and that the person sees it."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from lms.audit.models import AuditEvent
from lms.hiring import tasks
from lms.hiring.models import Check
from lms.people.models import Message, PreviousName
from lms.people.services import add_document
from lms.registry.services import current_list_version
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound, Refusal
from tests.factories import hiring, people, policy, registry

NUMBER = "310101199003074514"


def given(name: str, number: str, kind: str = "resident_id", **more: Any) -> dict[str, Any]:
    return {"name": name, "document_type": kind, "document_number": number, **more}


def test_clear_says_until_when_and_on_which_list() -> None:
    check = hiring.checked(people.institution(), people.person())
    assert (check.outcome, check.rule) == ("clear", "no_match")
    assert check.valid_until == date(2026, 3, 10) + timedelta(days=policy.shanghai_pack().hiring.check_valid_days)
    assert check.list_version == current_list_version()


def test_barred_by_number_and_name() -> None:
    person = registry.banned()
    check = hiring.checked(people.institution(), person)
    assert (check.outcome, check.rule) == ("barred", "number_and_name")
    assert check.person_id == person.pk
    assert check.list_version.number == 1


@pytest.mark.parametrize(
    "written", ["３１０１０１１９８００１０１００２", "310101 19800101 002", "31010119800101002", "310101800101002"]
)
def test_every_written_form_of_the_number(written: str) -> None:
    """Full-width digits, blanks and the old fifteen digits, each with what its check character is."""
    from lms.rules.identity import check_digit

    first17 = "31010119800101002"
    registry.case_in_force(unknown=[given("王小明", first17 + check_digit(first17))])
    old_form = written == "310101800101002"
    asked = written if old_form else written + check_digit(first17).lower()
    assert hiring.checked(people.institution(), **given("王小明", asked)).outcome == "barred"


def test_lower_case_x() -> None:
    first17 = next(
        body
        for body in (f"3101011985010100{n:01d}" for n in range(10))
        if __import__("lms.rules.identity", fromlist=["x"]).check_digit(body) == "X"
    )
    registry.case_in_force(unknown=[given("王小明", first17 + "X")])
    assert hiring.checked(people.institution(), **given("王小明", first17 + "x")).outcome == "barred"


def test_a_wrong_check_digit_is_a_clear_field_error() -> None:
    number = people.resident_number()
    wrong = number[:17] + ("0" if number[17] != "0" else "1")
    with pytest.raises(Invalid) as refused:
        hiring.checked(people.institution(), **given("王小明", wrong))
    assert (refused.value.code, refused.value.field) == ("check_digit", "document_number")
    assert wrong not in str(refused.value)
    assert not Check.objects.exists()


def test_the_number_of_a_banned_person_under_another_name_is_reviewed() -> None:
    number = people.resident_number()
    registry.case_in_force(unknown=[given("王小明", number)])
    check = hiring.checked(people.institution(), **given("赵大海", number))
    assert (check.outcome, check.rule) == ("review", "number_match_name_differs")


def test_someone_elses_document_is_reviewed_and_its_holder_hears_of_it() -> None:
    holder = people.practitioner().person
    check = hiring.checked(people.institution(), **{**hiring.identity_of(holder), "name": "欧阳不同"})
    assert (check.outcome, check.rule, check.person) == ("review", "holder_name_differs", None)
    assert AuditEvent.objects.filter(verb="person.looked_up", person_id=holder.pk).count() == 1


def test_previous_name_with_the_same_number_is_barred() -> None:
    person = people.person(name="王小明", previous_names=["王晓鸣甲"])
    registry.banned(person)
    asked = {**hiring.identity_of(person), "name": "王晓鸣甲"}
    check = hiring.checked(people.institution(), **asked)
    assert (check.outcome, check.rule) == ("barred", "number_and_previous_name")


def test_a_name_taken_after_the_ban_does_not_help() -> None:
    person = registry.banned(people.person(name="王小明"))
    PreviousName.objects.create(person=person, name=person.name)
    person.name = "李新生"
    person.save()
    assert hiring.checked(people.institution(), person).outcome == "barred"


def test_same_name_and_birth_date_on_another_document_is_reviewed() -> None:
    registry.case_in_force(unknown=[given("王小明", people.resident_number(born=date(1990, 5, 1)))])
    asked = given("王小明", "E87654321", "passport", date_of_birth=date(1990, 5, 1))
    check = hiring.checked(people.institution(), **asked)
    assert (check.outcome, check.rule) == ("review", "name_and_birth_date")
    assert check.candidates.count() == 1


def test_a_typing_slip_in_the_number_is_reviewed() -> None:
    from lms.rules.identity import check_digit

    number = people.resident_number(born=date(1990, 5, 1))
    registry.case_in_force(unknown=[given("王小明", number)])
    first17 = number[:16] + str((int(number[16]) + 1) % 10)
    check = hiring.checked(people.institution(), **given("王小明", first17 + check_digit(first17)))
    assert (check.outcome, check.rule) == ("review", "number_slip")


def test_another_document_of_a_banned_person_is_barred() -> None:
    person = people.person(name="王小明")
    registry.banned(person)
    add_document(
        person=person,
        document_type="passport",
        document_number="E12345678",
        valid_from=date(2026, 3, 9),
        actor=people.system(),
        now=hiring.ASKED,
    )
    assert hiring.checked(people.institution(), **given("王小明", "e12345678", "passport")).outcome == "barred"


def test_a_traditional_character_is_the_same_name() -> None:
    number = people.resident_number()
    registry.case_in_force(unknown=[given("张国强", number)])
    assert hiring.checked(people.institution(), **given("張國強", number)).outcome == "barred"


def test_a_rare_name_is_checked_like_any_other() -> None:
    person = registry.banned(people.person(name="𬭎𬍛"))
    assert hiring.checked(people.institution(), person).outcome == "barred"


def test_an_annulled_ban_bars_nobody() -> None:
    person = people.person()
    registry.annulled(registry.case_in_force(person))
    later = registry.ENTERED + timedelta(days=31)
    assert hiring.checked(people.institution(), person, now=later).outcome == "clear"


def test_a_dated_ban_ends_at_midnight() -> None:
    person = registry.banned(until=date(2026, 12, 31))
    institution = people.institution()
    last = hiring.ASKED.replace(month=12, day=31, hour=23, minute=59)
    assert hiring.checked(institution, person, now=last).outcome == "barred"
    assert hiring.checked(institution, person, now=last + timedelta(minutes=1)).outcome == "clear"


def test_the_person_sees_who_asked_and_why() -> None:
    user, institution = people.practitioner(), people.institution(name="小太阳托育园")
    hiring.checked(institution, user.person, purpose="annual_review")
    tasks.issue_receipts()
    event = AuditEvent.objects.get(verb="person.looked_up", person_id=user.person_id)
    assert event.changes == {"purpose": "annual_review", "institution": "小太阳托育园", "outcome": "clear"}
    told = Message.objects.get(user=user, code="person.looked_up")
    assert "小太阳托育园" in told.title


def test_no_number_in_audit_message_or_refusal() -> None:
    user = people.practitioner()
    identity = hiring.identity_of(user.person)
    hiring.checked(people.institution(), user.person)
    tasks.issue_receipts()
    number = identity["document_number"]
    assert Message.objects.filter(user=user).exists()
    for event in AuditEvent.objects.all():
        assert number not in str(event.changes) + event.reason
    for message in Message.objects.all():
        assert number not in message.title + message.body + message.url


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"consent": False}, "consent_required", "consent"),
        ({"purpose": "curiosity"}, "purpose_unknown", "purpose"),
        ({"document_type": "library_card"}, "document_unknown", "document_type"),
        ({"name": "=cmd()"}, "formula", "name"),
        ({"date_of_birth": date(1970, 1, 1)}, "date_of_birth_differs", "date_of_birth"),
        ({"reference": "x" * 65}, "too_long", "reference"),
    ],
)
def test_what_can_not_be_right_is_refused_at_its_field(change: dict[str, Any], code: str, field: str) -> None:
    asked = {**given("王小明", people.resident_number(born=date(1990, 5, 1))), **change}
    with pytest.raises(Invalid) as refused:
        hiring.checked(people.institution(), **asked)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert not AuditEvent.objects.filter(verb="person.looked_up").exists()


def test_not_for_an_institution_that_waits_for_admission() -> None:
    waiting = people.applicant()
    with pytest.raises(Conflict) as refused:
        hiring.checked(waiting, people.person())
    assert refused.value.code == "not_admitted"


def test_not_for_a_practitioner_nor_for_another_institution() -> None:
    institution, person = people.institution(), people.person()
    with pytest.raises(NotAllowed):
        hiring.checked(institution, person, actor=people.acting(people.practitioner()))
    with pytest.raises(NotFound):
        hiring.checked(institution, person, actor=people.acting(people.manager_of(people.institution())))


def test_the_same_key_and_question_is_one_check() -> None:
    institution, person = people.institution(), people.person()
    first = hiring.checked(institution, person, idempotency_key="k-1")
    again = hiring.checked(institution, person, idempotency_key="k-1", now=hiring.ASKED + timedelta(days=1))
    assert again.pk == first.pk
    assert Check.objects.count() == 1
    assert AuditEvent.objects.filter(verb="person.looked_up").count() == 1


def test_the_same_key_for_another_question_is_refused() -> None:
    institution = people.institution()
    hiring.checked(institution, people.person(), idempotency_key="k-1")
    with pytest.raises(Conflict) as refused:
        hiring.checked(institution, people.person(), idempotency_key="k-1")
    assert (refused.value.code, refused.value.status) == ("idempotency_conflict", 409)


def test_the_same_key_of_another_institution_is_another_key() -> None:
    person = people.person()
    hiring.checked(people.institution(), person, idempotency_key="k-1")
    hiring.checked(people.institution(), person, idempotency_key="k-1")
    assert Check.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_same_question_twice_at_once_is_one_check() -> None:
    institution, person = people.institution(), people.person()
    actor = people.acting(people.manager_of(institution))
    asked = hiring.identity_of(person)
    current_list_version()
    barrier, answers = threading.Barrier(2), []

    def ask() -> None:
        try:
            barrier.wait(timeout=10)
            answers.append(hiring.checked(institution, actor=actor, idempotency_key="k-1", **asked).pk)
        except Refusal as refusal:
            answers.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(answers) == 2
    assert answers[0] == answers[1]
    assert Check.objects.count() == 1
    assert AuditEvent.objects.filter(verb="person.looked_up").count() == 1
