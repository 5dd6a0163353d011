from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules import identity, screening
from lms.rules.identity import DocumentType
from lms.rules.screening import Candidate, Outcome, Query, Rule, screen

RESIDENT = DocumentType.RESIDENT_ID
PASSPORT = DocumentType.PASSPORT
BORN = date(1985, 6, 7)


def number(order: int, born: date = BORN, region: str = "310101") -> str:
    body = f"{region}{born:%Y%m%d}{order:03d}"
    return body + identity.check_digit(body)


LISTED = Candidate("listed", RESIDENT, number(1), "歐陽峰", ("歐陽明",), BORN)
OTHER = number(777)


def asked(
    canonical: str = OTHER,
    name: str = "欧阳峰",
    born: date | None = None,
    kind: DocumentType = RESIDENT,
) -> Query:
    return Query(kind, canonical, name, born)


@pytest.mark.parametrize(
    ("query", "outcome", "rule"),
    [
        (asked(number(1), "歐陽峰"), Outcome.BARRED, Rule.NUMBER_AND_NAME),
        (asked(number(1), "欧阳峰"), Outcome.BARRED, Rule.NUMBER_AND_NAME),
        (asked(number(1), "欧阳峯"), Outcome.BARRED, Rule.NUMBER_AND_NAME),
        (asked(number(1), "欧阳明"), Outcome.BARRED, Rule.NUMBER_AND_PREVIOUS_NAME),
        (asked(number(1), "欧阳锋"), Outcome.REVIEW, Rule.NUMBER_MATCH_NAME_SIMILAR),
        (asked(number(1), "王芳"), Outcome.REVIEW, Rule.NUMBER_MATCH_NAME_DIFFERS),
        (asked(name="歐陽峰"), Outcome.REVIEW, Rule.NAME_AND_BIRTH_DATE),
        (asked(name="欧阳峰"), Outcome.REVIEW, Rule.NAME_VARIANT_AND_BIRTH_DATE),
        (asked(name="欧阳明"), Outcome.REVIEW, Rule.PREVIOUS_NAME_AND_BIRTH_DATE),
        (asked(name="欧阳锋"), Outcome.CLEAR, Rule.NO_MATCH),
        (asked(name="王芳"), Outcome.CLEAR, Rule.NO_MATCH),
        (asked(number(777, date(1985, 6, 8))), Outcome.CLEAR, Rule.NO_MATCH),
        (asked("E12345678", "OUYANG FENG", BORN, PASSPORT), Outcome.REVIEW, Rule.NAME_SOUND_AND_BIRTH_DATE),
        (asked("E12345678", "歐陽峰", BORN, PASSPORT), Outcome.REVIEW, Rule.NAME_AND_BIRTH_DATE),
        (asked("E12345678", "歐陽峰", date(1985, 6, 8), PASSPORT), Outcome.CLEAR, Rule.NO_MATCH),
        (asked("E12345678", "欧阳峰", None, PASSPORT), Outcome.REVIEW, Rule.NAME_BIRTH_DATE_UNKNOWN),
        (asked("E12345678", "OUYANG FENG", None, PASSPORT), Outcome.CLEAR, Rule.NO_MATCH),
        (asked(number(1), "歐陽峰", None, PASSPORT), Outcome.REVIEW, Rule.NUMBER_OTHER_TYPE),
        (asked(number(1), "王芳", None, PASSPORT), Outcome.CLEAR, Rule.NO_MATCH),
    ],
)
def test_what_each_likeness_comes_to(query: Query, outcome: Outcome, rule: Rule) -> None:
    result = screen(query, [LISTED])
    assert (result.outcome, result.rule) == (outcome, rule)
    assert result.subject_ids == (() if outcome is Outcome.CLEAR else ("listed",))


def test_a_slip_that_brings_its_check_digit_along() -> None:
    slip = number(1, date(1985, 6, 8))
    assert screen(asked(slip), [LISTED]).rule is Rule.NUMBER_SLIP
    assert screen(asked(slip, "王芳"), [LISTED]).outcome is Outcome.CLEAR


def test_a_slip_in_a_passport_number() -> None:
    listed = Candidate("listed", PASSPORT, "E12345678", "李明")
    for typed in ("E12345679", "E21345678", "E1234578", "E123456789"):
        result = screen(Query(PASSPORT, typed, "李明", BORN), [listed])
        assert (result.outcome, result.rule) == (Outcome.REVIEW, Rule.NUMBER_SLIP)
    assert screen(Query(PASSPORT, "E12345687", "李明", BORN), [listed]).rule is Rule.NUMBER_SLIP
    assert screen(Query(PASSPORT, "E12345699", "李明", BORN), [listed]).outcome is Outcome.CLEAR


def test_a_wrong_birth_date_given_does_not_hide_the_one_in_the_number() -> None:
    assert screen(asked(name="歐陽峰", born=date(1999, 1, 1)), [LISTED]).rule is Rule.NAME_AND_BIRTH_DATE


def test_barred_tells_of_nobody_who_only_looks_alike() -> None:
    twin = Candidate("twin", RESIDENT, OTHER, "歐陽峰", (), BORN)
    result = screen(asked(number(1), "歐陽峰"), [twin, LISTED])
    assert (result.outcome, result.subject_ids) == (Outcome.BARRED, ("listed",))


def test_review_names_everybody_it_may_be_once() -> None:
    twin = Candidate("twin", RESIDENT, number(555), "歐陽峰", (), BORN)
    replaced = Candidate("listed", PASSPORT, "E1", "歐陽峰", (), BORN)
    result = screen(asked(), [LISTED, twin, replaced])
    assert (result.outcome, result.subject_ids) == (Outcome.REVIEW, ("listed", "twin"))


def test_an_empty_list_clears() -> None:
    assert screen(asked(), []).outcome is Outcome.CLEAR


candidates = st.builds(
    Candidate,
    st.sampled_from("abc"),
    st.just(RESIDENT),
    st.integers(0, 5).map(number),
    st.sampled_from(["王芳", "王方", "李峯", "李峰"]),
    st.just(()),
    st.just(BORN),
)
queries = st.builds(asked, st.integers(0, 5).map(number), st.sampled_from(["王芳", "王方", "李峯", "李峰", "赵云"]))


@given(queries, st.lists(candidates, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_the_list_is_irrelevant(query: Query, listed: list[Candidate], chance: object) -> None:
    assert screen(query, listed) == screen(query, listed[::-1])


@given(queries, st.lists(candidates, max_size=6))
def test_nothing_but_the_number_bars(query: Query, listed: list[Candidate]) -> None:
    result = screen(query, listed)
    if all(one.canonical != query.canonical for one in listed):
        assert result.outcome is not Outcome.BARRED


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("E12345678", "E12345678", False),
        ("E12345678", "E12345679", True),
        ("E12345678", "E12345687", True),
        ("E12345678", "E1234567", True),
        ("E12345678", "E123456780", True),
        ("E12345678", "E87654321", False),
        (number(1), number(2), True),
        (number(1), number(10), True),
        (number(1), number(23), False),
    ],
)
def test_slip_neighbours(a: str, b: str, expected: bool) -> None:
    assert screening.slip_neighbours(a, b) is expected
    assert screening.slip_neighbours(b, a) is expected


@pytest.mark.parametrize(("kind", "canonical"), [(RESIDENT, number(1)), (PASSPORT, "E1234"), (PASSPORT, "EJ0012345")])
def test_slip_variants_are_exactly_the_neighbours_that_can_exist(kind: DocumentType, canonical: str) -> None:
    variants = screening.slip_variants(kind, canonical)
    assert canonical not in variants
    assert all(screening.slip_neighbours(canonical, one) for one in variants)
    if kind is RESIDENT:
        assert number(2) in variants
        assert all(one[17] == identity.check_digit(one[:17]) for one in variants)
    else:
        assert canonical[:-1] in variants
        assert canonical + "7" in variants
