"""What is signed: the credential of a certificate, the list its status stands in, the issuer and its keys.

A credential says no more than the public page: the holder is masked, and no document number is in it. It is made from
the facts frozen at issue and is the same whoever asks, in whatever language they read.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from openbadgeslib.ob3 import (
    Achievement,
    Evidence,
    IdentityObject,
    Issuer,
    OpenBadgeCredential,
    Result,
    ResultDescription,
    build_did_document,
    build_status_list_credential,
    status_entry,
)

from certificates.badges.keys import Ring
from certificates.models import Certificate, StatusList, StatusSlot
from certificates.models.credentials import LIST_SIZE
from certificates.querysets import end_of
from certificates.sheet import lines_of, verification_url
from lms.people.models import Organisation
from lms.rules import names

PURPOSE = "revocation"
# How long another's software may keep a list before it asks again, and the longest an old copy is good at all.
LIST_KEPT, LIST_GOOD = timedelta(minutes=5), timedelta(days=1)


def credential_of(certificate: Certificate, slot: StatusSlot) -> OpenBadgeCredential:
    """The certificate as an Open Badge whose status stands in ``slot``."""
    with translation.override("zh-hans"):
        achievement, results = _achievement(certificate)
    valid_until = certificate.valid_until
    return OpenBadgeCredential(
        id=address(reverse("credential", args=[certificate.token])),
        name=certificate.title,
        issuer=issuer_of(certificate.issuer_id, certificate.issuer_name),
        recipient_id=None,
        # Masked as on the page behind the QR: who is shown the credential learns no name that nobody told them.
        identifiers=[IdentityObject(names.mask(certificate.holder_name), "name", hashed=False)],
        achievement=achievement,
        results=results,
        evidence=[Evidence(id=verification_url(certificate), name=certificate.serial, genre="certificate")],
        issuance_date=certificate.issued_at,
        expiration_date=end_of(valid_until) - timedelta(seconds=1) if valid_until else None,
        credential_status=[status_entry(list_address(slot.list), PURPOSE, slot.index)],
    )


def list_of(row: StatusList, revoked: Iterable[int], now: datetime) -> dict[str, Any]:
    """The list as a document: one bit for each place, set where a credential is no good any more."""
    document: dict[str, Any] = build_status_list_credential(
        did_of(row.issuer_id),
        list_address(row),
        PURPOSE,
        revoked,
        size_bits=LIST_SIZE,
        issued=now,
        valid_until=now + LIST_GOOD,
        ttl=int(LIST_KEPT.total_seconds() * 1000),
    )
    return document


def issuer_of(organisation_id: uuid.UUID, name: str) -> Issuer:
    """The body that issues: its name here, and the identifier its keys are published under."""
    return Issuer(id=did_of(organisation_id), name=name, url=address(reverse("issuer", args=[organisation_id])))


def profile_of(organisation: Organisation) -> dict[str, Any]:
    """The issuer's profile as Open Badges has it."""
    profile: dict[str, Any] = issuer_of(organisation.pk, organisation.name).to_dict()
    return {"@context": _CONTEXT, **profile}


def keys_of(organisation: Organisation, ring: Ring) -> dict[str, Any]:
    """The DID document: every key that signs or signed in the issuer's name."""
    document: dict[str, Any] = build_did_document(did_of(organisation.pk), list(ring.published.items()))
    return document


def did_of(organisation_id: uuid.UUID) -> str:
    """``did:web`` of an issuer: its document is at ``/issuers/{id}/did.json`` (did:web, 3.2)."""
    host = quote(urlsplit(settings.PUBLIC_BASE_URL).netloc, safe="")
    return f"did:web:{host}:issuers:{organisation_id}"


def list_address(row: StatusList) -> str:
    return address(reverse("status-list", args=[row.number]))


def address(path: str) -> str:
    return f"{settings.PUBLIC_BASE_URL}{path}"


def _achievement(certificate: Certificate) -> tuple[Achievement, list[Result]]:
    """What was achieved (the same for everybody who did), and this holder's class-hours in it."""
    of = uuid.uuid5(certificate.type_id, f"{certificate.issuer_id} {certificate.title}")
    lines = lines_of(certificate.facts)
    descriptions = [
        ResultDescription(id=f"urn:uuid:{uuid.uuid5(of, line['name_en'])}", name=_both(line), result_type="Result")
        for line in lines
    ]
    results = [
        Result(value=f"{line['earned']} 学时", result_description=description.id)
        for line, description in zip(lines, descriptions, strict=True)
    ]
    asked = "；".join(
        f"{_both(line)}：{line['required'] or line['earned']} 学时（class-hours）" for line in lines
    )  # fmt: skip
    achievement = Achievement(
        id=f"urn:uuid:{of}",
        name=certificate.title,
        description=" · ".join(filter(None, [certificate.title, certificate.facts.get("title_en", "")])),
        criteria_narrative=asked or certificate.title,
        achievement_type="Certificate",
        result_descriptions=descriptions,
    )
    return achievement, results


def _both(line: dict[str, str]) -> str:
    return f"{line['name']} {line['name_en']}"


_CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]
