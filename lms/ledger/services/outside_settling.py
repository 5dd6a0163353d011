"""What comes of a decided row: an hour entry whose evidence is the row and its proof, or the reason why there is none."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.audit.actors import Actor
from lms.ledger.evidence import Derived, Evidence
from lms.ledger.models import HourEntry, OutsideOutcome, OutsideRow
from lms.ledger.services.days import local_day
from lms.ledger.services.entries import credit_hours
from lms.people.models import Person
from lms.people.services import tell_person
from lms.people.wording import sentence
from lms.policy.services import pack_by_id, pack_in_force
from lms.registry.services import is_barred
from lms.rules.chain import digest
from lms.rules.class_hours import class_hours_to_minutes
from lms.rules.refusals import Conflict, Refusal

EVIDENCE_KIND = "outside_hours"
JOB = "outside-hours"


@transaction.atomic
def settle(*, row: OutsideRow, now: datetime) -> OutsideOutcome:
    """Credit an accepted row, or write down why it earns nothing; done again, it is what it was the first time.

    What the ledger refuses (a year closed or a person barred meanwhile) is an outcome too.
    """
    assert row.person is not None
    Person.objects.select_for_update(no_key=True).filter(pk=row.person.pk).values_list("pk").first()
    done = OutsideOutcome.objects.filter(row=row).first()
    if done is not None:
        return done
    outcome = OutsideOutcome(row=row, at=now)
    if row.decision.accepted:
        try:
            with transaction.atomic():
                outcome.entry = _credit(row, now)
        except Refusal as refusal:
            outcome.refused_code, outcome.refused = refusal.code, sentence(refusal)[:300]
    else:
        outcome.refused_code, outcome.refused = "refused_by_bureau", row.decision.reason
    outcome.save()
    if outcome.entry is None:  # it may be handed in again, with a better proof
        OutsideRow.objects.filter(pk=row.pk).update(fingerprint=None)
    _tell(row, outcome, now)
    return outcome


def derive_outside(entry: HourEntry) -> Derived | None:
    """What an accepted row is worth today; None when it is gone, or was never accepted for this person."""
    rows = OutsideRow.objects.filter(pk=entry.evidence_id, person=entry.person_id, decision__accepted=True)
    row = rows.select_related("batch__proof", "decision").first()
    if row is None or row.class_hours is None:
        return None
    length = pack_by_id(entry.pack_id).class_hour.minutes
    return Derived(class_hours_to_minutes(row.class_hours, minutes_per_class_hour=length), _digest(row))


def _credit(row: OutsideRow, now: datetime) -> HourEntry:
    assert row.person is not None
    assert row.on is not None
    assert row.class_hours is not None
    if is_barred(row.person, local_day(now)):
        raise Conflict("person_barred", gettext_lazy("该人员目前被禁止从业，不能计入学时。"))
    pack = pack_in_force(row.person.region_code, row.on)
    minutes = class_hours_to_minutes(row.class_hours, minutes_per_class_hour=pack.class_hour.minutes)
    return credit_hours(
        person=row.person,
        category=row.category,
        minutes=minutes,
        on=row.on,
        title=row.title,
        evidence=Evidence(EVIDENCE_KIND, row.pk, _digest(row)),
        course_id=None,
        release_id=None,
        delivery=row.delivery,
        actor=Actor.system(JOB),
        now=now,
    )


def _digest(row: OutsideRow) -> str:
    """Over everything the hours rest on: the row, the proof's bytes, and who accepted it when."""
    assert row.class_hours is not None
    facts: dict[str, Any] = {
        "row": row.pk,
        "person": row.person_id,
        "category": row.category,
        "class_hours": f"{row.class_hours:.2f}",
        "on": row.on,
        "title": row.title,
        "provider": row.provider,
        "certificate": row.certificate_number,
        "delivery": row.delivery,
        "proof": row.batch.proof.sha256,
        "decided": [row.decision.by, row.decision.at],
    }
    return digest(facts)


def _tell(row: OutsideRow, outcome: OutsideOutcome, now: datetime) -> None:
    assert row.person is not None
    entry = outcome.entry
    title = _("“%(title)s”的学时已计入台账") if entry else _("“%(title)s”的学时未计入台账")
    url = reverse("ledger:entry", args=[entry.pk]) if entry else reverse("ledger:outside_batch", args=[row.batch_id])
    own = row.batch.person_id == row.person_id
    tell_person(
        person=row.person,
        code="outside_credited" if entry else "outside_refused",
        title=title % {"title": row.title},
        body=outcome.refused,
        url=url if entry or own else reverse("ledger:mine"),
        dedupe_key=f"outside:{row.pk}",
        now=now,
    )
