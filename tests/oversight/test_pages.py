"""Dashboards: one's own region, as of a day, in few questions; and what everybody may read."""

import io

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from tests.factories import people, policy
from tests.oversight.test_city_figures import NOON, on_post, qualified

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(time_machine):
    time_machine.move_to(NOON, tick=False)
    policy.packs_loaded()
    cache.clear()


def signed_in(user):
    client = Client()
    client.force_login(user, backend="lms.people.backends.SignInBackend")
    return client


@pytest.mark.parametrize("role", ["registrar", "bureau_auditor", "bureau_approver", "confirming_registrar"])
def test_an_officer_is_led_to_their_own_city(role, django_assert_max_num_queries):
    qualified(on_post())
    on_post(region=people.HUANGPU)
    client = signed_in(people.officer(role))
    answer = client.get(reverse("oversight:dashboard"))
    assert answer.url == reverse("oversight:city", args=["310000"])
    client.get(answer.url)
    with django_assert_max_num_queries(15):
        text = client.get(answer.url).content.decode()
    assert all(word in text for word in ("上海市", "50.0 %", "到期未达成", "浦东新区", "certified-rate-data"))


def test_a_districts_officer_sees_the_district():
    client = signed_in(people.officer("registrar", people.PUDONG))
    answer = client.get(reverse("oversight:dashboard"), follow=True)
    assert "浦东新区" in answer.content.decode()
    assert client.get(reverse("oversight:city", args=["310000"])).status_code == 404
    assert client.get(reverse("oversight:city", args=["310101"])).status_code == 404


def test_a_provinces_officer_chooses():
    client = signed_in(people.officer("registrar", "330000"))
    text = client.get(reverse("oversight:dashboard")).content.decode()
    assert "余姚市" in text
    assert "玉环市" in text
    assert "上海市" not in text


@pytest.mark.parametrize("code", ["110000", "331083", "000000"])
def test_another_regions_figures_are_not_found(code):
    client = signed_in(people.officer("registrar"))
    assert client.get(reverse("oversight:city", args=[code])).status_code == 404


def test_nobody_else_reads_a_dashboard():
    assert Client().get(reverse("oversight:dashboard")).status_code == 302
    manager = people.manager_of(people.institution())
    assert signed_in(manager).get(reverse("oversight:dashboard")).status_code == 403


def test_as_of_an_earlier_day():
    on_post()
    client = signed_in(people.officer("registrar"))
    address = reverse("oversight:city", args=["310000"])
    assert "2020-06-30" in client.get(address, {"on": "2020-06-30"}).content.decode()
    assert "2026-11-21" in client.get(address, {"on": "2099-01-01"}).content.decode()
    assert client.get(address, {"on": "yesterday"}).status_code == 200


def test_before_any_policy_the_refusal_is_a_page():
    client = signed_in(people.officer("registrar"))
    answer = client.get(reverse("oversight:city", args=["310000"]), {"on": "2019-12-31"})
    assert answer.status_code == 404
    assert "没有适用的政策" in answer.content.decode()


def test_the_workbook_has_districts_and_targets():
    qualified(on_post())
    client = signed_in(people.officer("registrar"))
    answer = client.get(reverse("oversight:city", args=["310000"]), {"format": "xlsx"})
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    rows = book.get_sheet_by_name("各区数据").to_python()
    assert rows[1][:4] == ["上海市", 1.0, 1.0, "100.0 %"]
    assert len(rows) == 18
    assert book.get_sheet_by_name("目标").to_python()[1][0] == "从业人员持证上岗率"


def test_the_public_page_shows_totals_only(django_assert_max_num_queries):
    for _place in range(3):
        qualified(on_post())
    with django_assert_max_num_queries(10):
        text = Client().get(reverse("oversight:public")).content.decode()
    assert all(city in text for city in ("上海市", "北京市", "余姚市", "玉环市", "南京市"))
    assert "浦东新区" not in text
    assert "少于 5 人" in text
    with django_assert_max_num_queries(0):
        Client().get(reverse("oversight:public"))
