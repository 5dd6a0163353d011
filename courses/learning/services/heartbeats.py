"""The verb of a heartbeat: what a player says it played, weighed against the server's clock, stored with the verdict.

A lease's row lock orders its heartbeats. A replayed one changes nothing and is answered again; one that carries a
forged nonce ends the lease. What may never happen: a millisecond credited that did not pass since the last heartbeat.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from courses.learning.models import EnrolmentStateName, Heartbeat, Lease, LessonProgress
from courses.learning.services.completions import complete_lesson
from courses.learning.services.leases import end_lease, new_nonce, nonce_is_right
from courses.learning.services.presence import (
    Shown,
    ask,
    begin_day,
    heard_from,
    open_challenge,
    shown,
)
from courses.learning.services.rows import read_locked
from lms.audit.actors import Actor
from lms.audit.rows import write_together
from lms.audit.services import record
from lms.people.models import Person
from lms.rules.honest_time import Heartbeat as Claim
from lms.rules.honest_time import PacePolicy, PlayState, Step, advance, is_complete
from lms.rules.intervals import Intervals
from lms.rules.refusals import Invalid, NotFound

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_SEQUENCE_AT_MOST = 2_000_000_000
_STRETCHES_AT_MOST = 300
_MS_AT_MOST = 7 * 24 * 3_600_000
# Verdicts of the protocol beside those of the rule (lms.rules.honest_time.Refused).
REPLAYED, REORDERED, FORGED, ENDED = "replayed", "reordered", "forged", "lease_ended"
OUT_OF_PROTOCOL = frozenset({REORDERED, FORGED})
_MOVED_FIELDS = (
    *("last_sequence", "last_beat_at", "pending", "previous_nonce", "nonce"),
    *("challenge_in_ms", "asked_until", "day", "day_ms"),
)
_PROGRESS_FIELDS = ("covered", "credited_ms", "position_ms", "updated_at")


@dataclass(frozen=True, slots=True)
class BeatAnswer:
    """``credited_ms`` by this heartbeat; ``covered_ms`` of ``media_ms`` in all; ``refused`` says why not more.

    ``challenge`` waits for an answer; ``taken_back_ms`` were lost just now because one was missed.
    """

    sequence: int
    credited_ms: int
    covered_ms: int
    media_ms: int
    covered: list[list[int]]
    complete: bool
    course_passed: bool
    nonce: str
    refused: str = ""
    end_reason: str = ""
    challenge: Shown | None = None
    taken_back_ms: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """A heartbeat as the client sent it, checked for form."""

    sequence: int
    played: tuple[tuple[int, int], ...]
    visible: bool
    position_ms: int


def milliseconds(moment: datetime) -> int:
    """A receipt time as the rule counts it; the same again when the row is read back."""
    return (moment - _EPOCH) // _MILLISECOND


def pace_policy(pace: Mapping[str, Any]) -> PacePolicy:
    """The pace kept on a lease as the rule takes it."""
    return _pace_policy(pace["max_rate"], pace["grace_ms"], pace["daily_cap_minutes"])


@lru_cache(maxsize=1000)  # a million leases have few different paces
def _pace_policy(max_rate: str, grace_ms: int, daily_cap_minutes: int | None) -> PacePolicy:
    return PacePolicy(Decimal(str(max_rate)), grace_ms, daily_cap_minutes)


def media_ms(lease: Lease) -> int:
    return lease.lesson.seconds * 1000


def beat(
    *,
    lease_id: uuid.UUID,
    person: Person,
    sequence: int,
    nonce: str,
    played: Sequence[Sequence[int]],
    visible: bool,
    position_ms: int,
    now: datetime,
    parting: bool = False,
) -> BeatAnswer:
    """Take one heartbeat; ``played`` are stretches of the recording in milliseconds since the last acknowledged one.

    Credits what is newly covered, at most elapsed server time × the pace. A replay is answered with ``replayed`` and
    the nonce now in force, if it carried that or the one before; ``forged`` ends the lease. ``parting``: sent as the page closes, perhaps before the answer
    to the one before arrived. Refuses what can't be a heartbeat; ``NotFound`` for another person's lease.
    """
    said = Said(sequence, _checked(sequence, played, position_ms), visible, position_ms)
    with transaction.atomic():
        lease, progress = locked(lease_id, person)
        if lease.ended_at:
            return _answer(lease, progress, sequence, ENDED)
        if sequence <= lease.last_sequence:
            challenge = shown(open_challenge(lease), lease, now)
            answer = _answer(lease, progress, sequence, _late(lease, said, now), challenge=challenge)
            # Whoever lost an answer still has the nonce before it; nobody else is told the one in force.
            return answer if nonce_is_right(lease, nonce, also_before=True) else replace(answer, nonce="")
        if not nonce_is_right(lease, nonce, also_before=parting):
            _heard(lease, said, 0, FORGED, now).save()
            end_forged(lease, said.sequence, now)
            return _answer(lease, progress, said.sequence, FORGED)
        return _take(lease, progress, said, now)


def locked(lease_id: uuid.UUID, person: Person) -> tuple[Lease, LessonProgress]:
    """A lease of this person and how far its lesson is, their rows locked; ``NotFound`` for anybody else's."""
    found = read_locked(lease_id, person.pk)
    if found is None:
        raise NotFound("no_lease", _("没有找到该学习会话。"))
    found[0].person = person
    return found


def _checked(sequence: int, played: Sequence[Sequence[int]], position_ms: int) -> tuple[tuple[int, int], ...]:
    wrong = Invalid("not_a_heartbeat", _("心跳的格式不正确。"))
    numbers = [sequence, position_ms, *(number for pair in played for number in pair)]
    if any(isinstance(number, bool) or not isinstance(number, int) for number in numbers):
        raise wrong
    if not 1 <= sequence <= _SEQUENCE_AT_MOST or len(played) > _STRETCHES_AT_MOST:
        raise wrong
    if any(len(pair) != 2 for pair in played) or any(not 0 <= number <= _MS_AT_MOST for number in numbers[1:]):
        raise wrong
    return tuple((start, end) for start, end in played)


def _late(lease: Lease, said: Said, now: datetime) -> str:
    """Seen before: nothing at all. Overtaken by a later one and never seen: kept as evidence, worth nothing."""
    if lease.heartbeats.filter(sequence=said.sequence).exists():
        return REPLAYED
    _heard(lease, said, 0, REORDERED, now).save()
    return REORDERED


def end_forged(lease: Lease, sequence: int, now: datetime) -> None:
    """Somebody without the nonce speaks for this lease: it ends, whoever it was."""
    end_lease(lease, FORGED, now)
    record(
        verb="lease.forged",
        actor=Actor.system("heartbeats"),
        now=now,
        subject=lease,
        person_id=lease.person_id,
        changes={"sequence": sequence},
    )


def _take(lease: Lease, progress: LessonProgress, said: Said, now: datetime) -> BeatAnswer:
    challenge, taken_back_ms = heard_from(lease, progress, now)
    begin_day(lease, now)
    was_covered = is_covered(lease, progress)
    claim = Claim(said.sequence, milliseconds(now), said.played, said.visible)
    pace = pace_policy(lease.pace)
    step = advance(_state(lease, progress), claim, pace, left_today_ms=pace.left_today(lease.day_ms))
    refused = step.refused.value if step.refused else ""
    heartbeat = _heard(lease, said, step.earned_ms, refused, now)
    _move(lease, progress, step, said.position_ms, now)
    if challenge is None and not was_covered and _is_due(lease, step.earned_ms):
        challenge = ask(lease, now)
    write_together(heartbeat, (lease, _MOVED_FIELDS), (progress, _PROGRESS_FIELDS))
    if challenge is None:
        complete_if_covered(lease, progress, heartbeat, now)
    return _answer(
        lease,
        progress,
        said.sequence,
        refused,
        step.earned_ms,
        challenge=shown(challenge, lease, now),
        taken_back_ms=taken_back_ms,
    )


def _is_due(lease: Lease, earned_ms: int) -> bool:
    """Whether this credit used up what was drawn until the next challenge. Earning nothing never does."""
    if lease.challenge_in_ms is None or not earned_ms:
        return False
    lease.challenge_in_ms = max(0, lease.challenge_in_ms - earned_ms)
    return lease.challenge_in_ms == 0


def is_covered(lease: Lease, progress: LessonProgress) -> bool:
    """Whether what is covered is enough to complete the lesson."""
    covered = Intervals.from_pairs(progress.covered)
    return is_complete(covered, media_ms(lease), lease.lesson.release.coverage_share)


def last_heartbeat(lease: Lease) -> Heartbeat:
    """The newest heartbeat of the lesson: a challenge asked again on a new page may be passed before the first there."""
    rows = Heartbeat.objects.filter(lease__enrolment=lease.enrolment_id, lease__lesson=lease.lesson_id)
    newest = rows.exclude(refused__in=OUT_OF_PROTOCOL).order_by("-lease__opened_at", "-lease", "-sequence").first()
    assert newest is not None, "a challenge is drawn at a heartbeat"
    return newest


def complete_if_covered(lease: Lease, progress: LessonProgress, through: Heartbeat, now: datetime) -> None:
    """Complete the lesson where the coverage is reached; its evidence is every heartbeat up to ``through``."""
    if not is_covered(lease, progress):
        return
    complete_lesson(
        enrolment=lease.enrolment,
        lesson=lease.lesson,
        evidence_kind="heartbeats",
        evidence={"through": str(through.pk), "covered": progress.covered, "media_ms": media_ms(lease)},
        actor=Actor.system("learning"),
        now=now,
    )
    lease.enrolment.refresh_from_db(fields=["state"])


def _state(lease: Lease, progress: LessonProgress) -> PlayState:
    return PlayState(
        media_ms=media_ms(lease),
        last_received_ms=milliseconds(lease.last_beat_at),
        last_sequence=lease.last_sequence,
        covered=Intervals.from_pairs(progress.covered),
        pending=Intervals.from_pairs(lease.pending),
    )


def _heard(lease: Lease, said: Said, credited_ms: int, refused: str, now: datetime) -> Heartbeat:
    """The row to be stored, whatever the verdict."""
    return Heartbeat(
        lease=lease,
        sequence=said.sequence,
        received_at=now,
        played=[list(pair) for pair in said.played],
        visible=said.visible,
        position_ms=said.position_ms,
        credited_ms=credited_ms,
        refused=refused,
    )


def _move(lease: Lease, progress: LessonProgress, step: Step, position_ms: int, now: datetime) -> None:
    lease.last_sequence = step.state.last_sequence
    lease.last_beat_at = max(now, lease.last_beat_at)
    lease.pending = step.state.pending.pairs()
    lease.previous_nonce, lease.nonce = lease.nonce, new_nonce()
    lease.day_ms += step.earned_ms
    progress.covered = step.state.covered.pairs()
    progress.credited_ms += step.earned_ms
    progress.position_ms = min(position_ms, media_ms(lease))
    progress.updated_at = now


def _answer(
    lease: Lease,
    progress: LessonProgress,
    sequence: int,
    refused: str = "",
    credited_ms: int = 0,
    *,
    challenge: Shown | None = None,
    taken_back_ms: int = 0,
) -> BeatAnswer:
    covered = Intervals.from_pairs(progress.covered)
    return BeatAnswer(
        sequence=sequence,
        credited_ms=credited_ms,
        covered_ms=covered.covered(),
        media_ms=media_ms(lease),
        covered=covered.pairs(),
        complete=lease.asked_until is None and is_covered(lease, progress),
        course_passed=lease.enrolment.state == EnrolmentStateName.PASSED,
        nonce="" if lease.ended_at else lease.nonce,
        refused=refused,
        end_reason=lease.end_reason,
        challenge=challenge,
        taken_back_ms=taken_back_ms,
    )
