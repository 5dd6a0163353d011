"""What certificates do when news comes up from below: passed courses, credited and reversed hours, bans.

All of it happens inside the transaction that brought the news. A certificate that can't be issued never undoes the
learning it would certify: the refusal is told to the holder where they can do something about it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certificates.models import Certificate, CertificateType, Rule, StateCode
from certificates.services import (
    given_back,
    issue_annual_certificate,
    issue_course_certificate,
    reinstate_after_annulment,
    reinstate_certificate,
    revoke_certificate,
    revoke_for_ban,
    taken_by_ban,
)
from certificates.services.following import due_after_hours, due_after_pass, give_back, issue_following, take_back
from certificates.services.states import Name, last_state
from courses.learning.models import CourseCompletion, Enrolment
from courses.learning.signals import course_passed, course_restored, course_voided
from lms.audit.actors import Actor
from lms.ledger.models import HourEntry
from lms.ledger.services import local_day, standing
from lms.ledger.signals import hours_credited, hours_reversed
from lms.people.models import Person
from lms.people.services import tell_person
from lms.registry.effects import Consequence, Item
from lms.registry.models import BanCase, BanSubject
from lms.registry.signals import annulment_consequences, ban_annulled, ban_consequences, ban_in_force
from lms.rules.refusals import Refusal

ISSUER = "issue-certificates"
# The holder can't do anything about the others, or knows them already.
WORTH_TELLING = ("glyph_missing",)


def _job(actor: Actor) -> Actor:
    return Actor(kind="system", label=ISSUER, request_id=actor.request_id)


@receiver(course_passed, dispatch_uid="certificates.course_passed")
def on_course_passed(
    enrolment: Enrolment, completion: CourseCompletion, actor: Actor, now: datetime, **_extra: Any
) -> None:
    """A passed course is certified by its college."""
    _try(
        lambda: issue_course_certificate(enrolment=enrolment, actor=_job(actor), now=now),
        person=enrolment.person,
        news=f"course:{enrolment.pk}",
        now=now,
    )


@receiver(hours_credited, dispatch_uid="certificates.hours_credited")
def on_hours_credited(entry: HourEntry, actor: Actor, now: datetime, **_extra: Any) -> None:
    """With the hour that completes a year comes the year's certificate; one lost with its hours comes back."""
    if not _met(entry, now):
        return
    annual = _annual(entry)
    if annual is None:
        _try(
            lambda: issue_annual_certificate(person=entry.person, year=entry.year, actor=_job(actor), now=now),
            person=entry.person,
            news=f"annual:{entry.year}",
            now=now,
        )
        return
    last = last_state(annual)
    if last.state == Name.REVOKED and last.code == StateCode.HOURS_REVERSED:
        _try(
            lambda: reinstate_certificate(
                certificate=annual,
                reason=_("学时已重新达标"),
                authority=annual.issuer_name,
                code=StateCode.HOURS_RESTORED,
                actor=_job(actor),
                now=now,
            ),
            person=entry.person,
            news=f"annual:{entry.year}",
            now=now,
        )


@receiver(hours_reversed, dispatch_uid="certificates.hours_reversed")
def on_hours_reversed(entry: HourEntry, actor: Actor, now: datetime, **_extra: Any) -> None:
    """A year's certificate does not outlive the hours it rests on."""
    annual = _annual(entry)
    if annual is None or last_state(annual).state not in _STANDING or _met(entry, now):
        return
    revoke_certificate(
        certificate=annual,
        code=StateCode.HOURS_REVERSED,
        reason=entry.reason,
        authority=actor.organisation_name or annual.issuer_name,
        actor=_job(actor),
        now=now,
    )


@receiver(course_voided, dispatch_uid="certificates.course_voided")
def on_course_voided(
    enrolment: Enrolment, reason: str, authority: str, actor: Actor, now: datetime, **_extra: Any
) -> None:
    """A course's certificate does not outlive what was learned for it."""
    held = _of_course(enrolment)
    if held is None or last_state(held).state not in _STANDING:
        return
    revoke_certificate(
        certificate=held,
        code=StateCode.COURSE_VOIDED,
        reason=reason,
        authority=authority or held.issuer_name,
        actor=_job(actor),
        now=now,
    )


@receiver(course_restored, dispatch_uid="certificates.course_restored")
def on_course_restored(
    enrolment: Enrolment, reason: str, authority: str, actor: Actor, now: datetime, **_extra: Any
) -> None:
    """An appeal that is granted gives the course's certificate back; what an officer or a ban took stays taken."""
    held = _of_course(enrolment)
    if held is None:
        return
    last = last_state(held)
    if last.state == Name.REVOKED and last.code == StateCode.COURSE_VOIDED:
        _try(
            lambda: reinstate_certificate(
                certificate=held,
                reason=reason,
                authority=authority or held.issuer_name,
                code=StateCode.COURSE_RESTORED,
                actor=_job(actor),
                now=now,
            ),
            person=enrolment.person,
            news=f"course:{enrolment.pk}",
            now=now,
        )


@receiver(hours_credited, dispatch_uid="certificates.programme_hours_credited")
def on_hours_of_a_programme(entry: HourEntry, actor: Actor, now: datetime, **_extra: Any) -> None:
    """With the last course of a programme comes its certificate."""
    _follow(entry.person, due_after_hours(entry), actor, now)


@receiver(hours_reversed, dispatch_uid="certificates.programme_hours_reversed")
def on_hours_of_a_programme_reversed(entry: HourEntry, actor: Actor, now: datetime, **_extra: Any) -> None:
    """A programme's certificate does not outlive the hours it rests on."""
    if entry.course_id:
        take_back(
            person=entry.person,
            course_id=entry.course_id,
            code=StateCode.HOURS_REVERSED,
            reason=entry.reason,
            authority=actor.organisation_name,
            actor=_job(actor),
            now=now,
        )


@receiver(course_passed, dispatch_uid="certificates.post_course_passed")
def on_course_of_a_post(enrolment: Enrolment, actor: Actor, now: datetime, **_extra: Any) -> None:
    """With the last course a post or teaching asks for comes its certificate."""
    _follow(enrolment.person, due_after_pass(enrolment, now), actor, now)


@receiver(course_voided, dispatch_uid="certificates.post_course_voided")
def on_course_of_a_post_voided(
    enrolment: Enrolment, reason: str, authority: str, actor: Actor, now: datetime, **_extra: Any
) -> None:
    """Nor do a post's and a teacher's outlive the courses they rest on."""
    take_back(
        person=enrolment.person,
        course_id=enrolment.release.course_id,
        code=StateCode.COURSE_VOIDED,
        reason=reason,
        authority=authority,
        actor=_job(actor),
        now=now,
    )


@receiver(course_restored, dispatch_uid="certificates.post_course_restored")
def on_course_of_a_post_restored(enrolment: Enrolment, actor: Actor, now: datetime, **_extra: Any) -> None:
    """An appeal that is granted gives back what was lost, and brings what it had held up."""
    give_back(person=enrolment.person, course_id=enrolment.release.course_id, actor=_job(actor), now=now)
    _follow(enrolment.person, due_after_pass(enrolment, now), actor, now)


@receiver(ban_in_force, dispatch_uid="certificates.ban_in_force")
def on_ban(case: BanCase, subjects: Sequence[BanSubject], actor: Actor, now: datetime, **_extra: Any) -> None:
    revoke_for_ban(case=case, subjects=subjects, actor=actor, now=now)


@receiver(ban_annulled, dispatch_uid="certificates.ban_annulled")
def on_annulment(case: BanCase, subjects: Sequence[BanSubject], actor: Actor, now: datetime, **_extra: Any) -> None:
    reinstate_after_annulment(case=case, subjects=subjects, actor=actor, now=now)


@receiver(ban_consequences, dispatch_uid="certificates.ban_consequences")
def on_consequences(subjects: Sequence[BanSubject], **_extra: Any) -> list[Consequence]:
    """Certificates a ban would revoke."""
    held = taken_by_ban(subjects=subjects)
    return [Consequence("certificates_revoked", gettext_lazy("份证书将被撤销"), [_item(one) for one in held])]


@receiver(annulment_consequences, dispatch_uid="certificates.annulment_consequences")
def on_annulment_consequences(case: BanCase, freed: set[UUID], **_extra: Any) -> list[Consequence]:
    """Certificates an annulment would give back."""
    back = given_back(case=case, freed=freed)
    label = gettext_lazy("份因本案撤销的证书恢复有效（另有原因的除外）")
    return [Consequence("certificates_reinstated", label, [_item(one) for one in back])]


def _item(certificate: Certificate) -> Item:
    told = f"{certificate.holder_name} · {certificate.title} · {certificate.serial}"
    return Item(told, certificate.region_code, certificate.person_id)


_STANDING = frozenset({Name.ISSUED.value, Name.REINSTATED.value})


def _annual(entry: HourEntry) -> Certificate | None:
    """The newest edition of the year's certificate."""
    found = Certificate.objects.filter(person=entry.person, period=str(entry.year), type__rule=Rule.ANNUAL_REQUIREMENT)
    return found.select_related("person").order_by("-edition").first()


def _of_course(enrolment: Enrolment) -> Certificate | None:
    """The newest edition of the course's certificate."""
    found = Certificate.objects.filter(enrolment_id=enrolment.pk, type__rule=Rule.COURSE_PASSED)
    return found.select_related("person").order_by("-edition").first()


def _met(entry: HourEntry, now: datetime) -> bool:
    verdict = standing(person=entry.person, year=entry.year, on=local_day(now))
    return bool(verdict.lines) and verdict.met


def _follow(person: Person, due: Sequence[tuple[CertificateType, str]], actor: Actor, now: datetime) -> None:
    for kind, period in due:
        _try(
            partial(issue_following, person=person, type=kind, period=period, actor=_job(actor), now=now),
            person=person,
            news=f"{kind.key}:{period}",
            now=now,
        )


def _try(issue: Callable[[], Any], *, person: Person, news: str, now: datetime) -> None:
    try:
        issue()
    except Refusal as refusal:
        if refusal.code in WORTH_TELLING:
            tell_person(
                person=person,
                code="certificate_waits",
                title=_("您的证书暂时不能签发"),
                body=f"{refusal}{_('学时已经记录，不受影响。请到所在地卫生健康部门核对登记的姓名，更正后在“证书”中领取。')}",
                url=reverse("certificates:mine"),
                dedupe_key=f"certificate_waits:{news}",
                now=now,
            )
