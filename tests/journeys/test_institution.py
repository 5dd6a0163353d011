"""An institution's manager: asks before hiring, employs whoever is clear, and acts when one of the staff is barred."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from lms.hiring.models import Check
from lms.people.models import Employment, Organisation, Person
from tests.factories import hiring, people, registry
from tests.journeys.conftest import NewVisitor
from tests.journeys.visitor import Visitor, journey, needs_chromium

pytestmark = [pytest.mark.browser, needs_chromium, journey]


@pytest.fixture
def institution(cities: None) -> Organisation:
    return people.institution(name="春芽托育中心")


def banned(person: Person) -> Person:
    now = timezone.now() - timedelta(hours=1)
    today = timezone.localdate()
    return registry.banned(person, now=now, decided_on=today - timedelta(days=1), facts_on=today - timedelta(days=9))


def asks_about(visitor: Visitor, person: Person) -> None:
    identity: dict[str, Any] = hiring.identity_of(person)
    visitor.open("/hiring/")
    visitor.fill(name=identity["name"], document_number=identity["document_number"].lower())
    visitor.field("consent").check()
    visitor.press("核查")


def employs(visitor: Visitor, name: str) -> None:
    visitor.follow("办理入职")
    visitor.fill(post="caregiver", from_date=f"{timezone.localdate():%Y-%m-%d}")
    visitor.press("列入花名册")
    visitor.sees(name)


def test_from_the_check_to_the_removal(new_visitor: NewVisitor, institution: Organisation) -> None:
    clear, barred = people.person(name="沈佳禾"), banned(people.person(name="贺远山"))
    hiring.qualified(clear)
    visitor = new_visitor("institution", people.manager_of(institution))
    visitor.press("核查")
    visitor.sees("核查前须取得本人同意")

    asks_about(visitor, clear)
    visitor.sees("未见禁入", "沈佳禾")
    assert visitor.download("下载回执").startswith(b"%PDF")
    employs(visitor, "沈佳禾")
    assert Employment.objects.get(institution=institution).person == clear

    asks_about(visitor, barred)
    visitor.sees("禁入")
    assert visitor.page.get_by_role("link", name="办理入职").count() == 0
    assert Check.objects.filter(institution=institution).count() == 2
    visitor.follow("查看详情")

    banned(clear)
    visitor.open("/hiring/")
    visitor.follow("查看警报")
    visitor.follow("确认离岗")
    visitor.sees("沈佳禾不再从事接触婴幼儿的工作")
    visitor.fill(note="今天中午停止其工作，由园长接手本班。")
    visitor.press("确认离岗")
    visitor.open("/hiring/alerts/?state=confirmed")
    visitor.sees("沈佳禾", "由园长接手本班")
    for path in ("/hiring/roster/", "/hiring/checks/", "/hiring/batches/", "/organisation/", "/inbox/"):
        visitor.open(path)
