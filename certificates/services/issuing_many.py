"""Issuing to many at once, for one type: each by the same evidence and the same refusals as one by one.

What may never happen: that one person who is refused keeps the others from theirs, or that a second run, or a second
worker, makes a second certificate.
"""

import functools
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from certificates.models import Certificate, CertificateType, Rule
from certificates.services.designs import newest_template
from certificates.services.grounds import Grounds, grounds_of, grounds_of_year
from certificates.services.issuing import (
    barred_refusal,
    drafted,
    issue_certificate,
    newest,
    require_issuer,
    words_of,
    write_many,
)
from certificates.services.printable import refuse_unprintable
from lms.audit.actors import Actor
from lms.people.models import Person
from lms.registry.services import barred_ids
from lms.rules.refusals import NotFound, Refusal


@dataclass(frozen=True, slots=True)
class Issued:
    """What a person holds now; ``fresh`` when it was made just now and not before."""

    person_id: uuid.UUID
    certificate: Certificate
    fresh: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a person gets none: a code for machines, a sentence for people."""

    person_id: uuid.UUID
    refusal: Refusal


def issue_many(
    *,
    type: CertificateType,
    period: str | Mapping[uuid.UUID, str],
    person_ids: Iterable[uuid.UUID],
    actor: Actor,
    now: datetime,
) -> list[Issued | Refused]:
    """``issue_certificate`` for many persons, in their order; each once. Call it with some dozens or hundreds.

    ``period`` is one for all (a year), or one a person (the enrolments of a course). The PDFs are made by
    ``print_many``.
    """
    keys = list(dict.fromkeys(person_ids))
    people = Person.objects.in_bulk(keys)
    periods = {key: period if isinstance(period, str) else period.get(key, "") for key in keys}
    held = _held(type, periods)
    told: dict[uuid.UUID, Issued | Refused] = {}
    drafts: dict[uuid.UUID, Certificate] = {}
    fresh = [people[key] for key in keys if key in people and key not in held]
    grounds = _grounds(type, periods, fresh, now)
    barred = barred_ids([person.pk for person in fresh], timezone.localdate(now))
    look = functools.cache(newest_template)
    for key in keys:
        try:
            if key in held:
                require_issuer(actor, held[key].person, held[key].issuer_id)
                told[key] = Issued(key, held[key], fresh=False)
            else:
                found = _allowed(people.get(key), grounds.get(key), actor, key in barred)
                drafts[key] = drafted(people[key], type, periods[key], found, now, look=look)
        except Refusal as refusal:
            told[key] = Refused(key, refusal)
    told |= _written(list(drafts.values()), actor, now)
    return [told[key] for key in keys]


def _held(type: CertificateType, periods: Mapping[uuid.UUID, str]) -> dict[uuid.UUID, Certificate]:
    """The newest edition of what each holds for their period."""
    rows = Certificate.objects.filter(type=type, person__in=list(periods), period__in=set(periods.values()))
    editions = rows.select_related("person", "type").order_by("edition")
    return {one.person_id: one for one in editions if periods[one.person_id] == one.period}


def _grounds(
    type: CertificateType, periods: Mapping[uuid.UUID, str], persons: Sequence[Person], now: datetime
) -> dict[uuid.UUID, Grounds | Refusal]:
    """What each rests their claim on, or the refusal; a year is weighed for all at once."""
    years = {periods[person.pk] for person in persons}
    try:
        if type.rule == Rule.ANNUAL_REQUIREMENT and len(years) == 1:
            return grounds_of_year(persons=persons, type=type, period=years.pop(), now=now)
    except Refusal as refusal:
        return dict.fromkeys((person.pk for person in persons), refusal)
    return {person.pk: _weighed(person, type, periods[person.pk], now) for person in persons}


def _weighed(person: Person, type: CertificateType, period: str, now: datetime) -> Grounds | Refusal:
    try:
        return grounds_of(person=person, type=type, period=period, now=now)
    except Refusal as refusal:
        return refusal


def _allowed(person: Person | None, grounds: Grounds | Refusal | None, actor: Actor, barred: bool) -> Grounds:
    """The grounds, where everything else ``issue_certificate`` asks is in order too."""
    if person is None or grounds is None:
        raise NotFound("person_unknown", gettext_lazy("没有找到这位人员。"))
    if isinstance(grounds, Refusal):
        raise grounds
    require_issuer(actor, person, grounds.issuer.pk)
    if barred:
        raise barred_refusal()
    refuse_unprintable(*words_of(person, grounds))
    return grounds


def _written(drafts: Sequence[Certificate], actor: Actor, now: datetime) -> dict[uuid.UUID, Issued | Refused]:
    """Keep the drafts, those of one series together; where another worker was first with one, one by one."""
    told: dict[uuid.UUID, Issued | Refused] = {}
    series: dict[str, list[Certificate]] = {}
    for draft in drafts:
        series.setdefault(draft.region_code, []).append(draft)
    for some in series.values():
        try:
            with transaction.atomic():
                write_many(some, prefix=some[0].type.serial_prefix, actor=actor, now=now)
            told |= {draft.person_id: Issued(draft.person_id, draft, fresh=True) for draft in some}
        except IntegrityError:
            told |= {draft.person_id: _alone(draft, actor, now) for draft in some}
    return told


def _alone(draft: Certificate, actor: Actor, now: datetime) -> Issued | Refused:
    before = newest(person=draft.person, type=draft.type, period=draft.period)
    try:
        certificate = issue_certificate(person=draft.person, type=draft.type, period=draft.period, actor=actor, now=now)
    except Refusal as refusal:
        return Refused(draft.person_id, refusal)
    return Issued(draft.person_id, certificate, fresh=before is None)
