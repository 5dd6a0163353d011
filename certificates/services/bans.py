"""What a ban takes and what its annulment gives back: every certificate of its subjects, set by set, in its own commit."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from certificates.models import Certificate, CertificateState, StateCode
from certificates.querysets import CertificateQuerySet
from certificates.services.states import Name, next_numbers
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.registry.models import BanCase, BanState, BanSubject, CaseState
from lms.registry.services import barred_ids


def taken_by_ban(*, subjects: Iterable[BanSubject]) -> CertificateQuerySet:
    """Certificates that a ban on these subjects would revoke."""
    return _held(subjects)


def revoke_for_ban(*, case: BanCase, subjects: Sequence[BanSubject], actor: Actor, now: datetime) -> int:
    """Revoke all certificates of the subjects, expired ones too. Returns how many; again it finds none."""
    taken = list(_held(subjects))
    _append(taken, state=Name.REVOKED, code=StateCode.BAN, case=case, actor=actor, now=now)
    return len(taken)


def reinstate_after_annulment(*, case: BanCase, subjects: Sequence[BanSubject], actor: Actor, now: datetime) -> int:
    """Give back what an annulled ban took, to those whom no other ban holds. Returns how many.

    Whom another ban still holds gets everything back when that one is annulled too: any certificate is given back that
    was taken by a case annulled by now.
    """
    persons = _persons(subjects)
    given = given_back(case=case, freed=persons - barred_ids(persons, timezone.localdate(now)))
    _append(given, state=Name.REINSTATED, code=StateCode.BAN_ANNULLED, case=case, actor=actor, now=now)
    return len(given)


def given_back(*, case: BanCase, freed: set[UUID]) -> list[Certificate]:
    """Certificates that come back to these persons once ``case`` is annulled."""
    annulled = BanState.objects.filter(state=CaseState.ANNULLED).values("case_id")
    by_ban = (
        Certificate.objects.filter(person__in=freed)
        .with_state()
        .filter(Q(state=Name.REVOKED, state_code=StateCode.BAN))
    )
    last = {
        state.certificate_id: state.cause_id
        for state in CertificateState.objects.filter(certificate__in=by_ban.values("pk")).order_by("number")
    }
    lifted = {case.pk, *annulled.filter(case_id__in=set(last.values())).values_list("case_id", flat=True)}
    return [certificate for certificate in by_ban if last[certificate.pk] in lifted]


def _persons(subjects: Iterable[BanSubject]) -> set[UUID]:
    return {subject.person_id for subject in subjects if subject.person_id}


def _held(subjects: Iterable[BanSubject]) -> CertificateQuerySet:
    held: CertificateQuerySet = Certificate.objects.filter(person__in=_persons(subjects)).standing()
    return held


def _append(
    certificates: Sequence[Certificate], *, state: str, code: str, case: BanCase, actor: Actor, now: datetime
) -> None:
    """One state a certificate, one event a person."""
    numbers = next_numbers([certificate.pk for certificate in certificates])
    reason = _("禁入决定 %(number)s") % {"number": case.number}
    CertificateState.objects.bulk_create(
        CertificateState(
            certificate=certificate,
            number=numbers[certificate.pk],
            state=state,
            code=code,
            cause_id=case.pk,
            reason=reason[:300],
            authority=case.authority,
            by=actor.label,
            at=now,
        )
        for certificate in certificates
    )
    serials: dict[UUID, list[str]] = {}
    for certificate in certificates:
        serials.setdefault(certificate.person_id, []).append(certificate.serial)
    for person_id, mine in serials.items():
        changes = {"serials": sorted(mine), "code": code, "case": case.number}
        record(verb=f"certificates.{state}", actor=actor, now=now, subject=case, person_id=person_id, changes=changes)
