"""Verbs of presence: ask whether somebody is there, take the answer, take credit back where there was none.

A challenge is drawn at a heartbeat, when the credit of the lease has used up what was drawn for it. While it is open no
lesson completes. Passing it confirms everything covered so far; missing it takes credit back to what the last one
passed had confirmed, and the next heartbeat that earns anything is asked again: who is away gets no further.

All of this happens under the lock of the lease's row. The caller saves lease and progress.
"""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import get_language

from courses.learning.models import (
    ChallengeOutcome,
    ChallengeResult,
    Heartbeat,
    Lease,
    LessonProgress,
    PresenceChallenge,
)
from courses.learning.services.enrolments import local_day
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.rules.honest_time import DEFAULT_JITTER_MS
from lms.rules.intervals import Intervals
from lms.rules.presence import draw_interval, draw_question

_CHANCE = secrets.SystemRandom()
# Question and answer travel, too; that time is not the learner's.
_TRAVEL = timedelta(milliseconds=DEFAULT_JITTER_MS)
CHALLENGED_FIELDS = ("pending", "confirmed", "challenge_in_ms", "asked_until", "day", "day_ms")


@dataclass(frozen=True, slots=True)
class Shown:
    """A challenge as the learner may know it. ``seconds`` are left for the answer."""

    id: str
    prompt: str
    choices: list[dict[str, str]]
    seconds: int


def next_interval(pace: dict[str, Any]) -> int | None:
    """Credited milliseconds until the next challenge of a lease with this pace, drawn by chance."""
    return draw_interval(_CHANCE, Decimal(pace.get("challenges_per_hour", "0")))


def open_challenge(lease: Lease) -> PresenceChallenge | None:
    """The challenge that waits for its answer; no query where there is none."""
    if lease.asked_until is None:
        return None
    return lease.challenges.filter(outcome__isnull=True).order_by("-number").first()


def shown(challenge: PresenceChallenge | None, lease: Lease, now: datetime) -> Shown | None:
    """What the client is told of it. None once its time is over."""
    if challenge is None or lease.asked_until is None or now > lease.asked_until:
        return None
    until = challenge.answer_until if now <= challenge.answer_until else lease.asked_until
    seconds = max(0, int((until - _TRAVEL - now).total_seconds()))
    return Shown(str(challenge.pk), challenge.prompt, challenge.choices, seconds)


def ask(lease: Lease, now: datetime, *, unlike: str = "", until: datetime | None = None) -> PresenceChallenge:
    """Draw a question in the language in use. ``until``: a second one within the time of the first."""
    english = (get_language() or "").startswith("en")
    question = draw_question(_CHANCE, english=english, unlike=unlike)
    last = lease.challenges.order_by("-number").values_list("number", flat=True).first() or 0
    challenge = PresenceChallenge.objects.create(
        lease=lease,
        number=last + 1,
        kind=question.kind,
        prompt=question.prompt,
        choices=[{"key": key, "text": text} for key, text in question.choices],
        answer=question.answer,
        asked_at=now,
        answer_until=until or now + _time_to_answer(lease),
    )
    lease.challenge_in_ms = 0
    lease.asked_until = until or challenge.answer_until + _silence_forgiven(lease)
    return challenge


def _time_to_answer(lease: Lease) -> timedelta:
    return timedelta(seconds=lease.pace["answer_seconds"]) + _TRAVEL


def _silence_forgiven(lease: Lease) -> timedelta:
    """Who lost the network while asked is given the silence a lease survives, and the grace, on top; once."""
    return timedelta(seconds=lease.pace["idle_seconds"], milliseconds=lease.pace["grace_ms"])


def heard_from(lease: Lease, progress: LessonProgress, now: datetime) -> tuple[PresenceChallenge | None, int]:
    """The client made itself heard: the challenge still open, or the milliseconds taken back as its time was over."""
    challenge = open_challenge(lease)
    if challenge is None or lease.asked_until is None:
        return None, 0
    if now > lease.asked_until:
        return None, miss(lease, progress, challenge, now)
    lease.asked_until = _until(lease, challenge, now)
    return challenge, 0


def _until(lease: Lease, challenge: PresenceChallenge, now: datetime) -> datetime:
    """When time is up for somebody heard from at ``now``: whoever comes back from silence too late is given it anew."""
    assert lease.asked_until is not None
    if lease.last_beat_at > challenge.asked_at:
        return lease.asked_until
    return challenge.answer_until if now <= challenge.answer_until else now + _time_to_answer(lease)


def miss(lease: Lease, progress: LessonProgress, challenge: PresenceChallenge, now: datetime) -> int:
    """Credit goes back to what was confirmed; returns the milliseconds taken back."""
    confirmed = Intervals.from_pairs(lease.confirmed)
    lost = Intervals.from_pairs(progress.covered).subtract(confirmed).covered()
    _forget_today(lease, lost, now)
    progress.covered = confirmed.pairs()
    progress.credited_ms -= lost
    progress.updated_at = now
    lease.pending, lease.challenge_in_ms, lease.asked_until = [], 0, None
    _settle(lease, challenge, ChallengeResult.MISSED, now, lost)
    return lost


def _forget_today(lease: Lease, lost_ms: int, now: datetime) -> None:
    """What is taken back no longer counts towards the day's cap; what was earned before midnight never did."""
    begin_day(lease, now)
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    today = Heartbeat.objects.filter(
        lease__enrolment=lease.enrolment_id, lease__lesson=lease.lesson_id, received_at__gte=midnight
    )
    # Nothing is confirmed out of turn: what is lost is the latest credit of the lesson.
    earned = today.aggregate(total=Sum("credited_ms"))["total"] or 0
    lease.day_ms -= min(lost_ms, earned, lease.day_ms)


def begin_day(lease: Lease, now: datetime) -> None:
    """Count the credit of a new local day from nought."""
    today = local_day(now)
    if lease.day != today:
        lease.day, lease.day_ms = today, 0


def settle_right(lease: Lease, progress: LessonProgress, challenge: PresenceChallenge, now: datetime) -> None:
    """Somebody is there: everything covered is confirmed, and the next moment is drawn."""
    lease.confirmed = progress.covered
    lease.asked_until, lease.challenge_in_ms = None, next_interval(lease.pace)
    _settle(lease, challenge, ChallengeResult.PASSED, now)


def settle_wrong(lease: Lease, challenge: PresenceChallenge, now: datetime) -> PresenceChallenge | None:
    """A slip is human: another question within the same time. None: the one before was not passed either."""
    if _slipped_before(challenge):
        return None
    _settle(lease, challenge, ChallengeResult.WRONG, now)
    return ask(lease, now, unlike=challenge.kind, until=lease.asked_until)


def _slipped_before(challenge: PresenceChallenge) -> bool:
    """Whether the question before it was not passed, under whichever lease: a new one forgives nothing."""
    settled = ChallengeOutcome.objects.filter(challenge__lease__person__leases=challenge.lease_id)
    last = settled.exclude(result=ChallengeResult.REPEATED).order_by("-at", "-challenge__number").first()
    return last is not None and last.result != ChallengeResult.PASSED


def _settle(
    lease: Lease, challenge: PresenceChallenge, result: ChallengeResult, now: datetime, taken_back_ms: int = 0
) -> None:
    ChallengeOutcome.objects.create(
        challenge=challenge,
        result=result,
        after_sequence=lease.last_sequence,
        taken_back_ms=taken_back_ms,
        at=now,
    )
    record(
        verb=f"challenge.{result.value}",
        actor=Actor.system("presence"),
        now=now,
        subject=challenge,
        person_id=lease.person_id,
        changes={"lesson": str(lease.lesson_id), "kind": challenge.kind, "taken_back_ms": taken_back_ms},
    )


def take_along(last: Lease, lease: Lease, now: datetime) -> None:
    """A new lease begins: the challenge open under the last one is asked again in the same lesson, else it is missed.

    Reloading the page or changing the device costs nothing, and gains no time. A second question doesn't move.
    """
    challenge = open_challenge(last)
    if challenge is None or last.asked_until is None:
        return
    same_lesson = (last.enrolment_id, last.lesson_id) == (lease.enrolment_id, lease.lesson_id)
    if now > last.asked_until or not same_lesson or _slipped_before(challenge):
        settle_missed(last, challenge, now)
        return
    until = _until(last, challenge, now)
    PresenceChallenge.objects.create(
        lease=lease,
        number=1,
        kind=challenge.kind,
        prompt=challenge.prompt,
        choices=challenge.choices,
        answer=challenge.answer,
        asked_at=now,
        answer_until=until,
    )
    lease.asked_until, last.asked_until = until, None
    _settle(last, challenge, ChallengeResult.REPEATED, now)
    last.save(update_fields=["asked_until"])


def settle_missed(lease: Lease, challenge: PresenceChallenge, now: datetime) -> None:
    """Miss a challenge nobody is heard from about, and save it."""
    progress = LessonProgress.objects.get(enrolment=lease.enrolment_id, lesson=lease.lesson_id)
    miss(lease, progress, challenge, now)
    lease.save(update_fields=CHALLENGED_FIELDS)
    progress.save(update_fields=["covered", "credited_ms", "updated_at"])


def passed_since(person_id: uuid.UUID, moment: datetime) -> bool:
    """Whether this person passed a challenge in any lesson after ``moment``."""
    passed = ChallengeOutcome.objects.filter(challenge__lease__person=person_id, result=ChallengeResult.PASSED)
    return passed.filter(at__gt=moment).exists()


def miss_overdue(*, now: datetime, at_most: int = 1000) -> int:
    """Miss the challenges whose time is over and nobody came back to; returns how many."""
    overdue = Lease.objects.filter(asked_until__lt=now).order_by("asked_until").values_list("pk", flat=True)
    missed = 0
    for lease_id in list(overdue[:at_most]):
        with transaction.atomic():
            locked = Lease.objects.select_for_update(no_key=True, skip_locked=True)
            lease = locked.filter(pk=lease_id, asked_until__lt=now).first()
            challenge = open_challenge(lease) if lease else None
            if lease and challenge:
                settle_missed(lease, challenge, now)
                missed += 1
    return missed
