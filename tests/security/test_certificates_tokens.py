"""Tokens, names and numbers: nothing on a public page or in a file name says whom a certificate is about."""

import pytest
from django.test import Client
from django.urls import reverse

from certificates.services import paper_of
from lms.audit.models import AuditEvent
from lms.documents.models import ArchivedDocument
from tests.factories import people
from tests.factories.certificates import NOON, course_certificate
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db
NUMBER = "11010519491231002X"


def test_numbers_and_full_names_stay_out(client: Client) -> None:
    packs_loaded()
    someone = people.person(name="欧阳秋月", document_number=NUMBER)
    certificate = course_certificate(someone, now=NOON)
    document = paper_of(certificate=certificate, now=NOON)
    public = client.get(reverse("certificates:verification", args=[certificate.token])).content.decode()
    machine = client.get(f"/api/v1/certificates/{certificate.token}/").content.decode()
    events = " ".join(f"{event.changes} {event.reason} {event.actor_label}" for event in AuditEvent.objects.all())
    for place in (public, machine, events, document.file.name, document.file_name, str(certificate.facts)):
        assert NUMBER not in place
        assert NUMBER[3:-4] not in place
        assert "欧阳秋月" not in place


def test_the_archive_is_not_served_by_address(client: Client) -> None:
    certificate = course_certificate()
    paper_of(certificate=certificate, now=NOON)
    name = ArchivedDocument.objects.get(kind="certificate").file.name
    for prefix in ("/media/", "/archive/", "/cms/files/"):
        assert client.get(f"{prefix}{name}").status_code in {302, 403, 404}


def test_one_certificates_token_says_nothing_of_the_next() -> None:
    first, second = course_certificate(), course_certificate()
    shared = sum(a == b for a, b in zip(first.token, second.token, strict=True))
    assert shared < 12
    assert first.serial not in first.token


def test_a_certificate_cannot_be_claimed_for_somebody_else(client: Client) -> None:
    """The year's certificate is asked for by its holder; there is no field that names a person."""
    packs_loaded()
    client.force_login(people.practitioner())
    victim = people.person()
    client.post(reverse("certificates:claim_annual", args=[2026]), {"person": str(victim.pk)})
    assert not victim.certificates.exists()
