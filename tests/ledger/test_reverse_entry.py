"""``reverse_entry``: a correction is a new row, at most one for each credit, by somebody entitled."""

import uuid
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from lms.audit.actors import Actor
from lms.audit.append_only import RewriteRefused
from lms.audit.models import AuditEvent
from lms.ledger.models import HourEntry
from lms.ledger.services import class_hours_so_far, reverse_entry, standing
from lms.ledger.signals import hours_reversed
from lms.rules.refusals import Refusal
from tests.factories.ledger import NOON, SYSTEM, TODAY, credited, learner

pytestmark = pytest.mark.django_db


def officer(role: str = "bureau_auditor", region: str = "310000") -> Actor:
    return Actor(kind="user", label="officer", id=uuid.uuid4(), role=role, region_code=region)


def test_a_reversal_takes_the_minutes_back_and_says_why() -> None:
    person = learner()
    entry = credited(person)
    reversal = reverse_entry(entry=entry, reason=" 代学 ", actor=officer(), now=NOON)
    assert (reversal.number, reversal.minutes, reversal.reverses, reversal.reason) == (2, 180, entry, "代学")
    assert reversal.previous_hash == entry.hash
    assert person.hour_entries.balances() == {(2026, "skills"): 0}
    assert standing(person=person, year=2026, on=TODAY).line("skills").earned_minutes == 0  # type: ignore[union-attr]
    assert class_hours_so_far(person=person, year=2026, on=TODAY) == {}
    event = AuditEvent.objects.get(verb="hours.reversed")
    assert (event.person_id, event.reason, event.changes["reverses"]) == (person.pk, "代学", str(entry.pk))


def test_the_news_carries_the_reversal() -> None:
    heard: list[HourEntry] = []

    def hear(entry: HourEntry, **_: Any) -> None:
        heard.append(entry)

    hours_reversed.connect(hear)
    try:
        reversal = reverse_entry(entry=credited(learner()), reason="代学", actor=SYSTEM, now=NOON)
    finally:
        hours_reversed.disconnect(hear)
    assert heard == [reversal]


def refused(entry: HourEntry, *, reason: str = "代学", actor: Actor = SYSTEM) -> str:
    before = HourEntry.objects.count()
    with pytest.raises(Refusal) as refusal:
        reverse_entry(entry=entry, reason=reason, actor=actor, now=NOON)
    assert HourEntry.objects.count() == before
    return refusal.value.code


def test_twice_is_refused() -> None:
    entry = credited(learner())
    reverse_entry(entry=entry, reason="代学", actor=SYSTEM, now=NOON)
    assert refused(entry) == "reversed_already"


def test_a_reversal_cannot_be_reversed() -> None:
    reversal = reverse_entry(entry=credited(learner()), reason="代学", actor=SYSTEM, now=NOON)
    assert refused(reversal) == "not_a_credit"


def test_no_reason_no_reversal() -> None:
    assert refused(credited(learner()), reason="  ") == "reason_missing"


@pytest.mark.parametrize("role", ["practitioner", "college_publisher", "institution_manager", "registrar", ""])
def test_only_auditors_and_approvers_may(role: str) -> None:
    assert refused(credited(learner()), actor=officer(role)) == "role_required"


@pytest.mark.parametrize("region", ["110000", "310101", ""])
def test_another_region_does_not_find_it(region: str) -> None:
    assert refused(credited(learner(region="310115")), actor=officer(region=region)) == "entry_unknown"


def test_the_database_lets_nobody_reverse_twice_or_without_naming_the_entry() -> None:
    entry = credited(learner())
    reversal = reverse_entry(entry=entry, reason="代学", actor=SYSTEM, now=NOON)
    fields = {f.attname: getattr(reversal, f.attname) for f in HourEntry._meta.concrete_fields if f.attname != "id"}
    for wrong in ({"number": 3}, {"number": 3, "reverses_id": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            HourEntry.objects.create(**(fields | wrong))


def test_history_is_never_rewritten() -> None:
    entry = credited(learner())
    with pytest.raises(RewriteRefused):
        entry.save()
    with pytest.raises(RewriteRefused):
        entry.delete()
