"""A person disputes a look-up; a registrar of the region answers once; the institution hears what changed."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from lms.audit.models import AuditEvent
from lms.hiring import services
from lms.hiring.models import Check, CheckDispute, DisputeAnswer
from lms.people.models import Message, User
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound
from tests.factories import hiring, people, registry

LATER = hiring.ASKED + timedelta(days=1)


def near(user: User) -> Check:
    """A check of this person that came near somebody on the list: same name, same day of birth."""
    person = user.person
    assert person is not None
    assert person.birth_date is not None
    namesake = people.resident_number(born=person.birth_date)
    listed = {"name": person.name, "document_type": "resident_id", "document_number": namesake}
    registry.case_in_force(unknown=[listed])
    return hiring.checked(people.institution(), person)


def disputed(user: User, check: Check, ground: str = "outcome_wrong", **more: Any) -> CheckDispute:
    given = {"statement": "不是我", "actor": people.acting(user), "now": LATER, **more}
    return services.dispute_check(checked=check, ground=ground, **given)


def answered(dispute: CheckDispute, *, upheld: bool = True, clears: bool = False, **more: Any) -> DisputeAnswer:
    given = {"reason": "已核对原件", "actor": people.acting(registry.registrar()), "now": LATER, **more}
    return services.answer_dispute(dispute=dispute, upheld=upheld, clears=clears, **given)


@pytest.fixture
def born() -> User:
    return people.practitioner(name="王小明")


def test_the_registrars_of_the_region_are_asked(born: User) -> None:
    registrar = registry.registrar()
    dispute = disputed(born, hiring.checked(people.institution(), born.person), "no_consent")
    assert Message.objects.filter(user=registrar, code="check.disputed").count() == 1
    event = AuditEvent.objects.get(verb="hiring_check.disputed")
    assert (event.subject_id, event.person_id) == (dispute.checked_id, born.person_id)


def test_twice_is_refused(born: User) -> None:
    check = hiring.checked(people.institution(), born.person)
    disputed(born, check, "no_consent")
    with pytest.raises(Conflict) as refused:
        disputed(born, check, "wrong_person")
    assert refused.value.code == "disputed_already"


@pytest.mark.parametrize(
    ("change", "code"),
    [({"ground": "mood"}, "ground_unknown"), ({"statement": "  "}, "statement_required")],
)
def test_what_is_missing_is_named(born: User, change: dict[str, str], code: str) -> None:
    check = hiring.checked(people.institution(), born.person)
    with pytest.raises(Invalid) as refused:
        disputed(born, check, **{"ground": "no_consent", **change})
    assert refused.value.code == code


def test_clear_is_no_wrong_outcome(born: User) -> None:
    with pytest.raises(Conflict) as refused:
        disputed(born, hiring.checked(people.institution(), born.person))
    assert refused.value.code == "outcome_not_wrong"


def test_only_by_whoever_was_looked_up(born: User) -> None:
    institution = people.institution()
    check = hiring.checked(institution, born.person)
    for somebody in (people.practitioner(), people.manager_of(institution), registry.registrar()):
        with pytest.raises(NotFound):
            disputed(somebody, check, "no_consent")


def test_also_by_the_holder_of_a_number_under_another_name(born: User) -> None:
    assert born.person
    check = hiring.checked(people.institution(), **{**hiring.identity_of(born.person), "name": "赵大海"})
    assert check.person is None
    assert disputed(born, check, "wrong_person").person == born.person


def test_an_answer_that_clears_changes_what_the_check_says(born: User) -> None:
    check = near(born)
    manager = people.manager_of(check.institution)
    assert services.effective_outcome(check) == "review"
    answered(disputed(born, check), clears=True)
    again = Check.objects.get(pk=check.pk)
    assert (again.outcome, services.effective_outcome(again)) == ("review", "clear")
    assert Check.objects.filter(Check.objects.saying("clear")).get() == check
    assert not Check.objects.filter(Check.objects.saying("review")).exists()
    assert Message.objects.filter(user=manager, code="check.dispute_answered").count() == 1
    assert Message.objects.filter(user=born, code="check.dispute_answered").count() == 1


def test_no_consent_upheld_is_told_to_the_institution_and_changes_nothing(born: User) -> None:
    check = hiring.checked(people.institution(), born.person)
    manager = people.manager_of(check.institution)
    answered(disputed(born, check, "no_consent"))
    assert services.effective_outcome(Check.objects.get(pk=check.pk)) == "clear"
    assert Message.objects.filter(user=manager, code="check.dispute_answered").count() == 1


def test_not_upheld_is_told_to_the_person_alone(born: User) -> None:
    check = hiring.checked(people.institution(), born.person)
    manager = people.manager_of(check.institution)
    answered(disputed(born, check, "no_consent"), upheld=False)
    assert not Message.objects.filter(user=manager, code="check.dispute_answered").exists()
    assert Message.objects.filter(user=born, code="check.dispute_answered").count() == 1


def test_who_is_on_the_list_is_not_cleared_here(born: User) -> None:
    registry.banned(born.person)
    dispute = disputed(born, hiring.checked(people.institution(), born.person))
    with pytest.raises(Conflict) as refused:
        answered(dispute, clears=True)
    assert refused.value.code == "still_listed"
    assert not DisputeAnswer.objects.exists()


def test_answered_once(born: User) -> None:
    dispute = disputed(born, hiring.checked(people.institution(), born.person), "no_consent")
    answered(dispute)
    with pytest.raises(Conflict) as refused:
        answered(dispute, upheld=False)
    assert refused.value.code == "answered_already"


def test_answered_by_nobody_else(born: User) -> None:
    dispute = disputed(born, hiring.checked(people.institution(), born.person), "no_consent")
    for somebody in (born, people.manager_of(dispute.checked.institution), people.officer("bureau_auditor")):
        with pytest.raises(NotAllowed):
            answered(dispute, actor=people.acting(somebody))
    with pytest.raises(NotFound):
        answered(dispute, actor=people.acting(registry.registrar(people.BEIJING)))


def test_pages_from_the_list_of_look_ups_to_the_answer(born: User) -> None:
    cache.clear()
    check = hiring.checked(people.institution(name="小太阳托育园"), born.person)
    own, officer, stranger = Client(), Client(), Client()
    own.force_login(born)
    officer.force_login(registry.registrar())
    stranger.force_login(people.practitioner())
    address = reverse("hiring:dispute_check", args=[check.pk])
    assert address in own.get(reverse("people:lookups")).content.decode()
    assert "小太阳托育园" in own.get(address).content.decode()
    assert stranger.get(address).status_code == 404
    assert own.post(address, {"ground": "no_consent", "statement": "没有人问过我"}).status_code == 302
    dispute = CheckDispute.objects.get()
    one = reverse("hiring:dispute", args=[dispute.pk])
    assert one in officer.get(reverse("hiring:disputes")).content.decode()
    assert "没有人问过我" in officer.get(one).content.decode()
    assert stranger.get(one).status_code == 404
    assert officer.post(one, {"upheld": "yes", "reason": "机构拿不出同意书"}).status_code == 302
    assert "机构拿不出同意书" in own.get(one).content.decode()
    assert one not in officer.get(reverse("hiring:disputes")).content.decode()
    assert officer.get(reverse("hiring:disputes"), {"format": "xlsx", "state": "all"}).content.startswith(b"PK")
    assert own.get(reverse("hiring:disputes")).status_code == 403
