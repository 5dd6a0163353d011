"""What all grounds have in common: the frozen facts of issuer, holder and policy, and how figures are written."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from certificates.models import CertificateType
from lms.people.models import IdentityDocument, Organisation, Person
from lms.policy.pack import Pack


@dataclass(frozen=True, slots=True)
class Grounds:
    """What will stand on the certificate. ``region_code`` is the one of its serial; months are counted from issue."""

    title: str
    issuer: Organisation
    region_code: str
    facts: dict[str, Any]
    validity_months: int | None
    enrolment_id: uuid.UUID | None = None


def document_facts(person: Person) -> dict[str, str]:
    """The holder's document as it may be shown: kind and masked number; a resident's card before any other."""
    return documents_facts([person.pk])[person.pk]


def documents_facts(person_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[str, str]]:
    """``document_facts`` of many, in one query."""
    rows = IdentityDocument.objects.filter(person__in=person_ids, valid_to=None).order_by("valid_from", "pk")
    held: dict[uuid.UUID, list[tuple[str, str]]] = {}
    for person_id, kind, masked in rows.values_list("person_id", "type", "masked"):
        held.setdefault(person_id, []).append((kind, masked))
    shown = {key: min(some, key=lambda one: one[0] != "resident_id") for key, some in held.items()}
    return {key: dict(zip(("type", "masked"), shown.get(key, ("", "")), strict=True)) for key in person_ids}


def common_facts(
    person: Person,
    type: CertificateType,
    issuer: Organisation,
    pack: Pack | None,
    document: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Facts of every certificate. The type's title is among them: a type renamed later renames nothing issued."""
    return {
        "type_title": type.title,
        "title_en": type.title_en,
        "issuer_en": issuer.name_en,
        "document": document_facts(person) if document is None else document,
        "pack": {"region": pack.region_code, "version": pack.version} if pack else None,
    }


def plain(hours: Any) -> str:
    """Class-hours without trailing zeros: 72, 51.5."""
    return f"{hours.normalize():f}"
