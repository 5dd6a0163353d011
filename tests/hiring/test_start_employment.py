"""Nobody starts without a clear, fresh check and the certificate the post needs; nobody banned starts at all."""

from datetime import date, timedelta

import pytest

from lms.hiring import services
from lms.people.models import Employment, Person
from lms.rules.refusals import Conflict, NotFound
from tests.factories import hiring, people, policy, registry


def started(institution: object, person: Person, *, now: object = hiring.ASKED, **more: object) -> Employment:
    terms = {"post": "caregiver", "from_date": now.date(), **more}  # type: ignore[attr-defined]
    actor = people.acting(people.manager_of(institution))  # type: ignore[arg-type]
    return services.start_employment(institution=institution, person=person, actor=actor, now=now, **terms)  # type: ignore[arg-type]


def test_on_a_clear_check_with_a_certificate() -> None:
    employment = hiring.hired(people.institution())
    assert employment.check_id is not None
    assert employment.to_date is None


def test_without_a_check() -> None:
    person = people.person()
    hiring.qualified(person)
    with pytest.raises(Conflict) as refused:
        started(people.institution(), person)
    assert refused.value.code == "check_required"


def test_on_the_check_of_another_institution() -> None:
    person = people.person()
    hiring.qualified(person)
    check = hiring.checked(people.institution(), person)
    institution = people.institution()
    with pytest.raises(Conflict) as refused:
        started(institution, person, checked=check)
    assert refused.value.code == "check_required"


def test_the_check_lasts_as_long_as_the_policy_says() -> None:
    institution, person = people.institution(), people.person()
    hiring.qualified(person)
    hiring.checked(institution, person)
    days = timedelta(days=policy.shanghai_pack().hiring.check_valid_days)
    with pytest.raises(Conflict) as refused:
        started(institution, person, now=hiring.ASKED + days + timedelta(days=1))
    assert refused.value.code == "check_required"
    started(institution, person, now=hiring.ASKED + days)


def test_a_start_beyond_the_checks_last_day() -> None:
    institution, person = people.institution(), people.person()
    hiring.qualified(person)
    hiring.checked(institution, person)
    with pytest.raises(Conflict):
        started(institution, person, from_date=hiring.ASKED.date() + timedelta(days=60))


def test_without_the_certificate_the_post_needs() -> None:
    institution, person = people.institution(), people.person()
    hiring.checked(institution, person)
    with pytest.raises(Conflict) as refused:
        started(institution, person)
    assert refused.value.code == "certificate_required"


def test_an_expired_qualification_does_not_count() -> None:
    person = people.person()
    hiring.qualified(person, valid_to=date(2026, 3, 9))
    assert services.certified_ids([person.pk], date(2026, 3, 9)) == {person.pk}
    assert services.certified_ids([person.pk], date(2026, 3, 10)) == set()


def test_banned_since_the_check() -> None:
    institution, person = people.institution(), people.person()
    hiring.qualified(person)
    hiring.checked(institution, person, now=registry.ENTERED - timedelta(days=1))
    registry.banned(person)
    with pytest.raises(Conflict) as refused:
        started(institution, person)
    assert refused.value.code == "barred"
    assert services.certified_ids([person.pk], hiring.ASKED.date()) == set()


def test_under_review_is_not_clear() -> None:
    institution, holder = people.institution(), people.person(name="王小明")
    check = hiring.checked(institution, **{**hiring.identity_of(holder), "name": "赵大海"})
    hiring.qualified(holder)
    with pytest.raises((Conflict, NotFound)) as refused:
        started(institution, holder, checked=check)
    assert refused.value.code == "check_required"


def test_somebody_not_known_here_yet_is_registered(settings: object) -> None:
    """No certificate can be on file for them, so only a post that needs none would do; the refusal says which is missing."""
    institution = people.institution()
    check = hiring.checked(
        institution, name="新来者", document_type="resident_id", document_number=people.resident_number()
    )
    actor = people.acting(people.manager_of(institution))
    with pytest.raises(Conflict) as refused:
        services.start_employment(
            institution=institution,
            checked=check,
            post="caregiver",
            from_date=hiring.ASKED.date(),
            actor=actor,
            now=hiring.ASKED,
        )
    assert refused.value.code == "certificate_required"
    assert not Person.objects.filter(name="新来者").exists()


def test_twice_is_refused_clearly() -> None:
    institution, person = people.institution(), people.person()
    hiring.hired(institution, person)
    with pytest.raises(Conflict) as refused:
        started(institution, person)
    assert refused.value.code == "employed_already"
