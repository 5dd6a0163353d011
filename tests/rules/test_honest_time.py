"""Laws first: whatever a client sends, credit never outruns the server's clock."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules.honest_time import (
    Heartbeat,
    PacePolicy,
    PlayState,
    Refused,
    advance,
    begin,
    credit,
    is_complete,
    miss_challenge,
    pass_challenge,
)
from lms.rules.intervals import EMPTY, Intervals

SECOND = 1_000
PACE = PacePolicy(max_rate=Decimal("1.5"), grace_ms=300 * SECOND)
MEDIA = 600 * SECOND

rates = st.sampled_from([Decimal("1.0"), Decimal("1.25"), Decimal("1.5"), Decimal("2.0")])
wild_stretches = st.tuples(st.integers(-5_000, 120_000), st.integers(-5_000, 120_000))
wild_heartbeats = st.lists(
    st.builds(
        Heartbeat,
        st.integers(0, 12),
        st.integers(0, 200_000),
        st.lists(wild_stretches, max_size=3).map(tuple),
        st.booleans(),
    ),
    max_size=12,
)


def beat(sequence: int, at_s: float, *played_s: tuple[float, float], visible: bool = True) -> Heartbeat:
    stretches = tuple((int(start * SECOND), int(end * SECOND)) for start, end in played_s)
    return Heartbeat(sequence, int(at_s * SECOND), stretches, visible)


def run(*heartbeats: Heartbeat, pace: PacePolicy = PACE, already: Intervals = EMPTY, cap_used: int = 0) -> int:
    """Seconds credited by a run that started at nought."""
    result = credit(
        heartbeats=heartbeats,
        pace=pace,
        already=already,
        media_ms=MEDIA,
        started_ms=0,
        earned_today_ms=cap_used * 60 * SECOND,
    )
    assert result.covered.covered() == result.earned_ms + already.covered()
    return result.earned_ms // SECOND


def test_plain_playing_earns_what_was_played() -> None:
    assert run(beat(1, 15, (0, 15)), beat(2, 30, (15, 30)), beat(3, 45, (30, 45))) == 45


def test_playing_faster_within_policy_earns_the_media() -> None:
    assert run(beat(1, 10, (0, 15)), beat(2, 20, (15, 30))) == 30


def test_seeking_to_the_end_earns_no_more_than_time() -> None:
    assert run(beat(1, 15, (0, 600))) == 22


def test_what_was_claimed_too_fast_is_mostly_forgotten() -> None:
    result = credit(
        heartbeats=[beat(1, 15, (0, 600)), *(beat(n, 15 * n) for n in range(2, 40))],
        pace=PACE,
        already=EMPTY,
        media_ms=MEDIA,
        started_ms=0,
    )
    most = PACE.media_for(15 * SECOND) + PACE.media_for(PACE.jitter_ms)
    assert result.earned_ms == most
    assert result.refusals[0] == (1, Refused.TOO_FAST)


def test_rewatching_earns_nothing() -> None:
    assert run(beat(1, 15, (0, 15)), beat(2, 30, (0, 15)), beat(3, 45, (0, 15))) == 15


def test_covered_on_another_device_earns_nothing_again() -> None:
    assert run(beat(1, 15, (0, 15)), already=Intervals.of((0, 10 * SECOND))) == 5


def test_hidden_pages_do_not_play_for_credit() -> None:
    hidden = beat(1, 60, (0, 60), visible=False)
    assert run(hidden) == 0
    assert run(hidden, beat(2, 61, (0, 60))) == 1, "time spent hidden can't pay later"


def test_a_pause_can_not_be_saved_up() -> None:
    pause = [beat(n, 15 * n) for n in range(1, 21)]
    late = beat(21, 301, (0, 300))
    assert run(*pause, late) == 1


@pytest.mark.parametrize(("outage_s", "credited_s"), [(180, 180), (300, 300), (301, 300), (3600, 300)])
def test_an_outage_within_grace_costs_nothing(outage_s: int, credited_s: int) -> None:
    pace = PacePolicy(max_rate=Decimal(1), grace_ms=300 * SECOND)
    assert run(beat(1, outage_s, (0, outage_s)), pace=pace) == credited_s


def test_the_cost_of_a_long_silence_is_named() -> None:
    pace = PacePolicy(max_rate=Decimal(1), grace_ms=60 * SECOND)
    step = advance(begin(media_ms=MEDIA, started_ms=0), beat(1, 600, (0, 600)), pace)
    assert step.refused is Refused.GAP
    assert step.earned_ms == 60 * SECOND


def test_a_gap_that_loses_nothing_is_no_refusal() -> None:
    step = advance(begin(media_ms=MEDIA, started_ms=0), beat(1, 600, (0, 15)), PACE)
    assert (step.earned_ms, step.refused) == (15 * SECOND, None)


def test_a_replay_changes_nothing() -> None:
    first = beat(1, 15, (0, 15))
    state = advance(begin(media_ms=MEDIA, started_ms=0), first, PACE).state
    for again in (first, beat(1, 90, (15, 90)), beat(0, 90, (15, 90))):
        assert advance(state, again, PACE) == (state, 0, Refused.REPLAYED)


def test_a_clock_that_runs_backwards_earns_nothing() -> None:
    step = advance(begin(media_ms=MEDIA, started_ms=60 * SECOND), beat(1, 10, (0, 15)), PACE)
    assert step.earned_ms == 0
    assert step.state.last_received_ms == 60 * SECOND


def test_stretches_that_can_not_be_are_left_out() -> None:
    assert run(beat(1, 300, (30, 15), (-10, 5), (590, 900))) == 15


def test_two_tabs_claiming_the_same_time_share_it() -> None:
    pace = PacePolicy(max_rate=Decimal(1), grace_ms=300 * SECOND, jitter_ms=0)
    assert run(beat(1, 15, (0, 15)), beat(2, 15, (100, 115)), beat(3, 30, (15, 30)), pace=pace) == 30


def test_daily_cap() -> None:
    pace = PacePolicy(max_rate=Decimal(1), grace_ms=300 * SECOND, daily_cap_minutes=3)
    result = credit(
        heartbeats=[beat(1, 60, (0, 60)), beat(2, 120, (60, 120)), beat(3, 180, (120, 180))],
        pace=pace,
        already=EMPTY,
        media_ms=MEDIA,
        started_ms=0,
        earned_today_ms=90 * SECOND,
    )
    assert result.earned_ms == 90 * SECOND
    assert result.refusals == ((2, Refused.DAILY_CAP), (3, Refused.DAILY_CAP))


def test_exactly_reaching_the_daily_cap_is_no_refusal() -> None:
    pace = PacePolicy(max_rate=Decimal(1), grace_ms=300 * SECOND, daily_cap_minutes=1)
    result = credit(heartbeats=[beat(1, 60, (0, 60))], pace=pace, already=EMPTY, media_ms=MEDIA, started_ms=0)
    assert (result.earned_ms, result.refusals) == (60 * SECOND, ())


def test_without_a_start_the_first_receipt_is_the_start() -> None:
    result = credit(heartbeats=[beat(1, 15, (0, 15)), beat(2, 30, (0, 15))], pace=PACE, already=EMPTY, media_ms=MEDIA)
    assert result.earned_ms == 15 * SECOND


def test_no_heartbeats_no_credit() -> None:
    already = Intervals.of((0, 900 * SECOND))
    result = credit(heartbeats=[], pace=PACE, already=already, media_ms=MEDIA)
    assert (result.earned_ms, result.covered) == (0, Intervals.of((0, MEDIA)))


def test_a_missed_challenge_takes_back_to_the_last_one_passed() -> None:
    state = advance(begin(media_ms=MEDIA, started_ms=0), beat(1, 60, (0, 60)), PACE).state
    state = pass_challenge(state)
    state = advance(state, beat(2, 120, (60, 120)), PACE).state
    state, lost = miss_challenge(state)
    assert lost == 60 * SECOND
    assert state.covered == Intervals.of((0, 60 * SECOND))
    assert miss_challenge(state) == (state, 0)


def test_a_new_lease_keeps_what_earlier_ones_earned_when_a_challenge_is_missed() -> None:
    earlier = Intervals.of((0, 60 * SECOND))
    state = begin(media_ms=MEDIA, started_ms=0, already=earlier)
    state = advance(state, beat(1, 30, (60, 90)), PACE).state
    assert miss_challenge(state)[0].covered == earlier


@pytest.mark.parametrize(
    ("covered_ms", "media_ms", "complete"),
    [(94_999, 100_000, False), (95_000, 100_000, True), (0, 0, False), (100_000, 100_000, True)],
)
def test_complete_at_the_coverage_of_the_policy(covered_ms: int, media_ms: int, complete: bool) -> None:
    assert is_complete(Intervals.of((0, covered_ms)), media_ms, Decimal("0.95")) is complete


def test_a_rate_given_as_a_number_is_taken_as_written() -> None:
    assert PacePolicy(max_rate=1.1, grace_ms=0).media_for(1_000_000) == 1_100_000  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [{"max_rate": Decimal(0)}, {"grace_ms": -1}, {"jitter_ms": -1}])
def test_a_pace_is_positive(wrong: dict[str, Decimal]) -> None:
    with pytest.raises(ValueError, match="positive"):
        PacePolicy(**{"max_rate": Decimal(1), "grace_ms": 1, **wrong})  # type: ignore[arg-type]


@given(wild_heartbeats, rates)
def test_over_any_stretch_never_more_than_elapsed_times_rate(heartbeats: list[Heartbeat], rate: Decimal) -> None:
    pace = PacePolicy(max_rate=rate, grace_ms=30 * SECOND)
    state = begin(media_ms=100_000, started_ms=0)
    receipts: list[tuple[int, int]] = []
    for heartbeat in heartbeats:
        before = state.last_received_ms
        state, earned, _ = advance(state, heartbeat, pace)
        receipts.append((state.last_received_ms - before, earned))
    for first in range(len(receipts)):
        for last in range(first, len(receipts)):
            elapsed = sum(one[0] for one in receipts[first : last + 1])
            earned = sum(one[1] for one in receipts[first : last + 1])
            assert earned <= elapsed * rate


@given(wild_heartbeats)
def test_credit_is_exactly_what_was_newly_covered(heartbeats: list[Heartbeat]) -> None:
    already = Intervals.of((10_000, 20_000))
    result = credit(heartbeats=heartbeats, pace=PACE, already=already, media_ms=100_000, started_ms=0)
    assert result.earned_ms == result.covered.subtract(already).covered()
    assert result.covered.subtract(Intervals.of((0, 100_000))) == EMPTY
    assert already.subtract(result.covered) == EMPTY


@given(wild_heartbeats, st.data())
def test_replays_are_idempotent(heartbeats: list[Heartbeat], data: st.DataObject) -> None:
    state = begin(media_ms=100_000, started_ms=0)
    for heartbeat in heartbeats:
        state = advance(state, heartbeat, PACE).state
        if heartbeats and data.draw(st.booleans()):
            again = data.draw(st.sampled_from(heartbeats))
            if again.sequence <= state.last_sequence:
                assert advance(state, again, PACE).state is state


@given(wild_heartbeats, st.randoms(use_true_random=False))
def test_no_order_of_forged_heartbeats_beats_the_clock(heartbeats: list[Heartbeat], chance: object) -> None:
    for forged in (heartbeats, heartbeats[::-1], sorted(heartbeats, key=lambda one: one.sequence)):
        result = credit(heartbeats=forged, pace=PACE, already=EMPTY, media_ms=100_000, started_ms=0)
        last = max((one.received_ms for one in forged), default=0)
        assert result.earned_ms <= PACE.media_for(last)


@st.composite
def honest_runs(draw: st.DrawFn) -> tuple[PacePolicy, list[Heartbeat], Intervals]:
    """Somebody plays on, pauses, seeks and loses the network; each heartbeat is late by some jitter."""
    rate = draw(rates)
    pace = PacePolicy(max_rate=rate, grace_ms=300 * SECOND)
    now, position, played, heartbeats = 0, 0, EMPTY, []
    for sequence in range(1, draw(st.integers(1, 15)) + 1):
        length = draw(st.integers(1, 15)) * SECOND
        if draw(st.integers(0, 9)) == 0:
            length = 180 * SECOND
        pausing = draw(st.integers(0, 4)) == 0
        if draw(st.integers(0, 5)) == 0:
            position = draw(st.integers(0, MEDIA))
        end = position if pausing else min(MEDIA, position + int(length * rate))
        played = played.add(position, end)
        now += length
        delay = draw(st.integers(0, 2 * SECOND))
        heartbeats.append(Heartbeat(sequence, now + delay, ((position, end),)))
        position = end
    closing = Heartbeat(len(heartbeats) + 1, now + 5 * SECOND)
    return pace, [*heartbeats, closing], played


@given(honest_runs())
def test_honest_people_get_everything(honest: tuple[PacePolicy, list[Heartbeat], Intervals]) -> None:
    pace, heartbeats, played = honest
    result = credit(heartbeats=heartbeats, pace=pace, already=EMPTY, media_ms=MEDIA, started_ms=0)
    assert result.covered.subtract(played) == EMPTY, "never above what was truly played"
    assert played.covered() - result.earned_ms <= 20, "less than a rounding of each heartbeat"


def test_the_state_is_a_value() -> None:
    state = PlayState(media_ms=MEDIA, last_received_ms=0)
    advance(state, beat(1, 15, (0, 15)), PACE)
    assert state == PlayState(media_ms=MEDIA, last_received_ms=0)
