"""Learning as people do it, with the clock moved on: leases and heartbeats, sittings, classroom days with scans.

Everything ends in rows that prove the hours: what is credited here survives ``reconcile_hours``. A lesson's last
heartbeat always goes through the verb. Those before it may be written in one stroke, weighed by the very rule that
weighs them one by one: a year of sixty people is loaded in a minute, not in an hour.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from courses.assessment.models import AttemptResult, QuestionKind, QuestionVersion
from courses.assessment.services import save_answer, start_attempt, submit_attempt
from courses.catalogue.models import Lesson
from courses.classroom.models import Scan, Session
from courses.classroom.services import book, current_code, scan
from courses.learning.models import Enrolment, Heartbeat, Lease, LessonProgress, PresenceChallenge
from courses.learning.services import answer_challenge, beat, close_lease, open_lease
from courses.learning.services.heartbeats import media_ms, milliseconds, pace_policy
from lms.audit.actors import Actor
from lms.people.models import Person
from lms.policy.services import pack_in_force
from lms.rules.honest_time import Heartbeat as Claim
from lms.rules.honest_time import advance, begin
from lms.rules.intervals import Intervals

Stretch = tuple[int, int]
# A player reports every fifteen seconds, sooner or later by what phone and network make of it.
EVERY_MS, JITTER_MS = 15_000, 2_200
SECONDS_A_QUESTION = 40


@dataclass(frozen=True, slots=True)
class Told:
    """One heartbeat as a player sends it."""

    at: datetime
    played: Stretch


@dataclass
class Learner:
    """One person with a phone of their own. ``seed`` makes their pace human, and the same each time.

    ``steady``: reports exactly every fifteen seconds, as a script would. ``one_stroke``: see the module.
    """

    person: Person
    actor: Actor
    seed: str
    device_label: str = "Android"
    device: str = ""
    steady: bool = False
    one_stroke: bool = True
    rng: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.device = self.device or digest(f"device:{self.seed}")

    @property
    def address(self) -> str:
        return digest(f"address:{self.seed}")

    def study(self, enrolment: Enrolment, lesson: Lesson, at: datetime, *, share: float = 1.0) -> datetime:
        """Play a reading or a video honestly, to its end or to ``share`` of it. Returns when that was done."""
        lease = open_lease(
            enrolment=enrolment,
            lesson=lesson,
            device=self.device,
            device_label=self.device_label,
            address=self.address,
            take_over=False,
            actor=self.actor,
            now=at,
        )
        told = self._told(at, round(lesson.seconds * 1000 * share))
        sent = 0
        if self.one_stroke and len(told) > 1:
            sent = len(told) - 1
            _write(lease, told[:sent])
        for sequence, one in enumerate(told[sent:], start=sent + 1):
            answer = beat(
                lease_id=lease.pk,
                person=self.person,
                sequence=sequence,
                nonce=lease.nonce,
                played=[one.played],
                visible=True,
                position_ms=one.played[1],
                now=one.at,
            )
            lease.nonce = answer.nonce
            if answer.challenge:
                self._confirm(lease, answer.challenge.id, one.at)
        close_lease(lease_id=lease.pk, actor=self.actor, now=told[-1].at)
        return told[-1].at

    def _confirm(self, lease: Lease, challenge_id: str, at: datetime) -> None:
        """Somebody is there, and answers at once."""
        asked = PresenceChallenge.objects.get(pk=challenge_id)
        answer_challenge(
            lease_id=lease.pk,
            person=self.person,
            challenge_id=asked.pk,
            key=asked.answer,
            nonce=lease.nonce,
            now=at,
        )

    def _told(self, at: datetime, until_ms: int) -> list[Told]:
        told, position = [], 0
        while position < until_ms:
            step = EVERY_MS if self.steady else EVERY_MS + self.rng.randint(-JITTER_MS, JITTER_MS)
            played = min(step, until_ms - position)
            at += timedelta(milliseconds=step)
            told.append(Told(at, (position, position + played)))
            position += played
        return told

    def sit(self, enrolment: Enrolment, lesson: Lesson, at: datetime, *, blank: int = 0) -> AttemptResult:
        """Sit a quiz; ``blank`` questions stay without an answer, the others are right."""
        pack = pack_in_force(self.person.region_code, at.date())
        attempt = start_attempt(
            person=self.person, lesson=lesson, enrolment_id=enrolment.pk, pack=pack, actor=self.actor, now=at
        )
        for place, version_id in enumerate(attempt.question_versions[blank:], start=1):
            version = QuestionVersion.objects.get(pk=version_id)
            save_answer(
                attempt=attempt,
                question_version_id=version.pk,
                answer=right_answer(version),
                actor=self.actor,
                now=at + timedelta(seconds=SECONDS_A_QUESTION * place),
            )
        done = at + timedelta(seconds=SECONDS_A_QUESTION * len(attempt.question_versions))
        return submit_attempt(attempt=attempt, actor=self.actor, now=done)

    def book(self, session: Session, enrolment: Enrolment, at: datetime) -> None:
        book(session=session, person=self.person, enrolment_id=enrolment.pk, actor=self.actor, now=at)

    def come(self, session: Session) -> datetime:
        """Scan in some minutes before the class begins; the place was booked."""
        return self._scan(session, Scan.Kind.IN, session.starts_at - timedelta(seconds=self.rng.randint(60, 900)))

    def go(self, session: Session, at: datetime | None = None) -> datetime:
        """Scan out as the class ends, or ``at`` some other time."""
        end = session.ends_at + timedelta(seconds=self.rng.randint(20, 400))
        return self._scan(session, Scan.Kind.OUT, at or end)

    def _scan(self, session: Session, kind: str, at: datetime) -> datetime:
        scan(
            session=session,
            person=self.person,
            kind=kind,
            code=current_code(session, at),
            device=self.device,
            actor=self.actor,
            now=at,
        )
        return at


def right_answer(version: QuestionVersion) -> Any:
    """What somebody who knows answers: the key, and of a blank's accepted writings the first."""
    if version.kind == QuestionKind.FILL_IN:
        return [blank if isinstance(blank, str) else blank[0] for blank in version.answer]
    return version.answer


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _write(lease: Lease, told: Sequence[Told]) -> None:
    """Keep many heartbeats at once, each weighed as the verb weighs it. The learner stays under the day's cap."""
    progress = LessonProgress.objects.get(enrolment=lease.enrolment_id, lesson=lease.lesson_id)
    state = begin(
        media_ms=media_ms(lease),
        started_ms=milliseconds(lease.opened_at),
        already=Intervals.from_pairs(progress.covered),
    )
    rows = []
    for sequence, one in enumerate(told, start=1):
        step = advance(state, Claim(sequence, milliseconds(one.at), (one.played,)), pace_policy(lease.pace))
        state = step.state
        rows.append(
            Heartbeat(
                lease=lease,
                sequence=sequence,
                received_at=one.at,
                played=[list(one.played)],
                visible=True,
                position_ms=one.played[1],
                credited_ms=step.earned_ms,
                refused=step.refused.value if step.refused else "",
            )
        )
    Heartbeat.objects.bulk_create(rows)
    last = told[-1]
    lease.last_sequence, lease.last_beat_at, lease.pending = len(rows), last.at, state.pending.pairs()
    lease.save(update_fields=["last_sequence", "last_beat_at", "pending"])
    progress.covered, progress.position_ms, progress.updated_at = state.covered.pairs(), last.played[1], last.at
    progress.credited_ms += sum(row.credited_ms for row in rows)
    progress.save(update_fields=["covered", "position_ms", "updated_at", "credited_ms"])
