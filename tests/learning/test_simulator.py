"""Honest people are credited what they truly played; cheats get no second that did not pass, and are seen."""

import pytest

from tests.simulator.kinds import CHEATS, HONEST, SHARED, Outcome, simulate

pytestmark = pytest.mark.django_db
MINUTE = 60_000
# Programs that keep time better than any browser on a network.
SEEN_BY_THEIR_SPACING = {"bot", "hidden_tab", "changes_clock"}
# What they played before they began to forge: nothing they sent afterwards earns anything.
PLAYED_AT_FIRST = {
    "replays": MINUTE,
    "forges_nonce": MINUTE,
    "hidden_tab": 0,
    # One heartbeat with a number far ahead is odd, not forged; those that come an hour late are.
    "reorders": MINUTE + 15_000,
    # The second device's guess ends the lease: what came before was played.
    "two_devices": 4 * MINUTE,
}


def one(kind: str, seconds: int = 900) -> Outcome:
    told = simulate(kinds=[kind], seconds=seconds)[kind]
    return told.outcomes[0]


@pytest.mark.parametrize("kind", HONEST)
def test_honest_people_are_credited_within_one_per_cent_and_never_more(kind: str) -> None:
    outcome = one(kind)
    assert outcome.true_ms * 0.99 <= outcome.credited_ms <= outcome.true_ms
    assert outcome.true_ms == 900_000
    assert outcome.above_time == 0
    assert outcome.flags == frozenset()


@pytest.mark.parametrize("kind", CHEATS)
def test_cheats_earn_no_second_that_did_not_pass(kind: str) -> None:
    outcome = one(kind)
    assert outcome.credited_ms <= outcome.allowed_ms
    assert outcome.above_time == 0
    if kind in PLAYED_AT_FIRST:
        assert outcome.credited_ms <= PLAYED_AT_FIRST[kind]
    assert ("identical_spacing" in outcome.flags) == (kind in SEEN_BY_THEIR_SPACING)


def test_who_blocks_the_questions_loses_what_was_not_confirmed() -> None:
    # The first question comes after six to twenty-seven credited minutes.
    outcome = one("blocks_challenges", seconds=40 * 60)
    assert outcome.true_ms == 40 * MINUTE
    assert outcome.credited_ms <= outcome.true_ms - 6 * MINUTE


def test_two_accounts_on_one_device_are_flagged() -> None:
    told = simulate(kinds=[SHARED], seconds=600)[SHARED]
    assert told.people == told.flagged == 2
    assert all("shared_device" in outcome.flags for outcome in told.outcomes)
    assert all(outcome.above_time == 0 for outcome in told.outcomes)
