"""``reconcile_hours`` over very many entries, each of a course that was learned: its lesson, its lease, its heartbeats.

The heartbeats of a lease are few and far between, as after a network that was away (its pace allows it), so that a
million entries fit on a machine; each is replayed by the rule all the same. The command runs in a process of its own:
its seconds and its memory are what an officer's machine would need, start included.
"""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Thread
from time import perf_counter, sleep
from typing import Any

from django.conf import settings
from django.utils import timezone

from courses.catalogue.drafts import LessonDraft, ReleaseDraft
from courses.catalogue.models import Delivery, LessonKind, Topic
from courses.catalogue.services import publish_release
from courses.learning.evidence import derive_course
from courses.learning.models import CourseCompletion, Enrolment, Heartbeat, Lease, LessonCompletion
from courses.learning.services.completions import EVIDENCE_KIND, completion_digest
from lms.audit.models import AuditEvent
from lms.bench.seeds import ground
from lms.bench.seeds.books import FIELDS, Book, Written, key
from lms.bench.seeds.bulk import load, settled, unburdened
from lms.bench.seeds.honest_time import KIB, Figures
from lms.ledger.evidence import Derived
from lms.ledger.models import Category, HourEntry
from lms.people.models import Organisation, OrganisationKind, Person
from lms.policy.services import pack_in_force

WATCH_SECONDS = 0.1
EACH, SINGLY = 20, 200  # entries a person; entries the peer derives one after the other
MINUTES, BEATS = 45, 5
BEAT_MS = MINUTES * 60_000 // BEATS
PACE = {"max_rate": "1.0", "grace_ms": BEAT_MS, "daily_cap_minutes": None, "beat_seconds": BEAT_MS // 1000}
PERSON, ENROLMENT, LEASE, LESSON_DONE, COURSE_DONE, ENTRY, EVENT, BEAT = range(1, 9)


@dataclass(frozen=True, slots=True)
class Learned:
    """One course learned by one person, and the entry it became."""

    place: int
    release: str
    lesson: str
    course: str
    at: datetime

    def key(self, kind: int) -> str:
        return key(kind, self.place)

    @property
    def person(self) -> str:
        return key(PERSON, self.place // EACH)

    def beat(self, number: int) -> str:
        """The key of the ``number``-th heartbeat, from 1."""
        return key(BEAT, self.place * BEATS + number)

    @property
    def end(self) -> datetime:
        return self.at + timedelta(minutes=MINUTES)

    def beats(self) -> Iterator[tuple[Any, ...]]:
        for number in range(1, BEATS + 1):
            start, end = (number - 1) * BEAT_MS, number * BEAT_MS
            received = self.at + timedelta(milliseconds=end)
            yield self.beat(number), self.key(LEASE), number, received, [[start, end]], True, end, BEAT_MS

    def written(self) -> Written:
        return Written(
            id=self.key(ENTRY),
            person=self.person,
            category=Category.SKILLS.value,
            minutes=MINUTES,
            at=self.end,
            course=self.course,
            release=self.release,
            evidence=(EVIDENCE_KIND, self.key(COURSE_DONE), self.digest),
        )

    def told(self) -> tuple[str, str, str]:
        """What the audit event is about, and whom."""
        return HourEntry._meta.label, self.key(ENTRY), self.person

    @property
    def evidence(self) -> dict[str, Any]:
        media_ms = MINUTES * 60_000
        return {"through": self.beat(BEATS), "covered": [[0, media_ms]], "media_ms": media_ms}

    @property
    def digest(self) -> str:
        return completion_digest([(self.lesson, "heartbeats", self.evidence)])


def seed(*, requests: int, now: datetime) -> Figures:
    """Prove a book of ``requests`` entries, of last year."""
    started = perf_counter()
    ground.city(now)
    last_day = date(timezone.localdate(now).year - 1, 12, 31)
    courses = _courses(now)
    book = Book(pack_in_force(ground.CITY, last_day))
    with unburdened(Enrolment, Lease, Heartbeat, LessonCompletion, CourseCompletion, HourEntry, AuditEvent):
        _load(book, requests, courses, last_day.year, now)
    settled()
    extra = {"heartbeats": requests * BEATS, "seeding_seconds": round(perf_counter() - started, 1)}
    return Figures(_measured(requests, extra))


def _courses(now: datetime) -> list[tuple[str, str, str]]:
    """Release, lesson and course of as many courses as each person learned."""
    college = ground.organisation(OrganisationKind.COLLEGE, 0, now)
    published = [publish_release(draft=_draft(number, college), actor=ground.SEEDER, now=now) for number in range(EACH)]
    return [(str(one.pk), str(one.lessons.get().pk), str(one.course_id)) for one in published]


def _draft(number: int, college: Organisation) -> ReleaseDraft:
    return ReleaseDraft(
        course_id=uuid.uuid4(),
        college=college,
        slug=f"course-{number}",
        title=f"课程 {number + 1}",
        summary="",
        category=Category.SKILLS,
        topic=Topic.SAFETY,
        delivery=Delivery.ONLINE,
        class_hours=Decimal(1),
        lessons=(LessonDraft(LessonKind.READING, "正文", MINUTES * 60, body="<p>正文</p>"),),
    )


def _learned(entries: int, courses: Sequence[tuple[str, str, str]], year: int) -> Iterator[Learned]:
    first = timezone.make_aware(datetime.combine(date(year, 1, 4), time(12)))
    for place in range(entries):
        yield Learned(place, *courses[place % EACH], first + timedelta(days=17 * (place % EACH)))


def _load(book: Book, entries: int, courses: Sequence[tuple[str, str, str]], year: int, now: datetime) -> None:
    def each() -> Iterator[Learned]:
        return _learned(entries, courses, year)

    load(
        Person,
        ("id", "name", "region_code", "created_at"),
        ((key(PERSON, one), ground.full_name(one), ground.DISTRICT, now) for one in range(-(-entries // EACH))),
    )
    load(
        Enrolment,
        ("id", "person", "release", "year", "state", "enrolled_at"),
        ((one.key(ENROLMENT), one.person, one.release, year, "passed", one.at) for one in each()),
    )
    load(
        Lease,
        ("id", "person", "enrolment", "lesson", "pace", "device", "opened_at", "last_beat_at", "ended_at"),
        (
            (one.key(LEASE), one.person, one.key(ENROLMENT), one.lesson, PACE, "bench", one.at, one.end, one.end)
            for one in each()
        ),
    )
    load(
        Heartbeat,
        ("id", "lease", "sequence", "received_at", "played", "visible", "position_ms", "credited_ms"),
        (beat for one in each() for beat in one.beats()),
    )
    load(
        LessonCompletion,
        ("id", "enrolment", "lesson", "evidence_kind", "evidence", "at"),
        ((one.key(LESSON_DONE), one.key(ENROLMENT), one.lesson, "heartbeats", one.evidence, one.end) for one in each()),
    )
    load(
        CourseCompletion,
        ("id", "enrolment", "minutes", "digest", "at"),
        ((one.key(COURSE_DONE), one.key(ENROLMENT), MINUTES, one.digest, one.end) for one in each()),
    )
    load(HourEntry, FIELDS, (book.row(one.written(), year) for one in each()))
    load(
        AuditEvent,
        ("id", "at", "verb", "actor_kind", "actor_label", "subject_type", "subject_id", "person_id", "changes"),
        (
            (one.key(EVENT), one.end, "hours.credited", "system", "bench", *one.told(), {"minutes": MINUTES})
            for one in each()
        ),
    )


def _measured(entries: int, extra: dict[str, Any]) -> dict[str, Any]:
    seconds, peak_mb = _command(entries)
    asked = list(HourEntry.objects.order_by("person_id", "number")[:SINGLY])
    began = perf_counter()
    for entry in asked:
        assert derive_course(entry) == Derived(entry.minutes, entry.evidence_digest)
    alone = perf_counter() - began
    return {
        "n": entries,
        "seconds": round(seconds, 3),
        "per_second": round(entries / seconds, 1),
        "peak_mb": peak_mb,
        "peers": {
            "one_by_one": {
                "n": len(asked),
                "seconds": round(alone, 3),
                "per_second": round(len(asked) / alone, 1),
            }
        },
        "extra": extra,
    }


def _command(entries: int) -> tuple[float, float]:
    """Seconds and MiB of ``manage.py reconcile_hours`` from its start to its end; it must find nothing wrong.

    The memory is that of all its processes together at the worst moment seen, what they share counted for each.
    """
    began, peaks = perf_counter(), [0.0]
    command = [sys.executable, "manage.py", "reconcile_hours"]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE) as process:
        watch = Thread(target=_watch, args=(process.pid, peaks), daemon=True)
        watch.start()
        said = process.stdout.read().decode() if process.stdout else ""
        _pid, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = perf_counter() - began
    watch.join()
    if process.returncode or not said.startswith(f"{entries} entries of ") or "no drift" not in said:
        raise SystemExit(f"reconcile_hours left with {process.returncode}: {said}")
    return seconds, round(max(used.ru_maxrss / KIB, *peaks), 1)


def _watch(pid: int, peaks: list[float]) -> None:
    """Look every little while until the process is gone; a system without /proc tells nothing."""
    while Path(f"/proc/{pid}").exists():
        peaks.append(sum(map(_resident, family(pid))) / KIB)
        sleep(WATCH_SECONDS)


def family(pid: int) -> list[int]:
    """A process and those it started, and those they started."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        started = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:  # gone meanwhile
        return []
    return [pid, *(each for child in started for each in family(child))]


def _resident(pid: int) -> int:
    """KiB in memory; of a process that has ended, nothing."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
