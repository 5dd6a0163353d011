"""What a certificate is worth, asked by whom it may concern: by row, by the token behind its QR, by serial.

Worked out when asked, from dates, states and the registry of bans; nothing is cached, so nothing can be stale.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet

from certificates.models import Certificate, CertificateState, StateCode
from certificates.querysets import Status, asked_token, end_of
from lms.people.models import IdentityDocument, Person
from lms.registry.models import BanSubject, BanSubjectIndex
from lms.registry.services import barred_ids
from lms.rules import names, serials

# Asked at every verification: written out it costs a fifth of what working it out anew each time does.
NAMED = " ".join(
    [
        *("SELECT 1 FROM", BanSubject._meta.db_table, "WHERE person_id = %s UNION ALL"),
        *("SELECT 1 FROM", BanSubjectIndex._meta.db_table, "AS known JOIN", IdentityDocument._meta.db_table, "AS held"),
        "ON held.blind_index = known.blind_index WHERE held.person_id = %s LIMIT 1",
    ]
)


@dataclass(frozen=True, slots=True)
class Validity:
    """The verdict: ``status``, and for one that is not valid the public ``code`` and ``reason`` (a lazy sentence)."""

    status: Status
    code: str = ""
    reason: Any = ""
    since: datetime | None = None
    authority: str = ""
    successor_token: str = ""

    @property
    def is_valid(self) -> bool:
        return self.status is Status.VALID


def validity(certificate: Certificate, on: date) -> Validity:
    """What the certificate is worth on ``on`` (inclusive: valid on its last day). At most three queries, five if barred."""
    return validity_of(weigh(certificate, on))


def weigh(certificate: Certificate, on: date) -> Certificate:
    """Put on one row what ``with_status`` puts on many: for one, small questions are asked faster than one large one."""
    known = CertificateState.objects.filter(certificate_id=certificate.pk, at__lt=end_of(on))
    return _put(certificate, _last(known), on)


def _last(known: QuerySet[CertificateState]) -> CertificateState | None:
    """The latest of these states, with ``successor_token``."""
    return known.annotate(successor_token=F("successor__token")).order_by("-number").first()


def _put(certificate: Certificate, last: CertificateState | None, on: date) -> Certificate:
    told: Any = certificate
    told.state = last.state if last else None
    told.state_code = last.code if last else ""
    told.state_at = last.at if last else None
    told.state_authority = last.authority if last else ""
    told.successor_token = getattr(last, "successor_token", None) or ""
    told.status = _status(certificate, last, on)
    return certificate


def validity_of(certificate: Certificate) -> Validity:
    """The same of a row that was read ``with_status`` or weighed; no query."""
    told: Any = certificate
    status = Status(told.status)
    if status is Status.REVOKED and told.state != "revoked":
        return Validity(status, StateCode.BAN, StateCode.BAN.label)
    if status in {Status.REVOKED, Status.SUPERSEDED}:
        reason = StateCode(told.state_code).label if told.state_code else ""
        return Validity(
            status, told.state_code, reason, told.state_at, told.state_authority, told.successor_token or ""
        )
    return Validity(status)


def by_token(token: str, on: date) -> Certificate | None:
    """The certificate behind a QR, weighed as of ``on``. Two queries."""
    known = CertificateState.objects.filter(certificate__token=asked_token(token), at__lt=end_of(on))
    last = _last(known.select_related("certificate"))
    if last is not None:
        return _put(last.certificate, last, on)
    not_yet = Certificate.objects.behind(token).first()
    return _put(not_yet, None, on) if not_yet else None


def by_serial(serial: str, holder_name: str, on: date) -> Certificate | None:
    """The certificate with this serial, told only to those who also know whose it is."""
    known = serials.normalise(serial)
    found = Certificate.objects.filter(serial=known).first() if known else None
    if found is None or names.compare(found.holder_name, holder_name) < names.NameMatch.SIMPLIFIED:
        return None
    return weigh(found, on)


def validities(certificate_ids: list[uuid.UUID], on: date) -> dict[uuid.UUID, Validity]:
    """``validity`` of many, in one query."""
    rows = Certificate.objects.with_status(on).filter(pk__in=certificate_ids)
    return {row.pk: validity_of(row) for row in rows}


def _status(certificate: Certificate, last: CertificateState | None, on: date) -> Status:
    """The law of ``with_status``, for one."""
    if last is None:
        return Status.UNKNOWN
    if last.state == CertificateState.Name.SUPERSEDED:
        return Status.SUPERSEDED
    if last.state == CertificateState.Name.REVOKED or _holder_barred(certificate.person_id, on):
        return Status.REVOKED
    expired = certificate.valid_until is not None and certificate.valid_until < on
    return Status.EXPIRED if expired else Status.VALID


def _holder_barred(person_id: uuid.UUID, on: date) -> bool:
    """Hardly anybody is named in any case; only of those who are the registry is asked what acts on the day."""
    key = Person._meta.pk.get_db_prep_value(person_id, connection)
    with connection.cursor() as cursor:
        cursor.execute(NAMED, [key, key])
        named = cursor.fetchone() is not None
    return named and person_id in barred_ids([person_id], on)
