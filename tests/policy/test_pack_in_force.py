"""Which pack governs a place on a day, and what the five cities ask for."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from lms.audit.actors import Actor
from lms.policy.services import (
    cities,
    class_hours,
    load_policy,
    pack_in_force,
    packs_in_force,
    region_name,
    regions_within,
)
from lms.rules.refusals import NotFound
from tests.factories.policy import LOADED_AT, changed_pack, packs_loaded, shanghai_pack

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 15)


@pytest.mark.parametrize(
    ("place", "governed_by"),
    [
        ("310000", "310000"),
        ("310115", "310000"),
        ("110105", "110000"),
        ("330281", "330281"),
        ("331083", "331083"),
        ("320106", "320100"),
    ],
)
def test_the_nearest_region_governs(place: str, governed_by: str) -> None:
    packs_loaded()
    assert pack_in_force(place, DAY).region_code == governed_by


@pytest.mark.parametrize(
    ("place", "day"),
    [
        ("440100", DAY),  # a province without a pack
        ("330282", DAY),  # next to Yuyao
        ("330200", DAY),  # a city is not governed by its county's policy
        ("320500", DAY),
        ("310115", date(2019, 12, 31)),
        ("110105", date(2022, 12, 31)),
    ],
)
def test_no_policy_is_said(place: str, day: date) -> None:
    packs_loaded()
    with pytest.raises(NotFound) as refused:
        pack_in_force(place, day)
    assert refused.value.code == "no_policy"


def test_a_pack_is_in_force_from_its_day_until_the_next_begins(tmp_path: Path) -> None:
    packs_loaded()
    newer = changed_pack(
        tmp_path,
        ('version: "2020.1"', 'version: "2027.1"'),
        ("valid_from: 2020-01-01", "valid_from: 2027-01-01"),
        ("class_hours: 72", "class_hours: 80"),
    )
    load_policy(files=[newer], actor=Actor.system("test"), now=LOADED_AT)
    for day, asked in [(date(2020, 1, 1), 72), (date(2026, 12, 31), 72), (date(2027, 1, 1), 80)]:
        assert pack_in_force("310115", day).annual_requirements[0].class_hours == asked


def test_many_places_cost_one_query_once_read(django_assert_num_queries: Callable[..., Any]) -> None:
    packs_loaded()
    places = ["310115", "310101", "110105", "330281", "440100"]
    with django_assert_num_queries(1):
        found = packs_in_force(places, DAY)
    assert {place: pack.region_code for place, pack in found.items()} == {
        "310115": "310000",
        "310101": "310000",
        "110105": "110000",
        "330281": "330281",
    }


def test_shanghai_asks_for_72_and_40() -> None:
    pack = shanghai_pack()
    assert [(r.category, r.class_hours, r.section) for r in pack.annual_requirements] == [
        ("skills", Decimal(72), "二(二)3"),
        ("ethics", Decimal(40), "二(二)3"),
    ]
    assert (pack.ban.duration, pack.ban.subjects) == ("lifetime", ("person", "directly_responsible_manager"))
    assert len(pack.topics) == 5
    assert pack.subsidies[0].occupations == ("保育员", "育婴员")


@pytest.mark.parametrize(
    ("city", "rate", "role"),
    [
        ("310000", "1.00", ""),
        ("110000", "0.90", "caregiver"),
        ("330281", "0.80", ""),
        ("331083", "0.80", ""),
    ],
)
def test_certified_on_post_rates(city: str, rate: str, role: str) -> None:
    packs_loaded()
    (target,) = [t for t in pack_in_force(city, DAY).targets if t.metric == "certified_on_post_rate"]
    assert (target.value, target.role) == (Decimal(rate), role)


@pytest.mark.parametrize(
    ("city", "counts"),
    [
        ("110000", {"institution_head": 1000, "caregiver": 5000}),
        ("330281", {"instructor": 20, "village_health_guide": 300}),
        ("320100", {"key_instructor": 100, "professional": 1000}),
    ],
)
def test_head_counts(city: str, counts: dict[str, int]) -> None:
    packs_loaded()
    pack = pack_in_force(city, DAY)
    assert {t.role: t.value for t in pack.targets if t.role and t.metric != "certified_on_post_rate"} == counts


def test_parameters_are_marked_as_the_products_own() -> None:
    pack = shanghai_pack()
    assert "文件没有规定" in pack.parameters_note
    assert pack.class_hour.minutes == 45
    assert class_hours(44, pack) == Decimal("0.5")
    assert class_hours(45 * 72, pack) == 72


def test_region_names_in_both_languages() -> None:
    packs_loaded()
    assert region_name("310115") == "浦东新区"
    with translation.override("en"):
        assert region_name("310115") == "Pudong"
    assert region_name("999999") == "999999"
    assert {region.name for region in cities()} == {"上海市", "北京市", "余姚市", "玉环市", "南京市"}
    assert "朝阳区" in {region.name for region in regions_within("110000")}
