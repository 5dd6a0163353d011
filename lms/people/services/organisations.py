"""Colleges and institutions apply; the bureau of their region admits or refuses them. Nothing of theirs is seen before."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people import signals
from lms.people.access import require
from lms.people.models import (
    AdmissionDecision,
    Membership,
    Organisation,
    OrganisationKind,
    OrganisationStatus,
    Role,
    User,
)
from lms.people.services.accounts import draft_account, insert_account, tidy_phone
from lms.people.services.messages import tell
from lms.people.services.persons import known_region
from lms.rules import credit_code as credit_codes
from lms.rules import names, regions
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound

# Who speaks for an applicant once it is admitted.
FIRST_ROLE = {
    OrganisationKind.INSTITUTION: Role.INSTITUTION_MANAGER,
    OrganisationKind.COLLEGE: Role.COLLEGE_PUBLISHER,
    OrganisationKind.TRAINING_BASE: Role.COLLEGE_PUBLISHER,
}
# The health bureau admits those who employ, the human-resources bureau those who train.
ADMITTING_ROLES = {
    OrganisationKind.INSTITUTION: (Role.REGISTRAR, Role.CONFIRMING_REGISTRAR, Role.ADMINISTRATOR),
    OrganisationKind.COLLEGE: (Role.BUREAU_AUDITOR, Role.BUREAU_APPROVER, Role.ADMINISTRATOR),
    OrganisationKind.TRAINING_BASE: (Role.BUREAU_AUDITOR, Role.BUREAU_APPROVER, Role.ADMINISTRATOR),
}
BUREAU_KINDS = (OrganisationKind.HEALTH_BUREAU, OrganisationKind.HR_BUREAU)


def admitted_kinds(role: str) -> list[str]:
    """The kinds of organisation this role decides on."""
    return [kind.value for kind, roles in ADMITTING_ROLES.items() if role in roles]


def apply_organisation(
    *,
    kind: str,
    name: str,
    credit_code: str,
    region_code: str,
    contact_name: str,
    contact_phone: str,
    username: str,
    password: str,
    now: datetime,
    address: str = "",
) -> Organisation:
    """Apply for admission, and open the account that will speak for the organisation.

    A credit code that fails the check digit of GB 32100 is taken with a warning for the bureau. Refuses a code that
    is none, ``credit_code_taken``, ``username_taken``, and kinds that do not apply here (bureaus).
    """
    if kind not in FIRST_ROLE:
        raise Invalid("organisation_kind", _("请选择申请的机构类型。"), field="kind")
    organisation = _drafted(kind, name, credit_code, region_code, now)
    organisation.contact_name = names.validate(contact_name)
    organisation.contact_phone, organisation.address = tidy_phone(contact_phone), address.strip()
    user = draft_account(username=username, phone=contact_phone, password=password, name=organisation.contact_name)
    actor = Actor(kind="user", label=user.username, id=user.pk)
    with transaction.atomic():
        _insert(organisation)
        insert_account(user)
        role = FIRST_ROLE[OrganisationKind(kind)]
        Membership.objects.create(user=user, organisation=organisation, role=role, from_at=now)
        changes = {"kind": kind, "region_code": region_code, "credit_code_warning": organisation.credit_code_warning}
        record(verb="organisation.applied", actor=actor, now=now, subject=organisation, changes=changes)
    return organisation


def found_bureau(
    *, kind: str, name: str, region_code: str, actor: Actor, now: datetime, credit_code: str | None = None
) -> Organisation:
    """Enter a health or human-resources bureau: it is admitted by being entered. Only the platform may."""
    require(actor, Role.ADMINISTRATOR)
    if kind not in BUREAU_KINDS:
        raise Invalid("organisation_kind", _("这里只登记主管部门。"), field="kind")
    organisation = _drafted(kind, name, credit_code, region_code, now)
    organisation.status = OrganisationStatus.ADMITTED
    with transaction.atomic():
        _insert(organisation)
        record(verb="bureau.founded", actor=actor, now=now, subject=organisation, changes={"kind": kind})
        signals.organisation_admitted.send(Organisation, organisation=organisation, actor=actor, now=now)
    return organisation


def decide_admission(
    *, organisation: Organisation, admit: bool, reason: str, actor: Actor, now: datetime
) -> Organisation:
    """Admit or refuse an applicant. A refusal needs a reason the applicant can act on.

    Refuses an officer of another bureau or region, and ``decided_already`` where another officer was first. On
    admission the roles of the organisation's accounts begin to act, and are announced.
    """
    _require_authority(organisation, actor)
    if not admit and not reason.strip():
        raise Invalid("reason_required", _("不予准入时请写明理由，申请人据此补正。"), field="reason")
    status = OrganisationStatus.ADMITTED if admit else OrganisationStatus.REFUSED
    with transaction.atomic():
        waiting = Organisation.objects.filter(pk=organisation.pk, status=OrganisationStatus.APPLIED)
        if not waiting.update(status=status):
            raise Conflict("decided_already", _("这份申请已经有了决定，请刷新页面查看。"))
        organisation.refresh_from_db()
        _append(organisation, status, reason, actor, now)
        verb = "organisation.admitted" if admit else "organisation.refused"
        record(verb=verb, actor=actor, now=now, subject=organisation, reason=reason)
        if admit:
            signals.organisation_admitted.send(Organisation, organisation=organisation, actor=actor, now=now)
            for membership in organisation.memberships.open(now).select_related("user", "organisation"):
                signals.membership_granted.send(Membership, membership=membership, actor=actor, now=now)
        _tell_applicant(organisation, admit, reason, now)
    return organisation


def resubmit_application(*, organisation: Organisation, actor: Actor, now: datetime) -> Organisation:
    """Put a refused application back into the queue, after the applicant has completed it."""
    require_applicant(organisation, actor)
    with transaction.atomic():
        refused = Organisation.objects.filter(pk=organisation.pk, status=OrganisationStatus.REFUSED)
        if not refused.update(status=OrganisationStatus.APPLIED):
            raise Conflict("not_refused", _("只有未通过的申请可以重新提交。"))
        organisation.refresh_from_db()
        _append(organisation, OrganisationStatus.APPLIED, "", actor, now)
        record(verb="organisation.applied_again", actor=actor, now=now, subject=organisation)
    return organisation


def require_applicant(organisation: Organisation, actor: Actor) -> None:
    """Only an account of this organisation speaks for its application."""
    own = organisation.memberships.filter(to_at=None, user_id__in=[actor.id] if actor.id else [])
    if actor.is_system or own.exists():
        return
    raise NotFound("organisation_unknown", _("没有找到这家机构。"))


def _drafted(kind: str, name: str, credit_code: str | None, region_code: str, now: datetime) -> Organisation:
    tidy = " ".join(name.split())
    if len(tidy) < 2 or tidy.startswith(("=", "+", "-", "@")):
        raise Invalid("organisation_name", _("请填写机构全称，与登记证书一致。"), field="name")
    code = credit_codes.parse(credit_code) if credit_code is not None else None
    return Organisation(
        kind=kind,
        name=tidy,
        credit_code=code.canonical if code else None,
        credit_code_warning=bool(code and not code.check_digit_ok),
        region_code=known_region(region_code),
        created_at=now,
    )


def _insert(organisation: Organisation) -> None:
    try:
        with transaction.atomic():
            organisation.save(force_insert=True)
    except IntegrityError:
        sentence = _("这个统一社会信用代码已有申请或登记。请用原账号登录查看，或与所在地主管部门联系。")
        raise Conflict("credit_code_taken", sentence, field="credit_code") from None


def _require_authority(organisation: Organisation, actor: Actor) -> None:
    if actor.is_system:
        return
    if not regions_cover(actor, organisation.region_code):
        raise NotFound("organisation_unknown", _("没有找到这家机构。"))
    if actor.role not in ADMITTING_ROLES.get(OrganisationKind(organisation.kind), ()):
        raise NotAllowed("role_required", _("托育机构由卫生健康部门准入，培训院校由人力资源社会保障部门准入。"))


def regions_cover(actor: Actor, region_code: str) -> bool:
    """Whether the place lies within the actor's region; an actor without a region has none."""
    return bool(actor.region_code) and regions.covers(actor.region_code, region_code)


def _append(organisation: Organisation, status: str, reason: str, actor: Actor, now: datetime) -> None:
    officer = actor.id if actor.kind == "user" else None
    AdmissionDecision.objects.create(
        organisation=organisation, status=status, reason=reason, decided_by_id=officer, at=now
    )


def _tell_applicant(organisation: Organisation, admit: bool, reason: str, now: datetime) -> None:
    title = _("准入申请已通过") if admit else _("准入申请未通过")
    body = reason or _("现在可以使用全部功能。")
    for user in User.objects.filter(memberships__organisation=organisation, memberships__to_at=None).distinct():
        tell(user=user, code="admission.decided", title=title, body=body, url=reverse("people:application"), now=now)
