"""Roles over time: who may act for which organisation, granted and ended by those entitled to."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people import signals
from lms.people.models import Membership, Organisation, OrganisationKind, OrganisationStatus, Role, User
from lms.people.services.accounts import draft_account, insert_account
from lms.people.services.organisations import regions_cover
from lms.rules import names
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound

_TRAINERS = (OrganisationKind.COLLEGE, OrganisationKind.TRAINING_BASE)
_BUREAUS = (OrganisationKind.HR_BUREAU, OrganisationKind.HEALTH_BUREAU)
# Which kind of organisation has which roles to give.
KINDS_OF_ROLE: dict[str, tuple[str, ...]] = {
    Role.COLLEGE_AUTHOR: _TRAINERS,
    Role.COLLEGE_TEACHER: _TRAINERS,
    Role.COLLEGE_PUBLISHER: _TRAINERS,
    Role.INSTITUTION_CHECKER: (OrganisationKind.INSTITUTION,),
    Role.INSTITUTION_MANAGER: (OrganisationKind.INSTITUTION,),
    Role.BUREAU_AUDITOR: (OrganisationKind.HR_BUREAU,),
    Role.BUREAU_APPROVER: (OrganisationKind.HR_BUREAU,),
    Role.REGISTRAR: (OrganisationKind.HEALTH_BUREAU,),
    Role.CONFIRMING_REGISTRAR: (OrganisationKind.HEALTH_BUREAU,),
    Role.ADMINISTRATOR: _BUREAUS,
}
# Who manages the members of their own organisation.
MANAGING_ROLES = (Role.INSTITUTION_MANAGER, Role.COLLEGE_PUBLISHER)


def roles_of_kind(kind: str) -> list[Role]:
    """The roles an organisation of this kind has to give."""
    return [Role(role) for role, kinds in KINDS_OF_ROLE.items() if kind in kinds]


def grant_role(*, user: User, role: str, organisation: Organisation | None, actor: Actor, now: datetime) -> Membership:
    """Give a user a role from now on; the same role given twice is one membership.

    A manager gives roles of the own organisation, an administrator those of the own region, the practitioner's role
    needs no organisation. Refuses a role the organisation does not have, and organisations that are not admitted.
    """
    _require_authority(organisation, actor)
    _require_fit(role, organisation)
    with transaction.atomic():
        known = Membership.objects.filter(user=user, organisation=organisation, role=role, to_at=None)
        existing = known.first()
        if existing:
            return existing
        try:
            with transaction.atomic():
                membership = Membership.objects.create(user=user, organisation=organisation, role=role, from_at=now)
        except IntegrityError:
            return known.get()
        changes = {"user": user.username, "role": role}
        record(verb="membership.granted", actor=actor, now=now, subject=membership, changes=changes)
        signals.membership_granted.send(Membership, membership=membership, actor=actor, now=now)
    return membership


def add_member(
    *,
    organisation: Organisation,
    role: str,
    username: str,
    name: str,
    phone: str,
    password: str,
    actor: Actor,
    now: datetime,
) -> Membership:
    """Open an account for a colleague and give it a role in one step. Refuses as ``grant_role`` does."""
    _require_authority(organisation, actor)
    _require_fit(role, organisation)
    user = draft_account(username=username, phone=phone, password=password, name=names.validate(name))
    with transaction.atomic():
        insert_account(user)
        record(verb="account.opened", actor=actor, now=now, subject=user, changes={"user": user.username})
        return grant_role(user=user, role=role, organisation=organisation, actor=actor, now=now)


def end_role(*, membership: Membership, actor: Actor, now: datetime) -> Membership:
    """End a role from now on. Refuses ``ended_already``, and to leave an organisation without anyone to manage it."""
    _require_authority(membership.organisation, actor)
    with transaction.atomic():
        if membership.organisation_id and membership.role in MANAGING_ROLES and not actor.is_system:
            Organisation.objects.select_for_update().get(pk=membership.organisation_id)
            others = Membership.objects.open(now).filter(organisation=membership.organisation_id, role=membership.role)
            if not others.exclude(pk=membership.pk).exists():
                raise Conflict("last_manager", _("这是本机构最后一位管理者，请先指定另一位。"))
        if not Membership.objects.filter(pk=membership.pk, to_at=None).update(to_at=now):
            raise Conflict("ended_already", _("这个角色已经停用。"))
        membership.refresh_from_db()
        changes = {"user": membership.user.username, "role": membership.role}
        record(verb="membership.ended", actor=actor, now=now, subject=membership, changes=changes)
        signals.membership_ended.send(Membership, membership=membership, actor=actor, now=now)
    return membership


def _require_fit(role: str, organisation: Organisation | None) -> None:
    if organisation is None and role == Role.PRACTITIONER:
        return
    if organisation is None or organisation.kind not in KINDS_OF_ROLE.get(role, ()):
        raise Invalid("role_unfit", _("这类机构没有这个角色。"), field="role")
    if organisation.status != OrganisationStatus.ADMITTED:
        raise Conflict("not_admitted", _("机构尚未准入，还不能设置成员。"))


def _require_authority(organisation: Organisation | None, actor: Actor) -> None:
    if actor.is_system:
        return
    if organisation is not None and actor.organisation_id == organisation.pk and actor.role in MANAGING_ROLES:
        return
    if actor.role != Role.ADMINISTRATOR:
        raise NotAllowed("role_required", _("只有机构负责人或平台管理员可以管理成员。"))
    if organisation is not None and not regions_cover(actor, organisation.region_code):
        raise NotFound("organisation_unknown", _("没有找到这家机构。"))
