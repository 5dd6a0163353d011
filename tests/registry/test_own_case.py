"""Nobody takes part in a case about themselves (回避): not to enter, return or confirm it, and least of all to lift it."""

from datetime import timedelta

import pytest

from lms.people.models import Person, User
from lms.registry import services
from lms.rules.refusals import NotAllowed
from tests.factories import people, registry

pytestmark = pytest.mark.django_db
LATER = registry.ENTERED + timedelta(days=30)


def is_person(user: User, person: Person) -> User:
    user.person = person
    user.save()
    return user


def refused(verb, **asked) -> str:
    with pytest.raises(NotAllowed) as answer:
        verb(now=LATER, **asked)
    return answer.value.code


def test_neither_entering_nor_deciding() -> None:
    person = people.person()
    case = registry.submitted_case(person)
    second = people.acting(is_person(registry.confirming(), person))
    assert refused(services.confirm_case, case=case, actor=second) == "own_case"
    assert refused(services.return_case, case=case, reason="退回", actor=second) == "own_case"


@pytest.mark.parametrize("linked", [True, False])
def test_nor_lifting(linked: bool) -> None:
    number = people.resident_number()
    if linked:
        person = people.person(name="王小明", document_number=number)
        case = registry.case_in_force(person)
    else:
        unknown = {"name": "王小明", "document_type": "resident_id", "document_number": number}
        case = registry.case_in_force(unknown=[unknown])
        person = people.person(name="王小明", document_number=number)
    first = people.acting(is_person(registry.registrar(), person))
    asked = {"case": case, "overturning_file": registry.decision_file(), "reason": "判决撤销"}
    assert refused(services.propose_annulment, actor=first, **asked) == "own_case"
    assert refused(services.mark_appeal, case=case, reason="复议", actor=first) == "own_case"
    services.propose_annulment(actor=people.acting(registry.registrar()), now=LATER, **asked)
    second = people.acting(is_person_again(person, registry.confirming()))
    assert refused(services.confirm_annulment, case=case, actor=second) == "own_case"
    assert refused(services.decline_annulment, case=case, reason="不同意", actor=second) == "own_case"


def is_person_again(person: Person, user: User) -> User:
    """A person has one account: the former one lets go."""
    User.objects.filter(person=person).update(person=None)
    return is_person(user, person)
