"""Employment starts on a clear check, and where the policy says so, on a certificate.

What may never happen: a banned person on a roster because somebody was in a hurry.
"""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certificates.models import Certificate, Rule
from lms.audit.actors import Actor
from lms.hiring.models import Check
from lms.hiring.services.checks import is_current
from lms.people import vault
from lms.people.models import Employment, Organisation, Person, Qualification
from lms.people.services import find_person, record_employment, register_person
from lms.policy.services import pack_in_force
from lms.registry.services import barred_ids, is_barred
from lms.rules.refusals import Conflict, NotFound


def start_employment(
    *,
    institution: Organisation,
    person: Person | None = None,
    checked: Check | None = None,
    post: str,
    from_date: date,
    manager: Person | None = None,
    actor: Actor,
    now: datetime,
) -> Employment:
    """Put somebody on the roster from ``from_date`` (inclusive), on a clear check of this institution.

    Give the check, or the person (their newest check counts). Somebody not known here yet is registered with the
    identity of the check. Refuses ``barred``, ``check_required`` (none, not clear, or older than the policy's limit)
    and ``certificate_required``.
    """
    day = max(from_date, timezone.localdate(now))
    pack = pack_in_force(institution.region_code, day)
    check = _own_check(institution, person, checked)
    with transaction.atomic():
        someone = person or check.person or _register(check, institution, actor, now)
        if is_barred(someone, day):
            raise Conflict("barred", _("此人在禁入名单上，不能录用。"))
        if not is_current(check, pack, day):
            raise _check_required()
        if post in pack.hiring.certificate_required_posts and not certified_ids([someone.pk], day):
            raise Conflict(
                "certificate_required",
                _("这个岗位须持证上岗：请本人先注册并登记职业资格，经核验后再办理；或取得年度合格证书。"),
            )
        return record_employment(
            person=someone,
            institution=institution,
            post=post,
            from_date=from_date,
            manager=manager,
            check_id=check.pk,
            actor=actor,
            now=now,
        )


def certified_ids(person_ids: Iterable[UUID], on: date) -> set[UUID]:
    """Which of these persons are certified on ``on``: they hold a certificate, and nobody barred is certified."""
    holding = holding_ids(person_ids, on)
    return holding - barred_ids(holding, on)


def holding_ids(person_ids: Iterable[UUID], on: date) -> set[UUID]:
    """Which of these persons hold a verified qualification or a valid annual certificate. Two queries for any number."""
    wanted = list(person_ids)
    issued = Certificate.objects.valid_on(on).filter(person_id__in=wanted, type__rule=Rule.ANNUAL_REQUIREMENT)
    verified = Qualification.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=on), person_id__in=wanted, verified_at__isnull=False
    )
    return {*issued.values_list("person_id", flat=True), *verified.values_list("person_id", flat=True)}


def _own_check(institution: Organisation, person: Person | None, checked: Check | None) -> Check:
    """The check given, or the newest about this person; always one that this institution made."""
    own = (
        Check.objects.filter(institution=institution)
        .select_related("person", "decision__revocation")
        .order_by("-checked_at")
    )
    if checked is not None:
        own = own.filter(pk=checked.pk)
    elif person is not None:
        own = own.filter(person=person)
    else:
        own = own.none()
    check = own.first()
    if check is None:
        raise _check_required()
    if person is not None and check.person_id is not None and check.person_id != person.pk:
        raise NotFound("check_unknown", _("没有找到这次核查。"))
    return check


def _register(check: Check, institution: Organisation, actor: Actor, now: datetime) -> Person:
    """The person the check was about: known by now, or registered with the identity the check was made with."""
    number = vault.unseal(check.ciphertext, check.key_version)
    known = find_person(document_type=check.document_type, document_number=number)
    return known or register_person(
        name=check.name,
        document_type=check.document_type,
        document_number=number,
        birth_date=check.date_of_birth,
        region_code=institution.region_code,
        actor=actor,
        now=now,
    )


def _check_required() -> Conflict:
    return Conflict("check_required", _("须先核查：没有结果为“未见禁入”且仍在有效期内的核查。"))
