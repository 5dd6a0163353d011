"""Appeal changes nothing; annulment takes the overturning document and two officers."""

from datetime import date, timedelta

import pytest

from lms.audit.models import AuditEvent
from lms.registry import services
from lms.registry.models import CaseState
from lms.registry.services.steps import latest
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound
from tests.factories import people, registry

pytestmark = pytest.mark.django_db
TODAY = date(2026, 4, 20)
LATER = registry.ENTERED + timedelta(days=30)


def test_under_appeal_stays_in_force() -> None:
    person = people.person()
    case = registry.case_in_force(person)
    actor = people.acting(registry.registrar())
    services.mark_appeal(case=case, reason="申请行政复议", actor=actor, now=LATER)
    assert services.is_barred(person, TODAY) is not None
    assert services.current_list_version().number == 1
    with pytest.raises(Conflict):
        services.mark_appeal(case=case, reason="再次申请", actor=actor, now=LATER)
    services.close_appeal(case=case, reason="维持原决定", actor=actor, now=LATER)
    assert services.is_barred(person, TODAY) is not None


def test_a_draft_can_not_be_appealed() -> None:
    with pytest.raises(Conflict) as refused:
        services.mark_appeal(
            case=registry.drafted_case(), reason="复议", actor=people.acting(registry.registrar()), now=LATER
        )
    assert refused.value.code == "wrong_state"
    assert "草稿" in str(refused.value)


def test_annulled_by_two_officers_makes_a_new_version() -> None:
    person = people.person()
    case = registry.annulled(registry.case_in_force(person))
    assert services.is_barred(person, TODAY) is None
    version = services.current_list_version()
    assert (version.number, version.entries) == (2, 0)
    assert latest(case).document is not None
    assert AuditEvent.objects.filter(verb="ban_subject.released", person_id=person.pk).count() == 1


def test_proposed_only_it_still_acts() -> None:
    person = people.person()
    case = registry.case_in_force(person)
    services.propose_annulment(
        case=case,
        overturning_file=registry.decision_file(),
        reason="判决撤销",
        actor=people.acting(registry.registrar()),
        now=LATER,
    )
    assert services.is_barred(person, TODAY) is not None


def test_the_officer_who_proposed_may_not_confirm() -> None:
    officer = registry.registrar()
    people.services.grant_role(
        user=officer,
        role="confirming_registrar",
        organisation=people.bureau(),
        actor=people.system(),
        now=people.LONG_AGO,
    )
    case = registry.case_in_force(people.person())
    services.propose_annulment(
        case=case,
        overturning_file=registry.decision_file(),
        reason="判决撤销",
        actor=people.acting(officer, "registrar"),
        now=LATER,
    )
    with pytest.raises(NotAllowed) as refused:
        services.confirm_annulment(case=case, actor=people.acting(officer, "confirming_registrar"), now=LATER)
    assert refused.value.code == "same_officer"


def test_declined_it_stays_in_force_and_can_be_proposed_again() -> None:
    person = people.person()
    case = registry.case_in_force(person)
    propose = {"overturning_file": registry.decision_file(), "reason": "判决撤销", "now": LATER}
    services.propose_annulment(case=case, actor=people.acting(registry.registrar()), **propose)
    confirming = people.acting(registry.confirming())
    services.decline_annulment(case=case, reason="判决尚未生效", actor=confirming, now=LATER)
    assert latest(case).state == CaseState.ANNULMENT_DECLINED
    assert services.is_barred(person, TODAY) is not None
    propose["overturning_file"] = registry.decision_file()
    services.propose_annulment(case=case, actor=people.acting(registry.registrar()), **propose)
    services.confirm_annulment(case=case, actor=confirming, now=LATER)
    assert services.is_barred(person, TODAY) is None


def test_without_a_document_or_a_reason_nothing_is_lifted() -> None:
    case = registry.case_in_force(people.person())
    actor = people.acting(registry.registrar())
    with pytest.raises(Invalid):
        services.propose_annulment(
            case=case, overturning_file=registry.decision_file(content=b""), reason="判决", actor=actor, now=LATER
        )
    with pytest.raises(Invalid):
        services.propose_annulment(
            case=case, overturning_file=registry.decision_file(), reason="  ", actor=actor, now=LATER
        )


def test_annulled_twice_gets_a_clear_answer() -> None:
    case = registry.annulled(registry.case_in_force(people.person()))
    with pytest.raises(Conflict) as refused:
        services.confirm_annulment(case=case, actor=people.acting(registry.confirming()), now=LATER)
    assert refused.value.code == "case_annulled"


def test_an_officer_of_another_region_finds_no_case() -> None:
    case = registry.case_in_force(people.person())
    with pytest.raises(NotFound):
        services.mark_appeal(
            case=case, reason="复议", actor=people.acting(registry.registrar(people.BEIJING)), now=LATER
        )


def test_a_lifetime_ban_never_expires() -> None:
    assert services.is_barred(registry.banned(), date(2126, 12, 31)) is not None


def test_a_dated_ban_acts_on_its_last_day_and_not_after() -> None:
    person = registry.banned(until=date(2026, 12, 31))
    assert services.is_barred(person, date(2026, 12, 31)) is not None
    assert services.is_barred(person, date(2027, 1, 1)) is None
    assert services.barred_ids([person.pk], date(2026, 12, 31)) == {person.pk}
    assert services.barred_ids([person.pk], date(2027, 1, 1)) == set()
