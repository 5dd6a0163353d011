"""Certificates issued elsewhere. One counts only after somebody entitled, never its holder, has verified it."""

import unicodedata
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people.models import Person, Qualification, Role
from lms.people.querysets import BUREAU_ROLES
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound

VERIFYING_ROLES = (*sorted(BUREAU_ROLES), Role.INSTITUTION_MANAGER)


def record_qualification(
    *,
    person: Person,
    kind: str,
    level: str,
    number: str,
    issued_on: date,
    issuer: str,
    valid_to: date | None,
    actor: Actor,
    now: datetime,
) -> Qualification:
    """Enter a certificate, by its holder, the employer or a bureau. The same one entered twice is one row.

    Refuses a number that somebody else entered (``qualification_held``), dates in the future or reversed.
    """
    _require_visible(person, actor)
    if kind not in Qualification.Kind.values:
        raise Invalid("qualification_kind", _("请选择证书种类。"), field="kind")
    tidy = "".join(unicodedata.normalize("NFKC", number).upper().split())
    if not tidy:
        raise Invalid("qualification_number", _("请填写证书编号。"), field="number")
    if issued_on > timezone.localdate(now):
        raise Invalid("date_in_future", _("发证日期不能晚于今天。"), field="issued_on")
    if valid_to and valid_to < issued_on:
        raise Invalid("dates_reversed", _("有效期不能早于发证日期。"), field="valid_to")
    row = Qualification(
        person=person,
        kind=kind,
        level=level,
        number=tidy,
        issued_on=issued_on,
        issuer=issuer.strip(),
        valid_to=valid_to,
    )
    with transaction.atomic():
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            return _own_or_held(person, kind, tidy)
        changes = {"kind": kind, "level": level}
        record(verb="qualification.recorded", actor=actor, now=now, subject=row, person_id=person.pk, changes=changes)
    return row


def verify_qualification(*, qualification: Qualification, actor: Actor, now: datetime) -> Qualification:
    """Confirm that the certificate was seen and is genuine. Verified twice, the first verification stands.

    Refuses the holder (``own_qualification``), and whoever may not see the holder.
    """
    if not actor.is_system and actor.role not in VERIFYING_ROLES:
        raise NotAllowed("role_required", _("您当前的角色不能核验证书。"))
    _require_visible(qualification.person, actor)
    if actor.person_id == qualification.person_id:
        raise NotAllowed("own_qualification", _("不能核验本人的证书。"))
    officer = actor.id if actor.kind == "user" else None
    with transaction.atomic():
        waiting = Qualification.objects.filter(pk=qualification.pk, verified_at=None)
        first = waiting.update(verified_by=officer, verified_at=now)
        qualification.refresh_from_db()
        if first:
            record(
                verb="qualification.verified",
                actor=actor,
                now=now,
                subject=qualification,
                person_id=qualification.person_id,
            )
    return qualification


def _own_or_held(person: Person, kind: str, number: str) -> Qualification:
    row = Qualification.objects.get(kind=kind, number=number)
    if row.person_id == person.pk:
        return row
    raise Conflict(
        "qualification_held", _("这个证书编号已有登记，请核对编号；确认无误的，请联系所在地主管部门。"), field="number"
    )


def _require_visible(person: Person, actor: Actor) -> None:
    if not Person.objects.visible_to(actor).filter(pk=person.pk).exists():
        raise NotFound("person_unknown", _("没有找到这位人员。"))
