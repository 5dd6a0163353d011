"""What the rules, an officer or a ban say of a line. A verdict is appended only when it says something new.

The rules judge the frozen facts; four things are looked up anew each time, because they change after freezing: a ban,
a certificate revoked or hours taken back meanwhile, and money granted elsewhere for the same training.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from courses.learning.services import standing_entries
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people.models import Role
from lms.registry.services import barred_ids
from lms.rules import subsidy as rules
from lms.rules.refusals import Conflict, Invalid, NotFound
from lms.rules.regions import covers
from lms.subsidies.models import Claim, ClaimLine, ClaimState, LineVerdict, Scheme
from lms.subsidies.querysets import ClaimLineQuerySet
from lms.subsidies.services.evidence import certificates_of
from lms.subsidies.services.steps import given_reason, locked, require_state, require_user

Verdict = LineVerdict.Verdict
RULES = "rules"
_OF_RULES = {
    rules.LineVerdict.PAYABLE: Verdict.PAY,
    rules.LineVerdict.REVIEW: Verdict.QUERY,
    rules.LineVerdict.BLOCKED: Verdict.REFUSE,
}
_BY_OFFICER = frozenset({Verdict.PAY, Verdict.REFUSE})


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What may have changed since the facts were frozen, by person or by enrolment."""

    barred: frozenset[UUID]
    claimed: frozenset[UUID]
    certified: frozenset[UUID]
    standing_minutes: Mapping[UUID, int]


def refresh_verdicts(*, claim: Claim, actor: Actor, now: datetime) -> int:
    """Run the rules over the current lines again; returns how many got a new verdict. Twice changes nothing more."""
    with transaction.atomic():
        return judge_again(locked(claim, actor), actor, now)


def judge_again(claim: Claim, actor: Actor, now: datetime) -> int:
    """``refresh_verdicts`` for a claim that is locked already."""
    lines = list(claim.lines.current().with_verdict().select_related("person"))
    meanwhile = look(claim, lines, timezone.localdate(now))
    fresh = []
    for line in lines:
        verdict, found = judge(claim.scheme, line, meanwhile)
        if line.verdict is None or _codes(found) != _codes(line.verdict_findings):
            fresh.append(_row(line, verdict, found, RULES, now))
    LineVerdict.objects.bulk_create(fresh)
    if fresh:
        record(verb="claim.judged", actor=actor, now=now, subject=claim, changes={"lines": len(fresh)})
    return len(fresh)


def look(claim: Claim, lines: Sequence[ClaimLine], on: date) -> Meanwhile:
    """Look up bans, other claims and certificates for these lines. The caller holds the persons' locks where it counts."""
    people = [line.person_id for line in lines]
    enrolments = [line.enrolment_id for line in lines]
    standing = {pk: sum(row.minutes for row in rows) for pk, rows in standing_entries(enrolments).items()}
    others = ClaimLine.objects.claiming(claim.scheme.occupation, claim.scheme.level).exclude(claim=claim)
    return Meanwhile(
        barred=frozenset(barred_ids(person_ids=people, on=on)),
        claimed=frozenset(others.filter(person__in=people).values_list("person_id", flat=True)),
        certified=frozenset(certificates_of(enrolments)),
        standing_minutes=standing,
    )


def judge(scheme: Scheme, line: ClaimLine, meanwhile: Meanwhile) -> tuple[str, list[rules.Finding]]:
    """Verdict and findings of one line, by its frozen facts and what has happened since."""
    found = rules.findings(_facts_for_rules(scheme, line, meanwhile))
    if any(finding.code == "banned_person" for finding in found):
        return Verdict.BLOCKED, found
    return _OF_RULES[rules.verdict(found)], found


def settle_line(*, line: ClaimLine, verdict: str, reason: str, actor: Actor, now: datetime) -> LineVerdict:
    """An auditor looks at a line and says ``pay`` or ``refuse``, with the reason. Saying the same again is once.

    What the rules refuse outright stays refused, and a ban stays a block: only a line in doubt is settled, or one the
    auditor settled before.
    """
    require_user(actor, Role.BUREAU_AUDITOR)
    if verdict not in _BY_OFFICER:
        raise Invalid("verdict_unknown", _("请选择可补贴或不予补贴。"), field="verdict")
    why = given_reason(reason)[:300]
    with transaction.atomic():
        claim = locked(line.claim, actor)
        require_state(claim, {ClaimState.SUBMITTED, ClaimState.AUDITED})
        latest = _latest(claim, line)
        if latest.verdict == verdict and latest.reason == why:
            return latest
        in_doubt = latest.verdict == Verdict.QUERY or latest.reason or verdict == Verdict.REFUSE
        if latest.verdict == Verdict.BLOCKED or not in_doubt:
            state = latest.get_verdict_display()
            raise Conflict("line_decided", _("这一行的结论是“%(verdict)s”，不能改为可补贴。"), verdict=state)
        row = LineVerdict.objects.create(
            line=line,
            number=latest.number + 1,
            verdict=verdict,
            findings=latest.findings,
            reason=why,
            by=actor.label,
            at=now,
        )
        changes = {"claim": claim.number, "position": line.position, "verdict": verdict}
        record(
            verb="claim_line.settled",
            actor=actor,
            now=now,
            subject=line,
            person_id=line.person_id,
            changes=changes,
            reason=why,
        )
    return row


def block_lines(*, person_ids: Collection[UUID], actor: Actor, now: datetime, reason: str) -> int:
    """Block every open line of people a ban acts on. Runs inside the ban's own transaction."""
    banned = barred_ids(person_ids=person_ids, on=timezone.localdate(now))
    lines = list(_open_lines(banned, lock=True).judged_other_than(Verdict.BLOCKED))
    blocked = rules.Finding("banned_person", rules.Severity.BLOCK)
    LineVerdict.objects.bulk_create(_row(line, Verdict.BLOCKED, [blocked], actor.label, now) for line in lines)
    for line in lines:
        record(verb="claim_line.blocked", actor=actor, now=now, subject=line, person_id=line.person_id, reason=reason)
    return len(lines)


def unblock_lines(*, person_ids: Collection[UUID], actor: Actor, now: datetime, reason: str) -> int:
    """Judge blocked open lines anew for people no ban acts on any more."""
    free = set(person_ids) - barred_ids(person_ids=person_ids, on=timezone.localdate(now))
    lines = list(_open_lines(free, lock=True).judged(Verdict.BLOCKED).select_related("claim__scheme__bureau"))
    for line in lines:
        verdict, found = judge(line.claim.scheme, line, look(line.claim, [line], timezone.localdate(now)))
        _row(line, verdict, found, actor.label, now).save()
        record(verb="claim_line.unblocked", actor=actor, now=now, subject=line, person_id=line.person_id, reason=reason)
    return len(lines)


def lines_a_ban_would_block(person_ids: Collection[UUID]) -> ClaimLineQuerySet:
    return _open_lines(person_ids).judged_other_than(Verdict.BLOCKED)


def lines_an_annulment_would_free(person_ids: Collection[UUID]) -> ClaimLineQuerySet:
    """Lines that would be judged anew for people no ban acts on any more."""
    return _open_lines(person_ids).judged(Verdict.BLOCKED)


def _open_lines(person_ids: Collection[UUID], *, lock: bool = False) -> ClaimLineQuerySet:
    """Current lines of open claims of these people; their claims are held, in one order for everybody."""
    lines = ClaimLine.objects.current().filter(person__in=person_ids, claim__in=Claim.objects.open().values("pk"))
    if lock:
        claims = list(lines.order_by().values_list("claim_id", flat=True).distinct())
        list(Claim.objects.select_for_update().filter(pk__in=claims).order_by("pk").values_list("pk"))
    return lines


def _latest(claim: Claim, line: ClaimLine) -> LineVerdict:
    rows = LineVerdict.objects.filter(line=line, line__claim=claim, line__assembly=claim.assembly)
    latest = rows.order_by("-number").first()
    if latest is None:
        raise NotFound("line_unknown", _("没有找到这一行，申报可能已重新汇集。"))
    return latest


def _row(line: ClaimLine, verdict: str, found: Iterable[rules.Finding], by: str, now: datetime) -> LineVerdict:
    return LineVerdict(
        line=line,
        number=(line.verdict_number or 0) + 1,
        verdict=verdict,
        findings=[
            {"code": finding.code, "severity": finding.severity.value, "params": dict(finding.params)}
            for finding in found
        ],
        by=by,
        at=now,
    )


def _codes(found: Iterable[Any] | None) -> set[str]:
    return {one["code"] if isinstance(one, dict) else one.code for one in found or ()}


def _facts_for_rules(scheme: Scheme, line: ClaimLine, meanwhile: Meanwhile) -> rules.ClaimFacts:
    facts = line.facts
    beats, certificate = facts["heartbeats"], facts["certificate"]
    proved = sum(entry["minutes"] for entry in facts["entries"] if entry["holds"])
    certified = line.certificate_id and line.enrolment_id in meanwhile.certified
    return rules.ClaimFacts(
        claimed_minutes=facts["claimed_minutes"],
        # What was void meanwhile is no evidence, and what an appeal gave back is evidence again.
        evidenced_minutes=min(proved, meanwhile.standing_minutes.get(line.enrolment_id, 0)),
        evidence_count=beats["count"] + len(facts["scans"]) + len(facts["attempts"]),
        training_ended_on=_day(facts["passed_at"]),
        certificate_required=scheme.requires_certificate,
        certificate_on=_day(certificate["issued_at"]) if certificate and certified else None,
        paid_before=line.person_id in meanwhile.claimed,
        banned=line.person_id in meanwhile.barred,
        eligible_on_day=covers(scheme.bureau.region_code, facts["region"]),
        observed_rate=Decimal(beats["rate"]) if beats["rate"] else None,
        max_rate=Decimal(beats["max_rate"]) if beats["max_rate"] else None,
        identical_spacing=beats["identical_spacing"],
        shared_device_with=facts["shared"]["device"],
        shared_address_with=facts["shared"]["address"],
        subsidy_fen=line.amount_fen,
        days_attended=len({_day(scan["at"]) for scan in facts["scans"]}),
    )


def _day(moment: str) -> date:
    at = parse_datetime(moment)
    if at is None:
        raise ValueError("a frozen moment can't be read")
    return timezone.localdate(at)
