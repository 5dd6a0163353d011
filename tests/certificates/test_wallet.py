"""The wallet and the files: one's own, one's issuer's, one's bureau's, one's employer's; nobody else's."""

import hashlib
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from certificates.models import Certificate
from certificates.services import paper_of, revoke_certificate
from lms.audit.models import AuditEvent
from lms.people.models import User
from tests.factories import people
from tests.factories.catalogue import released_course
from tests.factories.certificates import NOON, SYSTEM, annual_certificate, bureau, course_certificate, year_full
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    packs_loaded()
    bureau()
    return people.practitioner()


def test_empty_it_says_what_is_missing(client: Client, owner: User) -> None:
    client.force_login(owner)
    text = client.get(reverse("certificates:mine")).content.decode()
    for word in ("还没有证书", "还差 72 学时", "还差 40 学时"):
        assert word in text


def test_with_certificates(client: Client, owner: User) -> None:
    annual = annual_certificate(owner.person, year=timezone.localdate().year, now=timezone.now())
    course = course_certificate(owner.person, now=timezone.now())
    client.force_login(owner)
    text = client.get(reverse("certificates:mine")).content.decode()
    assert annual.serial in text
    assert course.serial in text
    assert "还差" not in text


def test_few_queries_however_many_certificates(client: Client, owner: User) -> None:
    for _ in range(12):
        course_certificate(owner.person, now=timezone.now())
    client.force_login(owner)
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("certificates:mine"))
    assert len(queries) <= 12


def test_a_met_year_whose_certificate_waited_can_be_fetched(client: Client) -> None:
    packs_loaded()
    user = people.practitioner()
    year = timezone.localdate().year
    year_full(user.person, year=year)  # no bureau yet
    bureau()
    client.force_login(user)
    assert "领取年度证书" in client.get(reverse("certificates:mine")).content.decode()
    client.post(reverse("certificates:claim_annual", args=[year]))
    client.post(reverse("certificates:claim_annual", args=[year]))
    assert Certificate.objects.get().person == user.person


def test_fetching_a_year_that_is_not_met_says_what_is_left(client: Client, owner: User) -> None:
    client.force_login(owner)
    response = client.post(reverse("certificates:claim_annual", args=[2026]), follow=True)
    assert "还差 72 学时" in response.content.decode()
    assert not Certificate.objects.exists()


def test_the_first_download_makes_the_file_and_the_next_gives_the_same(client: Client, owner: User) -> None:
    certificate = course_certificate(owner.person)
    client.force_login(owner)
    address = reverse("certificates:download", args=[certificate.pk])
    first, second = client.get(address), client.get(address)
    document = paper_of(certificate=certificate, now=NOON)
    assert hashlib.sha256(first.content).hexdigest() == document.sha256
    assert first.content == second.content
    assert first["Content-Type"] == "application/pdf"
    assert first["Content-Disposition"] == f'attachment; filename="{certificate.serial}.pdf"'
    assert AuditEvent.objects.filter(verb="certificate.downloaded", person_id=owner.person_id).count() == 2


def test_who_may_download(client: Client, owner: User) -> None:
    college = people.college()
    certificate = course_certificate(owner.person, released_course(college=college))
    paper_of(certificate=certificate, now=NOON)
    employer = people.institution()
    people.employed(institution=employer, person=owner.person)
    address = reverse("certificates:download", args=[certificate.pk])
    allowed = [owner, people.manager_of(college), people.manager_of(employer), people.officer("registrar")]
    refused = [
        people.practitioner(),
        people.manager_of(people.college()),
        people.manager_of(people.institution()),
        people.officer("registrar", people.BEIJING),
    ]
    for user, status in [(user, 200) for user in allowed] + [(user, 404) for user in refused]:
        client.force_login(user)
        assert client.get(address).status_code == status, user
        detail = client.get(reverse("certificates:detail", args=[certificate.pk]))
        assert detail.status_code == status, user


def test_a_stranger_is_asked_to_sign_in(client: Client, owner: User) -> None:
    certificate = course_certificate(owner.person)
    for name in ("download", "detail", "revoke"):
        response = client.get(reverse(f"certificates:{name}", args=[certificate.pk]))
        assert response.status_code == 302
        assert "login" in response["Location"]


def test_a_tampered_file_is_withheld(client: Client, owner: User) -> None:
    certificate = course_certificate(owner.person)
    path = Path(paper_of(certificate=certificate, now=NOON).file.path)
    path.write_bytes(path.read_bytes()[:-1] + b"X")
    client.force_login(owner)
    response = client.get(reverse("certificates:download", args=[certificate.pk]))
    assert response.status_code == 500
    assert "不一致" in response.content.decode()


def test_an_account_without_a_person_has_no_wallet(client: Client) -> None:
    client.force_login(people.officer("registrar"))
    assert client.get(reverse("certificates:mine")).status_code == 403


def test_the_last_day_goes_into_a_calendar(client: Client, owner: User) -> None:
    certificate = course_certificate(owner.person, now=timezone.now())
    client.force_login(owner)
    address = reverse("certificates:calendar", args=[certificate.pk])
    assert address in client.get(reverse("certificates:mine")).content.decode()
    answer = client.get(address)
    assert answer["Content-Type"].startswith("text/calendar")
    assert certificate.valid_until is not None
    assert f"DTSTART;VALUE=DATE:{certificate.valid_until:%Y%m%d}\r\n" in answer.content.decode()
    uid = [line for line in answer.content.decode().splitlines() if line.startswith("UID:")]
    assert uid == [line for line in client.get(address).content.decode().splitlines() if line.startswith("UID:")]
    assert str(owner.person_id) not in answer.content.decode()
    client.force_login(people.officer("bureau_auditor"))
    assert client.get(address).status_code in {403, 404}
    revoke_certificate(
        certificate=certificate, code="error", reason="x", authority="x", actor=SYSTEM, now=timezone.now()
    )
    client.force_login(owner)
    assert client.get(address).status_code == 404
