"""Every kind of behaviour, side by side on one clock, and what came of it."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

from courses.catalogue.models import Release
from courses.learning.models import AnomalyFlag, Enrolment, Heartbeat, Lease, LessonProgress
from courses.learning.services import expire_leases, flag_anomalies
from courses.learning.services.leases import LOOK_EVERY
from tests.factories import people
from tests.factories.catalogue import released_course, video
from tests.factories.learning import enrolled
from tests.factories.policy import packs_loaded
from tests.simulator import cheats, honest
from tests.simulator.browser import Browser, Seat
from tests.simulator.world import Life, World

HONEST: dict[str, Callable[[Browser], Life]] = {
    act.__name__: act
    for act in (
        honest.steady,
        honest.pauses,
        honest.seeks,
        honest.watches_again,
        honest.loses_network,
        honest.switches_device,
        honest.a_quarter_faster,
    )
}
CHEATS: dict[str, Callable[[Browser], Life]] = {
    act.__name__: act
    for act in (
        cheats.edits_seconds,
        cheats.seeks_to_end,
        cheats.replays,
        cheats.reorders,
        cheats.two_devices,
        cheats.many_tabs,
        cheats.hidden_tab,
        cheats.forges_nonce,
        cheats.changes_clock,
        cheats.blocks_challenges,
        cheats.bot,
    )
}
SHARED = cheats.shares_device.__name__
KINDS = (*HONEST, *CHEATS, SHARED)


@dataclass
class Outcome:
    """One person's lesson. ``allowed_ms``: time that really passed between receipts, times the policy's rate."""

    kind: str
    enrolment: uuid.UUID
    true_ms: int
    credited_ms: int
    allowed_ms: int
    flags: frozenset[str]
    # Heartbeats that earned more than time had passed since the one before: there is never one.
    above_time: int
    refused: frozenset[str]


@dataclass
class Told:
    """A kind of behaviour in sum."""

    people: int = 0
    true_ms: int = 0
    credited_ms: int = 0
    flagged: int = 0
    enrolments: list[uuid.UUID] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        self.people += 1
        self.true_ms += outcome.true_ms
        self.credited_ms += outcome.credited_ms
        self.flagged += bool(outcome.flags)
        self.enrolments.append(outcome.enrolment)
        self.outcomes.append(outcome)


def simulate(*, kinds: Iterable[str] = KINDS, each: int = 1, seconds: int = 1200, seed: int = 7) -> dict[str, Told]:
    """Let ``each`` person of every kind learn one recording of so many seconds; afterwards see what was credited."""
    packs_loaded()
    random = Random(seed)
    with World(chores=_chores) as world:
        hours = max(Decimal("0.1"), Decimal(seconds // 270) / 10)
        release = released_course(class_hours=hours, lessons=[video(seconds)], published_at=world.now)
        seats = [(kind, browsers) for kind in kinds for browsers in _browsers(kind, each, release, world, random)]
        world.run(_life(kind, browsers) for kind, browsers in seats)
        # Who left a minute ago is looked at within the next few.
        flag_anomalies(now=world.now + LOOK_EVERY)
    told: dict[str, Told] = {}
    for kind, browsers in seats:
        for browser in browsers:
            told.setdefault(kind, Told()).add(_outcome(kind, browser))
    return told


def _chores(now: datetime) -> None:
    """What beat does in the product."""
    expire_leases(now=now)
    if now.minute % 10 == 0:
        flag_anomalies(now=now)


def _browsers(kind: str, each: int, release: Release, world: World, random: Random) -> Iterable[list[Browser]]:
    for _person in range(each):
        at_once = 2 if kind == SHARED else 1
        yield [Browser(world, _seat(release, world), Random(random.random())) for _one in range(at_once)]


def _seat(release: Release, world: World) -> Seat:
    user = people.practitioner(now=world.now)
    enrolment: Enrolment = enrolled(user.person, release, now=world.now)
    return Seat(user, enrolment, release.lessons.get())


def _life(kind: str, browsers: list[Browser]) -> Life:
    if kind == SHARED:
        return cheats.shares_device(*browsers)
    return {**HONEST, **CHEATS}[kind](browsers[0])


def _outcome(kind: str, browser: Browser) -> Outcome:
    enrolment = browser.seat.enrolment
    progress = LessonProgress.objects.filter(enrolment=enrolment).first()
    rows, above, allowed = Heartbeat.objects.filter(lease__enrolment=enrolment), 0, 0
    for lease in Lease.objects.filter(enrolment=enrolment).order_by("opened_at"):
        beats = list(rows.filter(lease=lease).order_by("received_at", "sequence"))
        rate = Decimal(lease.pace["max_rate"])
        moments = [lease.opened_at, *(beat.received_at for beat in beats)]
        for beat, (before, after) in zip(beats, pairwise(moments), strict=True):
            may = int((after - before) // timedelta(milliseconds=1) * rate)
            allowed += may
            above += beat.credited_ms > may
    return Outcome(
        kind=kind,
        enrolment=enrolment.pk,
        true_ms=browser.true.covered(),
        credited_ms=progress.credited_ms if progress else 0,
        allowed_ms=allowed,
        flags=frozenset(AnomalyFlag.objects.filter(enrolment=enrolment).values_list("code", flat=True)),
        above_time=above,
        refused=frozenset(rows.exclude(refused="").values_list("refused", flat=True)),
    )
