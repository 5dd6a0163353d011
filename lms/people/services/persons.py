"""One human being and the documents that say who they are.

A number is parsed, sealed and indexed here and nowhere else; it is never logged, audited or put into a refusal.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people import vault
from lms.people.access import require
from lms.people.models import IdentityDocument, Person, PreviousName, Role
from lms.people.models.persons import DocumentTypeChoices, Sex
from lms.people.querysets import BUREAU_ROLES
from lms.rules import names, regions
from lms.rules.identity import IdentityNumber, mask, parse
from lms.rules.refusals import Conflict, Invalid, NotFound

REGISTERING_ROLES = (Role.INSTITUTION_CHECKER, Role.INSTITUTION_MANAGER, *sorted(BUREAU_ROLES))
_SEX = {"male": Sex.MALE, "female": Sex.FEMALE}


def document_held() -> Conflict:
    """The one sentence for a document that is taken, whoever holds it."""
    return Conflict(
        "document_held",
        _("这个证件号码不能登记。请核对号码；确认无误的，请带证件原件到所在地卫生健康部门办理。"),
        field="document_number",
    )


def known_region(code: str) -> str:
    """A GB/T 2260 code as given, or the refusal ``region_unknown``."""
    try:
        if regions.prefix(code):
            return code
    except ValueError:
        pass
    raise Invalid("region_unknown", _("请选择所在地区。"), field="region_code")


def read_number(document_type: str, document_number: str, on: date | None = None) -> IdentityNumber:
    """Parse a number as written. Refuses what ``lms.rules.identity`` refuses, and an unknown type of document."""
    if document_type not in DocumentTypeChoices.values:
        raise Invalid("document_unknown", _("请选择证件类型。"), field="document_type")
    return parse(document_type, document_number, on=on)


def find_person(*, document_type: str, document_number: str) -> Person | None:
    """Who holds (or held) this document, in whatever form its number is written. A valid document goes first."""
    return holder(read_number(document_type, document_number))


def holder(number: IdentityNumber) -> Person | None:
    """Who holds, or held, this document."""
    found = (
        IdentityDocument.objects.filter(type=number.type.value, blind_index__in=vault.blind_indexes(number))
        .select_related("person")
        .order_by(F("valid_to").desc(nulls_first=True))
        .first()
    )
    return found.person if found else None


def holders(numbers: Sequence[IdentityNumber]) -> list[Person | None]:
    """``holder`` of each of many documents, in their order, with the names they had before. Two queries.

    Meant for one to two thousand at a time: databases bound the number of parameters.
    """
    indexes = [vault.blind_indexes(number) for number in numbers]
    rows = IdentityDocument.objects.filter(blind_index__in={one for some in indexes for one in some})
    found: dict[tuple[str, str], IdentityDocument] = {}
    for row in rows.select_related("person").prefetch_related("person__previous_names"):
        key = (row.type, row.blind_index)
        found[key] = max(row, found.get(key, row), key=_standing)
    held = []
    for number, some in zip(numbers, indexes, strict=True):
        documents = [found[number.type.value, one] for one in some if (number.type.value, one) in found]
        held.append(max(documents, key=_standing).person if documents else None)
    return held


def _standing(document: IdentityDocument) -> tuple[bool, date]:
    """A valid document goes before one that was replaced, and that before an older one."""
    return document.valid_to is None, document.valid_to or date.min


def register_person(
    *,
    name: str,
    document_type: str,
    document_number: str,
    region_code: str,
    actor: Actor,
    now: datetime,
    sex: str = "",
    birth_date: date | None = None,
    phone: str = "",
    previous_names: Iterable[str] = (),
) -> Person:
    """Register one human being with a first document.

    Refuses a name that is none (``lms.rules.names``), a number that is none (``lms.rules.identity``), an unknown
    region, a birth date or sex that contradicts the number, and ``document_held`` with the same sentence whoever
    holds the document.
    """
    require(actor, *REGISTERING_ROLES)
    number = read_number(document_type, document_number, timezone.localdate(now))
    person = Person(
        name=names.validate(name),
        sex=agreed_sex(number, sex),
        birth_date=_agreed_birth_date(number, birth_date),
        phone=phone,
        region_code=known_region(region_code),
        created_at=now,
    )
    return enter(person, number, previous_names=previous_names, actor=actor, now=now)


def enter(
    person: Person, number: IdentityNumber, *, previous_names: Iterable[str] = (), actor: Actor, now: datetime
) -> Person:
    """Write a new person and their first document; permission was asked by the verb."""
    former = [names.validate(previous) for previous in previous_names]
    with transaction.atomic():
        person.save(force_insert=True)
        # Names before the document: whoever hears of the document finds them.
        PreviousName.objects.bulk_create(PreviousName(person=person, name=previous) for previous in former)
        _attach(person, number, timezone.localdate(now))
        changes = {"document_type": number.type.value, "region_code": person.region_code}
        record(verb="person.registered", actor=actor, now=now, subject=person, person_id=person.pk, changes=changes)
    return person


def add_document(
    *, person: Person, document_type: str, document_number: str, valid_from: date, actor: Actor, now: datetime
) -> IdentityDocument:
    """Add a further document of the same person (a new passport, a residence permit).

    The same document given twice is the same row. Refuses ``document_held``, and a birth date in the number that is
    not the person's.
    """
    if not actor.is_system and actor.person_id != person.pk:
        require(actor, *sorted(BUREAU_ROLES))
        if not Person.objects.visible_to(actor).filter(pk=person.pk).exists():
            raise NotFound("person_unknown", _("没有找到这位人员。"))
    number = read_number(document_type, document_number, timezone.localdate(now))
    if number.birth_date and person.birth_date and number.birth_date != person.birth_date:
        raise _contradicts("birth_date")
    known = person.documents.filter(
        type=number.type.value, blind_index__in=vault.blind_indexes(number), valid_to=None
    ).first()
    if known:
        return known
    with transaction.atomic():
        document = _attach(person, number, valid_from)
        changes = {"document_type": number.type.value, "valid_from": valid_from.isoformat()}
        record(
            verb="person.document_added", actor=actor, now=now, subject=document, person_id=person.pk, changes=changes
        )
    return document


def identity_numbers(person: Person) -> list[IdentityNumber]:
    """Every document of the person, valid or replaced, in the clear. For matching only; never shown, never logged."""
    rows = person.documents.order_by("valid_from", "pk")
    return [parse(row.type, vault.unseal(row.ciphertext, row.key_version)) for row in rows]


def _attach(person: Person, number: IdentityNumber, valid_from: date) -> IdentityDocument:
    """Seal the number for this person. Two at once: the database lets one through, the other is told ``document_held``."""
    other = holder(number)
    if other is not None and other.pk != person.pk:
        raise document_held()
    sealed = vault.seal(number.canonical)
    try:
        with transaction.atomic():
            return IdentityDocument.objects.create(
                person=person,
                type=number.type.value,
                ciphertext=sealed.ciphertext,
                key_version=sealed.key_version,
                blind_index=vault.blind_index(number),
                masked=mask(number.type, number.canonical),
                valid_from=valid_from,
            )
    except IntegrityError:
        raise document_held() from None


def _agreed_birth_date(number: IdentityNumber, given: date | None) -> date | None:
    if number.birth_date and given and number.birth_date != given:
        raise _contradicts("birth_date")
    return number.birth_date or given


def agreed_sex(number: IdentityNumber, given: str) -> str:
    """The sex the number tells (F or M), else the one given; refuses a contradiction."""
    told = _SEX[number.sex].value if number.sex else ""
    if told and given and told != given:
        raise _contradicts("sex")
    return told or given


def _contradicts(field: str) -> Invalid:
    sentences = {
        "birth_date": _("出生日期与证件号码中的不一致，请核对。"),
        "sex": _("性别与证件号码中的不一致，请核对。"),
    }
    return Invalid(f"{field}_differs", sentences[field], field=field)
