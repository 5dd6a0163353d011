"""A registrar answers a possible match; the institution hears it."""

from datetime import date, timedelta

import pytest

from lms.audit.models import AuditEvent
from lms.hiring import services, tasks
from lms.hiring.models import Check
from lms.people.models import Message
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound
from tests.factories import hiring, people, registry

LATER = hiring.ASKED + timedelta(hours=5)


@pytest.fixture
def possible_match() -> Check:
    """The same name and birth date as a banned person, on a passport."""
    officer = registry.registrar()
    registry.case_in_force(
        unknown=[
            {
                "name": "王小明",
                "document_type": "resident_id",
                "document_number": people.resident_number(born=date(1990, 5, 1)),
            }
        ],
        officer=officer,
    )
    return hiring.checked(
        people.institution(),
        name="王小明",
        document_type="passport",
        document_number="E87654321",
        date_of_birth=date(1990, 5, 1),
    )


@pytest.mark.parametrize("outcome", ["clear", "barred"])
def test_decided_and_told(possible_match: Check, outcome: str) -> None:
    assert services.effective_outcome(possible_match) == "review"
    officer = people.acting(registry.registrar())
    services.decide_review(checked=possible_match, outcome=outcome, reason="比对照片", actor=officer, now=LATER)
    check = Check.objects.get(pk=possible_match.pk)
    assert (check.outcome, services.effective_outcome(check)) == ("review", outcome)
    told = Message.objects.get(user=people.manager_of(check.institution), code="check.reviewed")
    assert told.urgent is (outcome == "barred")
    assert AuditEvent.objects.filter(verb="hiring_check.reviewed", subject_id=check.pk).count() == 1


def test_the_registrars_were_asked(possible_match: Check) -> None:
    tasks.issue_receipts()
    assert Message.objects.filter(code="check.review", dedupe_key=f"review:{possible_match.pk}").exists()


def test_decided_twice_the_first_stands(possible_match: Check) -> None:
    services.decide_review(
        checked=possible_match, outcome="clear", reason="不同人", actor=people.acting(registry.registrar()), now=LATER
    )
    with pytest.raises(Conflict) as refused:
        services.decide_review(
            checked=possible_match,
            outcome="barred",
            reason="同一人",
            actor=people.acting(registry.confirming()),
            now=LATER,
        )
    assert refused.value.code == "decided_already"


def test_another_region_finds_no_check(possible_match: Check) -> None:
    with pytest.raises(NotFound):
        services.decide_review(
            checked=possible_match,
            outcome="clear",
            reason="不同人",
            actor=people.acting(registry.registrar(people.BEIJING)),
            now=LATER,
        )


def test_no_institution_decides(possible_match: Check) -> None:
    actor = people.acting(people.manager_of(possible_match.institution))
    with pytest.raises(NotAllowed):
        services.decide_review(checked=possible_match, outcome="clear", reason="不同人", actor=actor, now=LATER)


def test_what_was_clear_needs_no_decision() -> None:
    check = hiring.checked(people.institution(), people.person())
    with pytest.raises(Conflict) as refused:
        services.decide_review(
            checked=check, outcome="barred", reason="?", actor=people.acting(registry.registrar()), now=LATER
        )
    assert refused.value.code == "not_under_review"


def test_a_reason_is_needed(possible_match: Check) -> None:
    with pytest.raises(Invalid):
        services.decide_review(
            checked=possible_match, outcome="clear", reason=" ", actor=people.acting(registry.registrar()), now=LATER
        )


def test_nobody_is_barred_without_a_match_on_the_list() -> None:
    holder = people.person(name="王小明")
    check = hiring.checked(people.institution(), **{**hiring.identity_of(holder), "name": "赵大海"})
    with pytest.raises(Conflict) as refused:
        services.decide_review(
            checked=check, outcome="barred", reason="?", actor=people.acting(registry.registrar()), now=LATER
        )
    assert refused.value.code == "no_candidate"


@pytest.mark.parametrize("role", ["holder", "candidate"])
def test_nobody_decides_about_themselves(possible_match: Check, role: str) -> None:
    officer = registry.registrar()
    if role == "holder":
        asked = {"document_type": "passport", "document_number": "E87654321"}
        officer.person = people.person(name="欧阳秋月", **asked)
    else:
        subject = possible_match.candidates.get().subject
        subject.person = officer.person = people.person(name="王小明")
        subject.save()
    officer.save()
    with pytest.raises(NotAllowed) as refused:
        services.decide_review(
            checked=possible_match, outcome="clear", reason="不同人", actor=people.acting(officer), now=LATER
        )
    assert refused.value.code == "own_check"
