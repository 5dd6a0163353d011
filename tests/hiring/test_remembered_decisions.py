"""What a registrar said of a number, a name and a subject answers the same question until a second one takes it back."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lms.audit.models import AuditEvent
from lms.hiring import services
from lms.hiring.models import Check, RememberedAnswer, ReviewDecision
from lms.hiring.services import reviews
from lms.people import vault
from lms.people.models import Message
from lms.rules.identity import DocumentType, IdentityNumber
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound
from tests.factories import hiring, matches, people, registry

LATER = hiring.ASKED + timedelta(hours=5)
AGAIN = hiring.ASKED + timedelta(days=40)


def decided(check: Check, outcome: str, **more: object) -> ReviewDecision:
    officer = people.acting(registry.registrar())
    return services.decide_review(checked=check, outcome=outcome, reason="比对照片", actor=officer, now=LATER, **more)  # type: ignore[arg-type]


def outcome_of(check: Check) -> str:
    return services.effective_outcome(Check.objects.get(pk=check.pk))


def test_somebody_else_is_no_candidate_any_more() -> None:
    decided(matches.possible(), "clear")
    again = matches.asked(now=AGAIN)
    assert (again.outcome, again.rule) == ("clear", "registrar_different")
    assert not again.candidates.exists()
    assert RememberedAnswer.objects.filter(checked=again).count() == 1


def test_the_same_person_is_barred_and_the_rule_says_so() -> None:
    decided(matches.possible(), "barred")
    again = matches.asked(now=AGAIN)
    assert (again.outcome, again.rule) == ("barred", "registrar_same")
    assert again.candidates.count() == 1


def test_another_number_is_another_question() -> None:
    decided(matches.possible(), "clear")
    assert matches.asked(passport="E11112222", now=AGAIN).outcome == "review"


def test_a_new_subject_is_asked_about_alone() -> None:
    decided(matches.possible(), "clear")
    matches.listed()
    again = matches.asked(now=AGAIN)
    assert again.outcome == "review"
    assert again.candidates.count() == 1


def test_the_same_question_of_others_is_answered_with_it() -> None:
    first = matches.possible()
    second = matches.asked()
    decided(first, "clear")
    assert outcome_of(second) == "clear"
    assert Message.objects.filter(user=people.manager_of(second.institution), code="check.reviewed").count() == 1
    assert Check.objects.get(pk=second.pk).review.closed_at == LATER


def test_which_of_several_must_be_said() -> None:
    matches.listed()
    check = matches.possible()
    one, two = check.candidates.all()
    with pytest.raises(Invalid) as refused:
        decided(check, "barred")
    assert refused.value.code == "subject_required"
    decided(check, "barred", subject=two.subject)
    assert list(ReviewDecision.objects.get().pairs.values_list("subject", "same")) == [(two.subject_id, True)]
    assert one.subject_id != two.subject_id


def test_revoked_everything_it_answered_is_open_again() -> None:
    first = matches.possible()
    together = matches.asked()
    decision = decided(first, "clear")
    later = matches.asked(now=AGAIN)
    services.revoke_decision(
        decision=decision, reason="照片系他人", actor=people.acting(registry.confirming()), now=AGAIN
    )
    assert {outcome_of(check) for check in (first, together, later)} == {"review"}
    for check in (first, together, later):
        told = Message.objects.get(user=people.manager_of(check.institution), code="check.decision_revoked")
        assert told.urgent
    assert AuditEvent.objects.filter(verb="hiring_check.decision_revoked").count() == 3
    assert matches.asked(now=AGAIN).outcome == "review"


def test_no_start_on_a_revoked_answer() -> None:
    decision = decided(matches.possible(), "clear")
    institution = people.institution()
    check = matches.asked(institution, now=AGAIN)
    officer = people.acting(registry.confirming())
    services.revoke_decision(decision=decision, reason="照片系他人", actor=officer, now=AGAIN)
    with pytest.raises(Conflict) as refused:
        services.start_employment(
            institution=institution,
            checked=check,
            post="caregiver",
            from_date=AGAIN.date(),
            actor=people.acting(people.manager_of(institution)),
            now=AGAIN,
        )
    assert refused.value.code == "check_required"


def test_only_a_second_registrar_of_the_region_revokes_once_and_with_a_reason() -> None:
    check = matches.possible()
    decision = decided(check, "clear")
    refusals = [
        (people.acting(decision.decided_by), "错了", NotAllowed),
        (people.acting(registry.registrar(people.BEIJING)), "错了", NotFound),
        (people.acting(people.manager_of(check.institution)), "错了", NotAllowed),
        (people.acting(registry.confirming()), " ", Invalid),
    ]
    for actor, reason, refusal in refusals:
        with pytest.raises(refusal):
            services.revoke_decision(decision=decision, reason=reason, actor=actor, now=AGAIN)
    for _again in range(2):
        officer = people.acting(registry.confirming())
        if _again:
            with pytest.raises(Conflict) as refused:
                services.revoke_decision(decision=decision, reason="错了", actor=officer, now=AGAIN)
            assert refused.value.code == "revoked_already"
        else:
            services.revoke_decision(decision=decision, reason="错了", actor=officer, now=AGAIN)


def test_what_contradicts_a_standing_decision_is_refused() -> None:
    check = matches.possible()
    (one,) = check.candidates.all()
    matches.listed()
    other = matches.asked()  # two come into question, so the answer about one of them leaves it open
    decided(check, "clear")
    assert outcome_of(other) == "review"
    with pytest.raises(Conflict) as refused:
        decided(other, "barred", subject=one.subject)
    assert refused.value.code == "decided_otherwise"
    assert outcome_of(other) == "review"


def test_one_more_query_only_where_there_is_a_possible_match() -> None:
    institution = people.institution()
    with CaptureQueriesContext(connection) as clear:
        hiring.checked(institution, people.person())
    assert not any("pairdecision" in query["sql"] for query in clear.captured_queries)
    matches.listed()
    with CaptureQueriesContext(connection) as review:
        matches.asked(institution)
    assert sum("pairdecision" in query["sql"] for query in review.captured_queries) == 1


def test_a_new_identity_key_hides_neither_words_nor_questions(settings: LazySettings) -> None:
    """What was said under the old key holds under the new one: nobody says the contrary without taking it back."""
    first, second, third = matches.possible(), matches.asked(), matches.asked()
    settings.IDENTITY_KEYS = {**settings.IDENTITY_KEYS, vault.newest_version() + 1: b"k" * 32}
    fresh = matches.asked()
    decided(fresh, "barred")
    assert [outcome_of(check) for check in (first, second, third)] == ["barred"] * 3
    assert matches.asked(now=AGAIN).outcome == "barred"


def test_nobody_says_the_contrary_under_a_new_key(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = matches.possible(), matches.asked()
    with monkeypatch.context() as patch:
        patch.setattr(reviews, "_asking_the_same", lambda checked: [])  # the second was just being asked
        decided(first, "barred")
    settings.IDENTITY_KEYS = {**settings.IDENTITY_KEYS, vault.newest_version() + 1: b"k" * 32}
    fresh = Check.objects.get(pk=second.pk)
    fresh.blind_index = vault.blind_index(
        IdentityNumber(DocumentType(fresh.document_type), vault.unseal(fresh.ciphertext, fresh.key_version))
    )
    with pytest.raises(Conflict) as refused:
        decided(fresh, "clear")
    assert refused.value.code == "decided_otherwise"
