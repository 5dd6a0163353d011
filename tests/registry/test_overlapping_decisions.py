"""Several decisions about one matter, modelled on the nursery judgment of 2018 (Ctrip's nursery in Shanghai).

A manager and seven workers were convicted: the court barred three of them from the work for five years and five only
for their time on probation. The authority bars all eight for life. Decisions come on several days, and each can fall alone.
"""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from lms.people.models import Person
from lms.registry import services
from lms.registry.models import BanCase, SubjectRole
from lms.registry.services import matters
from lms.rules.bans import BanKind
from lms.rules.refusals import NotFound
from tests.factories import people, registry
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")
FACTS, JUDGED, DECIDED = date(2025, 11, 3), date(2026, 2, 27), date(2026, 3, 10)
FIVE_YEARS, PROBATION = date(2031, 2, 26), date(2027, 8, 26)


@pytest.fixture
def staff() -> list[Person]:
    """The manager first, then seven workers."""
    return [people.person() for _each in range(8)]


def judgment(staff: list[Person], *, begins: date | None = None) -> BanCase:
    """The court's judgment: the manager and two workers for five years, five workers for their probation.

    ``begins``: the five years run from the end of the sentence on (Criminal Law, article 37-1).
    """
    now = datetime(2026, 3, 3, 10, 0, tzinfo=SHANGHAI)
    case = registry.drafted_case(
        number="（2026）沪0105刑初1号",
        authority="上海市长宁区人民法院",
        decided_on=JUDGED,
        facts_on=FACTS,
        legal_basis="《刑法》第二百六十条之一、第三十七条之一",
        now=now,
    )
    for place, person in enumerate(staff):
        role = SubjectRole.MANAGER if place == 0 else SubjectRole.PERPETRATOR
        five_years = place < 3
        registry.subject_of(
            case,
            person,
            role=role,
            from_date=begins if five_years else None,
            until=FIVE_YEARS if five_years else PROBATION,
            now=now,
        )
    return in_force(case, now)


def order(first: BanCase) -> BanCase:
    """The authority's order of some days later: all of them for life, taken over from the judgment."""
    now = datetime(2026, 3, 12, 10, 0, tzinfo=SHANGHAI)
    case = registry.drafted_case(decided_on=DECIDED, facts_on=FACTS, now=now, same_matter=first)
    officer = people.acting(case.states.get(number=1).officer)
    terms: dict[str, Any] = {"kind": "lifetime", "from_date": DECIDED, "until": None}
    matters.take_over(case=case, subjects=matters.offered(case), **terms, actor=officer, now=now)
    assert matters.offered(case) == []
    return in_force(case, now)


def in_force(case: BanCase, now: datetime) -> BanCase:
    officer = people.acting(case.states.get(number=1).officer)
    services.submit_case(case=case, actor=officer, now=now)
    services.confirm_case(case=case, actor=people.acting(registry.confirming()), now=now + timedelta(hours=1))
    return case


def ends(staff: list[Person], on: date) -> list[Any]:
    """What bars each of them on a day: nothing, the last day of a dated ban, or life."""
    facts = [services.is_barred(person, on) for person in staff]
    return [fact and ("life" if fact.kind == BanKind.LIFETIME else fact.until) for fact in facts]


def test_the_strictest_acts_and_each_decision_falls_alone(staff: list[Person]) -> None:
    court = judgment(staff)
    assert ends(staff, JUDGED - timedelta(days=1)) == [None] * 8
    assert ends(staff, JUDGED) == [FIVE_YEARS] * 3 + [PROBATION] * 5
    assert ends(staff, PROBATION + timedelta(days=1)) == [FIVE_YEARS] * 3 + [None] * 5

    authority = order(court)
    assert ends(staff, DECIDED - timedelta(days=1)) == [FIVE_YEARS] * 3 + [PROBATION] * 5
    assert ends(staff, DECIDED) == ["life"] * 8
    assert ends(staff, date(2060, 1, 1)) == ["life"] * 8
    roles = dict(authority.subjects.values_list("person_id", "role"))
    assert [roles[person.pk] for person in staff] == ["manager"] + ["perpetrator"] * 7

    # The court's judgment is overturned on appeal: the order for life goes on acting.
    registry.annulled(court)
    assert ends(staff, DECIDED) == ["life"] * 8
    assert services.verify_registry() == []


def test_five_years_may_run_from_the_end_of_the_sentence(staff: list[Person]) -> None:
    released = date(2027, 8, 27)
    court = judgment(staff, begins=released)
    at_midnight = datetime(2027, 8, 27, 0, 0, tzinfo=SHANGHAI)
    assert ends(staff, JUDGED) == [None] * 3 + [PROBATION] * 5
    authority = order(court)
    assert ends(staff, DECIDED) == ["life"] * 8
    registry.annulled(authority)
    assert services.turn_bans(now=at_midnight - timedelta(seconds=1)) == 0
    # On one night the probation of five is over and the five years of three begin.
    assert services.turn_bans(now=at_midnight) == 8
    assert ends(staff, released) == [FIVE_YEARS] * 3 + [None] * 5
    assert services.verify_registry() == []


def test_when_the_order_falls_the_judgment_still_acts(staff: list[Person]) -> None:
    court = judgment(staff)
    registry.annulled(order(court))
    assert ends(staff, DECIDED) == [FIVE_YEARS] * 3 + [PROBATION] * 5
    assert ends(staff, PROBATION + timedelta(days=1)) == [FIVE_YEARS] * 3 + [None] * 5
    registry.annulled(court)
    assert ends(staff, DECIDED) == [None] * 8
    assert services.barred_ids([person.pk for person in staff], DECIDED) == set()
    version = services.current_list_version()
    assert (version.number, version.entries, version.size) == (4, 0, 32)
    assert services.verify_registry() == []


def test_decisions_on_one_matter_and_one_person_are_shown_together(staff: list[Person]) -> None:
    court = judgment(staff)
    authority = order(court)
    assert list(matters.beside(court)) == [authority]
    assert list(matters.beside(authority)) == [court]
    elsewhere = registry.case_in_force(staff[0], region=people.BEIJING, authority="北京市卫生健康委员会")
    client = Client()
    client.force_login(registry.registrar())
    page = client.get(reverse("registry:case", args=[authority.pk])).content.decode()
    assert reverse("registry:case", args=[court.pk]) in page
    assert "北京市卫生健康委员会" in page
    assert reverse("registry:case", args=[elsewhere.pk]) not in page
    others = matters.other_bans(authority, authority.subjects.all())
    assert len(others) == 9
    assert {other.here.person_id for other in others} == {person.pk for person in staff}


def test_a_third_decision_belongs_to_the_same_matter(staff: list[Person]) -> None:
    court = judgment(staff[:2])
    second = registry.drafted_case(facts_on=FACTS, same_matter=court)
    third = registry.drafted_case(facts_on=FACTS, same_matter=second)
    assert set(matters.beside(third)) == {court, second}


def test_another_regions_case_is_no_matter_to_join() -> None:
    first = registry.drafted_case(region=people.BEIJING)
    with pytest.raises(NotFound):
        registry.drafted_case(same_matter=first)


def test_entered_and_taken_over_on_the_pages(staff: list[Person]) -> None:
    packs_loaded()
    court = judgment(staff[:2])
    client = Client()
    client.force_login(registry.registrar())
    address = f"{reverse('registry:create')}?matter={court.pk}"
    assert "同一事件的另一份决定" in client.get(address).content.decode()
    answer = client.post(
        address,
        {
            "number": "沪卫禁字〔2026〕78号",
            "authority": "上海市卫生健康委员会",
            "decided_on": "2026-03-10",
            "facts_on": "2025-11-03",
            "facts_category": "abuse",
            "legal_basis": "《托育机构管理规范》第三十条",
            "region_code": "310000",
            "decision_file": registry.decision_file(),
        },
    )
    case = BanCase.objects.get(number="沪卫禁字〔2026〕78号")
    assert answer.headers["Location"] == reverse("registry:take_over", args=[case.pk])
    keys = [str(subject.pk) for subject in court.subjects.all()]
    terms = {"kind": "lifetime", "from_date": "2026-03-10"}
    assert client.post(answer.headers["Location"], terms).status_code == 422
    client.post(answer.headers["Location"], {**terms, "subjects": keys})
    assert case.subjects.filter(kind="lifetime", until=None).count() == 2
