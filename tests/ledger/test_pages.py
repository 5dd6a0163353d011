"""The ledger's pages: one's own entries with their evidence, nobody else's, at a fixed number of queries."""

import io
from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from python_calamine import CalamineWorkbook

from lms.ledger.models import HourEntry
from lms.ledger.services import reverse_entry
from lms.people.models import User
from tests.factories.ledger import NOON, SYSTEM, credited
from tests.factories.people import officer, practitioner
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_a_day_in_june() -> Any:
    packs_loaded()
    with time_machine.travel(NOON, tick=False):
        yield


def signed_in(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def owner(region: str = "310115") -> User:
    return practitioner(region=region)


def entry_of(user: User, **more: Any) -> HourEntry:
    assert user.person is not None
    return credited(user.person, **more)


def test_a_year_with_its_standing_and_entries(client: Client) -> None:
    user = owner()
    entry = entry_of(user, title="气道异物急救", class_hours=8)
    page = signed_in(client, user).get("/hours/").content.decode()
    assert "气道异物急救" in page
    assert f"/hours/{entry.pk}/" in page
    assert "还差 64 学时" in page
    assert "职业道德教育：还差 40 学时" in page
    assert "230 天" in page


def test_years_and_filters(client: Client) -> None:
    user = owner()
    entry_of(user, title="去年的课", on=date(2025, 12, 31))
    entry_of(user, title="今年的技能课")
    entry_of(user, title="今年的道德课", category="ethics")
    signed_in(client, user)

    def shown(query: str) -> set[str]:
        page = client.get(f"/hours/{query}").content.decode()
        return {title for title in ("去年的课", "今年的技能课", "今年的道德课") if title in page}

    assert shown("") == {"今年的技能课", "今年的道德课"}
    assert shown("?year=2025") == {"去年的课"}
    assert shown("?year=2026&category=ethics") == {"今年的道德课"}
    assert shown("?q=技能") == {"今年的技能课"}
    assert shown("?year=1066&category=none") == {"今年的技能课", "今年的道德课"}


def test_an_empty_year_says_what_to_do(client: Client) -> None:
    page = signed_in(client, owner()).get("/hours/").content.decode()
    assert "没有符合条件的学时记录" in page


def test_a_city_without_a_quota_shows_the_hours_so_far(client: Client) -> None:
    user = owner(region="110105")
    entry_of(user, class_hours=6)
    page = signed_in(client, user).get("/hours/").content.decode()
    assert "当地政策没有规定年度学时" in page
    assert "6" in page


def test_the_workbook_has_the_filtered_rows_and_signs(client: Client) -> None:
    user = owner()
    entry = entry_of(user, title="=1+1 的课")
    entry_of(user, category="ethics")
    reverse_entry(entry=entry, reason="重复", actor=SYSTEM, now=NOON)
    response = signed_in(client, user).get("/hours/?category=skills&format=xlsx")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(response.content)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in sheet] == ["序号", 3, 1]
    assert [row[5] for row in sheet[1:]] == ["=1+1 的课"] * 2
    assert [row[8] for row in sheet[1:]] == [-4, 4]
    assert sheet[2][10] == str(entry.evidence_id)


def test_an_entry_shows_its_evidence_and_hashes(client: Client) -> None:
    user = owner()
    entry = entry_of(user)
    page = signed_in(client, user).get(f"/hours/{entry.pk}/").content.decode()
    for text in (entry.evidence_digest, str(entry.evidence_id), entry.hash, "上海市托育服务三年行动计划"):
        assert text in page


def test_a_reversed_entry_and_its_reversal_name_each_other(client: Client) -> None:
    user = owner()
    entry = entry_of(user)
    reversal = reverse_entry(entry=entry, reason="代学", actor=SYSTEM, now=NOON)
    signed_in(client, user)
    for one, other in ((entry, reversal), (reversal, entry)):
        page = client.get(f"/hours/{one.pk}/").content.decode()
        assert "代学" in page
        assert f"/hours/{other.pk}/" in page


class TestAccess:
    def test_strangers_sign_in_first(self, client: Client) -> None:
        assert client.get("/hours/").status_code == 302
        assert client.get(f"/hours/{entry_of(owner()).pk}/").status_code == 302

    def test_somebody_elses_entry_does_not_exist(self, client: Client) -> None:
        entry = entry_of(owner())
        assert signed_in(client, owner()).get(f"/hours/{entry.pk}/").status_code == 404

    def test_the_bureau_of_the_region_sees_it_and_another_does_not(self, client: Client) -> None:
        entry = entry_of(owner(region="310115"))
        for region, status in (("310000", 200), ("110000", 404)):
            client.force_login(officer("bureau_auditor", region))
            assert client.get(f"/hours/{entry.pk}/").status_code == status

    def test_an_account_without_a_person_is_told_so(self, client: Client) -> None:
        client.force_login(officer("bureau_auditor", "310000"))
        response = client.get("/hours/")
        assert response.status_code == 404
        assert "没有关联到个人" in response.content.decode()


@pytest.mark.parametrize("entries", [1, 60])
def test_queries_do_not_grow_with_entries(client: Client, entries: int, django_assert_max_num_queries: Any) -> None:
    user = owner()
    for _ in range(entries):
        entry_of(user, class_hours=1)
    signed_in(client, user)
    with django_assert_max_num_queries(15):
        client.get("/hours/")
