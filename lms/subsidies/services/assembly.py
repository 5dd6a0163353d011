"""Assembling a claim: who passed and was not claimed before, their evidence frozen into lines, a verdict on each.

Assembling again while the claim is the college's own freezes a new set of lines if anything differs. What may never
happen: two drafts for one scheme and release, or a line changed after it was frozen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.catalogue.models import Release
from courses.learning.models import Enrolment, EnrolmentStateName
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people.models import Organisation
from lms.rules import serials
from lms.rules.chain import digest
from lms.rules.refusals import Conflict, NotFound
from lms.rules.regions import covers
from lms.subsidies.models import Claim, ClaimLine, ClaimState, Scheme
from lms.subsidies.querysets import COLLEGE_ROLES
from lms.subsidies.services import evidence
from lms.subsidies.services.steps import EDITABLE, locked, require_state, require_user, take
from lms.subsidies.services.verdicts import judge_again

NUMBER_PREFIX = "CLM"


@dataclass(frozen=True, slots=True)
class Preview:
    """What assembling would give: heads, and why others are left out."""

    lines: int
    amount_fen: int
    without_certificate: int
    claimed_before: int


def preview_claim(*, scheme: Scheme, release: Release) -> Preview:
    """Count without freezing anything."""
    chosen, without, before = _choose(scheme, release)
    return Preview(len(chosen), len(chosen) * scheme.amount_fen, without, before)


@transaction.atomic
def assemble_claim(*, scheme: Scheme, college: Organisation, release: Release, actor: Actor, now: datetime) -> Claim:
    """The college's draft for this scheme and release, its lines frozen from evidence as it stands now.

    An existing draft (or a claim sent back) is brought up to date instead of doubled. Refuses a scheme the college
    does not lie under, a release of another college, ``scheme_closed`` and ``nobody_to_claim``.
    """
    require_user(actor, *COLLEGE_ROLES)
    scheme = _open_scheme(scheme, college, actor, now)
    if college.pk != actor.organisation_id or release.course.college_id != college.pk:
        raise NotFound("release_unknown", _("没有找到本院校的这门课程。"))
    # One at a time for a bureau: numbers have no gap, and two who assemble at once find one draft.
    Organisation.objects.select_for_update().get(pk=scheme.bureau_id)
    mine = Claim.objects.filter(scheme=scheme, college=college, release=release, state__in=EDITABLE)
    existing = mine.order_by("state", "-created_at").first()
    claim = locked(existing, actor) if existing else _draft(scheme, college, release, actor, now)
    _freeze(claim, actor, now)
    return claim


@transaction.atomic
def reassemble_claim(*, claim: Claim, actor: Actor, now: datetime) -> Claim:
    """Bring a draft, or a claim sent back, up to date with the evidence as it stands now."""
    require_user(actor, *COLLEGE_ROLES)
    held = locked(claim, actor)
    require_state(held, EDITABLE)
    _freeze(held, actor, now)
    return held


def _open_scheme(scheme: Scheme, college: Organisation, actor: Actor, now: datetime) -> Scheme:
    found = Scheme.objects.visible_to(actor).select_related("bureau").filter(pk=scheme.pk).first()
    if found is None or not covers(found.bureau.region_code, college.region_code):
        raise NotFound("scheme_unknown", _("没有找到适用于本院校的这个补贴项目。"))
    today = timezone.localdate(now)
    if not found.opens_on <= today <= found.closes_on:
        raise Conflict(
            "scheme_closed",
            _("该项目的受理期为 %(opens)s 至 %(closes)s。"),
            opens=found.opens_on.isoformat(),
            closes=found.closes_on.isoformat(),
        )
    return found


def _draft(scheme: Scheme, college: Organisation, release: Release, actor: Actor, now: datetime) -> Claim:
    claim = Claim.objects.create(
        scheme=scheme, college=college, release=release, number=_next_number(scheme, now), created_at=now
    )
    take(claim, ClaimState.DRAFT, actor=actor, now=now)
    return claim


def _next_number(scheme: Scheme, now: datetime) -> str:
    """The next of the bureau's running numbers this year. The caller holds the bureau's lock."""
    year, region = timezone.localdate(now).year, scheme.bureau.region_code
    first = serials.make(NUMBER_PREFIX, year, region, 1)
    stem = first.rsplit("-", 2)[0] + "-"
    last = Claim.objects.filter(number__startswith=stem).order_by("-number").values_list("number", flat=True).first()
    return serials.make(NUMBER_PREFIX, year, region, int(last.split("-")[3]) + 1 if last else 1)


def _choose(scheme: Scheme, release: Release, claim: Claim | None = None) -> tuple[list[Enrolment], int, int]:
    """Enrolments to claim for, how many lack the certificate, how many were claimed before."""
    passed = Enrolment.objects.filter(release=release, state=EnrolmentStateName.PASSED).select_related(
        "person", "release"
    )
    latest = {one.person_id: one for one in passed.order_by("year")}
    others = ClaimLine.objects.claiming(scheme.occupation, scheme.level).exclude(claim=claim)
    claimed = set(others.filter(person__in=passed.values("person")).values_list("person_id", flat=True))
    rest = [one for person_id, one in latest.items() if person_id not in claimed]
    if not scheme.requires_certificate:
        return _in_order(rest), 0, len(claimed)
    certified = evidence.certificates_of(one.pk for one in rest)
    chosen = [one for one in rest if one.pk in certified]
    return _in_order(chosen), len(rest) - len(chosen), len(claimed)


def _in_order(enrolments: list[Enrolment]) -> list[Enrolment]:
    return sorted(enrolments, key=lambda one: (one.person.name, str(one.person_id)))


def _freeze(claim: Claim, actor: Actor, now: datetime) -> None:
    """Freeze the lines under a new assembly number, unless they are the same as those that count now."""
    enrolments, _without, _before = _choose(claim.scheme, claim.release, claim)
    facts = evidence.read(enrolments)
    lines = _lines(claim, [one for one in enrolments if one.pk in facts], facts)
    if not lines:
        raise Conflict("nobody_to_claim", _("没有可以申报的学员：须已学完、持有要求的证书，且没有申报过。"))
    current = claim.lines.current().order_by("position").values_list("person_id", "facts_hash", "amount_fen")
    if list(current) != [(line.person_id, line.facts_hash, line.amount_fen) for line in lines]:
        claim.assembly += 1
        claim.save(update_fields=["assembly"])
        for line in lines:
            line.assembly = claim.assembly
        ClaimLine.objects.bulk_create(lines)
        changes = {"number": claim.number, "assembly": claim.assembly, "lines": len(lines)}
        record(verb="claim.assembled", actor=actor, now=now, subject=claim, changes=changes)
    judge_again(claim, actor, now)


def _lines(claim: Claim, enrolments: Sequence[Enrolment], facts: dict[UUID, dict[str, Any]]) -> list[ClaimLine]:
    lines = []
    for position, enrolment in enumerate(enrolments, start=1):
        frozen = facts[enrolment.pk]
        certificate = frozen["certificate"]
        lines.append(
            ClaimLine(
                claim=claim,
                position=position,
                person=enrolment.person,
                enrolment_id=enrolment.pk,
                certificate_id=UUID(certificate["id"]) if certificate else None,
                amount_fen=claim.scheme.amount_fen,
                facts=frozen,
                facts_hash=digest(frozen),
            )
        )
    return lines
