"""What the rows of one lesson come to: heartbeats and outcomes of presence challenges, replayed in their order.

Rows in, intervals out: no query in the replaying itself, so that many lessons can be fetched at once (``runs_of``) and
replayed one by one. What comes out is what ``LessonProgress`` had when these were all the rows there were.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from json import JSONDecoder
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import Aggregate, Func, JSONField, TextField

from courses.learning.models import ChallengeOutcome, ChallengeResult, Heartbeat, Lease
from courses.learning.services.heartbeats import OUT_OF_PROTOCOL, milliseconds, pace_policy
from lms.rules.honest_time import Heartbeat as Claim
from lms.rules.honest_time import PacePolicy, PlayState, Refused, advance, begin, miss_challenge, pass_challenge
from lms.rules.intervals import EMPTY, Intervals

# Reads one value at a place; what the database gives is one value and nothing after it.
_read = JSONDecoder().raw_decode
LessonKey = tuple[uuid.UUID, uuid.UUID]  # enrolment, lesson


class Beat(NamedTuple):
    """A heartbeat as it is stored, without those that were out of protocol. ``id`` as the database writes it."""

    id: str
    sequence: int
    received_at: datetime
    played: Sequence[Sequence[int]]
    visible: bool
    credited_ms: int
    refused: str


class Outcome(NamedTuple):
    """How a challenge ended, after which heartbeat."""

    after_sequence: int
    result: str


@dataclass(frozen=True, slots=True)
class Run:
    """One lease with its heartbeats by sequence and its outcomes in the order they came."""

    opened_at: datetime
    pace: Mapping[str, Any]
    began_confirmed: bool
    beats: Sequence[Beat]
    outcomes: Sequence[Outcome] = ()


def runs_of(enrolment_ids: Collection[uuid.UUID]) -> dict[LessonKey, list[Run]]:
    """The leases of these enrolments by lesson, in the order they were opened: three queries however many."""
    beats, outcomes = _beats(enrolment_ids), _outcomes(enrolment_ids)
    found: dict[LessonKey, list[Run]] = defaultdict(list)
    leases = Lease.objects.filter(enrolment__id__among=enrolment_ids).order_by("opened_at", "pk")
    terms = leases.values_list("pk", "enrolment_id", "lesson_id", "opened_at", "pace", "began_confirmed")
    for pk, enrolment_id, lesson_id, opened_at, pace, confirmed in terms:
        run = Run(opened_at, pace, confirmed, beats.get(pk, ()), outcomes.get(pk, ()))
        found[enrolment_id, lesson_id].append(run)
    return found


class _Row(Func):
    """Columns as one JSON list."""

    function = "JSON_BUILD_ARRAY"
    output_field = JSONField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, function="JSON_ARRAY", **context)


class _Rows(Aggregate):
    """The rows of a group as one text."""

    function = "JSON_AGG"
    template = "CAST(%(function)s(%(expressions)s) AS text)"
    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, function="JSON_GROUP_ARRAY", **context)


class _Parsed(Func):
    """A JSON field as JSON: SQLite keeps it as text."""

    template = "%(expressions)s"
    output_field = JSONField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, template="JSON(%(expressions)s)", **context)


def _beats(enrolment_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Beat]]:
    """By lease, one row each: there are millions, and reading them one by one costs more than replaying them."""
    beats = Heartbeat.objects.filter(lease__enrolment__id__among=enrolment_ids).exclude(refused__in=OUT_OF_PROTOCOL)
    row = _Row("id", "sequence", "received_at", _Parsed("played"), "visible", "credited_ms", "refused")
    told = beats.order_by().values_list("lease_id").annotate(beats=_Rows(row))
    # Read whole, not through a cursor: for its first rows PostgreSQL would walk all there are in the order of leases.
    return {lease_id: _in_order(_read(text)[0]) for lease_id, text in told}


def _in_order(rows: list[list[Any]]) -> list[Beat]:
    rows.sort(key=itemgetter(1))
    return [Beat(pk, sequence, _moment(received), *rest) for pk, sequence, received, *rest in rows]


def _moment(text: str) -> datetime:
    """A time as the database writes it: in UTC, and SQLite leaves that out."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _outcomes(enrolment_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Outcome]]:
    found: dict[uuid.UUID, list[Outcome]] = defaultdict(list)
    rows = ChallengeOutcome.objects.filter(challenge__lease__enrolment__id__among=enrolment_ids)
    fields = ("challenge__lease_id", "after_sequence", "result")
    for lease_id, sequence, result in rows.order_by("challenge__number").values_list(*fields):
        found[lease_id].append(Outcome(sequence, result))
    return found


def replayed(runs: Sequence[Run], *, media_ms: int, through: uuid.UUID | None = None) -> Intervals:
    """What these leases of one lesson cover, at the end or just after the heartbeat ``through``: nothing without it."""
    covered = confirmed = EMPTY
    last = {str(through), through.hex} if through else set()
    for run in runs:
        state = begin(media_ms=media_ms, started_ms=milliseconds(run.opened_at), already=covered)
        if not run.began_confirmed:
            state = replace(state, confirmed=confirmed)
        pace, waiting = pace_policy(run.pace), list(run.outcomes)
        for beat in run.beats:
            while waiting and waiting[0].after_sequence < beat.sequence:
                state = _settled(state, waiting.pop(0))
            state = _advanced(state, beat, pace)
            if beat.id in last:
                return state.covered
        for outcome in waiting:
            state = _settled(state, outcome)
        covered, confirmed = state.covered, state.confirmed
    return covered if through is None else EMPTY


def _advanced(state: PlayState, beat: Beat, pace: PacePolicy) -> PlayState:
    played = tuple([(start, end) for start, end in beat.played])
    claim = Claim(beat.sequence, milliseconds(beat.received_at), played, beat.visible)
    # What a full day left over is known from the row alone: the cap spans all lessons of the day.
    capped = beat.refused == Refused.DAILY_CAP
    return advance(state, claim, pace, left_today_ms=beat.credited_ms if capped else None).state


def _settled(state: PlayState, outcome: Outcome) -> PlayState:
    if outcome.result == ChallengeResult.PASSED:
        return pass_challenge(state)
    if outcome.result == ChallengeResult.MISSED:
        return miss_challenge(state)[0]
    return state
