"""Open Badges: the place of a credential's status, given once, and which places say that a credential is no good.

A place is given when the credential is first asked for: a status that nobody can ask about needs none. What was
revoked and given back is a new credential on a new place, for by the standard a revocation is final.
"""

import secrets
from collections.abc import Iterable
from datetime import date, datetime

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Q
from django.utils import timezone

from certificates.badges import documents
from certificates.badges.keys import Ring
from certificates.badges.proofs import as_jwt, with_proof
from certificates.models import Certificate, CertificateState, StatusList, StatusSlot
from certificates.models.credentials import LIST_SIZE, PLACES_GIVEN
from certificates.querysets import Status
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people.models import IdentityDocument, Organisation
from lms.registry.models import BanSubject, BanSubjectIndex, ListVersion

GIVER = "open-badges"
TRIES = 64
KEPT_SECONDS = 60
NO_GOOD = (Status.REVOKED.value, Status.SUPERSEDED.value, Status.UNKNOWN.value)


def slot_of(*, certificate: Certificate, now: datetime) -> StatusSlot:
    """The place of the certificate's credential as it is now; drawn at random when it has none. Safe twice at once."""
    number = 1 + certificate.states.filter(state=CertificateState.Name.REINSTATED).count()
    for _try in range(TRIES):
        if existing := _place(certificate, number):
            return existing
        try:
            return _draw(certificate, number, now)
        except IntegrityError:  # the place, its number or the list was taken meanwhile
            continue
    raise RuntimeError(f"no free place after {TRIES} tries")


def credential_json(*, certificate: Certificate, ring: Ring, now: datetime) -> dict[str, object]:
    """The credential with its proof inside."""
    slot = slot_of(certificate=certificate, now=now)
    document = documents.credential_of(certificate, slot).to_vc()
    return with_proof(document, did=documents.did_of(certificate.issuer_id), ring=ring, created=slot.at)


def credential_jwt(*, certificate: Certificate, ring: Ring, now: datetime) -> str:
    """The credential as a token."""
    slot = slot_of(certificate=certificate, now=now)
    claims = documents.credential_of(certificate, slot).to_jwt_payload()
    return as_jwt(claims, did=documents.did_of(certificate.issuer_id), ring=ring)


def list_json(*, row: StatusList, ring: Ring, now: datetime) -> dict[str, object]:
    """The status list with its proof inside."""
    document = _list(row, now)
    return with_proof(document, did=documents.did_of(row.issuer_id), ring=ring, created=now)


def list_jwt(*, row: StatusList, ring: Ring, now: datetime) -> str:
    """The status list as a token."""
    document = _list(row, now)
    claims = {**document, "iss": document["issuer"], "jti": document["id"], "nbf": int(now.timestamp())}
    return as_jwt(claims, did=documents.did_of(row.issuer_id), ring=ring)


def revoked_places(row: StatusList, on: date) -> list[int]:
    """Places whose credential is no good on ``on``: by the same query that answers everywhere else.

    Besides what is revoked, superseded or barred: a place that a later one of the same certificate follows.
    """
    reinstated = Count("certificate__states", filter=Q(certificate__states__state=CertificateState.Name.REINSTATED))
    slots = row.slots.filter(_something_happened())
    current = dict(slots.annotate(returns=reinstated).values_list("index", F("number") - F("returns")))
    worth = Certificate.objects.with_status(on).filter(pk__in=slots.values("certificate_id"))
    bad = set(worth.filter(Q(status__in=NO_GOOD)).values_list("pk", flat=True))
    return sorted(
        index
        for index, certificate_id in slots.values_list("index", "certificate_id")
        if certificate_id in bad or current[index] < 1
    )


def has_issued(organisation: Organisation) -> bool:
    """Whether the body stands on any certificate: of others nothing is published."""
    return Certificate.objects.filter(issuer=organisation).exists()


def _place(certificate: Certificate, number: int) -> StatusSlot | None:
    return certificate.slots.filter(number=number).select_related("list").first()


@transaction.atomic
def _draw(certificate: Certificate, number: int, now: datetime) -> StatusSlot:
    chosen = _open_list(certificate, now)
    slot = StatusSlot.objects.create(
        certificate=certificate, number=number, list=chosen, index=secrets.randbelow(LIST_SIZE), at=now
    )
    record(
        verb="certificate.credential_made",
        actor=Actor.system(GIVER),
        now=now,
        subject=certificate,
        person_id=certificate.person_id,
        changes={"serial": certificate.serial, "list": chosen.number, "number": number},
    )
    return slot


def _open_list(certificate: Certificate, now: datetime) -> StatusList:
    """The issuer's newest list, or the next one where that is full. Two that open one at once meet in its number."""
    newest = StatusList.objects.filter(issuer=certificate.issuer_id).order_by("-number").first()
    if newest and newest.slots.count() < PLACES_GIVEN:
        return newest
    last = StatusList.objects.aggregate(last=Max("number"))["last"] or 0
    return StatusList.objects.create(number=last + 1, issuer_id=certificate.issuer_id, at=now)


def _list(row: StatusList, now: datetime) -> dict[str, object]:
    """The document, made anew whenever something it rests on has changed.

    It is kept for a minute under the versions of what it rests on, not dropped when told to: a word that gets lost
    leaves no list that calls a barred person's certificate good.
    """
    on = timezone.localdate(now)
    steps = CertificateState.objects.filter(number__gt=1).count()
    bans = ListVersion.objects.aggregate(newest=Max("number"))["newest"]
    key = f"status-list:{row.pk}:{on}:{row.slots.count()}:{steps}:{bans}"
    places: Iterable[int] = cache.get_or_set(key, lambda: revoked_places(row, on), KEPT_SECONDS) or ()
    return documents.list_of(row, places, now)


def _something_happened() -> Q:
    """Places of certificates that can be something else than valid or expired: few among many."""
    later = CertificateState.objects.filter(certificate=OuterRef("certificate"), number__gt=1)
    named = BanSubject.objects.filter(person_id=OuterRef("certificate__person_id"))
    entries = BanSubjectIndex.objects.filter(blind_index=OuterRef("blind_index"))
    held = IdentityDocument.objects.filter(Exists(entries), person_id=OuterRef("certificate__person_id"))
    return Q(Exists(later)) | Q(Exists(named)) | Q(Exists(held))
