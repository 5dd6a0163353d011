"""Entries: credit hours for evidence, take an entry back."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.ledger.evidence import Evidence
from lms.ledger.models import Category, EntryKind, HourEntry, OutsideRow
from lms.ledger.services.closing import freeze_again, refuse_closed
from lms.ledger.services.days import local_day
from lms.ledger.signals import hours_credited, hours_reversed
from lms.people.access import require
from lms.people.models import Person, Role
from lms.policy.pack import Pack
from lms.policy.services import class_hours, pack_in_force
from lms.rules.chain import GENESIS, link
from lms.rules.refusals import Conflict, Invalid, NotFound


@transaction.atomic
def credit_hours(
    *,
    person: Person,
    category: str,
    minutes: int,
    on: date,
    title: str,
    evidence: Evidence,
    course_id: uuid.UUID | None,
    release_id: uuid.UUID | None,
    delivery: str,
    actor: Actor,
    now: datetime,
    restores: HourEntry | None = None,
) -> HourEntry:
    """Credit whole ``minutes`` (> 0) earned ``on`` a day in Shanghai's time; a moment is turned into its day there.

    The same evidence again returns the entry it already has. Refuses a course that counted this year already
    (``counted_already``, unless the pack in force allows it), evidence of somebody else, evidence taken back, and a
    year that is closed for the person (``year_closed``). What an appeal gives back of an entry it ``restores`` goes
    into that entry's year, closed or not: how the year stands then is a new version beside the frozen one.
    Whether the actor may credit is asked by the verb above that examined the evidence.
    """
    if minutes <= 0:
        raise Invalid("minutes_not_positive", _("计入的时长必须大于零。"))
    if category not in Category.values or not evidence.kind or not evidence.digest:
        raise Invalid("entry_incomplete", _("学时记录缺少类别或证据。"))
    _lock(person)
    existing = _credited(evidence, person)
    if existing is not None:
        return existing
    day = local_day(on)
    gives_back = restores is not None and restores.year == day.year and hasattr(restores, "reversed_by")
    if not gives_back:
        refuse_closed(person=person, year=day.year, now=now)
    pack = pack_in_force(person.region_code, day)
    _refuse_second_time(person, day.year, course_id, pack)
    try:
        entry = _append(
            person=person,
            kind=EntryKind.CREDIT,
            category=category,
            minutes=minutes,
            class_hours=_two_places(class_hours(minutes, pack)),
            year=day.year,
            on=day,
            title=title,
            delivery=delivery,
            course_id=course_id,
            release_id=release_id,
            evidence_kind=evidence.kind,
            evidence_id=evidence.id,
            evidence_digest=evidence.digest,
            pack_id=pack.id,
            recorded_at=now,
        )
    except IntegrityError:
        # Somebody else's evidence came in between: the database let only one of the two have it.
        if existing := _credited(evidence, person):
            return existing
        raise
    changes = {"category": category, "minutes": minutes, "year": day.year, "number": entry.number}
    record(verb="hours.credited", actor=actor, now=now, subject=entry, person_id=person.pk, changes=changes)
    if gives_back:
        freeze_again(person=person, year=entry.year, why=title, actor=actor, now=now)
    hours_credited.send(sender=HourEntry, entry=entry, actor=actor, now=now)
    return entry


@transaction.atomic
def reverse_entry(*, entry: HourEntry, reason: str, actor: Actor, now: datetime) -> HourEntry:
    """Take a credit back by a reversing entry of the same minutes. Refuses a second time, and without a reason.

    A year that is closed already is not opened again: how it stands now is a new version beside the frozen one.
    """
    require(actor, Role.BUREAU_AUDITOR, Role.BUREAU_APPROVER)
    if not HourEntry.objects.visible_to(actor).filter(pk=entry.pk).exists():
        raise NotFound("entry_unknown", _("没有找到这条学时记录。"))
    if not reason.strip():
        raise Invalid("reason_missing", _("请写明冲销理由。"), field="reason")
    if entry.kind != EntryKind.CREDIT:
        raise Conflict("not_a_credit", _("只能冲销计入的学时。"))
    _lock(entry.person)
    if HourEntry.objects.filter(reverses=entry).exists():
        raise Conflict("reversed_already", _("这条学时记录已经冲销。"))
    copied = (
        *("category", "minutes", "class_hours", "year", "title", "delivery", "course_id", "release_id"),
        *("evidence_kind", "evidence_id", "evidence_digest", "pack_id"),
    )
    reversal = _append(
        person=entry.person,
        kind=EntryKind.REVERSAL,
        reverses=entry,
        reason=reason.strip(),
        on=local_day(now),
        recorded_at=now,
        **{name: getattr(entry, name) for name in copied},
    )
    changes = {"reverses": str(entry.pk), "minutes": entry.minutes, "number": reversal.number}
    record(
        verb="hours.reversed",
        actor=actor,
        now=now,
        subject=reversal,
        person_id=entry.person_id,
        changes=changes,
        reason=reversal.reason,
    )
    # What was learned elsewhere may be handed in again, with a better proof.
    OutsideRow.objects.filter(pk=entry.evidence_id).update(fingerprint=None)
    freeze_again(person=entry.person, year=entry.year, why=reversal.reason, actor=actor, now=now)
    hours_reversed.send(sender=HourEntry, entry=reversal, actor=actor, now=now)
    return reversal


def payload(entry: HourEntry) -> dict[str, Any]:
    """What the hash of an entry covers: everything it says."""
    return {
        "id": entry.pk,
        "person": entry.person_id,
        "number": entry.number,
        "kind": entry.kind,
        "category": entry.category,
        "minutes": entry.minutes,
        "class_hours": _two_places(entry.class_hours),
        "year": entry.year,
        "on": entry.on,
        "title": entry.title,
        "delivery": entry.delivery,
        "course": entry.course_id,
        "release": entry.release_id,
        "evidence": [entry.evidence_kind, entry.evidence_id, entry.evidence_digest],
        "pack": entry.pack_id,
        "reverses": entry.reverses_id,
        "reason": entry.reason,
        "recorded_at": entry.recorded_at,
    }


def _lock(person: Person) -> None:
    """One writer a person at a time, so that numbers have no gap. SQLite has one writer anyway."""
    Person.objects.select_for_update(no_key=True).filter(pk=person.pk).values_list("pk").first()


def _credited(evidence: Evidence, person: Person) -> HourEntry | None:
    entry = (
        HourEntry.objects.select_related("reversed_by")
        .filter(kind=EntryKind.CREDIT, evidence_kind=evidence.kind, evidence_id=evidence.id)
        .first()
    )
    if entry is None:
        return None
    if entry.person_id != person.pk:
        raise Conflict("evidence_of_another", _("这份证据已为他人计入学时。"))
    if hasattr(entry, "reversed_by"):
        raise Conflict("evidence_reversed", _("这份证据计入的学时已被冲销，不能再次计入。"))
    return entry


def _refuse_second_time(person: Person, year: int, course_id: uuid.UUID | None, pack: Pack) -> None:
    if course_id is None or not pack.limits.one_course_once_a_year:
        return
    if HourEntry.objects.standing_credits().filter(person=person, year=year, course_id=course_id).exists():
        raise Conflict("counted_already", _("这门课程在 %(year)s 年度已计入学时，每年只计一次。"), year=year)


def _append(*, person: Person, **fields: Any) -> HourEntry:
    last = HourEntry.objects.filter(person=person).order_by("-number").first()
    entry = HourEntry(person=person, number=last.number + 1 if last else 1, **fields)
    entry.previous_hash = last.hash if last else GENESIS
    entry.hash = link(entry.previous_hash, payload(entry))
    with transaction.atomic():
        entry.save()
    return entry


def _two_places(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"))
