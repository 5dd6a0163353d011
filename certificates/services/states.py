"""Revocation and reinstatement: states appended one at a time. Two officers at once: one takes the step."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certificates.models import Certificate, CertificateState, StateCode
from certificates.services import decisions
from certificates.services.issuing import refuse_barred
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people.access import require
from lms.people.models import Role
from lms.people.services import tell_person
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound

Name = CertificateState.Name
DECIDING_ROLES = (Role.COLLEGE_PUBLISHER, Role.BUREAU_APPROVER, Role.REGISTRAR, Role.CONFIRMING_REGISTRAR)
# What an officer may give as the reason; the other codes follow from something else that happened.
OFFICER_CODES = (StateCode.ERROR, StateCode.FRAUD)


def revoke_certificate(
    *,
    certificate: Certificate,
    code: str,
    reason: str,
    authority: str,
    actor: Actor,
    now: datetime,
    document: "File[bytes] | None" = None,
) -> CertificateState:
    """Revoke for good cause: ``code`` and ``authority`` are public, ``reason`` is for the file and the holder.

    ``document`` is the decision, kept for the file and the holder too. Refuses a certificate of another issuer or
    region (as unknown), one's own, one already revoked or superseded, a missing reason.
    """
    require_decider(certificate, actor)
    if code not in OFFICER_CODES and not actor.is_system:
        raise Invalid("code_unknown", gettext_lazy("请选择撤销原因。"), field="code")
    why = given(reason)
    content_type = decisions.checked(document)
    with transaction.atomic():
        last = last_state(certificate)
        if last.state in {Name.REVOKED, Name.SUPERSEDED}:
            raise already(last.state)
        step = append(
            certificate,
            after=last,
            state=Name.REVOKED,
            code=code,
            reason=why,
            authority=authority.strip() or actor.organisation_name,
            document=decisions.keep(document, content_type, actor=actor, now=now),
            actor=actor,
            now=now,
        )
        _announce("certificate.revoked", step, _("您的“%(title)s”已被撤销"), actor, now)
    return step


def reinstate_certificate(
    *,
    certificate: Certificate,
    reason: str,
    authority: str,
    actor: Actor,
    now: datetime,
    code: str = StateCode.REVIEWED,
) -> CertificateState:
    """Give a revoked certificate back. What a ban took comes back only when the ban is annulled."""
    require_decider(certificate, actor)
    why = given(reason)
    with transaction.atomic():
        last = last_state(certificate)
        if last.state != Name.REVOKED:
            raise Conflict("not_revoked", gettext_lazy("这份证书没有被撤销，不需要恢复。"))
        if last.code == StateCode.BAN:
            raise Conflict("revoked_by_ban", gettext_lazy("这份证书因禁入决定撤销，须由两名工作人员先撤销禁入决定。"))
        refuse_barred(certificate.person, timezone.localdate(now))
        step = append(
            certificate,
            after=last,
            state=Name.REINSTATED,
            code=code,
            reason=why,
            authority=authority.strip() or actor.organisation_name,
            actor=actor,
            now=now,
        )
        _announce("certificate.reinstated", step, _("您的“%(title)s”已恢复有效"), actor, now)
    return step


def last_state(certificate: Certificate) -> CertificateState:
    """The newest appended state; every certificate has at least the one it was issued with."""
    return certificate.states.order_by("-number")[0]


def append(
    certificate: Certificate, *, after: CertificateState, actor: Actor, now: datetime, **facts: Any
) -> CertificateState:
    """The next state, if nobody else took that number meanwhile."""
    try:
        with transaction.atomic():
            return CertificateState.objects.create(
                certificate=certificate, number=after.number + 1, by=actor.label, at=now, **facts
            )
    except IntegrityError:
        raise Conflict("changed_meanwhile", gettext_lazy("这份证书的状态刚刚被他人更改，请刷新后再试。")) from None


def already(state: str) -> Conflict:
    """A step was taken already, by oneself or by somebody else."""
    if state == Name.SUPERSEDED:
        return Conflict("superseded_already", gettext_lazy("这份证书已换发新证，请在新证上办理。"))
    return Conflict("revoked_already", gettext_lazy("这份证书已经撤销。"))


def require_decider(certificate: Certificate, actor: Actor) -> None:
    """The issuer's publisher, or an officer of the holder's region. Anybody else's certificate is unknown to them.

    Nobody decides over their own, whatever their office.
    """
    require(actor, *DECIDING_ROLES)
    if not actor.is_system and actor.person_id == certificate.person_id:
        raise NotAllowed("own_certificate", gettext_lazy("这是您本人的证书，须由其他工作人员办理。"))
    if not Certificate.objects.visible_to(actor).filter(pk=certificate.pk).exists():
        raise NotFound("certificate_unknown", gettext_lazy("没有找到这份证书。"))


def given(reason: str) -> str:
    """A tidy reason, or the refusal ``reason_missing``."""
    if not reason.strip():
        raise Invalid("reason_missing", gettext_lazy("请写明理由，持证人会看到。"), field="reason")
    return reason.strip()[:300]


def _announce(verb: str, step: CertificateState, title: str, actor: Actor, now: datetime) -> None:
    certificate = step.certificate
    changes = {"serial": certificate.serial, "code": step.code, "number": step.number, "authority": step.authority}
    record(
        verb=verb,
        actor=actor,
        now=now,
        subject=certificate,
        person_id=certificate.person_id,
        changes=changes,
        reason=step.reason,
    )
    tell_person(
        person=certificate.person,
        code=verb.replace(".", "_"),
        title=title % {"title": certificate.title},
        body=step.reason,
        url=reverse("certificates:mine"),
        urgent=step.state == Name.REVOKED,
        dedupe_key=f"{verb}:{step.pk}",
        now=now,
    )


def next_numbers(certificate_ids: list[UUID]) -> dict[UUID, int]:
    """The number each certificate's next state gets, in one query."""
    rows = CertificateState.objects.filter(certificate__in=certificate_ids).order_by("number")
    return {pk: number + 1 for pk, number in rows.values_list("certificate_id", "number")}
