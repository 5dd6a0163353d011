"""Whom a case names. Editable while the case is a draft; settled, and fixed, when it comes into force."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people import vault
from lms.people.models import Employment, Person, Role
from lms.people.querysets import in_region
from lms.people.services import direct_managers_on, find_person, note_look_up
from lms.people.services.persons import holders
from lms.registry.models import (
    BanCase,
    BanKind,
    BanSubject,
    SubjectRole,
)
from lms.registry.services import steps
from lms.registry.services.finding import index
from lms.registry.services.known import known_names, number_of, unsealed
from lms.rules import names
from lms.rules.identity import DocumentType, IdentityNumber, mask, parse
from lms.rules.names import NameMatch
from lms.rules.refusals import Conflict, Invalid, NotFound

MOST_NAMED = 20
CHUNK = 1000


@dataclass(frozen=True, slots=True)
class ProposedManager:
    """Who was directly responsible for a perpetrator on the day of the facts."""

    manager: Person
    employment: Employment
    subject: BanSubject


def add_subject(
    *,
    case: BanCase,
    person: Person | None = None,
    name: str = "",
    document_type: str = "",
    document_number: str = "",
    birth_date: date | None = None,
    role: str,
    kind: str,
    from_date: date,
    until: date | None,
    actor: Actor,
    now: datetime,
    birth_date_unknown: bool = False,
) -> BanSubject:
    """Name somebody in a draft: a ``person`` known here, or the identity the decision gives (or both).

    ``until`` is the last day of a dated ban (inclusive); a lifetime one has none. Refuses a document that is held
    under another name (``name_differs``) or by another person, a lifetime ban that begins in the future,
    ``subject_listed``, and ``birth_date_needed`` where neither number nor person tells a birth date, unless the officer
    says that the decision doesn't either (``birth_date_unknown``): without it nobody is found under another document.
    """
    steps.require_officer(actor, case, Role.REGISTRAR)
    number = _number(person, document_type, document_number, timezone.localdate(now))
    subject = new_subject(
        case=case,
        number=number,
        person=person,
        name=name or (person.name if person else ""),
        birth_date=birth_date,
        role=role,
        kind=kind,
        from_date=from_date,
        until=until,
        now=now,
    )
    if subject.birth_date is None and not birth_date_unknown:
        raise _birth_date_needed()
    with transaction.atomic():
        steps.require_editable(case)
        if case.subjects.filter(indexes__blind_index__in=vault.blind_indexes(number)).exists():
            raise Conflict("subject_listed", _("此人已在本案名单中。"), field="document_number")
        subject.save(force_insert=True)
        index([subject])
        changes = {"subject": str(subject.pk), "role": role, "kind": kind, "from": from_date, "until": until}
        record(verb="ban_subject.added", actor=actor, now=now, subject=case, changes=changes)
    return subject


def _birth_date_needed() -> Invalid:
    sentence = _("这种证件的号码中没有出生日期，请按决定书填写；此人换用其他证件时，要靠姓名和出生日期识别。")
    return Invalid("birth_date_needed", sentence, field="birth_date")


def new_subject(
    *,
    case: BanCase,
    number: IdentityNumber,
    person: Person | None = None,
    name: str,
    birth_date: date | None,
    role: str,
    kind: str,
    from_date: date,
    until: date | None,
    now: datetime,
) -> BanSubject:
    """A subject who is not saved yet, with the number sealed. Refuses what ``add_subject`` says of people and terms."""
    _require_terms(role, kind, from_date, until, timezone.localdate(now))
    tidy = names.validate(name)
    found = person or _holder(number, tidy)
    _require_same(found, number, tidy)
    sealed = vault.seal(number.canonical)
    return BanSubject(
        case=case,
        person=found,
        role=role,
        kind=kind,
        from_date=from_date,
        until=until,
        name=tidy,
        birth_date=_birth_date(number, birth_date or (found.birth_date if found else None)),
        document_type=number.type.value,
        ciphertext=sealed.ciphertext,
        key_version=sealed.key_version,
        masked=mask(number.type, number.canonical),
        number_digest=_digest(number),
    )


def remove_subject(*, subject: BanSubject, actor: Actor, now: datetime) -> None:
    """Take somebody out of a draft again. Removed twice is removed once."""
    steps.require_officer(actor, subject.case, Role.REGISTRAR)
    with transaction.atomic():
        steps.require_editable(subject.case)
        subject.indexes.all().delete()
        subject.match_keys.all().delete()
        gone, _rows = BanSubject.objects.filter(pk=subject.pk).delete()
        if gone:
            changes = {"subject": str(subject.pk), "role": subject.role, "kind": subject.kind}
            record(verb="ban_subject.removed", actor=actor, now=now, subject=subject.case, changes=changes)


def look_up(*, case: BanCase, document_type: str, document_number: str, actor: Actor, now: datetime) -> Person | None:
    """Who holds this document, for a registrar who prepares a case. The person can read that it was asked."""
    steps.require_officer(actor, case, Role.REGISTRAR)
    person = find_person(document_type=document_type, document_number=document_number)
    if person is not None:
        note_look_up(person=person, purpose="ban_case", actor=actor, now=now)
    return person


def at_work_named(*, case: BanCase, name: str, actor: Actor, now: datetime) -> list[Employment]:
    """Who of this name worked in the case's region on the day of the facts; each of them can read that it was asked.

    At most ``MOST_NAMED``. Refuses what is no name.
    """
    steps.require_officer(actor, case, Role.REGISTRAR)
    tidy = names.validate(name)
    known = Q(person__name=tidy) | Q(person__previous_names__name=tidy)
    rows = Employment.objects.on(case.facts_on).filter(known, in_region("institution__region_code", case.region_code))
    found = list(rows.select_related("person", "institution").distinct().order_by("institution__name")[:MOST_NAMED])
    for person in {row.person_id: row.person for row in found}.values():
        note_look_up(person=person, purpose="ban_case", actor=actor, now=now)
    return found


def proposed_managers(case: BanCase) -> list[ProposedManager]:
    """Direct managers of the perpetrators on the day of the facts who are not named yet.

    Source: the directly responsible manager is banned as the perpetrator is (Shanghai policy, ban.subjects).
    """
    subjects = list(case.subjects.select_related("person"))
    named = {subject.person_id for subject in subjects}
    proposals = [
        ProposedManager(line.manager, line.employment, subject)
        for subject in subjects
        if subject.role == SubjectRole.PERPETRATOR and subject.person
        for line in direct_managers_on(subject.person, case.facts_on)
    ]
    once = {proposal.manager.pk: proposal for proposal in reversed(proposals)}
    return [proposal for key, proposal in reversed(once.items()) if key not in named]


def settle_subjects(case: BanCase) -> list[BanSubject]:
    """Fix who the subjects are, at coming into force: linked to whoever holds the document, indexed under all of theirs."""
    return settle(list(case.subjects.select_related("person").order_by("pk")))


def settle(subjects: list[BanSubject]) -> list[BanSubject]:
    """The same for these subjects: when the case comes into force, and when the ban begins later."""
    unlinked = {subject.pk for subject in subjects if subject.person is None}
    for subject in with_persons(subjects):
        if subject.person is not None and subject.pk in unlinked:
            subject.save(update_fields=["person"])
    index(subjects)
    return subjects


def with_persons(subjects: list[BanSubject]) -> list[BanSubject]:
    """Fill in ``person`` (not saved) where somebody of that name holds the document by now. Two queries a thousand."""
    unlinked = [subject for subject in subjects if subject.person is None]
    for start in range(0, len(unlinked), CHUNK):
        some = unlinked[start : start + CHUNK]
        for subject, holder in zip(some, holders([number_of(one) for one in some]), strict=True):
            if holder is not None and _goes_by(holder, subject.name):
                subject.person = holder
    return subjects


def _require_terms(role: str, kind: str, from_date: date, until: date | None, today: date) -> None:
    if role not in SubjectRole.values:
        raise Invalid("role_unknown", _("请选择此人在案件中的身份。"), field="role")
    if kind not in BanKind.values:
        raise Invalid("kind_unknown", _("请选择终身禁入或限期禁入。"), field="kind")
    if kind == BanKind.LIFETIME and from_date > today:
        raise Invalid("date_in_future", _("终身禁入的起始日期不能晚于今天。"), field="from_date")
    if kind == BanKind.LIFETIME and until is not None:
        raise Invalid("lifetime_has_no_end", _("终身禁入没有截止日期，请清空。"), field="until")
    if kind == BanKind.DATED and until is None:
        raise Invalid("until_required", _("限期禁入须填写截止日期。"), field="until")
    if until is not None and until < from_date:
        raise Invalid("dates_reversed", _("截止日期不能早于起始日期。"), field="until")


def _number(person: Person | None, document_type: str, document_number: str, today: date) -> IdentityNumber:
    """The number given, or the person's newest document."""
    if document_number or person is None:
        if document_type not in list(DocumentType):
            raise Invalid("document_unknown", _("请选择证件类型。"), field="document_type")
        return parse(document_type, document_number, on=today)
    row = person.documents.order_by("-valid_from", "-pk").first()
    if row is None:
        raise NotFound("document_unknown", _("此人没有登记证件，请填写证件号码。"))
    return unsealed(row)


def _goes_by(person: Person, name: str) -> bool:
    return max(names.compare(name, known) for known in known_names(person)) >= NameMatch.HOMOPHONE


def _holder(number: IdentityNumber, name: str) -> Person | None:
    """Who holds the document, if they go by that name; another name is refused."""
    holder = find_person(document_type=number.type.value, document_number=number.canonical)
    if holder is None or _goes_by(holder, name):
        return holder
    raise Conflict("name_differs", _("这个证件号码登记在另一个姓名之下。请与决定书逐字核对姓名和号码。"), field="name")


def _require_same(person: Person | None, number: IdentityNumber, name: str) -> None:
    """A person chosen on the page must be who the document and the name say."""
    if person is None:
        return
    holder = find_person(document_type=number.type.value, document_number=number.canonical)
    if holder is not None and holder.pk != person.pk:
        raise Conflict("document_differs", _("这个证件号码属于另一个人，请核对。"), field="document_number")
    if not _goes_by(person, name):
        raise Conflict("name_differs", _("姓名与所选人员不一致，请核对。"), field="name")


def _birth_date(number: IdentityNumber, given: date | None) -> date | None:
    if number.birth_date and given and number.birth_date != given:
        raise Invalid("birth_date_differs", _("出生日期与证件号码中的不一致，请核对。"), field="birth_date")
    return number.birth_date or given


def _digest(number: IdentityNumber) -> str:
    """``version:HMAC``: recognised again as long as that key is held, whatever key seals the number by then."""
    version = vault.newest_version()
    message = f"{number.type}:{number.canonical}"
    return f"{version}:{vault.keyed_digest(message, purpose='list', version=version)}"


def digest_holds(subject: BanSubject) -> bool | None:
    """Whether the sealed number is still the one the list covers; None when that key is no longer held."""
    version, _colon, recorded = subject.number_digest.partition(":")
    number = number_of(subject)
    try:
        fresh = vault.keyed_digest(f"{number.type}:{number.canonical}", purpose="list", version=int(version))
    except KeyError:
        return None
    return fresh == recorded
