"""What is known of a person's training, read from the rooms below and frozen into a claim line.

Read for many enrolments at once, in a fixed number of queries for every two hundred; each hour entry is proved again
from the books. What may never happen: a line that says more than its evidence.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from itertools import islice, pairwise
from statistics import median
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from certificates.models import Certificate
from courses.assessment.models import Attempt, AttemptResult
from courses.classroom.models import Scan
from courses.learning.models import CourseCompletion, Enrolment, Heartbeat, Lease, LessonCompletion
from courses.learning.services import standing_entries
from courses.learning.services.heartbeats import OUT_OF_PROTOCOL, milliseconds
from lms.ledger.evidence import Derived, derive_all
from lms.ledger.models import HourEntry
from lms.people.models import IdentityDocument
from lms.policy.services import class_hours as in_class_hours
from lms.policy.services import pack_by_id
from lms.rules.anomalies import identical_spacing, shared

CHUNK = 200
VALID_STATES = ("issued", "reinstated")
# A household or a staff room has one address. Tuning of the look-out, not policy: it takes no money from anybody.
ADDRESS_SHARED_BY_AT_MOST = 3


@dataclass
class Beats:
    """Heartbeats of one enrolment, told in figures."""

    count: int = 0
    credited_ms: int = 0
    first: datetime | None = None
    last: datetime | None = None
    median_ms: int = 0
    rate: Decimal | None = None
    max_rate: Decimal | None = None
    identical: bool = False
    devices: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)


def read(enrolments: Sequence[Enrolment]) -> dict[UUID, dict[str, Any]]:
    """Facts by enrolment, as they are frozen. Enrolments come with ``person`` and ``release``."""
    facts: dict[UUID, dict[str, Any]] = {}
    for some in _chunks(enrolments):
        facts |= _read(some)
    return facts


def certificates_of(enrolment_ids: Iterable[UUID]) -> dict[UUID, Certificate]:
    """The valid certificate of each enrolment that has one."""
    rows: Any = Certificate.objects.filter(enrolment_id__in=list(enrolment_ids)).with_state().order_by("issued_at")
    return {row.enrolment_id: row for row in rows.filter(state__in=VALID_STATES)}


def _read(enrolments: Sequence[Enrolment]) -> dict[UUID, dict[str, Any]]:
    ids = [enrolment.pk for enrolment in enrolments]
    people = [enrolment.person_id for enrolment in enrolments]
    completions = {row.enrolment_id: row for row in CourseCompletion.objects.filter(enrolment__in=ids)}
    entries = _entries(ids)
    beats = _beats(ids)
    scans = _scans(enrolments)
    attempts = _attempts(ids)
    certificates = certificates_of(ids)
    lessons = _lessons(ids)
    masked = dict(IdentityDocument.objects.filter(person__in=people, valid_to=None).values_list("person_id", "masked"))
    others = _others(enrolments, beats, scans)
    return {
        enrolment.pk: {
            "name": enrolment.person.name,
            "document": masked.get(enrolment.person_id, ""),
            "region": enrolment.person.region_code,
            "course": enrolment.release.title,
            "release": enrolment.release.number,
            "class_hours": str(enrolment.release.class_hours),
            "claimed_minutes": completions[enrolment.pk].minutes,
            "enrolled_at": _moment(enrolment.enrolled_at),
            "passed_at": _moment(completions[enrolment.pk].at),
            "entries": entries.get(enrolment.pk, []),
            "lessons": lessons[enrolment.pk],
            "heartbeats": _told(beats[enrolment.pk]),
            "scans": scans[enrolment.pk],
            "attempts": attempts[enrolment.pk],
            "certificate": _certificate(certificates.get(enrolment.pk)),
            "shared": others[enrolment.pk],
        }
        for enrolment in enrolments
        if enrolment.pk in completions
    }


def _entries(enrolment_ids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """Hour entries that stand, also those an appeal gave back, each proved again from what it rests on."""
    found = standing_entries(enrolment_ids)
    derived = derive_all(row for rows in found.values() for row in rows)
    return {pk: [_entry(row, derived.get(row.pk)) for row in rows] for pk, rows in found.items()}


def _entry(row: HourEntry, derived: Derived | None) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "number": row.number,
        "category": row.category,
        "minutes": row.minutes,
        "class_hours": str(in_class_hours(row.minutes, pack_by_id(row.pack_id))),
        "on": row.on.isoformat(),
        "at": _moment(row.recorded_at),
        "hash": row.hash,
        "holds": derived is not None and (derived.minutes, derived.digest) == (row.minutes, row.evidence_digest),
    }


def _beats(enrolment_ids: Sequence[UUID]) -> dict[UUID, Beats]:
    found: dict[UUID, Beats] = {pk: Beats() for pk in enrolment_ids}
    spacing: dict[UUID, list[int]] = defaultdict(list)
    received = _received(enrolment_ids)
    for lease in Lease.objects.filter(enrolment__in=enrolment_ids).order_by("opened_at"):
        beats = found[lease.enrolment_id]
        beats.devices.update({lease.device} - {""})
        beats.addresses.update({lease.address} - {""})
        rows = received.get(lease.pk, [])
        if rows:
            _add_lease(beats, lease, rows)
            times = [milliseconds(at) for at, _credited in rows]
            beats.identical = beats.identical or identical_spacing(times) is not None
            spacing[lease.enrolment_id] += [after - before for before, after in pairwise(times)]
    for pk, distances in spacing.items():
        found[pk].median_ms = round(median(distances)) if distances else 0
    return found


def _received(enrolment_ids: Sequence[UUID]) -> dict[UUID, list[tuple[datetime, int]]]:
    rows = Heartbeat.objects.filter(lease__enrolment__in=enrolment_ids).exclude(refused__in=OUT_OF_PROTOCOL)
    found: dict[UUID, list[tuple[datetime, int]]] = defaultdict(list)
    for lease_id, at, credited in rows.order_by("sequence").values_list("lease_id", "received_at", "credited_ms"):
        found[lease_id].append((at, credited))
    return found


def _add_lease(beats: Beats, lease: Lease, rows: list[tuple[datetime, int]]) -> None:
    first, last = rows[0][0], rows[-1][0]
    credited = sum(ms for _at, ms in rows)
    beats.count += len(rows)
    beats.credited_ms += credited
    beats.first = min(filter(None, [beats.first, first]))
    beats.last = max(filter(None, [beats.last, last]))
    elapsed = milliseconds(last) - milliseconds(lease.opened_at)
    allowed = Decimal(str(lease.pace.get("max_rate", "1")))
    if not credited:
        return
    # Learning in no time at all is as fast as its milliseconds.
    rate = (Decimal(credited) / max(elapsed, 1)).quantize(Decimal("0.01"), ROUND_DOWN)
    worse = beats.rate is None or beats.max_rate is None or rate / allowed > beats.rate / beats.max_rate
    if worse:
        beats.rate, beats.max_rate = rate, allowed


def _scans(enrolments: Sequence[Enrolment]) -> dict[UUID, list[dict[str, Any]]]:
    by_person = {enrolment.person_id: enrolment for enrolment in enrolments}
    rows = Scan.objects.filter(
        person__in=list(by_person), session__lesson__release__in={one.release_id for one in enrolments}
    ).select_related("session")
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.order_by("at"):
        enrolment = by_person[row.person_id]
        if row.at >= enrolment.enrolled_at:
            found[enrolment.pk].append(
                {
                    "id": str(row.pk),
                    "kind": row.kind,
                    "at": _moment(row.at),
                    "method": row.method,
                    "venue": row.session.venue,
                    "device": row.device,
                }
            )
    return found


def _attempts(enrolment_ids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    latest: dict[UUID, AttemptResult] = {}
    results = AttemptResult.objects.filter(attempt__enrolment_id__in=enrolment_ids)
    for result in results.order_by("number"):
        latest[result.attempt_id] = result
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in Attempt.objects.filter(enrolment_id__in=enrolment_ids).select_related("lesson").order_by("started_at"):
        graded = latest.get(row.pk)
        found[row.enrolment_id].append(
            {
                "id": str(row.pk),
                "lesson": row.lesson.title,
                "number": row.number,
                "started_at": _moment(row.started_at),
                "graded_at": _moment(graded.graded_at) if graded else "",
                "points": str(graded.points) if graded else "",
                "out_of": str(graded.out_of) if graded else "",
                "passed": bool(graded and graded.passed),
                "gradings": graded.number if graded else 0,
            }
        )
    return found


def _lessons(enrolment_ids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    rows = LessonCompletion.objects.filter(enrolment__in=enrolment_ids).order_by("at")
    titles = rows.annotate(title=F("lesson__title")).values_list("enrolment_id", "title", "evidence_kind", "at")
    for enrolment_id, title, kind, at in titles:
        found[enrolment_id].append({"title": title, "evidence": kind, "at": _moment(at)})
    return found


def _others(
    enrolments: Sequence[Enrolment], beats: dict[UUID, Beats], scans: dict[UUID, list[dict[str, Any]]]
) -> dict[UUID, dict[str, int]]:
    """How many other people learned on the same device or from the same address, on any course."""
    devices = {device for one in beats.values() for device in one.devices}
    devices |= {one["device"] for rows in scans.values() for one in rows if one["device"]}
    addresses = {address for one in beats.values() for address in one.addresses}
    leases = Lease.objects.order_by()
    on_device = [*leases.filter(device__in=devices).values_list("device", "person_id").distinct()]
    on_device += Scan.objects.order_by().filter(device__in=devices).values_list("device", "person_id").distinct()
    at_address = leases.filter(address__in=addresses).values_list("address", "person_id").distinct()
    same_device = shared((device, str(person)) for device, person in on_device)
    same_address = shared(
        ((address, str(person)) for address, person in at_address),
        code="shared_address",
        persons_at_most=ADDRESS_SHARED_BY_AT_MOST,
    )
    found = {}
    for enrolment in enrolments:
        own = beats[enrolment.pk].devices | {one["device"] for one in scans[enrolment.pk]}
        me = str(enrolment.person_id)
        by_device = {person for device in own if device in same_device for person in same_device[device][1]}
        by_address = {
            person
            for address in beats[enrolment.pk].addresses
            if address in same_address
            for person in same_address[address][1]
        }
        found[enrolment.pk] = {"device": len(by_device - {me}), "address": len(by_address - {me})}
    return found


def _told(beats: Beats) -> dict[str, Any]:
    return {
        "count": beats.count,
        "credited_minutes": beats.credited_ms // 60_000,
        "first": _moment(beats.first) if beats.first else "",
        "last": _moment(beats.last) if beats.last else "",
        "median_seconds": str((Decimal(beats.median_ms) / 1000).quantize(Decimal("0.1"))),
        "rate": str(beats.rate) if beats.rate is not None else "",
        "max_rate": str(beats.max_rate) if beats.max_rate is not None else "",
        "identical_spacing": beats.identical,
        "devices": sorted(device[:12] for device in beats.devices),
        "addresses": sorted(address[:12] for address in beats.addresses),
    }


def _certificate(certificate: Certificate | None) -> dict[str, str] | None:
    if certificate is None:
        return None
    return {
        "id": str(certificate.pk),
        "serial": certificate.serial,
        "title": certificate.title,
        "issued_at": _moment(certificate.issued_at),
    }


def _moment(at: datetime) -> str:
    return timezone.localtime(at).isoformat(timespec="seconds")


def _chunks(enrolments: Sequence[Enrolment]) -> Iterator[list[Enrolment]]:
    remaining = iter(enrolments)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk
