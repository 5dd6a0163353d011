"""A certificate whose holder's name or document was corrected: a new edition supersedes it; the old one stays on record."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certificates.models import Certificate, StateCode
from certificates.querysets import Status
from certificates.services.grounds import document_facts
from certificates.services.issuing import refuse_barred, write
from certificates.services.printable import refuse_unprintable
from certificates.services.states import Name, already, append, last_state, require_decider
from certificates.services.validity import validity
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.rules.refusals import Conflict


def supersede_certificate(*, certificate: Certificate, reason: str, actor: Actor, now: datetime) -> Certificate:
    """Issue the next edition with the holder's name and document as they are registered now, same facts, same dates.

    Refuses a certificate that is not valid, one where nothing changed, and a second time: ``superseded_already``.
    """
    require_decider(certificate, actor)
    person = certificate.person
    _require_valid(certificate, timezone.localdate(now))
    document = document_facts(person)
    if (person.name, document) == (certificate.holder_name, certificate.facts.get("document")):
        raise Conflict("nothing_to_correct", _("登记的姓名和证件与证书一致，不需要换发。"))
    refuse_unprintable(person.name)
    edition = Certificate(
        edition=certificate.edition + 1,
        holder_name=person.name,
        facts={**certificate.facts, "document": document},
        issued_at=now,
        **{name: getattr(certificate, name) for name in _KEPT},
    )
    try:
        with transaction.atomic():
            write(edition, prefix=certificate.type.serial_prefix, actor=actor, now=now)
            append(
                certificate,
                after=last_state(certificate),
                state=Name.SUPERSEDED,
                code=StateCode.NAME_CORRECTED,
                reason=reason.strip()[:300],
                authority=certificate.issuer_name,
                successor=edition,
                actor=actor,
                now=now,
            )
            changes = {"serial": certificate.serial, "successor": edition.serial}
            record(
                verb="certificate.superseded",
                actor=actor,
                now=now,
                subject=certificate,
                person_id=person.pk,
                changes=changes,
                reason=reason.strip(),
            )
    except IntegrityError:
        raise already(Name.SUPERSEDED) from None
    return edition


def _require_valid(certificate: Certificate, on: date) -> None:
    refuse_barred(certificate.person, on)
    worth = validity(certificate, on)
    if worth.status == Status.SUPERSEDED:
        raise already(Name.SUPERSEDED)
    if worth.status != Status.VALID:
        raise Conflict("not_valid", _("只有有效的证书可以换发。"))


_KEPT = (
    *("type", "person", "period", "title", "issuer", "issuer_name"),
    *("region_code", "enrolment_id", "valid_until", "template"),
)
