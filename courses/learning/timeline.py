"""The evidence of a flag drawn as one local day: when somebody learned, what of it counted, what was asked and answered.

Every time is the server's own receipt. Heartbeats are added up by the database and drawn in a bounded number of
columns, so a day costs the same queries and marks whether it holds ten of them or a hundred thousand. A drawing always
comes with the rows it was drawn from.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate, TruncMinute
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.classroom.models import Scan
from courses.learning.models import ChallengeResult, Enrolment, Heartbeat, Lease, PresenceChallenge
from courses.learning.services.heartbeats import FORGED, OUT_OF_PROTOCOL, REORDERED, milliseconds
from lms.rules.honest_time import Refused
from lms.rules.names import mask

WIDTH, HEIGHT = 960, 24  # of one lane, in units of its own drawing
_TICK = 6  # width of a moment
COLUMNS_AT_MOST = 240
DAYS_AT_MOST = 62
_ROWS_AT_MOST = 200
_BEATS_AT_MOST = 2_000
_MINUTE = timedelta(minutes=1)
_ZOOM = timedelta(minutes=20)  # a quarter of any number of these is a round time
UNCOUNTED = {
    Refused.HIDDEN.value: gettext_lazy("页面在后台"),
    Refused.TOO_FAST.value: gettext_lazy("快于允许的速度"),
    Refused.GAP.value: gettext_lazy("中断过久"),
    Refused.DAILY_CAP.value: gettext_lazy("超过每日上限"),
    Refused.NOTHING_NEW.value: gettext_lazy("没有新的内容"),
    Refused.REPLAYED.value: gettext_lazy("重复发送"),
    REORDERED: gettext_lazy("次序颠倒"),
    FORGED: gettext_lazy("伪造的凭证"),
}
ENDS = {
    "closed": gettext_lazy("自行关闭"),
    "replaced": gettext_lazy("在同一设备重新打开"),
    "taken_over": gettext_lazy("转到另一台设备"),
    "expired": gettext_lazy("长时间没有响应"),
    "stopped": gettext_lazy("被停止"),
    "forged": gettext_lazy("凭证不符，被终止"),
}
_RESULTS = {ChallengeResult.PASSED.value: "ok", ChallengeResult.REPEATED.value: "none"}
# Flags about an address have the learning of others at it drawn too; elsewhere a household or staff room is nobody's business.
ABOUT_ADDRESSES = frozenset({"shared_address", "in_step"})
ABOUT_SPACING = "identical_spacing"  # looks at distances of heartbeats instead of rooms
_FAILED = frozenset({"", ChallengeResult.WRONG.value, ChallengeResult.MISSED.value})  # without an answer: not yet
# How far a distance between two heartbeats is from the usual one; nobody's network stays within the first step.
_STEPS_MS = (15, 100, 500, 2_000)


@dataclass(frozen=True, slots=True)
class Mark:
    """One rectangle of a lane."""

    x: int
    width: int
    y: int = 0
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class Lane:
    """One line of the drawing: what it shows, in how many words, and its marks."""

    label: str
    note: str
    kind: str
    marks: Sequence[Mark]


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime
    title: str
    detail: str = ""
    state: str = "none"


@dataclass(slots=True)
class Column:
    """Heartbeats of one stretch of the drawing, added up."""

    begins: datetime
    beats: int = 0
    credited_ms: int = 0
    uncounted: Counter[str] = field(default_factory=Counter)

    @property
    def reasons(self) -> list[tuple[str, int]]:
        return [(str(UNCOUNTED.get(code, _("其他原因"))), count) for code, count in self.uncounted.most_common()]

    @property
    def credited_seconds(self) -> int:
        return self.credited_ms // 1000


@dataclass(frozen=True, slots=True)
class Day:
    """One day's drawing: lanes over ``begins`` to ``ends``, the times beneath, and the rows it was drawn from."""

    on: date
    begins: datetime
    ends: datetime
    step_minutes: int
    lanes: Sequence[Lane]
    ticks: Sequence[datetime]
    events: Sequence[Event]
    columns: Sequence[Column]
    cut: bool


@dataclass(frozen=True, slots=True)
class Spacing:
    """How evenly the heartbeats of one session came: ``rows`` of (how far from the usual, how many, share in per cent)."""

    heartbeats: int
    median_ms: int
    rows: Sequence[tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class _Found:
    leases: Sequence[Lease]
    on_device: Sequence[Lease]
    at_address: Sequence[Lease]
    challenges: Sequence[PresenceChallenge]
    scans: Sequence[Scan]
    minutes: Sequence[dict[str, Any]]


def days_of(enrolment: Enrolment) -> list[dict[str, Any]]:
    """The newest days with learning, each with its heartbeats and credited minutes. One query."""
    rows = (
        Heartbeat.objects.filter(lease__enrolment=enrolment)
        .annotate(on=TruncDate("received_at"))
        .order_by("-on")
        .values("on")
        .annotate(
            beats=Count("pk"),
            credited_ms=Sum("credited_ms"),
            uncounted=Count("pk", filter=~Q(refused__in=["", Refused.NOTHING_NEW])),
        )
    )
    return [{**row, "minutes": row["credited_ms"] // 60_000} for row in rows[:DAYS_AT_MOST]]


def day_of(flagged_on: date, days: Sequence[dict[str, Any]], wanted: str = "") -> date:
    """The day to draw: the one asked for, else the last one with learning up to the flag."""
    known = [row["on"] for row in days]
    asked = next((on for on in known if on.isoformat() == wanted), None)
    return asked or next((on for on in known if on <= flagged_on), known[0] if known else flagged_on)


def draw(enrolment: Enrolment, on: date, flag_code: str = "") -> Day:
    """The drawing of one day, cut to the time in which something happened. At most five queries.

    Others who learned nearby are read only where there is a flag to answer.
    """
    found = _read(enrolment, on, flag_code)
    begins, ends = _span(found, on)
    step = max(1, -(-int((ends - begins) / _MINUTE) // COLUMNS_AT_MOST))
    columns = _columns(found.minutes, begins, step)
    events = sorted(_events(found), key=lambda event: event.at)
    return Day(
        on=on,
        begins=begins,
        ends=ends,
        step_minutes=step,
        lanes=[lane for lane in _lanes(found, columns, _Scale(begins, ends, step)) if lane.marks],
        ticks=[begins + (ends - begins) / 4 * quarter for quarter in range(5)],
        events=events[:_ROWS_AT_MOST],
        columns=columns,
        cut=len(events) > _ROWS_AT_MOST,
    )


def spacing(enrolment_id: uuid.UUID, on: date) -> Spacing | None:
    """How evenly the heartbeats of the day's longest session came; None when there are too few to say."""
    begins, ends = _bounds(on)
    rows = Heartbeat.objects.filter(lease__enrolment=enrolment_id, received_at__gte=begins, received_at__lt=ends)
    told = rows.exclude(refused__in=OUT_OF_PROTOCOL).order_by("received_at").values_list("lease", "received_at")
    by_lease: dict[uuid.UUID, list[int]] = {}
    for lease_id, received_at in told[:_BEATS_AT_MOST]:
        by_lease.setdefault(lease_id, []).append(milliseconds(received_at))
    return spacing_of(max(by_lease.values(), key=len, default=[]))


def spacing_of(received_ms: Sequence[int]) -> Spacing | None:
    """Distances between receipts, told by how far they are from their median."""
    distances = [after - before for before, after in pairwise(received_ms)]
    if not distances:
        return None
    middle = round(median(distances))
    counts: Counter[int] = Counter()
    for distance in distances:
        off = abs(distance - middle)
        counts[sum(off > step for step in _STEPS_MS)] += 1
    labels = [*(_("相差不超过 %(ms)s 毫秒") % {"ms": step} for step in _STEPS_MS), _("相差更多")]
    rows = [(label, counts[place], counts[place] * 100 // len(distances)) for place, label in enumerate(labels)]
    return Spacing(heartbeats=len(received_ms), median_ms=middle, rows=rows)


def _bounds(on: date) -> tuple[datetime, datetime]:
    begins = timezone.make_aware(datetime.combine(on, time.min))
    return begins, timezone.make_aware(datetime.combine(on + timedelta(days=1), time.min))


def _read(enrolment: Enrolment, on: date, flag_code: str) -> _Found:
    begins, ends = _bounds(on)
    that_day = Q(opened_at__lt=ends, last_beat_at__gte=begins)
    leases = list(enrolment.leases.filter(that_day).select_related("lesson").order_by("opened_at")[:_ROWS_AT_MOST])
    devices = {lease.device for lease in leases if flag_code} - {""}
    addresses = {lease.address for lease in leases if flag_code in ABOUT_ADDRESSES} - {""}
    nearby = Lease.objects.filter(that_day, Q(device__in=devices) | Q(address__in=addresses))
    rows = nearby.exclude(person=enrolment.person_id).select_related("person").order_by("opened_at")
    others = list(rows[:_ROWS_AT_MOST]) if devices or addresses else []
    challenges = PresenceChallenge.objects.filter(
        lease__enrolment=enrolment, asked_at__gte=begins, asked_at__lt=ends
    ).select_related("outcome")
    scans = Scan.objects.filter(person=enrolment.person_id, at__gte=begins, at__lt=ends).select_related("session")
    return _Found(
        leases=leases,
        on_device=[lease for lease in others if lease.device in devices],
        at_address=[lease for lease in others if lease.device not in devices],
        challenges=list(challenges.order_by("asked_at")[:_ROWS_AT_MOST]),
        scans=list(scans.order_by("at")[:_ROWS_AT_MOST]) if flag_code != ABOUT_SPACING else [],
        minutes=_minutes(enrolment, begins, ends),
    )


def _minutes(enrolment: Enrolment, begins: datetime, ends: datetime) -> list[dict[str, Any]]:
    rows = Heartbeat.objects.filter(lease__enrolment=enrolment, received_at__gte=begins, received_at__lt=ends)
    by_minute = rows.annotate(minute=TruncMinute("received_at")).order_by("minute").values("minute", "refused")
    added_up: Any = by_minute.annotate(beats=Count("pk"), credited_ms=Sum("credited_ms"))
    return list(added_up)


def _until(lease: Lease) -> datetime:
    """A lease that fell silent was over with its last heartbeat, whenever the sweep came by."""
    return max(lease.last_beat_at, lease.opened_at)


def _span(found: _Found, on: date) -> tuple[datetime, datetime]:
    """Twenty minutes after twenty minutes around everything the person did that day, within the day."""
    first_moment, last_moment = _bounds(on)
    moments = [
        *(lease.opened_at for lease in found.leases),
        *(_until(lease) for lease in found.leases),
        *(scan.at for scan in found.scans),
        *(row["minute"] for row in found.minutes),
    ]
    inside = [min(max(moment, first_moment), last_moment - _MINUTE) for moment in moments]
    if not inside:
        return first_moment, last_moment
    before, after = (min(inside) - first_moment) // _ZOOM, (max(inside) - first_moment) // _ZOOM
    return first_moment + before * _ZOOM, first_moment + (after + 1) * _ZOOM


def _columns(minutes: Iterable[dict[str, Any]], begins: datetime, step: int) -> list[Column]:
    columns: dict[int, Column] = {}
    for row in minutes:
        place = int((row["minute"] - begins) / _MINUTE) // step
        column = columns.setdefault(place, Column(begins + place * step * _MINUTE))
        column.beats += row["beats"]
        column.credited_ms += row["credited_ms"]
        if row["refused"]:
            column.uncounted[row["refused"]] += row["beats"]
    return [columns[place] for place in sorted(columns)]


@dataclass(frozen=True, slots=True)
class _Scale:
    """From moments of the day to places in a lane; ``step`` minutes a column."""

    begins: datetime
    ends: datetime
    step: int

    def x(self, moment: datetime) -> int:
        share = (moment - self.begins) / (self.ends - self.begins)
        return round(min(max(share, 0.0), 1.0) * WIDTH)

    def bar(self, start: datetime, end: datetime) -> Mark:
        return Mark(self.x(start), max(2, self.x(end) - self.x(start)))

    def tick(self, moment: datetime) -> Mark:
        return Mark(min(self.x(moment), WIDTH - _TICK), _TICK)

    def column(self, column: Column, share: float) -> Mark:
        """A column as high as its ``share``, never so low that it can't be seen."""
        height = max(3, round(min(share, 1.0) * HEIGHT))
        start, end = self.x(column.begins), self.x(column.begins + self.step * _MINUTE)
        return Mark(start, max(1, end - start), HEIGHT - height, height)


def _lanes(found: _Found, columns: Sequence[Column], scale: _Scale) -> Iterable[Lane]:
    leases = [scale.bar(lease.opened_at, _until(lease)) for lease in found.leases]
    yield Lane(_("学习会话"), _times(len(leases)), "session", leases)
    yield from _heartbeat_lanes(columns, scale)
    passed = [one for one in found.challenges if _result(one) == ChallengeResult.PASSED]
    failed = [one for one in found.challenges if _result(one) in _FAILED]
    for label, kind, asked in ((_("在场确认：通过"), "passed", passed), (_("在场确认：未通过"), "failed", failed)):
        yield Lane(label, _times(len(asked)), kind, [scale.tick(one.asked_at) for one in asked])
    rooms = [scale.bar(start, end) for start, end in _presences(found.scans)]
    yield Lane(_("面授在场"), _times(len(rooms)), "room", rooms)
    for label, others in (
        (_("同一设备上的其他人"), found.on_device),
        (_("同一网络地址的其他人"), found.at_address),
    ):
        people = len({lease.person_id for lease in others})
        marks = [scale.bar(lease.opened_at, _until(lease)) for lease in others]
        yield Lane(label, _("%(count)s 人") % {"count": people}, "others", marks)


def _heartbeat_lanes(columns: Sequence[Column], scale: _Scale) -> Iterable[Lane]:
    """What was credited of each column's time, and which share of its heartbeats was not."""
    full_ms = scale.step * 60_000
    credited = [scale.column(one, one.credited_ms / full_ms) for one in columns if one.credited_ms]
    minutes = sum(one.credited_ms for one in columns) // 60_000
    yield Lane(_("计入的时间"), _("%(minutes)s 分钟") % {"minutes": minutes}, "credited", credited)
    refused = [scale.column(one, one.uncounted.total() / one.beats) for one in columns if one.uncounted]
    yield Lane(_("未计入的心跳"), _times(sum(one.uncounted.total() for one in columns)), "refused", refused)


def _times(count: int) -> str:
    return _("%(count)s 次") % {"count": count}


def _result(challenge: PresenceChallenge) -> str:
    outcome = getattr(challenge, "outcome", None)
    return outcome.result if outcome else ""


def _presences(scans: Iterable[Scan]) -> list[tuple[datetime, datetime]]:
    """From signing in to signing out, session by session; one without the other is a moment."""
    by_session: dict[Any, list[datetime]] = {}
    for scan in scans:
        by_session.setdefault(scan.session_id, []).append(scan.at)
    return [(min(times), max(times)) for times in by_session.values()]


def _events(found: _Found) -> Iterable[Event]:
    for lease in found.leases:
        device = lease.device_label or _("未知设备")
        yield Event(lease.opened_at, _("开始学习：%(lesson)s") % {"lesson": lease.lesson.title}, device)
        if lease.ended_at:
            yield Event(
                _until(lease),
                _("学习结束：%(lesson)s") % {"lesson": lease.lesson.title},
                str(ENDS.get(lease.end_reason, "")),
                "attention" if lease.end_reason == FORGED else "none",
            )
    for challenge in found.challenges:
        yield _asked(challenge)
    for scan in found.scans:
        title = _("面授签到") if scan.kind == Scan.Kind.IN else _("面授签退")
        yield Event(scan.at, title, scan.session.venue, "attention" if scan.method == "paper" else "none")
    yield from (_other(lease, _("同一设备上另有 %(name)s 学习")) for lease in found.on_device)
    yield from (_other(lease, _("同一网络地址另有 %(name)s 学习")) for lease in found.at_address)


def _other(lease: Lease, sentence: str) -> Event:
    """Somebody else, whose name is not the reviewer's business yet."""
    until = timezone.localtime(_until(lease))
    title = sentence % {"name": mask(lease.person.name)}
    return Event(lease.opened_at, title, _("至 %(time)s") % {"time": f"{until:%H:%M}"}, "attention")


def _asked(challenge: PresenceChallenge) -> Event:
    outcome = getattr(challenge, "outcome", None)
    if outcome is None:
        return Event(challenge.asked_at, _("在场确认"), _("尚未应答"), "attention")
    detail = ""
    if outcome.taken_back_ms:
        detail = _("收回 %(seconds)s 秒") % {"seconds": outcome.taken_back_ms // 1000}
    title = _("在场确认：%(result)s") % {"result": outcome.get_result_display()}
    return Event(challenge.asked_at, title, detail, _RESULTS.get(outcome.result, "attention"))
