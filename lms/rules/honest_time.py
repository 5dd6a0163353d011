"""Honest time: how much of what a player says it played is credited.

One state is one lease on one lesson: what of the recording is covered, and
when the server last heard from it.  Only the server's own receipt times
count.  Between two heartbeats no more is credited than the time between their
receipts times the pack's rate; so over any stretch, whatever is sent, credit
never exceeds elapsed time times rate.  Only media not covered before counts.

A client keeps one heartbeat in flight, numbers them upwards, and puts into
each everything played since the last one the server acknowledged.  A lost
network therefore loses nothing up to the pack's grace: the next heartbeat
carries what was buffered, and the time that passed pays for it.  What arrives
a little faster than time (jitter) waits until time has passed.

All times and lengths are integer milliseconds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from lms.rules.intervals import EMPTY, Intervals, Stretch

_MINUTE_MS = 60_000
DEFAULT_JITTER_MS = 10_000


class Refused(StrEnum):
    """Why a heartbeat earned nothing, or less than it claimed."""

    REPLAYED = "replayed"
    HIDDEN = "hidden"
    TOO_FAST = "too_fast"
    GAP = "gap"
    DAILY_CAP = "daily_cap"
    NOTHING_NEW = "nothing_new"


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What a client says (sequence, played, visible) and when the server received it."""

    sequence: int
    received_ms: int
    played: tuple[Stretch, ...] = ()
    visible: bool = True


@dataclass(frozen=True, slots=True)
class PacePolicy:
    """Limits from the policy pack.

    ``max_rate``: fastest playback that counts.  ``grace_ms``: of a silence longer
    than this only so much counts.  ``daily_cap_minutes``: None means no cap.
    ``jitter_ms`` is a property of networks, not of policy.
    """

    max_rate: Decimal
    grace_ms: int
    daily_cap_minutes: int | None = None
    jitter_ms: int = DEFAULT_JITTER_MS

    def __post_init__(self) -> None:
        object.__setattr__(self, "max_rate", Decimal(str(self.max_rate)))
        if self.max_rate <= 0 or self.grace_ms < 0 or self.jitter_ms < 0:
            raise ValueError("a pace is positive")

    def media_for(self, elapsed_ms: int) -> int:
        """The most media that fits into a stretch of time, rounded down."""
        return int(max(0, elapsed_ms) * self.max_rate)

    def left_today(self, earned_today_ms: int) -> int | None:
        """Milliseconds that may still be credited today, or None without a cap."""
        if self.daily_cap_minutes is None:
            return None
        return max(0, self.daily_cap_minutes * _MINUTE_MS - earned_today_ms)


@dataclass(frozen=True, slots=True)
class PlayState:
    """Where a lease stands: kept by the service between heartbeats.

    ``pending`` has been claimed but time has not yet paid for it; ``confirmed``
    is what was covered when the last presence challenge was passed.
    """

    media_ms: int
    last_received_ms: int
    last_sequence: int = 0
    covered: Intervals = EMPTY
    pending: Intervals = EMPTY
    confirmed: Intervals = EMPTY


class Step(NamedTuple):
    """The state after a heartbeat, milliseconds earned by it, and why not more (None: all of it)."""

    state: PlayState
    earned_ms: int
    refused: Refused | None


@dataclass(frozen=True, slots=True)
class Credit:
    """What a whole run of heartbeats comes to."""

    covered: Intervals
    earned_ms: int
    refusals: tuple[tuple[int, Refused], ...]


def begin(*, media_ms: int, started_ms: int, already: Intervals | None = None) -> PlayState:
    """Start a lease at the server's time; ``already`` is what earlier leases covered."""
    covered = (already or EMPTY).clip(0, media_ms)
    return PlayState(media_ms, started_ms, covered=covered, confirmed=covered)


def advance(state: PlayState, heartbeat: Heartbeat, pace: PacePolicy, *, left_today_ms: int | None = None) -> Step:
    """Take one heartbeat, in the order of receipt.

    A sequence number not above the last one changes nothing at all, so a replay
    is harmless.  ``left_today_ms`` is what the daily cap still allows (None: no cap).
    """
    if heartbeat.sequence <= state.last_sequence:
        return Step(state, 0, Refused.REPLAYED)
    elapsed = max(0, heartbeat.received_ms - state.last_received_ms)

    def moved(covered: Intervals, pending: Intervals) -> PlayState:
        received = max(heartbeat.received_ms, state.last_received_ms)
        return PlayState(state.media_ms, received, heartbeat.sequence, covered, pending, state.confirmed)

    if not heartbeat.visible:
        return Step(moved(state.covered, state.pending), 0, Refused.HIDDEN)
    claimed = state.pending.union(_believable(heartbeat.played, state.media_ms)).subtract(state.covered)
    if not claimed:
        return Step(moved(state.covered, EMPTY), 0, Refused.NOTHING_NEW if heartbeat.played else None)
    budget = pace.media_for(min(elapsed, pace.grace_ms))
    capped = left_today_ms is not None and left_today_ms < min(budget, claimed.covered())
    if capped and left_today_ms is not None:
        budget = left_today_ms
    credited = claimed.first(budget)
    waiting = EMPTY if capped or credited is claimed else claimed.subtract(credited)
    pending = waiting.first(pace.media_for(pace.jitter_ms)) if waiting else EMPTY
    reason = _reason(capped, pending != waiting, elapsed > pace.grace_ms)
    return Step(moved(state.covered.union(credited), pending), credited.covered(), reason)


def credit(
    *,
    heartbeats: Sequence[Heartbeat],
    pace: PacePolicy,
    already: Intervals,
    media_ms: int,
    started_ms: int | None = None,
    earned_today_ms: int = 0,
) -> Credit:
    """Credit a run of heartbeats given in the order of receipt.

    Without ``started_ms`` time begins at the first receipt, which then earns nothing.
    """
    if not heartbeats:
        return Credit(already.clip(0, media_ms), 0, ())
    start = heartbeats[0].received_ms if started_ms is None else started_ms
    state = begin(media_ms=media_ms, started_ms=start, already=already)
    earned, refusals = 0, []
    for heartbeat in heartbeats:
        left = pace.left_today(earned_today_ms + earned)
        state, gained, refused = advance(state, heartbeat, pace, left_today_ms=left)
        earned += gained
        if refused is not None:
            refusals.append((heartbeat.sequence, refused))
    return Credit(state.covered, earned, tuple(refusals))


def pass_challenge(state: PlayState) -> PlayState:
    """A presence challenge was passed: everything covered so far is confirmed."""
    return replace(state, confirmed=state.covered)


def miss_challenge(state: PlayState) -> tuple[PlayState, int]:
    """A presence challenge was missed: credit goes back to the last one passed.

    Returns the state and the milliseconds taken back.
    """
    lost = state.covered.subtract(state.confirmed).covered()
    return replace(state, covered=state.confirmed, pending=EMPTY), lost


def is_complete(covered: Intervals, media_ms: int, coverage_share: Decimal) -> bool:
    """Whether a lesson is complete at the pack's coverage (a share from 0 to 1, inclusive)."""
    return media_ms > 0 and covered.clip(0, media_ms).covered() >= coverage_share * media_ms


def _believable(played: Iterable[Stretch], media_ms: int) -> Intervals:
    """Keep what lies inside the recording; a stretch running backwards is nobody's playing."""
    inside = ((max(0, start), min(end, media_ms)) for start, end in played)
    return Intervals(tuple((start, end) for start, end in inside if start < end))


def _reason(capped: bool, cut: bool, gap: bool) -> Refused | None:
    if capped:
        return Refused.DAILY_CAP
    if cut:
        return Refused.GAP if gap else Refused.TOO_FAST
    return None
