"""Pages of hiring for institutions and registrars: the answer on the same page, lamps, queues, few queries."""

from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from lms.hiring.models import AlertConfirmation, BanAlert, Check
from lms.hiring.services import effective_outcome
from lms.people.models import Employment
from lms.people.services import direct_managers_on
from tests.factories import hiring, people, registry

MOST_QUERIES = 15


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def asked(person: Any, **changes: Any) -> dict[str, Any]:
    return {**hiring.identity_of(person), "purpose": "hiring", "consent": "on", **changes}


def test_the_answer_is_on_the_same_page() -> None:
    client = signed_in(people.manager_of(people.institution()))
    person = people.person()
    page = client.post(reverse("hiring:home"), asked(person)).content.decode()
    check = Check.objects.get()
    assert "未见禁入" in page
    assert reverse("hiring:receipt_file", args=[check.pk]) in page
    assert hiring.identity_of(person)["document_number"] not in page
    page = client.post(reverse("hiring:home"), asked(registry.banned())).content.decode()
    assert "verdict--stop" in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"document_number": "310101199003074510"}, "校验码"),
        ({"name": "=SUM(A1)"}, "不能以"),
        ({"consent": ""}, "本人同意"),
        ({"date_of_birth": "1950-01-01"}, "出生日期与证件号码中的不一致"),
    ],
)
def test_an_error_says_what_to_do_at_its_field(change: dict[str, str], sentence: str) -> None:
    client = signed_in(people.manager_of(people.institution()))
    answer = client.post(reverse("hiring:home"), asked(people.person(), **change))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Check.objects.exists()


@pytest.mark.parametrize(
    ("kind", "number"),
    [("passport", "E87654321"), ("hk_macau_permit", "H12345678"), ("taiwan_permit", "12345678")],
)
def test_where_the_number_has_no_birth_date_the_form_asks_for_it(kind: str, number: str) -> None:
    client = signed_in(people.manager_of(people.institution()))
    given = {"name": "王小明", "document_type": kind, "document_number": number, "purpose": "hiring", "consent": "on"}
    answer = client.post(reverse("hiring:home"), given)
    assert answer.status_code == 422
    assert answer.content.decode().count("请填写证件上的出生日期") == 2  # above the form, and at its field
    assert answer.content.decode().count("选填") == 1  # the reference alone
    assert not Check.objects.exists()
    page = client.post(reverse("hiring:home"), given | {"date_of_birth": "1990-13-01"}).content.decode()
    assert "请填写证件上的出生日期" not in page  # what was written is no date, and told to be none
    assert client.post(reverse("hiring:home"), given | {"date_of_birth": "1990-05-01"}).status_code == 200
    assert Check.objects.get().date_of_birth == date(1990, 5, 1)


def test_two_errors_are_told_together() -> None:
    client = signed_in(people.manager_of(people.institution()))
    given = asked(people.person(), document_number="12", consent="")
    page = client.post(reverse("hiring:home"), given).content.decode()
    assert "位数不对" in page
    assert "本人同意" in page


def test_searched_filtered_exported() -> None:
    institution = people.institution()
    client = signed_in(people.manager_of(institution))
    hiring.checked(institution, people.person(name="赵可寻"), reference="=1+1")
    hiring.checked(institution, registry.banned(people.person(name="钱不见")))
    page = client.get(reverse("hiring:checks"), {"q": "可寻"}).content.decode()
    assert "赵可寻" in page
    assert "钱不见" not in page
    page = client.get(reverse("hiring:checks"), {"outcome": "barred"}).content.decode()
    assert "钱不见" in page
    assert "赵可寻" not in page
    assert client.get(reverse("hiring:checks"), {"format": "xlsx"}).content.startswith(b"PK")


def test_another_organisations_and_another_regions_check_is_not_found() -> None:
    check = hiring.checked(people.institution(), people.person(name="赵可寻"))
    url = reverse("hiring:check", args=[check.pk])
    for stranger in (people.manager_of(people.institution()), registry.registrar(people.BEIJING)):
        client = signed_in(stranger)
        assert client.get(url).status_code == 404
        assert "赵可寻" not in client.get(reverse("hiring:checks")).content.decode()
    assert signed_in(registry.registrar()).get(url).status_code == 200


def test_the_person_reads_their_own_check_and_who_looked() -> None:
    user = people.practitioner()
    check = hiring.checked(people.institution(name="小太阳托育园"), user.person)
    client = signed_in(user)
    assert client.get(reverse("hiring:check", args=[check.pk])).status_code == 200
    assert "小太阳托育园" in client.get(reverse("people:lookups")).content.decode()
    assert client.get(reverse("hiring:home")).status_code == 403
    assert client.get(reverse("hiring:roster")).status_code == 403


def test_from_a_clear_check_to_the_roster() -> None:
    institution = people.institution()
    head = people.employed(institution=institution, post="institution_head").person
    client = signed_in(people.manager_of(institution))
    person = people.person()
    hiring.qualified(person)
    client.post(reverse("hiring:home"), asked(person))
    check = Check.objects.get()
    terms = {"post": "caregiver", "from_date": timezone.localdate().isoformat(), "manager": str(head.pk)}
    answer = client.post(reverse("hiring:start", args=[check.pk]), terms)
    assert answer.headers["Location"] == reverse("hiring:roster")
    page = client.get(reverse("hiring:roster")).content.decode()
    assert person.name in page
    assert "持证" in page
    assert direct_managers_on(person, timezone.localdate())[0].manager == head


def test_a_refused_start_says_why() -> None:
    institution = people.institution()
    client = signed_in(people.manager_of(institution))
    client.post(reverse("hiring:home"), asked(people.person()))
    terms = {"post": "caregiver", "from_date": timezone.localdate().isoformat(), "manager": ""}
    answer = client.post(reverse("hiring:start", args=[Check.objects.get().pk]), terms)
    assert answer.status_code == 422
    assert "须持证上岗" in answer.content.decode()


def test_ending_shows_its_consequences_first() -> None:
    institution = people.institution()
    employment = people.employed(institution=institution)
    client = signed_in(people.manager_of(institution))
    url = reverse("hiring:end", args=[employment.pk])
    assert "再次录用须重新核查" in client.get(url).content.decode()
    client.post(url, {"to_date": timezone.localdate().isoformat(), "reason": "合同到期"})
    employment.refresh_from_db()
    assert employment.to_date == timezone.localdate()
    stranger = signed_in(people.manager_of(people.institution()))
    assert stranger.get(reverse("hiring:manager", args=[employment.pk])).status_code == 404


def test_an_alert_is_confirmed_by_the_employer_and_followed_by_the_bureau() -> None:
    institution = people.institution(name="小太阳托育园")
    employment = people.employed(institution=institution)
    registry.case_in_force(employment.person)
    alert = BanAlert.objects.get()
    employer, officer = signed_in(people.manager_of(institution)), signed_in(registry.registrar())
    assert reverse("hiring:confirm_removal", args=[alert.pk]) in employer.get(reverse("hiring:alerts")).content.decode()
    assert "小太阳托育园" in officer.get(reverse("hiring:alerts")).content.decode()
    away = signed_in(registry.registrar(people.BEIJING))
    assert "小太阳托育园" not in away.get(reverse("hiring:alerts")).content.decode()
    stranger = signed_in(people.manager_of(people.institution()))
    assert stranger.get(reverse("hiring:confirm_removal", args=[alert.pk])).status_code == 404
    employer.post(reverse("hiring:confirm_removal", args=[alert.pk]), {"note": "当日停职"})
    assert AlertConfirmation.objects.get().note == "当日停职"
    assert "当日停职" in officer.get(reverse("hiring:alerts"), {"state": "all"}).content.decode()


def test_the_review_queue_and_the_two_side_by_side() -> None:
    registry.case_in_force(
        unknown=[
            {
                "name": "王小明",
                "document_type": "resident_id",
                "document_number": people.resident_number(born=date(1990, 5, 1)),
            }
        ]
    )
    check = hiring.checked(
        people.institution(),
        name="王小明",
        document_type="passport",
        document_number="E87654321",
        date_of_birth=date(1990, 5, 1),
    )
    client = signed_in(registry.registrar())
    url = reverse("hiring:review", args=[check.pk])
    assert url in client.get(reverse("hiring:reviews")).content.decode()
    page = client.get(url).content.decode()
    assert "is-different" in page
    assert check.masked in page
    client.post(url, {"outcome": "barred", "reason": "比对照片，同一人"})
    assert effective_outcome(Check.objects.get(pk=check.pk)) == "barred"
    assert url not in client.get(reverse("hiring:reviews")).content.decode()
    assert signed_in(registry.registrar(people.BEIJING)).get(url).status_code == 404
    assert signed_in(people.manager_of(check.institution)).get(url).status_code == 403


def test_few_queries_however_many_rows(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    institution = people.institution()
    rows = [people.employed(institution=institution) for _ in range(12)]
    for row in rows[:6]:
        hiring.qualified(row.person)
        hiring.checked(institution, row.person)
    registry.case_in_force(rows[0].person, rows[1].person)
    employer, officer = signed_in(people.manager_of(institution)), signed_in(registry.registrar())
    check = Check.objects.first()
    assert check is not None
    for client, name, args in (
        (employer, "home", []),
        (employer, "checks", []),
        (employer, "check", [check.pk]),
        (employer, "roster", []),
        (employer, "alerts", []),
        (employer, "rechecks", []),
        (employer, "load_roster", []),
        (employer, "webhooks", []),
        (officer, "rechecks", []),
        (officer, "alerts", []),
        (officer, "reviews", []),
        (officer, "checks", []),
    ):
        with django_assert_max_num_queries(MOST_QUERIES):
            assert client.get(reverse(f"hiring:{name}", args=args)).status_code == 200
    assert Employment.objects.filter(to_date=None).count() == 12
