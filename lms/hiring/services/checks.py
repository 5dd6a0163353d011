"""Asking whether a person may work with children. One question is one check, one audit event, one receipt.

The answer is decided by the document number together with the name; everything that only comes near is for a registrar
to decide. What may never happen: a look-up that the person can't see, or a refusal to hire that nobody decided.
"""

import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.audit.work import wake_on_commit
from lms.hiring.models import Check, CheckCandidate, IdempotentAnswer, Outcome, Purpose
from lms.hiring.services import clock, memory, news
from lms.people import vault
from lms.people.access import require
from lms.people.models import Organisation, OrganisationKind, OrganisationStatus, Person, Role
from lms.people.services import persons, tell_person
from lms.policy.pack import Pack
from lms.policy.services import pack_in_force
from lms.registry.services import current_list_version, screening_candidates
from lms.rules import names, screening
from lms.rules.chain import canonical
from lms.rules.identity import IdentityNumber, mask
from lms.rules.names import NameMatch
from lms.rules.refusals import Conflict, Invalid, NotFound

ASKING_ROLES = (Role.INSTITUTION_CHECKER, Role.INSTITUTION_MANAGER, "api_key")
# Beyond the rules of the screening: the number is held here under a name that is not the one asked about.
HOLDER_NAME_DIFFERS = "holder_name_differs"
LONGEST_KEY, LONGEST_REFERENCE = 128, 64


def check_person(
    *,
    institution: Organisation,
    name: str,
    document_type: str,
    document_number: str,
    date_of_birth: date | None = None,
    purpose: str,
    consent: bool,
    reference: str = "",
    actor: Actor,
    now: datetime,
    idempotency_key: str | None = None,
) -> Check:
    """Check one person against the list of bans, and say so to the person.

    Refuses institutions that are not admitted, a question without the person's consent or a known purpose, a name or
    a number that can't be one, and ``idempotency_conflict`` when the key already stands for another question. The
    same question under the same key, also twice at once, is one check.
    """
    require_asker(institution, actor)
    number = persons.read_number(document_type, document_number, timezone.localdate(now))
    tidy = names.validate(name)
    _require_terms(
        purpose=purpose,
        consent=consent,
        reference=reference,
        key=idempotency_key,
        number=number,
        date_of_birth=date_of_birth,
    )
    asked = {
        "name": tidy,
        "document": f"{number.type}:{number.canonical}",
        "date_of_birth": date_of_birth,
        "purpose": purpose,
        "reference": reference,
    }
    if idempotency_key and (answer := _answered(institution, idempotency_key, asked)):
        return answer
    try:
        with transaction.atomic():
            check = _ask(
                institution, tidy, number, date_of_birth, purpose=purpose, reference=reference, actor=actor, now=now
            )
            if idempotency_key:
                IdempotentAnswer.objects.create(
                    organisation=institution, key=idempotency_key, request_digest=_digest(asked), checked=check, at=now
                )
    except IntegrityError:
        # Two at once under one key: the other one's check stands, ours is undone.
        answer = _answered(institution, idempotency_key, asked) if idempotency_key else None
        if answer is None:
            raise
        return answer
    return check


def effective_outcome(check: Check) -> str:
    """What the check says by now: a registrar's decision replaces ``review`` for as long as it is not taken back."""
    if check.rule in {memory.SAME, memory.DIFFERENT}:
        return Outcome.REVIEW.value if memory.withdrawn(check) else str(check.outcome)
    # Only a possible match is ever decided by a registrar.
    decision = getattr(check, "decision", None) if check.outcome == Outcome.REVIEW else None
    return str(decision.outcome if decision and not hasattr(decision, "revocation") else check.outcome)


def is_current(check: Check, pack: Pack, on: date) -> bool:
    """Whether the check is clear and not older than the policy's limit on ``on`` (inclusive)."""
    made = timezone.localdate(check.checked_at)
    limit = made + timedelta(days=pack.hiring.check_valid_days)
    return effective_outcome(check) == Outcome.CLEAR and made <= on <= limit


def _ask(
    institution: Organisation,
    name: str,
    number: IdentityNumber,
    date_of_birth: date | None,
    *,
    purpose: str,
    reference: str,
    actor: Actor,
    now: datetime,
) -> Check:
    today = timezone.localdate(now)
    pack = pack_in_force(institution.region_code, today)
    version = current_list_version()  # before the list is read: the answer is never older than it says
    holder = persons.holder(number)
    candidates = screening_candidates(number=number, name=name, birth_date=date_of_birth, holder=holder, on=today)
    query = screening.Query(number.type, number.canonical, name, date_of_birth)
    result = screening.screen(query, candidates)
    recalled = memory.Recalled(str(result.outcome), str(result.rule), result.subject_ids)
    if result.outcome == screening.Outcome.REVIEW:
        recalled = memory.recall(number, name, result)
    outcome, rule = recalled.outcome, recalled.rule
    goes_by_name = holder is None or _goes_by(holder, name)
    if outcome == Outcome.CLEAR and not goes_by_name:
        outcome, rule = Outcome.REVIEW.value, HOLDER_NAME_DIFFERS
    sealed = vault.seal(number.canonical)
    check = Check.objects.create(
        institution=institution,
        asked_by=actor.label,
        purpose=purpose,
        consent=True,
        reference=reference,
        name=name,
        document_type=number.type.value,
        ciphertext=sealed.ciphertext,
        key_version=sealed.key_version,
        blind_index=vault.blind_index(number),
        masked=mask(number.type, number.canonical),
        date_of_birth=date_of_birth or number.birth_date,
        person=holder if goes_by_name else None,
        outcome=outcome,
        rule=rule,
        list_version=version,
        checked_at=now,
        valid_until=today + timedelta(days=pack.hiring.check_valid_days),
        receipt_token=secrets.token_urlsafe(32),
    )
    CheckCandidate.objects.bulk_create(
        CheckCandidate(checked=check, subject_id=subject, rule=rule) for subject in recalled.subject_ids
    )
    memory.keep(check, recalled.pairs)
    if outcome == Outcome.REVIEW:
        clock.open_review(check, pack)
    _make_known(check, holder, actor, now)
    return check


def _make_known(check: Check, holder: Person | None, actor: Actor, now: datetime) -> None:
    """The audit event that the person reads, their message, the registrars' where one must decide; the receipt's wake-up."""
    purpose = Purpose(check.purpose).label
    record(
        verb="person.looked_up",
        actor=actor,
        now=now,
        subject=check,
        person_id=holder.pk if holder else None,
        changes={"purpose": check.purpose, "institution": check.institution.name, "outcome": check.outcome},
    )
    if holder:
        tell_person(
            person=holder,
            code="person.looked_up",
            title=_("%(institution)s查询了您的从业禁入情况") % {"institution": check.institution.name},
            body=_("用途：%(purpose)s。如果您没有同意过这次查询，请向所在地卫生健康部门反映。") % {"purpose": purpose},
            url=reverse("people:lookups"),
            dedupe_key=f"lookup:{check.pk}",
            now=now,
        )
    if check.outcome == Outcome.REVIEW:
        news.tell_registrars(
            check.institution.region_code,
            code="check.review",
            title=_("一次入职核查等待人工核对"),
            body=_("%(institution)s的一次核查出现可能匹配，请核对后作出决定。")
            % {"institution": check.institution.name},
            url=reverse("hiring:review", args=[check.pk]),
            dedupe_key=f"review:{check.pk}",
            now=now,
        )
    wake_on_commit("lms.hiring.tasks.issue_receipt", str(check.pk))


def require_asker(institution: Organisation, actor: Actor) -> None:
    """Refuse whoever may not ask for this institution, and institutions that are not admitted."""
    require(actor, *ASKING_ROLES)
    if not actor.is_system and actor.organisation_id != institution.pk:
        raise NotFound("organisation_unknown", _("没有找到这家机构。"))
    if institution.kind != OrganisationKind.INSTITUTION or institution.status != OrganisationStatus.ADMITTED:
        raise Conflict("not_admitted", _("只有已准入的托育机构可以核查。"))


def _require_terms(
    *,
    purpose: str,
    consent: bool,
    reference: str,
    key: str | None,
    number: IdentityNumber,
    date_of_birth: date | None,
) -> None:
    if purpose not in Purpose.values:
        raise Invalid("purpose_unknown", _("请选择核查用途。"), field="purpose")
    if consent is not True:
        raise Invalid("consent_required", _("核查前须取得本人同意。"), field="consent")
    if date_of_birth and number.birth_date and date_of_birth != number.birth_date:
        raise Invalid("date_of_birth_differs", _("出生日期与证件号码中的不一致，请核对。"), field="date_of_birth")
    if len(reference) > LONGEST_REFERENCE:
        raise Invalid("too_long", _("内部编号最多 %(most)s 个字符。"), field="reference", most=LONGEST_REFERENCE)
    if key is not None and len(key) > LONGEST_KEY:
        raise Invalid("idempotency_key", _("Idempotency-Key 最多 %(most)s 个字符。"), most=LONGEST_KEY)


def _goes_by(person: Person, name: str) -> bool:
    # Names they had before are read only when the present one does not do.
    known = chain([person.name], person.previous_names.values_list("name", flat=True))
    return any(names.compare(name, one) >= NameMatch.HOMOPHONE for one in known)


def _answered(institution: Organisation, key: str, asked: Mapping[str, Any]) -> Check | None:
    """The check this key stands for. Refuses the key for another question than the one it was made for."""
    answer = IdempotentAnswer.objects.filter(organisation=institution, key=key).first()
    if answer is None:
        return None
    if not any(answer.request_digest == _digest(asked, version) for version in settings.IDENTITY_KEYS):
        raise Conflict("idempotency_conflict", _("这个 Idempotency-Key 已用于另一个请求。"))
    return Check.objects.select_related("institution", "list_version", "decision__revocation").get(pk=answer.checked_id)


def _digest(asked: Mapping[str, Any], version: int | None = None) -> str:
    """Keyed: the request holds an identity number."""
    return vault.keyed_digest(canonical(dict(asked)), purpose="idempotency", version=version)
