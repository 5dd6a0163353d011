"""What a check says by now is worked out twice, for one check and in a query: the two say the same in every state."""

from datetime import timedelta
from itertools import product
from typing import Any, NamedTuple

import pytest
from django.db.models import Model

from lms.audit.keys import new_id
from lms.hiring import services
from lms.hiring.models import (
    BatchRow,
    Check,
    CheckDispute,
    DecisionRevocation,
    DisputeAnswer,
    Outcome,
    PairDecision,
    RememberedAnswer,
    ReviewDecision,
)
from tests.factories import hiring, matches, people, registry
from tests.factories.check_batches import line, uploaded, workbook


class State(NamedTuple):
    """``decided``: by a registrar, ``remembered``: earlier words, each taken back since or not."""

    outcome: str
    rule: str
    decided: tuple[str, bool] | None
    remembered: tuple[bool, ...]
    disputed: str


STATES = [
    State(*one)
    for one in product(
        Outcome.values,
        ("number_and_name", "registrar_same", "registrar_different"),
        (None, *product(("clear", "barred"), (False, True))),
        ((), (False,), (True,), (False, True)),
        ("", "open", "stays", "clears"),
    )
]


def said_of(passport: str) -> PairDecision:
    """A word of a registrar about somebody on the list."""
    matches.listed()
    check, officer = matches.asked(passport=passport), people.acting(registry.registrar())
    decision = services.decide_review(checked=check, outcome="clear", reason="比对", actor=officer, now=hiring.ASKED)
    return decision.pairs.all()[0]


@pytest.fixture
def words() -> dict[bool, PairDecision]:
    """One word that stands, and one that was taken back."""
    taken_back = said_of("E11112222")
    second = people.acting(registry.confirming())
    services.revoke_decision(decision=taken_back.decision, reason="有误", actor=second, now=hiring.ASKED)
    return {False: said_of("E33334444"), True: taken_back}


@pytest.fixture
def states(words: dict[bool, PairDecision]) -> dict[Any, State]:
    """A check in each state, whether the verbs lead there or not, each in a row of one batch."""
    institution, someone, officer = people.institution(), people.practitioner(), registry.registrar()
    model = hiring.checked(institution, someone.person)
    batch = uploaded(institution, workbook(line(someone.person))).batch
    now: dict[str, Any] = {"at": hiring.ASKED}
    found: dict[Any, State] = {}
    rows: dict[type[Model], list[Any]] = {}

    def add(row: Any) -> Any:
        rows.setdefault(type(row), []).append(row)
        return row

    for place, state in enumerate(STATES, start=10):
        values = {field.attname: getattr(model, field.attname) for field in Check._meta.concrete_fields}
        key = new_id()
        values |= {"id": key, "receipt_token": key.hex, "outcome": state.outcome, "rule": state.rule}
        row = add(BatchRow(batch=batch, number=place, name=model.name))
        check = add(Check(**values | {"batch_row_id": row.pk}))
        found[check.pk] = state
        for taken_back in state.remembered:
            add(RememberedAnswer(checked=check, pair=words[taken_back]))
        if state.decided:
            outcome, revoked = state.decided
            decision = ReviewDecision(checked=check, outcome=outcome, decided_by=officer, **now)
            decision.list_version = model.list_version
            add(decision)
            if revoked:
                add(DecisionRevocation(decision=decision, reason="有误", revoked_by=officer, **now))
        if state.disputed:
            dispute = CheckDispute(checked=check, person=someone.person, statement="不是我", raised_by=someone, **now)
            add(dispute)
            if state.disputed != "open":
                outcome = "clear" if state.disputed == "clears" else ""
                add(DisputeAnswer(dispute=dispute, upheld=True, outcome=outcome, answered_by=officer, **now))
    for kind, some in rows.items():
        kind._default_manager.bulk_create(some)
    return found


def test_one_check_and_a_query_say_the_same_in_every_state(states: dict[Any, State]) -> None:
    checks = Check.objects.filter(pk__in=list(states)).select_related("decision__revocation", "dispute__answer")
    one_by_one = {check.pk: services.effective_outcome(check) for check in checks}
    assert set(one_by_one.values()) == set(Outcome.values)
    rows = BatchRow.objects.filter(checked__in=list(states))
    for outcome in Outcome.values:
        expected = {states[key] for key, said in one_by_one.items() if said == outcome}
        asked = checks.filter(Check.objects.saying(outcome)).values_list("pk", flat=True)
        assert {states[key] for key in asked} == expected
        from_rows = rows.filter(Check.objects.saying(outcome, "checked__")).values_list("checked", flat=True)
        assert sorted(from_rows) == sorted(key for key, said in one_by_one.items() if said == outcome)


def test_what_it_says(states: dict[Any, State]) -> None:
    checks = Check.objects.in_bulk(list(states))
    says = {state: services.effective_outcome(checks[key]) for key, state in states.items()}
    barred, rule = ("barred", False), "number_and_name"
    for state, outcome in (
        (State("review", rule, None, (), ""), "review"),
        (State("review", rule, barred, (), ""), "barred"),
        (State("review", rule, ("barred", True), (), ""), "review"),
        (State("review", rule, barred, (), "stays"), "barred"),
        (State("review", rule, barred, (), "clears"), "clear"),
        (State("barred", rule, None, (), "clears"), "clear"),
        (State("barred", "registrar_same", None, (False,), ""), "barred"),
        (State("barred", "registrar_same", None, (True,), ""), "review"),
        (State("clear", "registrar_different", None, (False,), ""), "clear"),
        (State("clear", "registrar_different", None, (False, True), ""), "review"),
        (State("clear", "registrar_different", None, (True,), "clears"), "clear"),
    ):
        assert says[state] == outcome, state


def test_a_batch_counts_what_its_rows_say(states: dict[Any, State]) -> None:
    batch = BatchRow.objects.filter(checked__in=list(states))[0].batch
    counts = services.progress_of(batch)
    assert counts.clear + counts.barred + counts.review == len(STATES)


@pytest.mark.parametrize(
    ("decided", "hours", "says"),
    [("barred", 1, "barred"), ("barred", -1, "clear"), ("clear", 1, "clear"), ("clear", -1, "clear")],
)
def test_the_later_word_counts(decided: str, hours: int, says: str) -> None:
    """Somebody whose dispute was upheld and who is then found to be the same person as one on the list is barred."""
    check, officer = matches.possible(), registry.registrar()
    dispute = CheckDispute.objects.create(
        checked=check,
        person=people.person(),
        ground="outcome_wrong",
        statement="不是我",
        raised_by=officer,
        at=hiring.ASKED,
    )
    DisputeAnswer.objects.create(
        dispute=dispute, upheld=True, outcome="clear", reason="不是同一人", answered_by=officer, at=hiring.ASKED
    )
    services.decide_review(
        checked=check,
        outcome=decided,
        reason="比对照片",
        actor=people.acting(registry.registrar()),
        now=hiring.ASKED + timedelta(hours=hours),
    )
    check = Check.objects.get(pk=check.pk)
    assert services.effective_outcome(check) == says
    found = [one for one in Outcome.values if Check.objects.filter(Check.objects.saying(one), pk=check.pk).exists()]
    assert found == [says]
