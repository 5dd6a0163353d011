"""Leave: an institution proposes it, an auditor of the region confirms, refuses or revokes it; nothing is rewritten."""

from datetime import date, datetime
from typing import Any

import pytest

from lms.audit.append_only import RewriteRefused
from lms.audit.models import AuditEvent
from lms.ledger.models import Leave, LeaveState, YearStanding
from lms.ledger.services import close_year, closing, confirm_leave, refuse_leave, revoke_leave, withdraw_leave
from lms.people.models import Employment, Organisation, User
from lms.people.services import end_employment
from lms.rules.refusals import Refusal
from tests.factories import outside, people
from tests.factories.ledger import NOON, SYSTEM
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _packs() -> None:
    packs_loaded()


@pytest.fixture
def house() -> Organisation:
    return people.institution()


def auditor(region: str = "310000") -> Any:
    return people.acting(people.officer("bureau_auditor", region))


def refusal_of(act: Any, *args: Any, **kwargs: Any) -> str:
    before = LeaveState.objects.count()
    with pytest.raises(Refusal) as refused:
        act(*args, **kwargs)
    assert LeaveState.objects.count() == before
    return refused.value.code


def test_a_proposal_waits_with_its_paper_and_is_told_to_nobody_yet(house: Organisation) -> None:
    user = people.practitioner()
    people.employed(institution=house, person=user.person)
    row = outside.leave(user.person, house)
    assert [step.state for step in row.states.all()] == ["proposed"]
    assert row.document.content_type == "application/pdf"
    event = AuditEvent.objects.get(verb="leave.proposed")
    assert (event.person_id, event.changes["from"], event.changes["kind"]) == (
        user.person_id,
        "2026-03-10",
        "maternity",
    )
    assert not user.inbox.exists()


def test_confirmed_person_and_institution_are_told(house: Organisation) -> None:
    user = people.practitioner()
    people.employed(institution=house, person=user.person)
    row = outside.confirmed_leave(user.person, house)
    assert list(row.states.values_list("number", "state")) == [(1, "proposed"), (2, "confirmed")]
    for reader in (user, people.manager_of(house)):
        message = reader.inbox.get(code="leave_decided")
        assert "产假 2026-03-10 至 2026-08-14：已确认" in message.title
        assert message.url == f"/hours/leave/{row.pk}/"


def test_refused_revoked_and_withdrawn_say_why(house: Organisation) -> None:
    first, second, third = (outside.leave(people.employed(institution=house).person, house) for _ in range(3))
    refuse_leave(leave=first, reason="证明看不清", actor=auditor(), now=NOON)
    confirm_leave(leave=second, actor=auditor(), now=NOON)
    revoke_leave(leave=second, reason="证明系伪造", actor=auditor(), now=NOON)
    withdraw_leave(leave=third, reason="填错了人", actor=people.acting(people.manager_of(house)), now=NOON)
    last = [row.states.order_by("number").last() for row in (first, second, third)]
    assert [(step.state, step.reason) for step in last if step] == [
        ("refused", "证明看不清"),
        ("revoked", "证明系伪造"),
        ("withdrawn", "填错了人"),
    ]


def test_without_a_reason_nothing_is_taken_away(house: Organisation) -> None:
    row = outside.leave(people.employed(institution=house).person, house)
    assert refusal_of(refuse_leave, leave=row, reason=" ", actor=auditor(), now=NOON) == "reason_missing"
    manager = people.acting(people.manager_of(house))
    assert refusal_of(withdraw_leave, leave=row, reason="", actor=manager, now=NOON) == "reason_missing"


def test_what_is_decided_is_decided(house: Organisation) -> None:
    row = outside.confirmed_leave(people.employed(institution=house).person, house)
    manager = people.acting(people.manager_of(house))
    assert refusal_of(confirm_leave, leave=row, actor=auditor(), now=NOON) == "leave_decided"
    assert refusal_of(refuse_leave, leave=row, reason="迟了", actor=auditor(), now=NOON) == "leave_decided"
    assert refusal_of(withdraw_leave, leave=row, reason="迟了", actor=manager, now=NOON) == "leave_decided"


def test_days_of_a_leave_that_stands_or_waits_are_taken(house: Organisation) -> None:
    person = people.employed(institution=house).person
    row = outside.leave(person, house)
    again = {"from_date": date(2026, 8, 14), "to_date": date(2026, 9, 1)}
    assert refusal_of(outside.leave, person, house, **again) == "leave_overlaps"
    refuse_leave(leave=row, reason="证明看不清", actor=auditor(), now=NOON)
    assert outside.leave(person, house, **again).pk


def test_dates_the_wrong_way_round(house: Organisation) -> None:
    person = people.employed(institution=house).person
    turned = {"from_date": date(2026, 5, 2), "to_date": date(2026, 5, 1)}
    assert refusal_of(outside.leave, person, house, **turned) == "dates_reversed"
    assert refusal_of(outside.leave, person, house, kind="holiday") == "leave_kind"


def test_only_for_those_who_work_there_in_these_days(house: Organisation) -> None:
    stranger = people.employed(institution=people.institution()).person
    gone = people.employed(institution=house)
    end_employment(employment=gone, to_date=date(2026, 3, 9), reason="", actor=SYSTEM, now=NOON)
    for person in (stranger, people.person(), gone.person):
        assert refusal_of(outside.leave, person, house) == "person_unknown"


def test_one_day_in_a_post_is_no_year_of_leave(house: Organisation) -> None:
    post = people.employed(institution=house)
    Employment.objects.filter(pk=post.pk).update(to_date=date(2026, 3, 31))
    assert refusal_of(outside.leave, post.person, house) == "person_unknown"
    assert outside.leave(post.person, house, to_date=date(2026, 3, 31)).states.count() == 1


class TestWho:
    def test_a_manager_for_the_own_house_only(self, house: Organisation) -> None:
        person = people.employed(institution=house).person
        row = outside.leave(person, house)
        neighbour = people.acting(people.manager_of(people.institution()))
        assert refusal_of(withdraw_leave, leave=row, reason="x", actor=neighbour, now=NOON) == "leave_unknown"

    @pytest.mark.parametrize("role", ["bureau_approver", "registrar", "administrator"])
    def test_an_auditor_decides_and_nobody_else(self, house: Organisation, role: str) -> None:
        row = outside.leave(people.employed(institution=house).person, house)
        actor = people.acting(people.officer(role))
        assert refusal_of(confirm_leave, leave=row, actor=actor, now=NOON) == "role_required"
        manager = people.acting(people.manager_of(house))
        assert refusal_of(confirm_leave, leave=row, actor=manager, now=NOON) == "role_required"

    def test_another_regions_auditor_finds_nothing(self, house: Organisation) -> None:
        row = outside.leave(people.employed(institution=house).person, house)
        assert refusal_of(confirm_leave, leave=row, actor=auditor("110000"), now=NOON) == "leave_unknown"

    def test_nobody_confirms_their_own(self, house: Organisation) -> None:
        row = outside.leave(people.employed(institution=house).person, house)
        officer: User = people.officer("bureau_auditor")
        officer.person = row.person
        officer.save()
        assert refusal_of(confirm_leave, leave=row, actor=people.acting(officer), now=NOON) == "own_leave"

    def test_nobody_confirms_what_they_proposed_in_another_role(self, house: Organisation) -> None:
        row = outside.leave(people.employed(institution=house).person, house)
        officer = people.officer("bureau_auditor")
        officer.username = row.proposed_by
        assert refusal_of(confirm_leave, leave=row, actor=people.acting(officer), now=NOON) == "own_submission"


def test_two_officers_at_once_make_one_step(house: Organisation) -> None:
    row = outside.leave(people.employed(institution=house).person, house)
    LeaveState.objects.create(leave=row, number=2, state="refused", reason="先到", by="other", at=NOON)
    assert refusal_of(confirm_leave, leave=row, actor=auditor(), now=NOON) == "leave_decided"


def test_confirmed_after_the_close_the_year_gets_a_new_version(house: Organisation) -> None:
    person = people.employed(institution=house).person
    row = outside.leave(person, house)
    now = datetime.fromisoformat("2027-02-01T09:00:00+08:00")
    closed = close_year(year=2026, region_code="310000", actor=SYSTEM, now=now)
    while closing.work_on(closing_id=closed.pk, now=now):
        pass
    confirm_leave(leave=row, actor=auditor(), now=now)
    first, second = YearStanding.objects.filter(person=person)
    assert (first.lines[0]["required_class_hours"], second.lines[0]["required_class_hours"]) == ("72", "42")
    assert "产假 2026-03-10—2026-08-14 已确认" in second.why


def test_a_leave_that_began_before_the_first_closed_year_still_changes_that_year(house: Organisation) -> None:
    person = people.employed(institution=house).person
    row = outside.leave(person, house, from_date=date(2025, 11, 1), to_date=date(2026, 4, 30))
    now = datetime.fromisoformat("2027-02-01T09:00:00+08:00")
    closed = close_year(year=2026, region_code="310000", actor=SYSTEM, now=now)
    while closing.work_on(closing_id=closed.pk, now=now):
        pass
    confirm_leave(leave=row, actor=auditor(), now=now)
    first, second = YearStanding.objects.filter(person=person)
    assert (first.lines[0]["required_class_hours"], second.lines[0]["required_class_hours"]) == ("72", "48")


def test_history_is_never_rewritten(house: Organisation) -> None:
    row = outside.leave(people.employed(institution=house).person, house)
    for history in (Leave.objects.get(pk=row.pk), row.states.get()):
        with pytest.raises(RewriteRefused):
            history.save()
