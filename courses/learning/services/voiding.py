"""What follows when a course is void, and when an appeal overturns that: state, hours, learning record, certificates.

Runs inside the verb of the officer who decided. Hours are taken back by reversals and come back as new entries whose
evidence is the decision on the appeal; what was void and what was restored both stay readable.
"""

import uuid
from collections.abc import Collection
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.learning.models import Enrolment, EnrolmentState, EnrolmentStateName, FlagDecision, FlagDecisionName
from courses.learning.services.completions import EVIDENCE_KIND
from courses.learning.services.enrolments import RUNNING, append_state, local_day
from courses.learning.signals import course_restored, course_voided
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.ledger.evidence import Evidence
from lms.ledger.models import HourEntry
from lms.ledger.querysets import HourEntryQuerySet
from lms.ledger.services import credit_hours, reverse_entry
from lms.registry.services import is_barred
from lms.rules.chain import digest
from lms.rules.refusals import Refusal
from lms.xapi.services import Fact, record_statements, statement_id

APPEAL_EVIDENCE = "appeal_decision"
_REASON_AT_MOST = 300  # characters in the ledger


def entries_of(enrolment_ids: Collection[uuid.UUID]) -> HourEntryQuerySet:
    """Credits that rest on these enrolments, reversed ones too: by their completion, or by an appeal that was granted."""
    by_completion = Q(evidence_kind=EVIDENCE_KIND, evidence_id__in=_completions(enrolment_ids))
    by_appeal = Q(evidence_kind=APPEAL_EVIDENCE, evidence_id__in=_overturned(enrolment_ids))
    found: HourEntryQuerySet = HourEntry.objects.filter(by_completion | by_appeal, kind="credit")
    return found


def _completions(enrolment_ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
    rows = Enrolment.objects.filter(pk__in=enrolment_ids, completion__isnull=False)
    return list(rows.values_list("completion__pk", flat=True))


def _overturned(enrolment_ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
    rows = FlagDecision.objects.filter(flag__enrolment__in=enrolment_ids, decision=FlagDecisionName.OVERTURNED)
    return list(rows.values_list("pk", flat=True))


def standing_entries(enrolment_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[HourEntry]]:
    """Entries that stand, by the enrolment they rest on. Three queries, however many there are."""
    completed = Enrolment.objects.filter(pk__in=enrolment_ids, completion__isnull=False)
    decided = FlagDecision.objects.filter(flag__enrolment__in=enrolment_ids, decision=FlagDecisionName.OVERTURNED)
    rests_on = dict(completed.values_list("completion__pk", "pk"))
    rests_on |= dict(decided.values_list("pk", "flag__enrolment_id"))
    kinds = [EVIDENCE_KIND, APPEAL_EVIDENCE]
    rows = HourEntry.objects.standing_credits().filter(evidence_kind__in=kinds, evidence_id__in=list(rests_on))
    found: dict[uuid.UUID, list[HourEntry]] = {}
    for row in rows.order_by("number"):
        found.setdefault(rests_on[row.evidence_id], []).append(row)
    return found


def void_course(*, enrolment: Enrolment, reason: str, actor: Actor, now: datetime) -> int:
    """Take back what rests on a locked enrolment and end it; returns the minutes taken back."""
    append_state(enrolment=enrolment, state=EnrolmentStateName.VOIDED, reason=reason, now=now)
    minutes = 0
    for entry in entries_of([enrolment.pk]).standing_credits().select_related("person").order_by("number"):
        reverse_entry(entry=entry, reason=reason[:_REASON_AT_MOST], actor=actor, now=now)
        minutes += entry.minutes
    _take_statements_back(enrolment, now)
    record(
        verb="enrolment.voided",
        actor=actor,
        now=now,
        subject=enrolment,
        person_id=enrolment.person_id,
        changes={"minutes": minutes},
        reason=reason,
    )
    course_voided.send(
        sender=Enrolment,
        enrolment=enrolment,
        reason=reason,
        authority=actor.organisation_name,
        actor=actor,
        now=now,
    )
    return minutes


def restore_course(
    *, enrolment: Enrolment, voided: FlagDecision, overturned: FlagDecision, actor: Actor, now: datetime
) -> int:
    """Put a locked enrolment back to where it was before ``voided``; returns the minutes credited again."""
    minutes, uncounted = _credit_again(enrolment, voided, overturned, actor, now)
    _put_back(enrolment, uncounted, now)
    _tell_again(enrolment, overturned, now)
    record(
        verb="enrolment.restored",
        actor=actor,
        now=now,
        subject=enrolment,
        person_id=enrolment.person_id,
        changes={"minutes": minutes, "state": enrolment.state},
        reason=overturned.reason,
    )
    course_restored.send(
        sender=Enrolment,
        enrolment=enrolment,
        reason=overturned.reason,
        authority=actor.organisation_name,
        actor=actor,
        now=now,
    )
    return minutes


def appeal_digest(decision: FlagDecision, original: str) -> str:
    """SHA-256 over the decision that gave the hours back and the evidence they rested on from the start."""
    said = {"id": decision.pk, "flag": decision.flag_id, "number": decision.number, "at": decision.at}
    return digest({"decision": {**said, "reason": decision.reason}, "evidence": original})


def _credit_again(
    enrolment: Enrolment, voided: FlagDecision, overturned: FlagDecision, actor: Actor, now: datetime
) -> tuple[int, str]:
    """Minutes of what this very voiding took, on the day it was earned; or why they can't count by now."""
    entries = entries_of([enrolment.pk]).filter(reversed_by__recorded_at=voided.at)
    taken = entries.select_related("reversed_by").order_by("-number").first()
    if taken is None:
        return 0, ""
    completion = enrolment.completion
    evidence = Evidence(APPEAL_EVIDENCE, overturned.pk, appeal_digest(overturned, completion.digest))
    try:
        entry = credit_hours(
            person=enrolment.person,
            category=taken.category,
            minutes=completion.minutes,
            on=taken.on,
            title=taken.title,
            evidence=evidence,
            course_id=taken.course_id,
            release_id=taken.release_id,
            delivery=taken.delivery,
            actor=actor,
            now=now,
            restores=taken,
        )
    except Refusal as refusal:
        if refusal.code != "counted_already":
            raise
        return 0, str(refusal)
    return entry.minutes, ""


def _put_back(enrolment: Enrolment, uncounted: str, now: datetime) -> None:
    """The state before it was void, with why a passed course doesn't count, where it doesn't.

    Somebody barred meanwhile, or not any more, is where the ban leaves them.
    """
    aside = [EnrolmentStateName.VOIDED, EnrolmentStateName.STOPPED]
    before: EnrolmentState | None = enrolment.states.exclude(state__in=aside).order_by("-number").first()
    state = before.state if before else EnrolmentStateName.ENROLLED
    reason = uncounted or (before.reason if before else "")
    append_state(enrolment=enrolment, state=state, reason=reason, now=now)
    if state in RUNNING and is_barred(person=enrolment.person, on=local_day(now)):
        append_state(enrolment=enrolment, state=EnrolmentStateName.STOPPED, reason=str(_("从业禁入")), now=now)


def _activity(enrolment: Enrolment) -> str:
    return f"/releases/{enrolment.release_id}"


def _take_statements_back(enrolment: Enrolment, now: datetime) -> None:
    """The learning record takes back what it told of the passed course, each statement once."""
    if not hasattr(enrolment, "completion"):
        return
    keys = [f"{verb}:{enrolment.pk}:{_activity(enrolment)}" for verb in ("completed", "passed")]
    for decision_id in _overturned([enrolment.pk]):
        keys += [f"{verb}:{enrolment.pk}:{decision_id}" for verb in ("completed", "passed")]
    record_statements(
        facts=[
            Fact(
                verb="voided",
                person=enrolment.person,
                activity_id=_activity(enrolment),
                registration=enrolment.pk,
                voids=statement_id(key),
                key=f"voided:{key}",
            )
            for key in keys
        ],
        now=now,
    )


def _tell_again(enrolment: Enrolment, overturned: FlagDecision, now: datetime) -> None:
    """A statement taken back can't come back: the same facts are told anew."""
    if not hasattr(enrolment, "completion"):
        return
    record_statements(
        facts=[
            Fact(
                verb=verb,
                person=enrolment.person,
                activity_id=_activity(enrolment),
                activity_name=enrolment.release.title,
                registration=enrolment.pk,
                result={"completion": True},
                key=f"{verb}:{enrolment.pk}:{overturned.pk}",
            )
            for verb in ("completed", "passed")
        ],
        now=now,
    )
