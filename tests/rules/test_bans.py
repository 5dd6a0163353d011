from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules.bans import BanFact, BanKind, acts_on, strictest

FROM = date(2026, 3, 1)


def lifetime(**changes: object) -> BanFact:
    return BanFact(BanKind.LIFETIME, FROM, **changes)  # type: ignore[arg-type]


def dated(until: date, **changes: object) -> BanFact:
    return BanFact(BanKind.DATED, FROM, until, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ban", "on", "expected"),
    [
        (lifetime(), date(2026, 2, 28), False),
        (lifetime(), FROM, True),
        (lifetime(), date(2126, 3, 1), True),
        (lifetime(in_force=False), FROM, False),
        (lifetime(annulled=True), FROM, False),
        (dated(date(2026, 12, 31)), date(2026, 12, 31), True),
        (dated(date(2026, 12, 31)), date(2027, 1, 1), False),
        (dated(FROM), FROM, True),
        (dated(date(2026, 12, 31), annulled=True), FROM, False),
    ],
)
def test_acts_on(ban: BanFact, on: date, expected: bool) -> None:
    assert acts_on(ban, on) is expected


def test_lifetime_has_no_end() -> None:
    with pytest.raises(ValueError, match="no end"):
        BanFact(BanKind.LIFETIME, FROM, date(2030, 1, 1))


@pytest.mark.parametrize("until", [None, date(2026, 2, 28)])
def test_a_dated_ban_ends_after_it_starts(until: date | None) -> None:
    with pytest.raises(ValueError, match="dated"):
        BanFact(BanKind.DATED, FROM, until)


def test_the_strictest_of_several() -> None:
    short, long = dated(date(2026, 6, 30)), dated(date(2031, 2, 28))
    assert strictest([short, long], FROM) == long
    assert strictest([short, lifetime(), long], FROM) == lifetime()
    assert strictest([short, lifetime(annulled=True)], date(2026, 6, 30)) == short
    assert strictest([short], date(2026, 7, 1)) is None
    assert strictest([], FROM) is None


bans = st.one_of(
    st.builds(lifetime, annulled=st.booleans(), in_force=st.booleans()),
    st.builds(dated, st.dates(FROM, date(2040, 1, 1)), annulled=st.booleans()),
)


@given(st.lists(bans, max_size=5), st.dates(date(2026, 1, 1), date(2041, 1, 1)))
def test_somebody_is_banned_when_any_ban_acts(several: list[BanFact], on: date) -> None:
    acting = strictest(several, on)
    assert (acting is not None) == any(acts_on(ban, on) for ban in several)
    assert acting is None or acts_on(acting, on)
    assert strictest(several[::-1], on) == acting
