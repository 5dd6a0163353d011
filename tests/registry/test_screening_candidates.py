"""Whom the list holds that a question might mean: found by keys, in very few queries, whatever was registered when."""

import os
from datetime import date, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from lms.people.models import Person, PreviousName
from lms.people.services import add_document, identity_numbers
from lms.people.services.persons import holder
from lms.registry import services
from lms.registry.models import BanMatchKey, BanSubject
from lms.registry.services.screening import MOST_NAMESAKES
from lms.rules import screening
from lms.rules.identity import check_digit, parse
from lms.rules.screening import Candidate, Outcome, Query, Rule, ScreenResult
from tests.factories import people, registry

pytestmark = pytest.mark.django_db

ON = date(2026, 4, 1)
BORN = date(1990, 5, 1)


def listed(name: str, number: str = "", kind: str = "resident_id", **more: Any) -> dict[str, Any]:
    number = number or people.resident_number(born=BORN)
    return {"name": name, "document_type": kind, "document_number": number, **more}


def asked(name: str, number: str = "", kind: str = "resident_id", born: date | None = None) -> Query:
    parsed = parse(kind, number or people.resident_number(region="110105", born=BORN))
    return Query(parsed.type, parsed.canonical, name, born)


def candidates(query: Query, on: date = ON) -> list[Candidate]:
    number = parse(query.document_type, query.canonical)
    return services.screening_candidates(
        number=number, name=query.name, birth_date=query.date_of_birth, holder=holder(number), on=on
    )


def screened(query: Query, on: date = ON) -> ScreenResult:
    return screening.screen(query, candidates(query, on))


def with_passport(person: Person, number: str) -> None:
    add_document(
        person=person,
        document_type="passport",
        document_number=number,
        valid_from=ON,
        actor=people.system(),
        now=registry.ENTERED,
    )


@pytest.mark.parametrize(
    ("name", "query", "rule"),
    [
        ("单雄信", asked("单雄信"), Rule.NAME_AND_BIRTH_DATE),
        ("单雄信", asked("單雄信"), Rule.NAME_VARIANT_AND_BIRTH_DATE),
        ("单雄信", asked("SHAN XIONGXIN", "E12345678", "passport", BORN), Rule.NAME_SOUND_AND_BIRTH_DATE),
        ("单雄信", asked("Xiong Xin Shan", "E12345678", "passport", BORN), Rule.NAME_SOUND_AND_BIRTH_DATE),
        ("吕布", asked("LYU BU", "E12345678", "passport", BORN), Rule.NAME_SOUND_AND_BIRTH_DATE),
        ("阿依古丽·买买提", asked("阿依古丽买买提"), Rule.NAME_VARIANT_AND_BIRTH_DATE),
        ("並川", asked("并川"), Rule.NAME_VARIANT_AND_BIRTH_DATE),
        ("单雄信", asked("单雄信", "E12345678", "passport"), Rule.NAME_BIRTH_DATE_UNKNOWN),
        ("单雄信", asked("单雄兴"), Rule.NO_MATCH),
    ],
)
def test_another_document_of_the_same_person(name: str, query: Query, rule: Rule) -> None:
    registry.case_in_force(unknown=[listed(name)])
    assert screened(query).rule is rule


@pytest.mark.parametrize("place", range(17))
def test_a_slip_at_every_place_of_a_resident_number(place: int) -> None:
    number = people.resident_number(region="310115", born=date(1990, 1, 1))
    registry.case_in_force(unknown=[listed("单雄信", number)])
    for digit in "0123456789":
        typed = number[:place] + digit + number[place + 1 : 17]
        query = Query(parse("resident_id", number).type, typed + check_digit(typed), "单雄信")
        if digit != number[place]:
            found = services.screening_candidates_many([query], holders=[None], on=ON)[0]
            assert screening.screen(query, found).outcome is Outcome.REVIEW


@pytest.mark.parametrize("typed", ["E12345679", "E12345687", "E1234567", "F12345678", "12345678", "E123456780"])
def test_a_slip_in_a_passport_number(typed: str) -> None:
    registry.case_in_force(unknown=[listed("单雄信", "E12345678", "passport", birth_date=BORN)])
    assert screened(asked("单雄信", typed, "passport", date(1991, 1, 1))).rule is Rule.NUMBER_SLIP


def test_the_old_and_the_new_card_of_a_foreigner() -> None:
    old = "USA31019005010"
    weights = (7, 3, 1)
    old += str(sum(int(c, 36) * weights[i % 3] for i, c in enumerate(old)) % 10)
    new = "931840" + "19900501" + "001"
    registry.case_in_force(unknown=[listed("JOHN SMITH", old, "foreign_permanent_residence")])
    query = asked("Smith John", new + check_digit(new), "foreign_permanent_residence")
    assert screened(query).rule is Rule.NAME_VARIANT_AND_BIRTH_DATE


def test_nobody_near_costs_one_query_and_two_with_a_holder(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    registry.case_in_force(unknown=[listed("单雄信")])
    query, person = asked("赵云"), people.person()
    number = identity_numbers(person)[0]
    for known, queries in ((None, 1), (person, 2)):
        with django_assert_num_queries(queries):
            found = services.screening_candidates(number=number, name=query.name, birth_date=None, holder=known, on=ON)
        assert found == []


def test_who_registers_after_the_ban_is_found_under_everything_they_bring() -> None:
    number = people.resident_number(born=BORN)
    registry.case_in_force(unknown=[listed("单雄信", number)])
    person = people.person(name="单雄信", document_number=number, previous_names=["单二郎"])
    with_passport(person, "E12345678")
    assert screened(asked("单雄信", "E12345678", "passport")).rule is Rule.NUMBER_AND_NAME
    assert screened(asked("单二郎", "E12345678", "passport")).rule is Rule.NUMBER_AND_PREVIOUS_NAME
    assert screened(asked("单雄信", "E12345687", "passport", date(1991, 1, 1))).rule is Rule.NUMBER_SLIP
    assert screened(asked("单二郎")).rule is Rule.PREVIOUS_NAME_AND_BIRTH_DATE


def test_a_stranger_who_holds_the_number_of_a_decision_is_never_barred_by_it() -> None:
    """One of the two numbers is mistyped: a registrar finds out whose."""
    number = people.resident_number(born=BORN)
    registry.case_in_force(unknown=[listed("单雄信", number)])
    stranger = people.person(name="赵云", document_number=number)
    with_passport(stranger, "E12345678")
    for query in (asked("赵云", number), asked("赵云", "E12345678", "passport")):
        assert screened(query).rule is Rule.NUMBER_MATCH_NAME_DIFFERS
    assert screened(asked("赵云")).outcome is Outcome.CLEAR


def test_a_name_taken_or_told_after_the_ban_is_found_with_another_document() -> None:
    person = registry.banned(people.person(name="单雄信", document_number=people.resident_number(born=BORN)))
    PreviousName.objects.create(person=person, name="单二郎")
    person.name = "单通"
    person.save()
    for name in ("单雄信", "单二郎", "单通", "單通"):
        assert screened(asked(name)).outcome is Outcome.REVIEW
    assert screened(asked("SHAN TONG", "E12345678", "passport", BORN)).rule is Rule.NAME_SOUND_AND_BIRTH_DATE


def test_a_document_registered_after_the_ban_is_found_with_a_slip() -> None:
    person = registry.banned(people.person(name="单雄信"))
    with_passport(person, "E12345678")
    assert screened(asked("单雄信", "E12345687", "passport", date(1991, 1, 1))).rule is Rule.NUMBER_SLIP


def test_only_bans_that_act_are_found() -> None:
    number = people.resident_number(born=BORN)
    registry.annulled(registry.case_in_force(unknown=[listed("单雄信", number)]))
    registry.submitted_case(unknown=[listed("单雄信", number)])
    assert screened(asked("单雄信", number)).outcome is Outcome.CLEAR
    registry.case_in_force(unknown=[listed("单雄信", number)], until=date(2026, 12, 31))
    assert screened(asked("单雄信", number), date(2026, 12, 31)).outcome is Outcome.BARRED
    assert screened(asked("单雄信", number), date(2027, 1, 1)).outcome is Outcome.CLEAR


def test_without_a_birth_date_a_common_name_names_no_more_than_a_registrar_can_look_through() -> None:
    crowd = [listed("张伟", people.resident_number(born=BORN + timedelta(days=n))) for n in range(MOST_NAMESAKES + 5)]
    registry.annulled(registry.case_in_force(unknown=crowd))
    query = asked("张伟", "E12345678", "passport")
    assert screened(query).outcome is Outcome.CLEAR
    registry.case_in_force(unknown=[listed("张伟")])
    assert len(screened(query).subject_ids) == 1
    registry.case_in_force(unknown=crowd)
    result = screened(query)
    assert (result.rule, len(result.subject_ids)) == (Rule.NAME_BIRTH_DATE_UNKNOWN, MOST_NAMESAKES)


def test_a_key_shared_by_chance_decides_nothing() -> None:
    registry.case_in_force(unknown=[listed("单雄信"), listed("赵云", people.resident_number(born=date(1970, 1, 1)))])
    one, other = BanSubject.objects.order_by("name")
    BanMatchKey.objects.bulk_create(BanMatchKey(subject=other, key=row.key) for row in one.match_keys.all())
    assert screened(asked(one.name, people.resident_number(born=one.birth_date))).subject_ids == (str(one.pk),)


def test_many_questions_get_the_answers_they_get_one_by_one(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    names = ["单雄信", "赵云", "吕布", "张飞"]
    registry.case_in_force(unknown=[listed(name, people.resident_number(born=BORN)) for name in names])
    late_number = people.resident_number(born=BORN)
    registry.case_in_force(unknown=[listed("马超", late_number)])
    late = people.person(name="马超", document_number=late_number)
    known = registry.banned(people.person(name="黄忠"))
    queries = [asked(name) for name in [*names, "單雄信", "关羽", "LYU BU"] * 40]
    queries += [asked("马超", late_number), asked("黄忠", identity_numbers(known)[0].canonical)]
    queries += [asked("张飞", "E12345678", "passport")]
    holders = [None] * (len(queries) - 3) + [late.pk, known.pk, None]
    with django_assert_max_num_queries(13):
        many = services.screening_candidates_many(queries, holders=holders, on=ON)
    results = [screening.screen(query, found) for query, found in zip(queries, many, strict=True)]
    assert results == [screened(query) for query in queries]
    assert [result.outcome for result in results[-3:]] == [Outcome.BARRED, Outcome.BARRED, Outcome.REVIEW]
    assert services.screening_candidates_many([], holders=[], on=ON) == []


def test_the_list_is_found_again_under_a_new_key_and_new_rules(settings: Any) -> None:
    registry.banned(people.person(name="单雄信", document_number=people.resident_number(born=BORN)))
    BanMatchKey.objects.filter(pk=BanMatchKey.objects.first().pk).delete()  # type: ignore[union-attr]
    assert [one.code for one in services.verify_registry()] == ["not_indexed"]
    BanMatchKey.objects.create(subject=BanSubject.objects.get(), key=1)  # of a rule that is no more
    again = {"actor": people.system(), "now": registry.ENTERED}
    assert services.reindex_subjects(**again) == 1
    assert not BanMatchKey.objects.filter(key=1).exists()
    assert services.verify_registry() == []
    settings.IDENTITY_KEYS = {**settings.IDENTITY_KEYS, 2: os.urandom(32)}
    assert screened(asked("單雄信")).outcome is Outcome.REVIEW
    assert (services.reindex_subjects(**again), services.reindex_subjects(**again)) == (1, 0)


def test_who_registers_under_a_newer_key_than_the_list_knows_is_barred(settings: Any) -> None:
    number = people.resident_number(born=BORN)
    registry.case_in_force(unknown=[listed("单雄信", number)])
    settings.IDENTITY_KEYS = {**settings.IDENTITY_KEYS, 2: os.urandom(32)}
    person = people.person(name="单雄信", document_number=number)
    assert services.is_barred(person, ON) is not None
    assert services.barred_ids([person.pk], ON) == {person.pk}


def test_whether_somebody_is_barred_is_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    banned, free = registry.banned(), people.person()
    with_passport(banned, "E12345678")
    for person, barred in ((banned, True), (free, False)):
        with django_assert_num_queries(1):
            assert (services.is_barred(person, ON) is not None) is barred
