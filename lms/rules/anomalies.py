"""Patterns that deserve a look: flags for a reviewer, never a punishment.

Each rule answers with a finding that names its figures, or with nothing.  The
limits are tuning of the look-out, not policy: they take no hour from anybody.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from lms.rules.refusals import gettext_noop


@dataclass(frozen=True, slots=True)
class Limits:
    """When a pattern is worth a look.

    ``night``: local times between which people sleep.  ``overnight_at_least``: so much
    learning inside the night, with no pause above ``largest_pause``.  ``spacing_*``:
    so many heartbeats whose distances stay within so many milliseconds of their median.
    ``failed_in_a_row``: challenges not passed one after the other; ``failed_share`` of at least ``failed_of_at_least``.
    ``together_*``: two people's lessons that begin within so much of each other, so many of them, and whose heartbeats
    arrive within ``together_within_ms`` to this share. One lesson may be a teacher's "now"; several are one hand.
    """

    night: tuple[time, time] = (time(0, 0), time(5, 0))
    overnight_at_least: timedelta = timedelta(hours=3)
    largest_pause: timedelta = timedelta(minutes=10)
    spacing_heartbeats_at_least: int = 30
    spacing_within_ms: int = 15
    spacing_share: float = 0.98
    failed_in_a_row: int = 3
    failed_of_at_least: int = 8
    failed_share: float = 0.5
    together_begun_within_ms: int = 2_000
    together_within_ms: int = 100
    together_share: float = 0.9
    together_heartbeats_at_least: int = 10
    together_lessons_at_least: int = 3


DEFAULT_LIMITS = Limits()

_SENTENCES = {
    "overnight_run": gettext_noop("深夜连续学习 %(minutes)s 分钟。"),
    "identical_spacing": gettext_noop("%(heartbeats)s 次心跳的间隔几乎完全相同（约 %(median_ms)s 毫秒）。"),
    "shared_device": gettext_noop("同一设备有 %(persons)s 人使用。"),
    "shared_address": gettext_noop("同一网络地址有 %(persons)s 人使用。"),
    "in_step": gettext_noop("同一网络地址的 %(persons)s 人同步学习了 %(lessons)s 个课节，心跳几乎同时到达。"),
    "challenges_failed": gettext_noop("%(asked)s 次在场确认中有 %(failed)s 次未通过。"),
    "classroom_overlap": gettext_noop("线上学习与课堂签到时间重叠 %(minutes)s 分钟。"),
}


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One pattern found: a stable code and the figures behind it."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The Chinese sentence, to be translated and filled with ``params`` where it is shown."""
        return _SENTENCES[self.code]


def overnight_run(received: Iterable[datetime], limits: Limits = DEFAULT_LIMITS) -> Anomaly | None:
    """Flag learning that runs on through the night.  ``received`` in the person's local time."""
    longest = run = timedelta(0)
    for before, after in pairwise(sorted(received)):
        if after - before > limits.largest_pause:
            run = timedelta(0)
        elif _in_night(before, limits.night) and _in_night(after, limits.night):
            run += after - before
            longest = max(longest, run)
    if longest < limits.overnight_at_least:
        return None
    return Anomaly("overnight_run", {"minutes": int(longest.total_seconds() // 60)})


def identical_spacing(received_ms: Iterable[int], limits: Limits = DEFAULT_LIMITS) -> Anomaly | None:
    """Flag heartbeats at machine-perfect distances: no browser on a real network keeps them."""
    times = sorted(received_ms)
    if len(times) < limits.spacing_heartbeats_at_least:
        return None
    distances = [after - before for before, after in pairwise(times)]
    middle = median(distances)
    near = sum(abs(distance - middle) <= limits.spacing_within_ms for distance in distances)
    if middle <= 0 or near < limits.spacing_share * len(distances):
        return None
    return Anomaly("identical_spacing", {"heartbeats": len(times), "median_ms": round(middle)})


def shared(
    uses: Iterable[tuple[str, str]], *, code: str = "shared_device", persons_at_most: int = 1
) -> dict[str, tuple[Anomaly, frozenset[str]]]:
    """Find devices (or addresses) used by more persons than expected.

    ``uses`` are (device, person) pairs; returns device → (finding, persons).
    """
    by_device: dict[str, set[str]] = {}
    for device, person in uses:
        if device:
            by_device.setdefault(device, set()).add(person)
    return {
        device: (Anomaly(code, {"persons": len(persons)}), frozenset(persons))
        for device, persons in by_device.items()
        if len(persons) > persons_at_most
    }


def challenges_failed(passed: Sequence[bool], limits: Limits = DEFAULT_LIMITS) -> Anomaly | None:
    """Flag challenges failed in series, or mostly: guessing, or nobody there. ``passed``: each answer in its order."""
    longest = run = 0
    for one in passed:
        run = 0 if one else run + 1
        longest = max(longest, run)
    failed = sum(not one for one in passed)
    mostly = len(passed) >= limits.failed_of_at_least and failed > limits.failed_share * len(passed)
    if longest < limits.failed_in_a_row and not mostly:
        return None
    return Anomaly("challenges_failed", {"asked": len(passed), "failed": failed})


@dataclass(frozen=True, slots=True)
class Opening:
    """One lesson begun: whose, from which address, when."""

    lease: str
    person: str
    address: str
    opened_ms: int


def begun_together(
    openings: Iterable[Opening], limits: Limits = DEFAULT_LIMITS
) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Pairs of people at one address who begin lesson after lesson at the same moment: pair → their leases."""
    by_address: dict[str, list[Opening]] = {}
    for opening in openings:
        if opening.address:
            by_address.setdefault(opening.address, []).append(opening)
    pairs: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for rows in by_address.values():
        rows.sort(key=lambda one: one.opened_ms)
        for place, one in enumerate(rows):
            for other in rows[place + 1 :]:
                if other.opened_ms - one.opened_ms > limits.together_begun_within_ms:
                    break
                if one.person != other.person:
                    first, second = sorted((one, other), key=lambda each: each.person)
                    pairs.setdefault((first.person, second.person), []).append((first.lease, second.lease))
    return {pair: leases for pair, leases in pairs.items() if len(leases) >= limits.together_lessons_at_least}


def in_step(
    pairs: Mapping[tuple[str, str], Sequence[tuple[str, str]]],
    received_ms: Mapping[str, Sequence[int]],
    limits: Limits = DEFAULT_LIMITS,
) -> dict[str, Anomaly]:
    """Of people who began together, flag those whose heartbeats arrive together too: lease → finding.

    A shared address alone says nothing: a whole institution has one.
    """
    together: dict[str, set[str]] = {}
    lessons: dict[str, set[str]] = {}
    for (one, other), leases in pairs.items():
        same = [
            (mine, theirs)
            for mine, theirs in leases
            if _arrive_together(received_ms.get(mine, ()), received_ms.get(theirs, ()), limits)
        ]
        if len(same) < max(limits.together_lessons_at_least, limits.together_share * len(leases)):
            continue
        for mine, theirs in same:
            together.setdefault(mine, {one}).add(other)
            together.setdefault(theirs, {other}).add(one)
        for person, place in ((one, 0), (other, 1)):
            lessons.setdefault(person, set()).update(pair[place] for pair in same)
    owner = {lease: person for person, leases in lessons.items() for lease in leases}
    return {
        lease: Anomaly("in_step", {"persons": len(persons), "lessons": len(lessons[owner[lease]])})
        for lease, persons in together.items()
    }


def _arrive_together(one: Sequence[int], other: Sequence[int], limits: Limits) -> bool:
    fewer, more = sorted((sorted(one), sorted(other)), key=len)
    if len(fewer) < limits.together_heartbeats_at_least:
        return False
    near = 0
    for moment in fewer:
        place = bisect_left(more, moment - limits.together_within_ms)
        near += place < len(more) and more[place] <= moment + limits.together_within_ms
    return near >= limits.together_share * len(fewer)


def classroom_overlap(
    online: Sequence[tuple[datetime, datetime]], classroom: Sequence[tuple[datetime, datetime]]
) -> Anomaly | None:
    """Flag a person learning online while signed in to a classroom; begun minutes don't count."""
    overlap = timedelta(0)
    for start, end in online:
        for room_start, room_end in classroom:
            overlap += max(timedelta(0), min(end, room_end) - max(start, room_start))
    minutes = int(overlap.total_seconds() // 60)
    return Anomaly("classroom_overlap", {"minutes": minutes}) if minutes else None


def _in_night(moment: datetime, night: tuple[time, time]) -> bool:
    start, end = night
    clock = moment.time()
    return start <= clock < end if start <= end else clock >= start or clock < end
