"""The yearly quotas, as tables a policy officer can read (Shanghai: 72 skills and 40 ethics of 45 minutes)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules.standing import (
    Entry,
    Line,
    ProRata,
    Reason,
    Requirement,
    Service,
    Standing,
    Terms,
    evaluate,
    required_minutes,
)

SKILLS = Requirement("skills", 72 * 45)
ETHICS = Requirement("ethics", 40 * 45)
SHANGHAI = (SKILLS, ETHICS)
TERMS = Terms(minutes_per_class_hour=45)
YEAR = 2026
LAST_DAY = date(YEAR, 12, 31)


def entry(category: str, class_hours: float, on: date = date(YEAR, 6, 1), **more: object) -> Entry:
    return Entry(category, int(class_hours * 45), YEAR, on, **more)  # type: ignore[arg-type]


def standing(*entries: Entry, on: date = LAST_DAY, terms: Terms = TERMS, service: Service | None = None) -> Standing:
    return evaluate(SHANGHAI, entries, on, year=YEAR, terms=terms, service=service)


def line_of(result: Standing, category: str) -> Line:
    line = result.line(category)
    assert line is not None
    return line


def codes(result: Standing) -> list[tuple[str, str]]:
    return [(reason.category, reason.code) for reason in result.reasons]


@pytest.mark.parametrize(
    ("skills", "ethics", "met"),
    [
        (72, 40, True),
        (71.5, 40, False),
        (72, 39.5, False),
        (112, 0, False),
        (0, 112, False),
        (100, 100, True),
        (0, 0, False),
    ],
)
def test_each_category_stands_for_itself(skills: float, ethics: float, met: bool) -> None:
    entries = [entry(name, hours) for name, hours in (("skills", skills), ("ethics", ethics)) if hours]
    assert standing(*entries).met is met


def test_figures_in_minutes_and_class_hours() -> None:
    result = standing(entry("skills", 51.5), entry("ethics", 40), on=date(YEAR, 11, 21))
    skills, ethics = line_of(result, "skills"), line_of(result, "ethics")
    assert (skills.required_minutes, skills.earned_minutes, skills.left_minutes) == (3240, 2317, 923)
    assert (str(skills.required_class_hours), str(skills.earned_class_hours)) == ("72", "51")
    assert str(skills.left_class_hours) == "21"
    assert (ethics.met, ethics.left_minutes, str(ethics.left_class_hours)) == (True, 0, "0")
    assert result.days_left == 40
    assert result.line("music") is None


def test_reasons_say_why() -> None:
    result = standing(entry("skills", 72))
    assert codes(result) == [("skills", "met"), ("ethics", "short")]
    short = result.reasons[1]
    assert short.message % short.params == "还差 40 学时。"


def test_one_minute_short_is_not_met() -> None:
    result = standing(Entry("skills", 3239, YEAR, LAST_DAY), entry("ethics", 40))
    line = line_of(result, "skills")
    assert not line.met
    assert str(line.left_class_hours) == "0.5"


@pytest.mark.parametrize(
    ("on", "earned"), [(date(YEAR, 5, 31), 0), (date(YEAR, 6, 1), 45), (LAST_DAY, 45), (date(YEAR + 1, 1, 1), 45)]
)
def test_as_of_a_day_inclusive(on: date, earned: int) -> None:
    assert line_of(standing(entry("skills", 1), on=on), "skills").earned_minutes == earned


def test_another_year_counts_nothing() -> None:
    old = Entry("skills", 9999, YEAR - 1, date(YEAR - 1, 12, 31))
    assert line_of(standing(old), "skills").earned_minutes == 0


def test_the_year_closes_after_its_grace() -> None:
    terms = replace(TERMS, grace_days=31)
    assert standing(terms=terms, on=LAST_DAY).closes_on == date(2027, 1, 31)
    assert standing(terms=terms, on=LAST_DAY).days_left == 31
    assert standing(on=LAST_DAY).days_left == 0
    assert standing(on=date(2027, 5, 1)).days_left == 0


def test_a_pack_that_asks_nothing_is_met_and_says_so() -> None:
    result = evaluate((), [entry("skills", 1)], LAST_DAY, year=YEAR, terms=TERMS)
    assert result.met
    assert result.reasons == (Reason("no_requirement"),)
    assert result.reasons[0].message


def test_one_release_counts_once_a_year() -> None:
    first = entry("skills", 2, date(YEAR, 3, 1), release_id="r1")
    again = entry("skills", 3, date(YEAR, 9, 1), release_id="r1")
    other = entry("skills", 1, release_id="r2")
    result = standing(again, other, first)
    assert line_of(result, "skills").earned_minutes == 3 * 45
    assert ("skills", "repeated_release") in codes(result)
    assert (
        line_of(
            standing(again, other, first, terms=replace(TERMS, one_release_once_a_year=False)), "skills"
        ).earned_minutes
        == 6 * 45
    )


def test_entries_without_a_release_all_count() -> None:
    assert line_of(standing(entry("skills", 2), entry("skills", 2)), "skills").earned_minutes == 180


def evaluated(requirement: Requirement, *entries: Entry, service: Service | None = None) -> Standing:
    return evaluate([requirement], entries, LAST_DAY, year=YEAR, terms=TERMS, service=service)


def test_the_most_one_release_counts_for() -> None:
    result = evaluated(replace(SKILLS, release_minutes_at_most=90), entry("skills", 8, release_id="r1"))
    assert result.lines[0].earned_minutes == 90
    assert codes(result) == [("skills", "release_cap"), ("skills", "short")]
    assert result.reasons[0].params == {"minutes": 270}


@pytest.mark.parametrize(
    ("online", "offline", "earned"), [(36, 36, 72), (72, 0, 36), (40, 36, 72), (36, 0, 36), (0, 72, 72)]
)
def test_online_share(online: int, offline: int, earned: int) -> None:
    requirement = replace(SKILLS, online_share_at_most=Decimal("0.5"))
    entries = [entry("skills", online, online=True)] if online else []
    entries += [entry("skills", offline)] if offline else []
    result = evaluated(requirement, *entries)
    assert result.lines[0].earned_minutes == earned * 45
    assert (("skills", "online_share") in codes(result)) is (online > 36)


def test_minutes_brought_over_and_carried_on() -> None:
    requirement = replace(ETHICS, carry_over_minutes_at_most=90)
    result = evaluated(requirement, entry("ethics", 40), service=Service(carried_minutes={"ethics": 45, "skills": 9}))
    assert result.lines[0].earned_minutes == 41 * 45
    assert result.lines[0].surplus_to_carry_minutes == 45
    assert codes(result)[0] == ("ethics", "carried_over")
    assert evaluated(requirement, entry("ethics", 50)).lines[0].surplus_to_carry_minutes == 90
    assert evaluated(ETHICS, entry("ethics", 50)).lines[0].surplus_to_carry_minutes == 0


@pytest.mark.parametrize(
    ("hired", "pro_rata", "required", "why"),
    [
        (None, ProRata.MONTHS, 72, ()),
        (date(2019, 9, 1), ProRata.MONTHS, 72, ()),
        (date(YEAR, 1, 1), ProRata.MONTHS, 72, ()),
        (date(YEAR, 1, 31), ProRata.MONTHS, 72, ()),
        (date(YEAR, 2, 1), ProRata.MONTHS, 66, ("pro_rata",)),
        (date(YEAR, 7, 15), ProRata.MONTHS, 36, ("pro_rata",)),
        (date(YEAR, 12, 31), ProRata.MONTHS, 6, ("pro_rata",)),
        (date(YEAR + 1, 1, 1), ProRata.MONTHS, 0, ("pro_rata",)),
        (date(YEAR, 7, 15), None, 72, ()),
    ],
)
def test_hired_in_the_middle_of_the_year(
    hired: date | None, pro_rata: ProRata | None, required: int, why: tuple[str, ...]
) -> None:
    terms = replace(TERMS, pro_rata=pro_rata)
    result = required_minutes(72 * 45, year=YEAR, terms=terms, service=Service(hired_on=hired))
    assert result == (required * 45, why)


@pytest.mark.parametrize(
    ("year", "hired", "minutes"),
    [(2026, date(2026, 12, 31), 8), (2024, date(2024, 12, 31), 8), (2026, date(2026, 1, 2), 3231)],
)
def test_by_days(year: int, hired: date, minutes: int) -> None:
    terms = replace(TERMS, pro_rata=ProRata.DAYS)
    assert required_minutes(3240, year=year, terms=terms, service=Service(hired_on=hired))[0] == minutes


@pytest.mark.parametrize(
    ("reduces", "months", "required"), [(True, 6, 36), (True, 12, 0), (True, 15, 0), (True, 0, 72), (False, 6, 72)]
)
def test_leave(reduces: bool, months: int, required: int) -> None:
    terms = replace(TERMS, leave_reduces=reduces)
    result = standing(entry("skills", 36), entry("ethics", 40), terms=terms, service=Service(leave_months=months))
    assert line_of(result, "skills").required_minutes == required * 45
    assert (("skills", "leave") in codes(result)) is (reduces and months > 0)


def test_every_reason_has_its_sentence() -> None:
    terms = replace(TERMS, pro_rata=ProRata.MONTHS, leave_reduces=True)
    requirement = replace(
        SKILLS, online_share_at_most=Decimal("0.1"), release_minutes_at_most=45, carry_over_minutes_at_most=1
    )
    service = Service(date(YEAR, 3, 1), 2, {"skills": 10})
    entries = [entry("skills", 9, online=True, release_id="a"), entry("skills", 9, online=True, release_id="a")]
    entries += [entry("skills", 9, online=True, release_id=str(one)) for one in range(9)]
    result = evaluate([requirement], entries, LAST_DAY, year=YEAR, terms=terms, service=service)
    assert [reason.code for reason in result.reasons] == [
        "pro_rata",
        "leave",
        "repeated_release",
        "release_cap",
        "online_share",
        "carried_over",
        "short",
    ]
    assert all("%" not in reason.message % reason.params for reason in result.reasons)


entries_of_a_year = st.lists(
    st.builds(
        Entry,
        st.sampled_from(["skills", "ethics"]),
        st.integers(1, 2000),
        st.just(YEAR),
        st.dates(date(YEAR, 1, 1), LAST_DAY),
        st.sampled_from([None, "a", "b", "c"]),
        st.booleans(),
    ),
    max_size=10,
)


@given(entries_of_a_year)
def test_earned_and_left_add_up(entries: list[Entry]) -> None:
    for line in standing(*entries).lines:
        assert line.left_minutes == max(0, line.required_minutes - line.earned_minutes)
        assert line.met == (line.left_minutes == 0) == (line.left_class_hours == 0)


@given(entries_of_a_year, st.integers(1, 500))
def test_learning_more_never_harms(entries: list[Entry], minutes: int) -> None:
    more = [*entries, Entry("skills", minutes, YEAR, LAST_DAY)]
    before, after = standing(*entries), standing(*more)
    assert all(new.earned_minutes >= old.earned_minutes for old, new in zip(before.lines, after.lines, strict=True))


@given(entries_of_a_year)
def test_the_order_of_days_decides_not_the_order_of_rows(entries: list[Entry]) -> None:
    different_days = list({one.on: one for one in entries}.values())
    assert standing(*different_days) == standing(*different_days[::-1])
