"""Certificates that follow by themselves: with the last course of a programme, with the last one a post or teaching asks
for. And what becomes of them when what they rest on is taken back, or given back.

They are issued and taken in the transaction of the news that brought them about, like those of courses and years.
"""

import uuid
from copy import copy
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from certificates.models import STAFF_RULES, Certificate, CertificateType, Rule, StateCode
from certificates.services.earned import period_of, weigh_requirements
from certificates.services.grounds import grounds_of
from certificates.services.issuing import issue_certificate
from certificates.services.states import Name, last_state, reinstate_certificate, revoke_certificate
from courses.catalogue.models import Programme
from courses.learning.models import Enrolment
from lms.audit.actors import Actor
from lms.ledger.models import HourEntry
from lms.people.models import Person
from lms.registry.services import is_barred
from lms.rules.refusals import Conflict

# Somebody who holds one that is valid for longer gets no other by taking one of its courses again.
RENEWED_BEFORE = timedelta(days=183)
STANDING = frozenset({Name.ISSUED.value, Name.REINSTATED.value})
_TAKEN_BY: dict[str, tuple[Rule, ...]] = {
    StateCode.HOURS_REVERSED: (Rule.PROGRAMME,),
    StateCode.COURSE_VOIDED: (Rule.POST, Rule.TRAINERS),
}
_RESTORED: dict[str, StateCode] = {
    StateCode.HOURS_REVERSED: StateCode.HOURS_RESTORED,
    StateCode.COURSE_VOIDED: StateCode.COURSE_RESTORED,
}


def due_after_hours(entry: HourEntry) -> list[tuple[CertificateType, str]]:
    """Types and programmes that this hour may have completed: those of its year that hold its course."""
    if entry.course_id is None:
        return []
    programmes = Programme.objects.filter(items__course_id=entry.course_id, year=entry.year).exclude(approved_at=None)
    found = []
    for programme in programmes.select_related("college"):
        types = CertificateType.objects.following(programme.college_id, programme.college.region_code)
        for kind in types.filter(rule=Rule.PROGRAMME).select_related("issuer"):
            named = kind.requirements.get("programmes")
            if not named or str(programme.pk) in named:
                found.append((kind, str(programme.pk)))
    return found


def due_after_pass(enrolment: Enrolment, now: datetime) -> list[tuple[CertificateType, str]]:
    """Types for posts and teachers that name the course or its topic, and whose requirements are met now."""
    release, person, on = enrolment.release, enrolment.person, timezone.localdate(now)
    types = CertificateType.objects.following(release.course.college_id, person.region_code)
    found = []
    for kind in types.filter(rule__in=[Rule.POST, Rule.TRAINERS]).select_related("issuer"):
        asked = kind.requirements
        if str(release.course_id) not in asked.get("courses", ()) and release.topic not in asked.get("topics", {}):
            continue
        verdict = weigh_requirements(person, kind, on)
        if verdict.met and not _held(person, kind, on):
            found.append((kind, period_of(kind, verdict)))
    return found


def issue_following(*, person: Person, type: CertificateType, period: str, actor: Actor, now: datetime) -> Certificate:
    """Issue what is due. One lost with what it rested on comes back instead; what an officer or a ban took stays taken."""
    before = Certificate.objects.filter(person=person, type=type, period=period).select_related(
        "type__issuer", "person"
    )
    if newest := before.order_by("-edition").first():
        _give_back(newest, actor, now)
        return newest
    return issue_certificate(person=person, type=type, period=period, actor=actor, now=now)


def take_back(
    *,
    person: Person,
    course_id: uuid.UUID,
    code: str,
    reason: str,
    authority: str,
    actor: Actor,
    now: datetime,
) -> int:
    """Revoke those that name the course and no longer hold. Returns how many.

    Reversed hours take a programme's, a voided course a post's and a teacher's. Whoever passed the same course another
    time keeps theirs.
    """
    lost = [
        certificate
        for certificate in _resting_on(person, course_id)
        if certificate.type.rule in _TAKEN_BY[code]
        and last_state(certificate).state in STANDING
        and not _still_holds(certificate, now)
    ]
    for certificate in lost:
        revoke_certificate(
            certificate=certificate,
            code=code,
            reason=reason,
            authority=authority or certificate.issuer_name,
            actor=actor,
            now=now,
        )
    return len(lost)


def give_back(*, person: Person, course_id: uuid.UUID, actor: Actor, now: datetime) -> int:
    """Reinstate those that were lost with this course and hold again. Returns how many."""
    return sum(_give_back(certificate, actor, now) for certificate in _resting_on(person, course_id))


def _give_back(certificate: Certificate, actor: Actor, now: datetime) -> bool:
    last = last_state(certificate)
    if last.state != Name.REVOKED or last.code not in _RESTORED or not _still_holds(certificate, now):
        return False
    if is_barred(certificate.person, timezone.localdate(now)):
        return False
    reinstate_certificate(
        certificate=certificate,
        reason=_("所依据的学习已重新有效"),
        authority=certificate.issuer_name,
        code=_RESTORED[last.code],
        actor=actor,
        now=now,
    )
    return True


def _resting_on(person: Person, course_id: uuid.UUID) -> list[Certificate]:
    """Newest editions of those whose frozen facts name the course. A person holds a handful: they are looked through."""
    rows = Certificate.objects.filter(person=person, type__rule__in=STAFF_RULES).select_related(
        "type__issuer", "person"
    )
    newest = {(row.type_id, row.period): row for row in rows.order_by("edition")}
    return [
        row
        for row in newest.values()
        if any(each.get("course") == str(course_id) for each in row.facts.get("courses", ()))
    ]


def _still_holds(certificate: Certificate, now: datetime) -> bool:
    """Whether the evidence still brings it, by what was asked when it was issued, as of then or as of now.

    What has become of the type, and of the teacher's post, is no matter.
    """
    kind = copy(certificate.type)
    kind.retired_at, kind.requirements = None, certificate.facts.get("asked", kind.requirements)
    if kind.rule == Rule.PROGRAMME:
        return _completed(certificate, kind, now)
    today, completed = timezone.localdate(now), date.fromisoformat(certificate.facts["passed_on"])
    end = min(today, date(int(certificate.period), 12, 31)) if certificate.period.isdigit() else today
    return any(weigh_requirements(certificate.person, kind, until).met for until in (completed, end))


def _completed(certificate: Certificate, type: CertificateType, now: datetime) -> bool:
    try:
        grounds_of(person=certificate.person, type=type, period=certificate.period, now=now)
    except Conflict as refusal:
        return refusal.code != "programme_incomplete"
    return True


def _held(person: Person, type: CertificateType, on: date) -> bool:
    """Whether one of the type is valid and stays so for a good while."""
    valid = Certificate.objects.valid_on(on).filter(person=person, type=type)
    return any(row.valid_until is None or row.valid_until - on > RENEWED_BEFORE for row in valid)
