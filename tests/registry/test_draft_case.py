"""A draft: entered once, editable until submitted, and nothing in it can be half right."""

from datetime import date
from typing import Any

import pytest

from lms.people.services import assign_manager
from lms.registry import services
from lms.registry.models import BanCase, BanSubject
from lms.rules.refusals import Conflict, Invalid, NotAllowed
from tests.factories import people, registry

pytestmark = pytest.mark.django_db


def test_kept_with_its_document_and_hash() -> None:
    case = registry.drafted_case()
    document = case.documents.get().document
    assert (document.kind, document.size) == ("ban-decision", len(registry.PDF))
    assert document.file_name == "decision.pdf"


def test_the_same_decision_is_entered_once() -> None:
    officer = registry.registrar()
    registry.drafted_case(officer=officer, number="沪卫禁字〔2026〕1号")
    with pytest.raises(Conflict) as refused:
        registry.drafted_case(officer=officer, number=" 沪卫禁字〔2026〕1号 ")
    assert refused.value.code == "decision_entered"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"number": "  "}, "required"),
        ({"legal_basis": ""}, "required"),
        ({"facts_category": "gossip"}, "facts_category"),
        ({"decided_on": date(2026, 3, 4)}, "date_in_future"),
        ({"facts_on": date(2026, 3, 3)}, "facts_after_decision"),
        ({"decision_file": registry.decision_file("决定.pdf", b"\x00\x00plain")}, "upload_wrong_kind"),
        ({"decision_file": registry.decision_file("决定.png")}, "upload_renamed"),
    ],
)
def test_what_can_not_be_right_is_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        registry.drafted_case(**change)
    assert refused.value.code == code
    assert not BanCase.objects.exists()


def test_a_region_the_officer_does_not_answer_for() -> None:
    with pytest.raises(NotAllowed):
        registry.drafted_case(officer=registry.registrar("310115"), region="110000")


def test_submitted_it_is_fixed() -> None:
    case = registry.submitted_case(people.person())
    with pytest.raises(Conflict) as refused:
        registry.subject_of(case, people.person())
    assert refused.value.code == "case_fixed"
    with pytest.raises(Conflict):
        services.remove_subject(
            subject=case.subjects.get(), actor=people.acting(registry.registrar()), now=registry.ENTERED
        )


def test_returned_it_is_editable_again() -> None:
    case = registry.submitted_case(people.person())
    services.return_case(case=case, reason="文号有误", actor=people.acting(registry.confirming()), now=registry.ENTERED)
    registry.subject_of(case, people.person())
    assert case.subjects.count() == 2


def test_without_a_perpetrator_it_is_not_submitted() -> None:
    case = registry.drafted_case()
    with pytest.raises(Conflict) as refused:
        services.submit_case(case=case, actor=people.acting(registry.registrar()), now=registry.ENTERED)
    assert refused.value.code == "no_subject"


def test_a_subject_is_named_once() -> None:
    case, person = registry.drafted_case(), people.person()
    registry.subject_of(case, person)
    with pytest.raises(Conflict) as refused:
        registry.subject_of(case, person)
    assert refused.value.code == "subject_listed"


def test_removed_leaves_no_index() -> None:
    case = registry.drafted_case()
    subject = registry.subject_of(case, people.person())
    services.remove_subject(subject=subject, actor=people.acting(registry.registrar()), now=registry.ENTERED)
    assert not BanSubject.objects.exists()


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"kind": "dated", "until": None}, "until_required"),
        ({"kind": "lifetime", "until": date(2030, 1, 1)}, "lifetime_has_no_end"),
        ({"kind": "dated", "until": date(2026, 1, 1)}, "dates_reversed"),
        ({"kind": "lifetime", "from_date": date(2026, 3, 4)}, "date_in_future"),
        ({"role": "bystander"}, "role_unknown"),
    ],
)
def test_terms_that_contradict_themselves(terms: dict[str, Any], code: str) -> None:
    given: dict[str, Any] = {"role": "perpetrator", "kind": "lifetime", "from_date": date(2026, 3, 2), "until": None}
    with pytest.raises(Invalid) as refused:
        services.add_subject(
            case=registry.drafted_case(),
            person=people.person(),
            actor=people.acting(registry.registrar()),
            now=registry.ENTERED,
            **{**given, **terms},
        )
    assert refused.value.code == code


def test_a_number_that_tells_no_birth_date_asks_for_it() -> None:
    case = registry.drafted_case()
    foreigner = {"name": "SMITH JOHN", "document_type": "passport", "document_number": "L8812345"}
    with pytest.raises(Invalid) as refused:
        registry.subject_of(case, **foreigner, birth_date_unknown=False)
    assert (refused.value.code, refused.value.field) == ("birth_date_needed", "birth_date")
    assert not case.subjects.exists()
    told = registry.subject_of(case, **foreigner, birth_date=date(1985, 6, 7), birth_date_unknown=False)
    assert told.birth_date == date(1985, 6, 7)
    other = registry.subject_of(case, **{**foreigner, "document_number": "L8812346"}, birth_date_unknown=True)
    assert other.birth_date is None
    card = {"name": "王小明", "document_type": "resident_id", "document_number": people.resident_number()}
    assert registry.subject_of(case, **card, birth_date_unknown=False).birth_date


def test_a_document_registered_under_another_name_is_not_taken_over() -> None:
    holder = people.person(name="王小明")
    number = people.services.identity_numbers(holder)[0].canonical
    with pytest.raises(Conflict) as refused:
        registry.subject_of(registry.drafted_case(), name="赵大海", document_type="resident_id", document_number=number)
    assert refused.value.code == "name_differs"
    assert "王小明" not in str(refused.value)


def test_the_number_is_not_kept_in_the_clear() -> None:
    number = people.resident_number()
    subject = registry.subject_of(
        registry.drafted_case(), name="王小明", document_type="resident_id", document_number=number
    )
    stored = BanSubject.objects.filter(pk=subject.pk).values().get()
    assert number not in str(stored)


def test_the_direct_manager_of_the_day_of_the_facts_is_proposed() -> None:
    employer = people.institution()
    then, now = (people.employed(institution=employer, post="institution_head").person for _ in range(2))
    employment = people.employed(institution=employer, manager=then)
    assign_manager(
        employment=employment, manager=now, from_date=date(2026, 2, 1), actor=people.system(), now=registry.ENTERED
    )
    case = registry.drafted_case(facts_on=date(2026, 1, 31))
    registry.subject_of(case, employment.person)
    assert [one.manager for one in services.proposed_managers(case)] == [then]
    registry.subject_of(case, then, role="manager")
    assert services.proposed_managers(case) == []
