"""Words for learners: who is enrolled, who has learned honestly to the end.

``learned`` plays a lesson through the real lease and heartbeats with the clock moved on, so its evidence holds.
"""

import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from courses.catalogue.models import Lesson, LessonKind, Programme, Release
from courses.learning.models import Assignment, Enrolment, Lease, PresenceChallenge
from courses.learning.services import (
    BeatAnswer,
    ChallengeAnswer,
    answer_challenge,
    beat,
    close_lease,
    enrol,
    open_lease,
)
from courses.learning.services.assignments import assign
from lms.audit.actors import Actor
from lms.people.models import Organisation, Person
from lms.policy.services import pack_in_force
from tests.factories import assessment, classroom
from tests.factories.catalogue import released_course
from tests.factories.ledger import learner

SYSTEM = Actor.system("tests")
NOON = datetime.fromisoformat("2026-06-15T12:00:00+08:00")


def enrolled(person: Person | None = None, release: Release | None = None, *, now: datetime = NOON) -> Enrolment:
    """A fresh enrolment; person and course are made when none are given."""
    return enrol(person=person or learner(), release=release or released_course(), actor=SYSTEM, now=now)


def leased(
    enrolment: Enrolment,
    lesson: Lesson | None = None,
    *,
    device: str = "phone",
    take_over: bool = False,
    now: datetime = NOON,
) -> Lease:
    """A lease on a lesson (the first one when none is named)."""
    return open_lease(
        enrolment=enrolment,
        lesson=lesson or enrolment.release.lessons.order_by("position")[0],
        device=device,
        device_label=device,
        address="",
        take_over=take_over,
        actor=SYSTEM,
        now=now,
    )


class Player:
    """A client that keeps to the protocol: numbers upwards, the nonce of the last answer, stretches in milliseconds.

    Somebody is there (``present``) and answers presence challenges rightly at once.
    """

    def __init__(self, lease: Lease, *, present: bool = True) -> None:
        self.lease, self.now, self.present = lease, lease.opened_at, present
        self.sequence, self.nonce, self.position = 0, lease.nonce, 0

    def say(self, *played: tuple[int, int], after: float = 15, **changed: Any) -> BeatAnswer:
        """Send one heartbeat ``after`` so many seconds."""
        self.now += timedelta(seconds=after)
        self.sequence += 1
        if played:
            self.position = max(end for _start, end in played)
        answer = beat(
            **{
                "lease_id": self.lease.pk,
                "person": self.lease.person,
                "sequence": self.sequence,
                "nonce": self.nonce,
                "played": played,
                "visible": True,
                "position_ms": self.position,
                "now": self.now,
                **changed,
            }
        )
        self.nonce = answer.nonce or self.nonce
        if answer.challenge and self.present:
            said = self.answer(answer.challenge.id)
            return replace(answer, challenge=None, complete=said.complete, course_passed=said.course_passed)
        return answer

    def answer(self, challenge_id: str, *, right: bool = True, after: float = 0, **changed: Any) -> ChallengeAnswer:
        """Answer a presence challenge ``after`` so many seconds."""
        self.now += timedelta(seconds=after)
        asked = PresenceChallenge.objects.get(pk=challenge_id)
        wrong = next(choice["key"] for choice in asked.choices if choice["key"] != asked.answer)
        return answer_challenge(
            **{
                "lease_id": self.lease.pk,
                "person": self.lease.person,
                "challenge_id": uuid.UUID(challenge_id),
                "key": asked.answer if right else wrong,
                "nonce": self.nonce,
                "now": self.now,
                **changed,
            }
        )

    def play(self, seconds: float, *, rate: float = 1.0, every: float = 15) -> BeatAnswer | None:
        """Play on for so many seconds of the recording."""
        answer, left = None, round(seconds * 1000)
        while left > 0:
            step = min(left, round(every * 1000 * rate))
            answer = self.say((self.position, self.position + step), after=step / 1000 / rate)
            left -= step
        return answer


def learned(enrolment: Enrolment, lesson: Lesson, *, now: datetime = NOON, every: float = 15) -> datetime:
    """Learn one reading or video honestly from the first to the last second; returns when that was done."""
    player = Player(leased(enrolment, lesson, now=now))
    player.play(lesson.seconds, every=every)
    close_lease(lease_id=player.lease.pk, actor=SYSTEM, now=player.now)
    return player.now


def passed(person: Person | None = None, release: Release | None = None, *, now: datetime = NOON) -> Enrolment:
    """An enrolment honestly learned to its end by ``now`` or soon after: hours are in the ledger with evidence."""
    enrolment = enrolled(person, release, now=now)
    for lesson in enrolment.release.lessons.order_by("position"):
        if lesson.kind == LessonKind.QUIZ:
            pack = pack_in_force(enrolment.person.region_code, now.date())
            assessment.sat(person=enrolment.person, lesson=lesson, enrolment_id=enrolment.pk, pack=pack, now=now)
        elif lesson.kind == LessonKind.CLASSROOM_DAY:
            starts = now + timedelta(hours=1)
            day = classroom.session(lesson, starts_at=starts, now=now)
            classroom.booked(day, enrolment.person, enrolment.pk, now)
            classroom.present(day, enrolment.person)
            now = day.ends_at
        else:
            now = learned(enrolment, lesson, now=now, every=30)
    enrolment.refresh_from_db()
    return enrolment


def assigned(
    institution: Organisation,
    thing: Release | Programme | None = None,
    *,
    person: Person | None = None,
    post: str = "",
    due_on: date | None = None,
    now: datetime = NOON,
) -> Assignment:
    """A course (of its own when none is given) or a programme required of everybody, a post or one person."""
    thing = thing or released_course()
    return assign(
        institution=institution,
        course=thing.course if isinstance(thing, Release) else None,
        programme=thing if isinstance(thing, Programme) else None,
        person=person,
        post=post,
        due_on=due_on or now.date() + timedelta(days=100),
        actor=SYSTEM,
        now=now,
    )
