"""``close_year``: after the grace a year is frozen for everybody, once; what comes later is a new version beside it."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from lms.audit.actors import Actor
from lms.audit.append_only import RewriteRefused
from lms.audit.models import AuditEvent
from lms.ledger import tasks
from lms.ledger.models import YearClosing, YearStanding
from lms.ledger.services import close_year, closing, due_closings, reverse_entry, standing
from lms.policy.models import PolicyPack
from lms.policy.services import load_policy
from lms.rules.chain import GENESIS
from lms.rules.refusals import Refusal
from tests.factories.ledger import SYSTEM, credited, learner, year_met
from tests.factories.policy import changed_pack, packs_loaded

pytestmark = pytest.mark.django_db

FEBRUARY = datetime.fromisoformat("2027-02-01T00:00:00+08:00")  # the first moment after Shanghai's grace of 31 days
LATER = datetime.fromisoformat("2027-03-05T10:00:00+08:00")


def closed(region: str = "310000", year: int = 2026, now: datetime = FEBRUARY) -> YearClosing:
    row = close_year(year=year, region_code=region, actor=SYSTEM, now=now)
    while closing.work_on(closing_id=row.pk, now=now):
        pass
    row.refresh_from_db()
    return row


def test_how_everybody_stood_is_kept_with_the_end_of_their_chain() -> None:
    met, short, idle = learner(name="林小满"), learner(name="周禾"), learner(name="何知遥")
    year_met(met)
    last = credited(short, class_hours=10)
    row = closed()
    assert (row.persons, row.finished_at) == (3, FEBRUARY)
    kept = {one.person_id: one for one in YearStanding.objects.all()}
    assert [kept[person.pk].met for person in (met, short, idle)] == [True, False, False]
    assert (kept[short.pk].head_number, kept[short.pk].head_hash) == (1, last.hash)
    assert (kept[idle.pk].head_number, kept[idle.pk].head_hash) == (0, GENESIS)
    line = kept[short.pk].lines[0]
    assert (line["category"], line["earned_class_hours"], line["left_class_hours"]) == ("skills", "10", "62")
    assert kept[short.pk].reasons[0]["code"] == "short"
    assert kept[short.pk].pack_id == last.pack_id
    with pytest.raises(RewriteRefused):
        kept[short.pk].save()


@pytest.mark.parametrize(
    ("moment", "open_still"),
    [
        ("2026-12-31T23:59:59+08:00", True),
        ("2027-01-31T23:59:59+08:00", True),
        ("2027-01-31T15:59:59+00:00", True),
        ("2027-01-31T16:00:00+00:00", False),  # midnight in Shanghai
    ],
)
def test_not_before_the_grace_is_over(moment: str, open_still: bool) -> None:
    packs_loaded()
    now = datetime.fromisoformat(moment)
    if open_still:
        with pytest.raises(Refusal, match="2027-01-31") as refused:
            closed(now=now)
        assert refused.value.code == "year_open"
        assert "310000" not in due_closings(2026, closing.local_day(now))
    else:
        assert closed(now=now).finished_at == now


def test_again_changes_nothing() -> None:
    learner()
    first = closed()
    assert closed(now=LATER) == first
    assert YearStanding.objects.count() == AuditEvent.objects.filter(verb="year.closed").count() == 1


def test_killed_half_way_it_goes_on_with_those_who_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    people = [learner(name=f"学员{n}") for n in range(5)]
    monkeypatch.setattr(closing, "AT_A_TIME", 2)
    row = close_year(year=2026, region_code="310000", actor=SYSTEM, now=FEBRUARY)
    assert closing.work_on(closing_id=row.pk, now=FEBRUARY)
    assert YearStanding.objects.count() == 2
    # The worker died with the row in its hands: nobody takes it until the hold is over, and then it goes on.
    YearClosing.objects.update(taken_until=FEBRUARY + closing.HOLD)
    assert not closing.work_on(closing_id=row.pk, now=FEBRUARY)
    while closing.work_on(closing_id=row.pk, now=LATER):
        pass
    assert set(YearStanding.objects.values_list("person_id", flat=True)) == {person.pk for person in people}
    row.refresh_from_db()
    assert (row.persons, row.finished_at) == (5, LATER)


def test_each_region_closes_its_own_people() -> None:
    shanghai, beijing, yuyao = learner(), learner(region="110105"), learner(region="330281")
    closed()
    assert list(YearStanding.objects.values_list("person_id", flat=True)) == [shanghai.pk]
    closed("110000")
    closed("330281")
    assert set(YearStanding.objects.values_list("person_id", flat=True)) == {shanghai.pk, beijing.pk, yuyao.pk}


def a_pack_of_pudong(*, valid_from: date = date(2020, 1, 1), grace: int = 90) -> None:
    """A district with a pack of its own within Shanghai."""
    shanghai = PolicyPack.objects.get(region_code="310000")
    data = {**shanghai.data, "region": "310115", "valid_from": valid_from.isoformat()}
    data["regions"] = [place for place in data["regions"] if place["code"] == "310115"]
    of_year = {**data["parameters"]["year"], "grace_days": grace}
    data["parameters"] = {**data["parameters"], "year": of_year}
    PolicyPack.objects.create(
        region_code="310115",
        version=shanghai.version,
        valid_from=valid_from,
        title=shanghai.title,
        data=data,
        content_hash="0" * 64,
        loaded_at=shanghai.loaded_at,
    )


def test_a_city_that_is_closed_does_not_close_a_district_with_a_longer_grace() -> None:
    person = learner()
    a_pack_of_pudong()
    closed()
    assert not YearStanding.objects.filter(person=person).exists()
    assert credited(person, on=date(2026, 12, 20), now=LATER).year == 2026


def test_a_districts_pack_of_a_later_year_leaves_nobody_unfrozen() -> None:
    person = learner()
    a_pack_of_pudong(valid_from=date(2027, 1, 1))
    closed()
    assert YearStanding.objects.get(person=person).region_code == "310115"


def test_who_moved_between_two_closings_is_frozen_once() -> None:
    person = learner()
    closed()
    person.region_code = "110105"
    person.save()
    closed("110000")
    assert YearStanding.objects.get(person=person).region_code == "310115"


class TestHoursOfAnOldYear:
    def test_within_the_grace_they_still_count(self) -> None:
        person = learner()
        now = datetime.fromisoformat("2027-01-15T09:00:00+08:00")
        entry = credited(person, on=date(2026, 12, 20), now=now)
        assert (entry.year, standing(person=person, year=2026, on=now.date()).lines[0].earned_class_hours) == (2026, 4)

    def test_after_the_close_they_are_refused(self) -> None:
        person = learner()
        closed()
        with pytest.raises(Refusal, match="2026 年度已经结账") as refused:
            credited(person, on=date(2026, 12, 20), now=LATER)
        assert refused.value.code == "year_closed"
        assert credited(person, on=date(2027, 2, 1), now=LATER).year == 2027

    def test_also_for_somebody_who_came_after_the_close(self) -> None:
        packs_loaded()
        closed()
        with pytest.raises(Refusal) as refused:
            credited(learner(), on=date(2026, 12, 20), now=LATER)
        assert refused.value.code == "year_closed"

    def test_a_reversal_is_a_new_version_that_says_why(self) -> None:
        person = learner()
        entries = year_met(person)
        closed()
        reversal = reverse_entry(entry=entries[0], reason="代学", actor=SYSTEM, now=LATER)
        first, second = YearStanding.objects.filter(person=person)
        assert (first.version, first.met, first.why) == (1, True, "")
        assert (second.version, second.met, second.why, second.head_hash) == (2, False, "代学", reversal.hash)
        event = AuditEvent.objects.get(verb="year.frozen_again")
        assert (event.person_id, event.changes) == (person.pk, {"year": 2026, "version": 2, "met": False})

    def test_a_reversal_in_an_open_year_freezes_nothing(self) -> None:
        person = learner()
        reverse_entry(entry=credited(person), reason="代学", actor=SYSTEM, now=LATER)
        assert not YearStanding.objects.exists()


class TestCarryOver:
    @pytest.fixture(autouse=True)
    def _up_to_ten(self, tmp_path: Path) -> None:
        packs_loaded()
        changes = [('version: "2020.1"', 'version: "2026.1"'), ("valid_from: 2020-01-01", "valid_from: 2026-01-01")]
        carrying = ("carry_over_class_hours_max: null", "carry_over_class_hours_max: 10")
        load_policy(files=[changed_pack(tmp_path, *changes, carrying)], actor=SYSTEM, now=FEBRUARY)

    def test_surplus_comes_over_when_the_year_is_closed_and_not_before(self) -> None:
        person = learner()
        year_met(person, skills=88, ethics=44)
        before = standing(person=person, year=2027, on=date(2027, 3, 1))
        assert [line.earned_class_hours for line in before.lines] == [0, 0]
        closed()
        after = standing(person=person, year=2027, on=date(2027, 3, 1))
        assert [line.earned_class_hours for line in after.lines] == [10, 4]
        assert [reason.code for reason in after.reasons] == ["carried_over", "short"] * 2

    def test_on_the_evening_before_the_close_the_books_knew_of_none(self) -> None:
        person = learner()
        year_met(person, skills=88)
        closed()
        told = standing(person=person, year=2027, on=date(2027, 3, 1), recorded_by=date(2027, 1, 31))
        assert told.lines[0].earned_class_hours == 0

    def test_a_reversal_takes_back_what_was_brought_over_in_later_closed_years_too(self) -> None:
        person = learner()
        entries = year_met(person, skills=80)
        closed()
        closed(year=2027, now=datetime.fromisoformat("2028-02-01T00:00:00+08:00"))
        assert YearStanding.objects.get(person=person, year=2027).lines[0]["earned_class_hours"] == "8"
        now = datetime.fromisoformat("2028-03-01T09:00:00+08:00")
        reverse_entry(entry=entries[0], reason="代学", actor=SYSTEM, now=now)
        last = YearStanding.objects.filter(person=person, year=2027).order_by("version").last()
        assert last is not None
        assert (last.version, last.why, last.lines[0]["earned_class_hours"]) == (2, "代学", "0")


class TestWhoAndHow:
    @pytest.mark.parametrize("role", ["bureau_auditor", "institution_manager", ""])
    def test_only_the_job_and_an_administrator(self, role: str) -> None:
        with pytest.raises(Refusal) as refused:
            close_year(year=2026, region_code="310000", actor=Actor("user", "x", role=role), now=FEBRUARY)
        assert refused.value.code == "role_required"

    def test_where_there_is_no_policy_there_is_no_close(self) -> None:
        with pytest.raises(Refusal) as refused:
            closed("440100")
        assert refused.value.code == "no_policy"

    def test_the_sweep_begins_it_and_goes_on_with_what_was_lost(self, monkeypatch: pytest.MonkeyPatch) -> None:
        learner()
        woken: list[str] = []
        monkeypatch.setattr(tasks.close_year, "delay", woken.append)
        monkeypatch.setattr(tasks.timezone, "now", lambda: FEBRUARY)
        tasks.sweep()
        assert YearClosing.objects.filter(year=2026).count() == 5
        monkeypatch.setattr(tasks.timezone, "now", lambda: LATER)
        tasks.sweep()
        assert sorted(woken) == sorted(str(row.pk) for row in YearClosing.objects.all())

    def test_by_command(self, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
        learner()
        call_command("close_year", "2025", "--region", "310000")
        assert "310000 2025: 1 persons" in capsys.readouterr().out
        call_command("close_year", "2025")
        assert YearClosing.objects.exclude(finished_at=None).count() == 5
        call_command("close_year", "2025")
        assert "nothing to close" in capsys.readouterr().out
        with pytest.raises(CommandError, match="结账"):
            call_command("close_year", "2199", "--region", "310000")
