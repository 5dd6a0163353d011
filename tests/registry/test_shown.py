"""The second officer confirms what they were shown, kind by kind and row by row, and nothing else."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from certificates.models import Certificate
from lms.registry import services
from lms.registry.services.consequences import shown_digest
from lms.registry.services.steps import latest
from lms.rules.refusals import Conflict
from tests.factories import hiring, people, registry
from tests.factories.certificates import course_certificate, holder
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _packs(db: None) -> None:
    packs_loaded()


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shown_on(page: str) -> str:
    found = re.search(r'name="shown" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


def test_every_row_behind_a_count_is_listed() -> None:
    someone = holder()
    certificate = course_certificate(someone)
    employer = people.institution(name="晨曦托育中心")
    people.employed(person=someone, institution=employer)
    case = registry.submitted_case(someone)
    page = signed_in(registry.confirming()).get(reverse("registry:confirm", args=[case.pk])).content.decode()
    for text in (certificate.serial, "晨曦托育中心", "1 份证书将被撤销", "1 段在职任职"):
        assert text in page


def test_rows_of_another_region_are_counted_and_not_named() -> None:
    someone = people.person(region=people.BEIJING)
    people.employed(person=someone, institution=people.institution(name="北京某托育园", region="110105"))
    case = registry.submitted_case(someone)
    page = signed_in(registry.confirming()).get(reverse("registry:confirm", args=[case.pk])).content.decode()
    assert "1 段在职任职" in page
    assert "北京某托育园" not in page
    assert "另有 1 项在其他地区" in page


def test_a_ban_that_is_over_stops_no_course_in_the_preview() -> None:
    case = registry.submitted_case(people.person(), until=date(2026, 3, 2))
    told = {row.code: row.count for row in services.consequences(case, now=registry.ENTERED + timedelta(days=3))}
    assert told["enrolments_stopped"] == 0


def test_terms_changed_in_between_are_refused_and_shown() -> None:
    case = registry.submitted_case(people.person())
    officer = signed_in(registry.confirming())
    address = reverse("registry:confirm", args=[case.pk])
    shown = shown_on(officer.get(address).content.decode())

    other = people.acting(registry.confirming())
    first = people.acting(case.states.get(number=1).officer)
    services.return_case(case=case, reason="补正", actor=other, now=registry.ENTERED)
    added = registry.subject_of(case, people.person())
    services.submit_case(case=case, actor=first, now=registry.ENTERED)

    answer = officer.post(address, {"read": "on", "shown": shown}, follow=True)
    page = answer.content.decode()
    assert latest(case).state == "submitted"
    assert "在您查看之后" in page
    assert added.name in page
    assert officer.post(address, {"read": "on", "shown": shown_on(page)}).status_code == 302
    assert latest(case).state == "in_force"


def test_somebody_registered_in_between_is_shown_first() -> None:
    number = people.resident_number()
    who = {"name": "王小明", "document_type": "resident_id", "document_number": number}
    case = registry.submitted_case(unknown=[who])
    shown = shown_digest(case, latest(case))
    people.person(name="王小明", document_number=number)
    actor = people.acting(registry.confirming())
    with pytest.raises(Conflict) as refused:
        services.confirm_case(case=case, actor=actor, now=registry.ENTERED, shown=shown)
    assert refused.value.code == "shown_changed"
    fresh = shown_digest(case, latest(case))
    services.confirm_case(case=case, actor=actor, now=registry.ENTERED, shown=fresh)


def test_a_post_that_says_nothing_of_what_was_shown_confirms_nothing() -> None:
    case = registry.submitted_case(people.person())
    signed_in(registry.confirming()).post(reverse("registry:confirm", args=[case.pk]), {"read": "on"})
    assert latest(case).state == "submitted"


def test_an_annulment_lists_what_comes_back_and_who_hears_of_it() -> None:
    someone = holder()
    certificate = course_certificate(someone)
    asker = people.institution(name="问询托育园")
    case = registry.case_in_force(someone)
    hiring.checked(asker, now=registry.ENTERED + timedelta(days=1), **hiring.identity_of(someone))
    services.propose_annulment(
        case=case,
        overturning_file=registry.decision_file("判决书.pdf"),
        reason="判决撤销原决定",
        actor=people.acting(registry.registrar()),
        now=registry.ENTERED,
    )
    address = reverse("registry:confirm_annulment", args=[case.pk])
    officer = signed_in(registry.confirming())
    page = officer.get(address).content.decode()
    for text in (certificate.serial, "1 份因本案撤销的证书恢复有效", "问询托育园", "1 次近三年答复为“禁入”的核查"):
        assert text in page
    officer.post(address, {"read": "on", "shown": shown_on(page)})
    assert Certificate.objects.with_state().get(pk=certificate.pk).state == "reinstated"


def test_what_another_ban_holds_does_not_come_back_in_the_preview() -> None:
    someone = holder()
    course_certificate(someone)
    first = registry.case_in_force(someone)
    registry.case_in_force(someone)
    told = {row.code: row.count for row in services.annulment_consequences(first)}
    assert told["certificates_reinstated"] == 0
    assert told["askers_told"] == 0
