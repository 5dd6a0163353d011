"""Flags for a reviewer: patterns in heartbeats that deserve a look. Flagged once a kind, never silently punished.

Each lease is looked at every few minutes while it lives and once when it has ended: ``Lease.look_at`` is the work to be
done, so a sweep costs what was learned since the last one, not what was ever learned.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from courses.classroom.models import Session
from courses.learning.models import AnomalyFlag, ChallengeOutcome, ChallengeResult, Enrolment, Heartbeat, Lease
from courses.learning.services.heartbeats import OUT_OF_PROTOCOL, milliseconds
from courses.learning.services.leases import LOOK_EVERY
from lms.people.models import Person
from lms.rules.anomalies import (
    DEFAULT_LIMITS,
    Anomaly,
    Opening,
    begun_together,
    challenges_failed,
    classroom_overlap,
    identical_spacing,
    in_step,
    overnight_run,
    shared,
)

_LEASES_A_LOOK, _LEASES_A_SWEEP = 500, 20_000
_DAY = timedelta(days=1)
# An address with more people than this is a carrier's, and its leases are no evidence of anything.
_LEASES_OF_AN_ADDRESS = 2000
Found = list[tuple[UUID, Anomaly]]


def flag_anomalies(*, now: datetime, at_most: int = _LEASES_A_SWEEP) -> int:
    """Look at the leases that are due; returns how many flags are new."""
    new = looked = 0
    while looked < at_most and (leases := _claim(now)):
        new += _append(_found(leases, now), now)
        # One gone on with in this very moment is looked at again.
        seen = Lease.objects.filter(pk__in=[lease.pk for lease in leases], ended_at__isnull=False)
        seen.filter(look_at=now + LOOK_EVERY).update(look_at=None)
        looked += len(leases)
    return new


def _claim(now: datetime) -> list[Lease]:
    """Some leases that are due. Whoever dies over them leaves them to the look after this one; no heartbeat waits."""
    with transaction.atomic():
        due = Lease.objects.select_for_update(no_key=True, skip_locked=True).filter(look_at__lte=now)
        leases = list(due.order_by("look_at")[:_LEASES_A_LOOK])
        Lease.objects.filter(pk__in=[lease.pk for lease in leases]).update(look_at=now + LOOK_EVERY)
    return leases


def _found(leases: Sequence[Lease], now: datetime) -> Found:
    return [
        *_of_heartbeats(leases),
        *_of_nights(leases, now),
        *_of_challenges(leases),
        *_of_devices({lease.device for lease in leases if lease.device}, now),
        *_of_addresses({lease.address for lease in leases if lease.address}, now),
    ]


def _received(lease_ids: Collection[UUID]) -> dict[UUID, list[int]]:
    rows = Heartbeat.objects.filter(lease__in=lease_ids).exclude(refused__in=OUT_OF_PROTOCOL).order_by("sequence")
    found: dict[UUID, list[int]] = defaultdict(list)
    for lease_id, at in rows.values_list("lease_id", "received_at").iterator(chunk_size=5000):
        found[lease_id].append(milliseconds(at))
    return found


def _of_heartbeats(leases: Sequence[Lease]) -> Found:
    received = _received([lease.pk for lease in leases])
    findings = [(lease.enrolment_id, identical_spacing(received[lease.pk])) for lease in leases]
    return [(enrolment_id, anomaly) for enrolment_id, anomaly in findings if anomaly]


def _of_nights(leases: Sequence[Lease], now: datetime) -> Found:
    """Through last night, whatever lessons it was spent on."""
    begins, ends = DEFAULT_LIMITS.night
    night = timezone.localtime(now).replace(hour=begins.hour, minute=begins.minute, second=0, microsecond=0)
    night -= _DAY if night > now else timedelta(0)
    morning = night + timedelta(minutes=(ends.hour - begins.hour) % 24 * 60 + ends.minute - begins.minute)
    rows = Heartbeat.objects.filter(
        lease__person__in={lease.person_id for lease in leases}, received_at__range=(night, morning)
    )
    moments: dict[UUID, list[datetime]] = defaultdict(list)
    for person_id, at in rows.exclude(refused__in=OUT_OF_PROTOCOL).values_list("lease__person_id", "received_at"):
        moments[person_id].append(timezone.localtime(at))
    found = {person_id: overnight_run(times) for person_id, times in moments.items()}
    return [
        (lease.enrolment_id, anomaly)
        for lease in leases
        if lease.last_beat_at >= night and (anomaly := found.get(lease.person_id))
    ]


def _of_challenges(leases: Sequence[Lease]) -> Found:
    enrolments = {lease.enrolment_id for lease in leases}
    rows = ChallengeOutcome.objects.filter(challenge__lease__enrolment__in=enrolments)
    answered = rows.exclude(result=ChallengeResult.REPEATED).order_by("at", "challenge__number")
    passed: dict[UUID, list[bool]] = defaultdict(list)
    for enrolment_id, result in answered.values_list("challenge__lease__enrolment_id", "result"):
        passed[enrolment_id].append(result == ChallengeResult.PASSED)
    findings = [(enrolment_id, challenges_failed(results)) for enrolment_id, results in passed.items()]
    return [(enrolment_id, anomaly) for enrolment_id, anomaly in findings if anomaly]


def _of_devices(devices: set[str], now: datetime) -> Found:
    leases = list(Lease.objects.filter(device__in=devices, opened_at__gte=now - _DAY))
    findings = shared([(lease.device, str(lease.person_id)) for lease in leases])
    return [(lease.enrolment_id, findings[lease.device][0]) for lease in leases if lease.device in findings]


def _of_addresses(addresses: set[str], now: datetime) -> Found:
    """People at one address who learn in step. An address alone says nothing: an institution has one."""
    by_address: dict[str, list[Lease]] = defaultdict(list)
    for lease in Lease.objects.filter(address__in=addresses, opened_at__gte=now - _DAY):
        by_address[lease.address].append(lease)
    leases = {
        str(lease.pk): lease for rows in by_address.values() if len(rows) <= _LEASES_OF_AN_ADDRESS for lease in rows
    }
    openings = [
        Opening(key, str(lease.person_id), lease.address, milliseconds(lease.opened_at))
        for key, lease in leases.items()
    ]
    pairs = begun_together(openings)
    received = _received({leases[key].pk for rows in pairs.values() for pair in rows for key in pair}) if pairs else {}
    findings = in_step(pairs, {str(key): times for key, times in received.items()})
    return [(leases[key].enrolment_id, anomaly) for key, anomaly in findings.items()]


def flag_classroom_overlap(*, session: Session, person: Person, now: datetime) -> int:
    """Flag a person who learned online while signed in to a classroom."""
    times = dict(session.scans.filter(person=person).values_list("kind", "at"))
    if len(times) < 2:
        return 0
    room = (times["in"], times["out"])
    beats = Heartbeat.objects.filter(lease__person=person, received_at__range=room, credited_ms__gt=0)
    found: Found = []
    for lease in Lease.objects.filter(pk__in=beats.values("lease")):
        anomaly = classroom_overlap([(lease.opened_at, lease.ended_at or lease.last_beat_at)], [room])
        if anomaly:
            found.append((lease.enrolment_id, anomaly))
    return _append(found, now)


def _append(found: Iterable[tuple[UUID, Anomaly]], now: datetime) -> int:
    fresh: dict[tuple[UUID, str], AnomalyFlag] = {}
    for enrolment_id, anomaly in found:
        flag = AnomalyFlag(enrolment_id=enrolment_id, code=anomaly.code, data=dict(anomaly.params), at=now)
        fresh.setdefault((enrolment_id, anomaly.code), flag)
    enrolments = Enrolment.objects.filter(pk__in={enrolment_id for enrolment_id, _code in fresh})
    for known in AnomalyFlag.objects.filter(enrolment__in=enrolments).values_list("enrolment_id", "code"):
        fresh.pop(known, None)
    AnomalyFlag.objects.bulk_create(fresh.values(), ignore_conflicts=True)
    return len(fresh)
