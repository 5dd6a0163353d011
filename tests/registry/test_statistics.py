"""Public statistics: counts without persons, and none so small that it is about somebody."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from tests.factories import people, registry
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh(db: None) -> None:
    packs_loaded()
    cache.clear()


def told() -> Any:
    cache.clear()
    return Client().get(reverse("ban_list:statistics_json")).json()


def unknown(count: int) -> list[dict[str, str]]:
    numbers = [people.resident_number() for _each in range(count)]
    return [{"name": people.full_name(), "document_type": "resident_id", "document_number": one} for one in numbers]


def test_counted_by_year_city_facts_role_and_kind() -> None:
    registry.case_in_force(unknown=unknown(6))
    registry.case_in_force(unknown=unknown(5), region=people.PUDONG, facts_category="neglect", until=date(2030, 1, 1))
    registry.case_in_force(
        unknown=unknown(7), region=people.BEIJING, decided_on=date(2025, 5, 1), facts_on=date(2025, 1, 1)
    )
    registry.annulled(registry.case_in_force(unknown=unknown(5)))
    figures = told()
    assert (figures["listed"], figures["annulled"]) == (18, 5)
    assert [(row["key"], row["entries"]) for row in figures["year"]] == [("2025", 7), ("2026", 11)]
    assert {row["key"]: row["entries"] for row in figures["city"]} == {"310000": 11, "110000": 7}
    assert {row["key"]: row["entries"] for row in figures["facts"]} == {
        "abuse": 13,
        "neglect": 5,
        "sexual": 0,
        "concealment": 0,
    }
    assert {row["key"]: row["entries"] for row in figures["kind"]} == {"lifetime": 13, "dated": 5}


def test_few_are_not_told_nor_what_gives_them_away() -> None:
    registry.case_in_force(unknown=unknown(6))
    registry.case_in_force(unknown=unknown(2), region=people.BEIJING)
    figures = told()
    assert figures["listed"] == 8
    assert {row["entries"] for row in figures["city"]} == {None}
    page = Client().get(reverse("ban_list:statistics")).content.decode()
    assert "不公布" in page
    registry.annulled(registry.case_in_force(people.person()))
    assert told()["annulled"] is None


def test_no_person_and_a_workbook() -> None:
    person = registry.banned()
    page = Client().get(reverse("ban_list:statistics"))
    assert person.name not in page.content.decode()
    book = Client().get(reverse("ban_list:statistics"), {"format": "xlsx"}).content
    rows = CalamineWorkbook.from_filelike(BytesIO(book)).get_sheet_by_index(0).to_python()
    assert rows[1] == ["合计", "在名单中", "少于 5"]


def test_reached_from_the_public_pages() -> None:
    address = reverse("ban_list:statistics")
    assert address in Client().get(reverse("welcome")).content.decode()


def test_few_queries(django_assert_max_num_queries: Any) -> None:
    registry.case_in_force(unknown=unknown(3))
    with django_assert_max_num_queries(10):
        Client().get(reverse("ban_list:statistics"))
