"""The law that keeps a long list searchable: whatever the rules match shares a key."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.rules import identity, screening
from lms.rules.finding import keys_of_candidate, keys_of_query
from lms.rules.identity import DocumentType
from lms.rules.screening import Candidate, Query

RESIDENT, PASSPORT = DocumentType.RESIDENT_ID, DocumentType.PASSPORT
OLD_CARD = DocumentType.FOREIGN_PERMANENT_RESIDENCE
BORN = date(1985, 6, 7)
NAMES = [
    *("单雄信", "單雄信", "SHAN XIONGXIN", "Xiong Xin Shan", "Dan Xiongxin", "SHANXIONGXIN"),
    *("吕布", "呂布", "LYU BU", "Lü Bu", "BU LU", "吕步"),
    *("欧阳峰", "歐陽峯", "欧阳锋", "OUYANG FENG", "FENG OUYANG", "FENG OU YANG"),
    *("阿依古丽·买买提", "阿依古丽买买提", "AYIGULI MAIMAITI", "Maimaiti Ayiguli"),
    *("並川", "并川", "於海", "于海", "José García", "GARCIA JOSE"),
    *("阿依古丽", "阿依古丽-买买提", "José García Márquez", "GARCIA MARQUEZ JOSE MARIA", "付海", "傅海"),
    *("MÜLLER BU", "MUELLER BU", "阿依古丽MUELLER"),
]


def resident(order: int, born: date = BORN) -> str:
    body = f"310101{born:%Y%m%d}{order:03d}"
    return body + identity.check_digit(body)


def found(query: Query, candidate: Candidate) -> bool:
    asked, listed = keys_of_query(query), keys_of_candidate(candidate)
    return bool(asked.near & listed) or asked.name_alone in listed


def matches(query: Query, candidate: Candidate) -> bool:
    return screening.screen(query, [candidate]).outcome is not screening.Outcome.CLEAR


kinds = st.sampled_from(DocumentType)
days = st.sampled_from([None, BORN, date(1985, 6, 8), date(2085, 6, 7)])
numbers = st.one_of(
    st.integers(1, 40).map(resident),
    st.sampled_from(["E12345678", "E12345687", "E1234567", "E123456789", "H12345678", "12345678", "USA310185060701"]),
    st.text("E1239", min_size=5, max_size=20),
)
names = st.one_of(st.sampled_from(NAMES), st.text("单曾李峰峯於于並并·", min_size=2, max_size=4))
former = st.lists(names, max_size=2).map(tuple)
listed = st.builds(Candidate, st.just("x"), kinds, numbers, names, former, days)
queries = st.builds(Query, kinds, numbers, names, days)


@settings(max_examples=1500)
@given(queries, listed)
def test_whatever_matches_is_found(query: Query, candidate: Candidate) -> None:
    assert found(query, candidate) or not matches(query, candidate)


@settings(max_examples=300)
@given(st.sampled_from(NAMES), st.sampled_from(NAMES), days, days)
def test_names_of_one_person_with_another_document_are_found(
    asked: str, name: str, given_day: date | None, listed_day: date | None
) -> None:
    query = Query(PASSPORT, "E12345678", asked, given_day)
    candidate = Candidate("x", RESIDENT, resident(1), name, (), listed_day)
    assert found(query, candidate) or not matches(query, candidate)


@given(st.text("ABCDE0123456789", min_size=5, max_size=20), st.data())
def test_every_slip_is_found(number: str, data: st.DataObject) -> None:
    slips = sorted(screening.slip_variants(PASSPORT, number))
    typed = data.draw(st.sampled_from([one for one in slips if len(one) >= 5]))
    assert found(Query(PASSPORT, typed, "王芳"), Candidate("x", PASSPORT, number, "王芳"))
    assert found(Query(PASSPORT, number, "王芳"), Candidate("x", PASSPORT, typed, "王芳"))


def test_every_slip_in_a_resident_number_is_found() -> None:
    listed_person = Candidate("x", RESIDENT, resident(1), "王芳")
    slips = screening.slip_variants(RESIDENT, resident(1))
    assert len(slips) > 160
    for typed in slips:
        query = Query(RESIDENT, typed, "王芳")
        assert matches(query, listed_person)
        assert found(query, listed_person)


@pytest.mark.parametrize(
    ("query", "found_by_chance"),
    [
        (Query(RESIDENT, resident(777, date(1990, 1, 1)), "王芳"), False),  # the name alone
        (Query(RESIDENT, resident(777), "李明"), False),  # the birth date alone
        (Query(RESIDENT, resident(777), "王方"), False),  # the sound, both in characters
        (Query(PASSPORT, "E12345678", "王芳", date(1990, 1, 1)), False),
        (Query(PASSPORT, "E12345678", "王芳"), True),  # no birth date: the name alone
    ],
)
def test_no_key_is_shared_by_a_name_or_a_birth_date_alone(query: Query, found_by_chance: bool) -> None:
    assert found(query, Candidate("x", RESIDENT, resident(1), "王芳", (), BORN)) is found_by_chance


def test_keys_are_few() -> None:
    """Eight or so rows a subject, and a dozen look-ups a question."""
    assert len(keys_of_candidate(Candidate("x", RESIDENT, resident(1), "李小芳", (), BORN))) == 6
    assert len(keys_of_query(Query(RESIDENT, resident(1), "李小芳", BORN)).near) == 6
    long = keys_of_candidate(Candidate("x", RESIDENT, resident(1), "阿卜杜热合曼·买买提阿卜杜", (), BORN))
    assert len(long) < 75
