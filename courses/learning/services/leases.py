"""Verbs of a lease: open, resume, close, expire. One active lease per person, anywhere; the database holds it.

The pace of the policy pack in force at opening is frozen on the lease, so every heartbeat can be replayed years later.
"""

import hmac
import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.catalogue.models import Lesson, LessonKind
from courses.learning.models import Enrolment, EnrolmentStateName, Lease, LessonProgress
from courses.learning.services.enrolments import RUNNING, append_state, local_day, refuse_barred, require_self
from courses.learning.services.presence import begin_day, next_interval, passed_since, take_along
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.policy.pack import Pack
from lms.policy.services import pack_in_force
from lms.rules.refusals import Conflict, Invalid, NotFound
from lms.xapi.services import Fact, record_statement

PLAYABLE = frozenset({LessonKind.VIDEO, LessonKind.AUDIO, LessonKind.READING, LessonKind.PACKAGE})
# A page in use, not a recording: nobody reads faster than time passes.
UNRECORDED = frozenset({LessonKind.READING, LessonKind.PACKAGE})
READING_RATE = "1"
# How often a living lease is looked at for anomalies; how often is the look-out's affair, not policy's.
LOOK_EVERY = timedelta(minutes=5)


def new_nonce() -> str:
    return secrets.token_urlsafe(24)


def pace_of(pack: Pack, lesson: Lesson) -> dict[str, Any]:
    """What limits credit on this lesson, as kept on the lease."""
    playback = pack.playback
    return {
        "max_rate": READING_RATE if lesson.kind in UNRECORDED else str(playback.max_rate),
        "grace_ms": playback.grace_seconds * 1000,
        "daily_cap_minutes": pack.limits.daily_minutes_cap,
        "beat_seconds": playback.heartbeat_seconds,
        "idle_seconds": playback.lease_idle_seconds,
        "challenges_per_hour": str(pack.presence.challenges_per_hour),
        "answer_seconds": pack.presence.answer_seconds,
    }


def open_lease(
    *,
    enrolment: Enrolment,
    lesson: Lesson,
    device: str,
    device_label: str,
    address: str,
    take_over: bool,
    actor: Actor,
    now: datetime,
) -> Lease:
    """Start learning a lesson for credit on this device.

    The same device (a reload, another tab) replaces its own lease. Another device is refused with ``lease_elsewhere``
    (params ``device``, ``lesson``, ``since``) unless ``take_over``, which ends the first. Refuses ``not_running``,
    ``barred``, ``not_playable``, ``no_policy``; ``NotFound`` for another's enrolment or a lesson of another release.
    """
    require_self(actor, enrolment.person_id)
    if lesson.release_id != enrolment.release_id:
        raise NotFound("no_lesson", _("没有找到该课节。"))
    if lesson.kind not in PLAYABLE:
        raise Invalid("not_playable", _("该课节不在播放器中学习。"))
    on = local_day(now)
    refuse_barred(enrolment.person, on)
    pace = pace_of(pack_in_force(enrolment.person.region_code, on), lesson)
    with transaction.atomic():
        last = _last_lease(enrolment.person_id)
        if last and last.ended_at is None:
            _make_room(last, device, take_over, actor, now)
        progress, first = LessonProgress.objects.get_or_create(
            enrolment=enrolment, lesson=lesson, defaults={"updated_at": now}
        )
        lease = Lease(
            person_id=enrolment.person_id,
            enrolment=enrolment,
            lesson=lesson,
            nonce=new_nonce(),
            pace=pace,
            device=device,
            device_label=device_label[:100],
            address=address,
            opened_at=now,
            last_beat_at=now,
            look_at=now + LOOK_EVERY,
        )
        try:
            with transaction.atomic():
                lease.save(force_insert=True)
        except IntegrityError:  # two devices at the same moment: the other was first
            raise _elsewhere(None) from None
        _take_up(last, lease, progress, now)
        _begin(enrolment, lesson, first, now)
        record(
            verb="lease.opened",
            actor=actor,
            now=now,
            subject=lease,
            person_id=lease.person_id,
            changes={"lesson": str(lesson.pk), "device": lease.device_label},
        )
    return lease


def _last_lease(person_id: uuid.UUID) -> Lease | None:
    """The lease this person had last, active or not; locked, so that what follows from it follows once."""
    leases = Lease.objects.select_for_update(no_key=True, of=("self",)).select_related("lesson", "person")
    return leases.filter(person=person_id).order_by(F("ended_at").desc(nulls_first=True), "-opened_at", "-pk").first()


def _take_up(last: Lease | None, lease: Lease, progress: LessonProgress, now: datetime) -> None:
    """What a lease takes over from those before: what is confirmed, how far the next challenge is, the day's credit."""
    if last:
        take_along(last, lease, now)
        lease.day, lease.day_ms = last.day, last.day_ms
    begin_day(lease, now)
    before = _last_of_lesson(last, lease)
    lease.began_confirmed = before is None or passed_since(lease.person_id, before.last_beat_at)
    if lease.began_confirmed:
        progress.refresh_from_db(fields=["covered"])  # a challenge missed just now has taken back
        lease.confirmed = progress.covered
    else:
        assert before is not None
        lease.confirmed = before.confirmed
    drawn = next_interval(lease.pace)
    # Short lessons don't escape: what was left until the next challenge is left still.
    carried = last.challenge_in_ms if last else None
    lease.challenge_in_ms = drawn if drawn is None or carried is None else carried
    lease.save(update_fields=["confirmed", "began_confirmed", "challenge_in_ms", "asked_until", "day", "day_ms"])


def _last_of_lesson(last: Lease | None, lease: Lease) -> Lease | None:
    if last and (last.enrolment_id, last.lesson_id) == (lease.enrolment_id, lease.lesson_id):
        return last
    before = Lease.objects.filter(enrolment=lease.enrolment_id, lesson=lease.lesson_id).exclude(pk=lease.pk)
    return before.order_by("-opened_at", "-pk").first()


def _make_room(active: Lease, device: str, take_over: bool, actor: Actor, now: datetime) -> None:
    if is_idle(active, now):
        end_lease(active, "expired", now)
    elif active.device == device:
        end_lease(active, "replaced", now)
    elif take_over:
        end_lease(active, "taken_over", now)
        record(verb="lease.taken_over", actor=actor, now=now, subject=active, person_id=active.person_id)
    else:
        raise _elsewhere(active)


def resume_lease(
    *, lease_id: uuid.UUID, nonce: str, enrolment: Enrolment, lesson: Lesson, device: str, actor: Actor, now: datetime
) -> Lease | None:
    """Go on with a lease that fell silent: same device, its nonce, and nobody has learned elsewhere since.

    The silence is weighed when the next heartbeat comes, as any silence: at most the grace of it counts. None when
    there is nothing to go on with; a new lease is to be opened then.
    """
    require_self(actor, enrolment.person_id)
    on = local_day(now)
    refuse_barred(enrolment.person, on)
    pace = pace_of(pack_in_force(enrolment.person.region_code, on), lesson)
    with transaction.atomic():
        lease = _last_lease(enrolment.person_id)
        if lease is None or lease.pk != lease_id or lease.end_reason not in {"", "expired"}:
            return None
        if (lease.enrolment_id, lease.lesson_id, lease.device) != (enrolment.pk, lesson.pk, device):
            return None
        if lease.pace != pace or not nonce_is_right(lease, nonce, also_before=True) or not _runs(enrolment):
            return None
        lease.ended_at, lease.end_reason, lease.look_at = None, "", now + LOOK_EVERY
        lease.previous_nonce, lease.nonce = nonce, new_nonce()
        try:
            with transaction.atomic():
                lease.save(update_fields=["ended_at", "end_reason", "look_at", "previous_nonce", "nonce"])
        except IntegrityError:  # another device at the same moment: it was first
            return None
        record(verb="lease.resumed", actor=actor, now=now, subject=lease, person_id=lease.person_id)
    return lease


def nonce_is_right(lease: Lease, nonce: str, *, also_before: bool) -> bool:
    """``also_before``: somebody who can't have heard the last answer may still carry the nonce before it."""
    accepted = [lease.nonce, lease.previous_nonce] if also_before else [lease.nonce]
    given = nonce.encode(errors="replace")
    return any(one and hmac.compare_digest(one.encode(), given) for one in accepted)


def _runs(enrolment: Enrolment) -> bool:
    state = Enrolment.objects.filter(pk=enrolment.pk).values_list("state", flat=True).first()
    return state in RUNNING | {EnrolmentStateName.PASSED}


def _elsewhere(active: Lease | None) -> Conflict:
    since = f"{timezone.localtime(active.opened_at):%H:%M}" if active else ""
    return Conflict(
        "lease_elsewhere",
        _("您正在另一台设备上学习（%(device)s %(lesson)s）。可以转到这台设备，另一台会停止计时。"),
        device=(active.device_label if active else ""),
        lesson=(active.lesson.title if active else ""),
        since=since,
    )


def _begin(enrolment: Enrolment, lesson: Lesson, first: bool, now: datetime) -> None:
    locked = Enrolment.objects.select_for_update(no_key=True).get(pk=enrolment.pk)
    if locked.state not in RUNNING | {EnrolmentStateName.PASSED}:
        raise Conflict("not_running", _("该报名%(state)s，不能学习。"), state=locked.get_state_display())
    if locked.state == EnrolmentStateName.ENROLLED:
        append_state(enrolment=locked, state=EnrolmentStateName.IN_PROGRESS, reason="", now=now)
    if first:
        fact = Fact(
            verb="initialized",
            person=enrolment.person,
            activity_id=f"/releases/{lesson.release_id}/lessons/{lesson.pk}",
            activity_name=lesson.title,
            registration=enrolment.pk,
            key=f"initialized:{enrolment.pk}:{lesson.pk}",
        )
        record_statement(fact=fact, now=now)


def is_idle(lease: Lease, now: datetime) -> bool:
    """Nothing was heard of the lease for longer than the policy allows, and no answer is awaited."""
    if lease.asked_until and now <= lease.asked_until:
        return False
    return now - lease.last_beat_at > timedelta(seconds=lease.pace["idle_seconds"])


def end_lease(lease: Lease, reason: str, now: datetime) -> None:
    """End a lease whose row is locked, and tell the learning record what was played under it."""
    lease.ended_at, lease.end_reason, lease.look_at = now, reason, now
    untold = lease.heartbeats.filter(sequence__gt=lease.told_sequence)
    credited = untold.aggregate(total=Sum("credited_ms"))["total"] or 0
    lease.told_sequence = lease.last_sequence
    lease.save(update_fields=["ended_at", "end_reason", "look_at", "told_sequence"])
    if not credited:
        return
    progress = LessonProgress.objects.get(enrolment=lease.enrolment_id, lesson=lease.lesson_id)
    fact = Fact(
        verb="played",
        person=lease.person,
        activity_id=f"/releases/{lease.lesson.release_id}/lessons/{lease.lesson_id}",
        activity_name=lease.lesson.title,
        registration=lease.enrolment_id,
        result={
            "duration": credited // 1000,
            "played_segments": [[start / 1000, end / 1000] for start, end in progress.covered],
        },
        key=f"played:{lease.pk}:{lease.last_sequence}",
    )
    record_statement(fact=fact, now=now)


@transaction.atomic
def close_lease(*, lease_id: uuid.UUID, actor: Actor, now: datetime) -> None:
    """Stop learning on this device. Twice is once."""
    lease = (
        Lease.objects.select_for_update(no_key=True, of=("self",))
        .select_related("lesson", "person")
        .filter(pk=lease_id)
        .first()
    )
    if lease is None:
        raise NotFound("no_lease", _("没有找到该学习会话。"))
    require_self(actor, lease.person_id)
    if lease.ended_at is None:
        end_lease(lease, "closed", now)


def expire_leases(*, now: datetime, at_most: int = 1000) -> int:
    """End leases that fell silent. One that beats in this very moment keeps its row locked and is left alone."""
    # No policy lets a lease live in silence for less than a minute; the exact limit is on the row.
    candidates = Lease.objects.filter(ended_at=None, last_beat_at__lt=now - timedelta(seconds=60))
    ended = 0
    for lease_id in list(candidates.order_by("last_beat_at").values_list("pk", flat=True)[:at_most]):
        with transaction.atomic():
            lease = (
                Lease.objects.select_for_update(no_key=True, of=("self",), skip_locked=True)
                .select_related("lesson", "person")
                .filter(pk=lease_id, ended_at=None)
                .first()
            )
            if lease and is_idle(lease, now):
                end_lease(lease, "expired", now)
                ended += 1
    return ended
