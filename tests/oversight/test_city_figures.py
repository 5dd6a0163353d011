"""Figures against small numbers counted by hand."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from lms.oversight.services import Status, city_figures, public_figures
from lms.oversight.targets import percent, status_of
from lms.people.models import Person, Post
from lms.people.services import end_employment, record_qualification, verify_qualification
from lms.policy.services import pack_in_force
from lms.rules.refusals import Refusal
from tests.factories import certificates, learning, people, policy, registry
from tests.factories import hiring as checks
from tests.factories import subsidies as money
from tests.factories.catalogue import reading, released_course
from tests.factories.ledger import credited

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 21)
NOON = datetime.fromisoformat("2026-11-21T12:00:00+08:00")


@pytest.fixture(autouse=True)
def _five_cities():
    policy.packs_loaded()


def on_post(region=people.PUDONG, post=Post.CAREGIVER, **more) -> Person:
    someone = people.person(region=region)
    people.employed(institution=people.institution(region=region), person=someone, post=post, **more)
    return someone


def qualified(person: Person, kind="yuyingyuan", *, verified=True, valid_to=None, now=people.LONG_AGO) -> Person:
    row = record_qualification(
        person=person,
        kind=kind,
        level="",
        number=f"Q{person.pk.hex}",
        issued_on=date(2023, 5, 1),
        issuer="人力资源和社会保障局",
        valid_to=valid_to,
        actor=people.system(),
        now=now,
    )
    if verified:
        officer = people.officer("registrar", person.region_code[:2] + "0000")
        verify_qualification(qualification=row, actor=people.acting(officer), now=now)
    return person


def figures(region=people.SHANGHAI, on=ON):
    return city_figures(region_code=region, on=on)


def district(code, on=ON):
    return next(area for area in figures(on=on).districts if area.code == code)


def test_an_empty_city_has_no_rate():
    found = figures()
    assert (found.total.on_post, found.total.rate, found.total.met) == (0, None, 0)
    assert found.total.name == "上海市"
    assert len(found.districts) == 16
    assert [one.status for one in found.targets] == [Status.NOT_MEASURED, Status.NOT_MEASURED]


def test_the_rate_counts_verified_valid_and_not_barred():
    qualified(on_post())
    qualified(on_post(), verified=False)
    qualified(on_post(), valid_to=ON - timedelta(days=1))
    qualified(on_post(), valid_to=ON)
    registry.banned(qualified(on_post()))
    certificates.annual_certificate(on_post())
    certificates.course_certificate(on_post())  # one course is no certificate for a post
    on_post(region=people.HUANGPU)
    found = figures()
    assert (found.total.on_post, found.total.certified) == (8, 3)
    assert found.total.rate == Decimal(3) / 8
    assert (district("310115").on_post, district("310115").certified) == (7, 3)
    assert (district("310101").on_post, district("310101").certified) == (1, 0)
    assert found.targets[0].value == Decimal(3) / 8
    assert found.targets[0].status == Status.MISSED  # 100 % was to be reached by the end of 2022


def test_two_places_of_work_are_one_head_in_the_city():
    someone = on_post()
    people.employed(institution=people.institution(region=people.HUANGPU), person=someone)
    assert figures().total.on_post == 1
    assert (district("310115").on_post, district("310101").on_post) == (1, 1)


@pytest.mark.parametrize(
    ("on", "heads"), [(date(2024, 1, 31), 0), (date(2024, 2, 1), 1), (date(2026, 6, 30), 1), (date(2026, 7, 1), 0)]
)
def test_first_and_last_day_of_an_employment_count(on, heads):
    row = people.employed(institution=people.institution())
    end_employment(employment=row, to_date=date(2026, 6, 30), reason="离职", actor=people.system(), now=NOON)
    assert figures(on=on).total.on_post == heads


def test_another_city_is_another_citys_affair():
    qualified(on_post(region="110105"))
    assert figures().total.on_post == 0
    assert figures(people.BEIJING).total.on_post == 1


def test_beijing_counts_caregivers_with_the_named_certificates():
    qualified(on_post(region="110105"), "yuyingyuan")
    qualified(on_post(region="110105"), "baoyushi")
    qualified(on_post(region="110105"), "teacher")
    qualified(on_post(region="110105", post=Post.COOK), "teacher")
    found = figures(people.BEIJING)
    assert (found.total.on_post, found.total.certified) == (4, 4)
    rate = next(one for one in found.targets if one.is_rate)
    assert (rate.value, rate.target_text, rate.value_text) == (Decimal(2) / 3, "90.0 %", "66.6 %")


def test_who_met_the_year():
    certificates.year_full(on_post())
    certificates.year_full(on_post(), categories=("skills",))
    on_post()
    found = figures()
    assert (found.total.met, found.total.met_share) == (1, Decimal(1) / 3)
    assert found.total.class_hours == {"skills": Decimal(144), "ethics": Decimal(40)}
    assert figures(on=date(2026, 6, 14)).total.met == 0
    assert figures(on=date(2027, 1, 1)).total.met == 0


def test_where_no_hours_are_asked_nobody_is_said_to_have_met_them():
    on_post(region="320104")
    found = figures("320100")
    assert (found.total.on_post, found.total.met, found.total.met_share) == (1, None, None)


def test_heads_and_person_times():
    someone = on_post(region="110105", post=Post.INSTITUTION_HEAD)
    for month in (3, 4):
        release = released_course(class_hours=1, lessons=[reading(1)])
        learning.passed(someone, release, now=datetime.fromisoformat(f"2025-{month:02d}-10T12:00:00+08:00"))
    release = released_course(class_hours=1, lessons=[reading(1)])
    learning.passed(someone, release, now=datetime.fromisoformat("2026-03-10T12:00:00+08:00"))
    found = figures(people.BEIJING)
    assert (found.total.persons_trained, found.total.person_times) == (1, 1)
    by_role = {one.target.role: one for one in found.targets if one.target.metric == "person_times_trained"}
    assert (by_role["institution_head"].value, by_role["caregiver"].value) == (3, 0)
    assert figures(people.BEIJING, date(2025, 12, 31)).total.person_times == 2


def test_new_years_eve_belongs_to_the_old_year():
    someone = on_post()
    late = datetime.fromisoformat("2025-12-31T23:58:00+08:00")
    learning.passed(someone, released_course(class_hours=1, lessons=[reading(1)]), now=late)
    assert figures(on=date(2025, 12, 31)).total.person_times == 1
    assert figures(on=date(2026, 1, 1)).total.person_times == 0


def test_checks_alerts_and_money():
    someone = on_post()
    asking = people.institution(region=people.HUANGPU)
    checks.checked(asking, someone, now=NOON - timedelta(days=4))
    checks.checked(asking, people.person(), now=datetime.fromisoformat("2025-12-31T23:59:59+08:00"))
    registry.banned(someone, now=NOON - timedelta(days=3))
    checks.checked(asking, someone, now=NOON)
    under = money.scheme(amount_fen=60_000, budget_fen=600_000)
    money.approved("林小满", under=under)
    found = figures().total
    assert (found.budget_fen, found.granted_fen) == (600_000, 60_000)
    assert found.open_alerts == 1
    assert (found.checks, found.refused) == (2, 1)
    assert (district(people.HUANGPU).checks, district(people.PUDONG).open_alerts) == (2, 1)


def test_targets_nobody_can_count_here_are_said_to_be_unknown():
    found = figures("330281", date(2020, 6, 30))
    assert [one.status for one in found.targets[:2]] == [Status.NOT_MEASURED] * 2
    assert found.targets[0].value_text == "—"


@pytest.mark.parametrize(
    ("value", "on", "status"),
    [
        (None, date(2023, 1, 1), Status.NOT_MEASURED),
        (Decimal("0.80"), date(2021, 1, 1), Status.MET),
        (Decimal("0.79"), date(2025, 12, 31), Status.BEHIND),
        (Decimal("0.79"), date(2026, 1, 1), Status.MISSED),
        (Decimal("0.80"), date(2026, 1, 1), Status.MET),
        (Decimal("0.50"), date(2022, 12, 31), Status.ON_TRACK),
        (Decimal("0.10"), date(2022, 12, 31), Status.BEHIND),
    ],
)
def test_in_time_or_behind(value, on, status):
    pack = pack_in_force("331083", on)
    assert status_of(pack.targets[0], value, on, pack.document.period[0]) == status


@pytest.mark.parametrize(
    ("share", "text"), [("1", "100.0 %"), ("0.9999", "99.9 %"), ("0", "0.0 %"), ("0.666", "66.6 %")]
)
def test_a_share_is_never_rounded_up(share, text):
    assert percent(Decimal(share)) == text


def test_a_place_without_a_policy():
    with pytest.raises(Refusal) as no:
        city_figures(region_code="440100", on=ON)
    assert no.value.code == "no_policy"


def test_a_district_is_judged_by_its_citys_policy():
    qualified(on_post())
    found = figures(people.PUDONG)
    assert (found.total.name, found.total.on_post, found.districts) == ("浦东新区", 1, ())


def test_more_people_ask_no_more_questions(django_assert_max_num_queries):
    for _place in range(3):
        credited(qualified(on_post()), class_hours=8)
    figures()
    with django_assert_max_num_queries(10):
        figures()


def test_the_public_is_told_no_small_number(django_assert_max_num_queries):
    for place in range(6):
        someone = on_post()
        if place < 4:
            qualified(someone)
    for _place in range(5):
        qualified(on_post(region="330281"))
    with django_assert_max_num_queries(9):
        rows = {row.code: row for row in public_figures(on=ON)}
    shanghai, yuyao, beijing = rows["310000"], rows["330281"], rows["110000"]
    assert (shanghai.on_post, shanghai.certified_rate) == (6, None)  # four are certified, two are not
    assert (yuyao.on_post, yuyao.certified_rate) == (5, Decimal(1))
    assert (beijing.on_post, beijing.certified_rate, beijing.persons_trained) == (None, None, None)
    assert shanghai.met_share == 0
