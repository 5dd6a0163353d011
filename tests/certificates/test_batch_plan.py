"""``plan_batch``: everybody a rule selects, what would become of each and why, and nothing issued."""

import pytest
from pytest_django import DjangoAssertNumQueries

from certificates.models import BatchState, Certificate, IssueBatch
from certificates.services import issue_annual_certificate, plan_batch, revoke_certificate
from certificates.services.batches import progress_of
from certificates.services.choosing import Selection
from lms.audit.models import AuditEvent
from lms.rules.refusals import NotAllowed, NotFound
from tests.factories import people, registry
from tests.factories.batches import annual, approver, class_passed, met, planned, planned_for_course, unmet
from tests.factories.certificates import NOON, SYSTEM, passed_course, refused

pytestmark = pytest.mark.django_db

RARE = "\U0003134a"  # CJK extension G, in no face at hand


def foreseen(batch: IssueBatch) -> dict[str, str]:
    return {row.person.name: row.foreseen for row in batch.rows.select_related("person")}


def test_everybody_who_met_the_year_and_the_reason_of_everybody_else() -> None:
    met(name="林小满")
    unmet(name="周未满")
    banned = met(name="吴禁入")
    met(name=f"张{RARE}")
    met(name="黄浦人", region=people.HUANGPU)
    officer = approver()
    registry.banned(banned)
    held, taken = met(name="陈已有"), met(name="赵撤销")  # theirs came by itself, now that there is a bureau
    revoke_certificate(
        certificate=taken.certificates.get(), code="error", reason="重复", authority="", actor=SYSTEM, now=NOON
    )
    before = Certificate.objects.count()
    batch = planned(officer)
    assert foreseen(batch) == {
        "林小满": "",
        "周未满": "requirement_not_met",
        "吴禁入": "barred",
        f"张{RARE}": "glyph_missing",
        "陈已有": "held",
        "赵撤销": "revoked_already",
    }
    assert held.certificates.count() == 1
    assert (batch.state, batch.total, batch.period) == (BatchState.DRAFTED, 6, "2026")
    counts = progress_of(batch)
    assert (counts.waiting, counts.eligible, counts.holding, counts.issued) == (6, 1, 1, 0)
    assert Certificate.objects.count() == before
    event = AuditEvent.objects.get(verb="issue_batch.drafted")
    assert event.changes["eligible"] == 1


def test_the_reason_names_what_is_left_and_which_character() -> None:
    unmet(name="周未满")
    met(name=f"张{RARE}")
    rows = {row.person.name: row.params for row in planned().rows.select_related("person")}
    assert rows["周未满"]["left"] == [["职业道德教育", "40"]]
    assert rows[f"张{RARE}"]["characters"] == f"{RARE} (U+3134A)"


def test_by_employer_and_post() -> None:
    nursery, other = people.institution(), people.institution()
    cook, carer, stranger = met(name="王厨师"), met(name="李保育"), met(name="孙外人")
    people.employed(institution=nursery, person=cook, post="cook")
    people.employed(institution=nursery, person=carer)
    people.employed(institution=other, person=stranger)
    officer = approver()
    assert set(foreseen(planned(officer, institution=str(nursery.pk)))) == {"王厨师", "李保育"}
    assert set(foreseen(planned(officer, institution=str(nursery.pk), post="cook"))) == {"王厨师"}


def test_in_the_order_of_workplaces_and_names() -> None:
    for name, place in (("丙", "乙园"), ("甲", "乙园"), ("乙", "甲园")):
        people.employed(institution=people.institution(name=f"{place}{name}"[:2]), person=met(name=name * 2))
    rows = list(planned().rows.select_related("person"))
    works = [row.person.employments.get().institution.name for row in rows]
    assert works == sorted(works)
    assert [row.number for row in rows] == [1, 2, 3]


def test_a_course_of_ones_own_college() -> None:
    college = people.college()
    release, _persons = class_passed(college, "林小满", "林小满")
    still = people.person(name="周在学")
    enrolment = passed_course(still, release)
    type(enrolment).objects.filter(pk=enrolment.pk).update(state="in_progress")
    gone = passed_course(people.person(name="孙退出"), release)
    type(gone).objects.filter(pk=gone.pk).update(state="withdrawn")
    batch = planned_for_course(release, year=2026)
    said = sorted((row.person.name, row.foreseen) for row in batch.rows.select_related("person"))
    assert said == [("周在学", "course_not_passed"), ("林小满", ""), ("林小满", "")]
    with refused("nobody_selected"):
        planned_for_course(release, year=2025)


def test_nobody_selected_is_said_and_leaves_nothing() -> None:
    met(region=people.HUANGPU)
    with refused("nobody_selected"):
        planned()
    assert not IssueBatch.objects.exists()


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"year": None}, "year_unknown"),
        ({"year": 2027}, "year_unknown"),
        ({"region": "110000"}, "region_unknown"),
        ({"region": "nowhere"}, "region_unknown"),
        ({"post": "pilot"}, "post_unknown"),
        ({"institution": "nobody"}, "institution_unknown"),
        ({"institution": "00000000-0000-0000-0000-000000000000"}, "institution_unknown"),
    ],
)
def test_a_rule_that_names_what_is_not_there(rule: dict[str, object], code: str) -> None:
    met()
    with refused(code):
        planned(**rule)


def test_a_district_orders_for_itself_only() -> None:
    met(name="浦东人")
    met(name="黄浦人", region=people.HUANGPU)
    district = approver(people.PUDONG)
    assert set(foreseen(planned(district, region=""))) == {"浦东人"}
    with refused("region_unknown"):
        planned(district, region=people.HUANGPU)


def test_only_who_issues_may_order() -> None:
    release, _persons = class_passed(people.college(), "林小满")
    met()
    rule = Selection(course=str(release.course_id))
    kind, yearly = annual(), Selection(year=2026)
    other = people.acting(people.manager_of(people.college()))
    course_kind = planned_for_course(release).type
    with pytest.raises(NotFound):  # another college's course
        plan_batch(type=course_kind, selection=rule, actor=other, now=NOON)
    with pytest.raises(NotFound):  # a college has no say over the year
        plan_batch(type=kind, selection=yearly, actor=other, now=NOON)
    with pytest.raises(NotFound):  # another city's bureau
        plan_batch(type=kind, selection=yearly, actor=people.acting(approver(people.BEIJING)), now=NOON)
    for role in ("bureau_auditor", "registrar"):
        with pytest.raises(NotAllowed):
            plan_batch(type=kind, selection=yearly, actor=people.acting(people.officer(role)), now=NOON)


def test_more_than_one_order_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("certificates.services.batches.MOST", 1)
    met(), met()
    with refused("too_many_selected", "1"):
        planned()


def test_the_cost_does_not_grow_with_the_people(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(5):
        met()
    officer = approver()
    annual()
    with django_assert_max_num_queries(30):
        planned(officer)


def test_last_years_can_be_ordered_until_it_is_caught_up() -> None:
    person = met(year=2025)
    officer = approver()
    assert set(foreseen(planned(officer, year=2025)).values()) == {""}
    issue_annual_certificate(person=person, year=2025, actor=SYSTEM, now=NOON)
    assert set(foreseen(planned(officer, year=2025)).values()) == {"held"}
