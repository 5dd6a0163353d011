"""``share_certificate``, ``withdraw_share``, ``open_share``: the chosen fields, until a day, and nothing after it."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from certificates.models import Certificate, Share
from certificates.services import revoke_certificate
from certificates.services.shares import OPEN_AT_ONCE, share_certificate, withdraw_share
from certificates.views import shares
from lms.audit.models import AuditEvent
from lms.people.models import User
from tests.factories import people
from tests.factories.certificates import SYSTEM, course_certificate, refused

pytestmark = pytest.mark.django_db
NAME = "欧阳秋月"


@pytest.fixture
def owner() -> User:
    return people.practitioner(name=NAME)


@pytest.fixture
def certificate(owner: User) -> Certificate:
    return course_certificate(owner.person, now=timezone.now())


def link(owner: User, certificate: Certificate, *fields: str, days: int = 7) -> Share:
    return share_certificate(
        certificate=certificate, fields=fields or ["hours"], days=days, actor=people.acting(owner), now=timezone.now()
    )


def opened(client: Client, share: Share) -> tuple[int, str]:
    response = client.get(reverse("certificates:shared", args=[share.token]))
    return response.status_code, response.content.decode()


def test_it_shows_what_was_chosen_and_nothing_more(client: Client, owner: User, certificate: Certificate) -> None:
    masked = certificate.facts["document"]["masked"]
    everything = {"name": NAME, "issuer": certificate.issuer_name, "serial": certificate.serial, "document": masked}
    for chosen, value in everything.items():
        status, text = opened(client, link(owner, certificate, chosen))
        assert (status, value in text) == (200, True)
        assert certificate.title in text
        for other in set(everything) - {chosen}:
            assert everything[other] not in text
        assert certificate.token not in text


def test_it_is_kept_by_nobody_and_found_by_no_engine(client: Client, owner: User, certificate: Certificate) -> None:
    response = client.get(reverse("certificates:shared", args=[link(owner, certificate).token]))
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "same-origin"
    assert not response.cookies


def test_the_state_is_the_one_of_now(client: Client, owner: User, certificate: Certificate) -> None:
    share = link(owner, certificate)
    revoke_certificate(
        certificate=certificate, code="fraud", reason="替考", authority="x", actor=SYSTEM, now=timezone.now()
    )
    text = opened(client, share)[1]
    assert "已撤销" in text
    assert "弄虚作假取得" in text
    assert "替考" not in text
    with refused("not_valid"):
        link(owner, certificate)


def test_run_out_or_taken_back_it_reveals_nothing(client: Client, owner: User, certificate: Certificate) -> None:
    late, back = link(owner, certificate, "name", days=1), link(owner, certificate, "name", days=365)
    assert withdraw_share(share=back, actor=people.acting(owner), now=timezone.now())
    assert not withdraw_share(share=back, actor=people.acting(owner), now=timezone.now())
    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1)):
        pages = [opened(client, late), opened(client, back)]
    for status, text in pages:
        assert status == 410
        assert "这个链接已失效" in text
        assert not any(word in text for word in (NAME, certificate.title, certificate.serial, "有效至"))
    assert client.get(reverse("certificates:shared", args=["x" * 43])).status_code == 404
    assert Share.objects.filter(opened=0).count() == 2
    assert AuditEvent.objects.filter(verb="certificate.share_withdrawn").count() == 1


def test_openings_are_counted_for_the_holder(client: Client, owner: User, certificate: Certificate) -> None:
    share = link(owner, certificate)
    for _ in range(3):
        opened(client, share)
    share.refresh_from_db()
    assert share.opened == 3
    assert share.last_opened_at is not None


def test_so_many_a_minute(
    client: Client, owner: User, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    monkeypatch.setattr(shares, "OPENINGS_A_MINUTE", 2)
    share = link(owner, certificate, "name")
    answers = [opened(client, share) for _ in range(3)]
    assert [status for status, _text in answers] == [200, 200, 429]
    assert NAME not in answers[2][1]


def test_only_the_holder_and_only_what_is_offered(owner: User, certificate: Certificate) -> None:
    for actor in (people.acting(people.practitioner()), people.acting(people.officer("registrar")), SYSTEM):
        with refused("certificate_unknown"):
            share_certificate(certificate=certificate, fields=["name"], days=7, actor=actor, now=timezone.now())
    with refused("fields_unknown"):
        link(owner, certificate, "name", "phone")
    with refused("days_unknown"):
        link(owner, certificate, days=3650)
    for _ in range(OPEN_AT_ONCE):
        link(owner, certificate)
    with refused("too_many_links"):
        link(owner, certificate)


def test_on_the_holders_page(client: Client, owner: User, certificate: Certificate) -> None:
    address = reverse("certificates:shares", args=[certificate.pk])
    client.force_login(owner)
    assert client.post(address, {"fields_shown": [], "days": "7"}).status_code == 422
    page = client.post(address, {"fields_shown": ["name", "hours"], "days": "30"}, follow=True).content.decode()
    share = Share.objects.get()
    assert reverse("certificates:shared", args=[share.token]) in page
    assert share.fields == ["name", "hours"]
    stranger = Client()
    stranger.force_login(people.practitioner())
    withdraw = reverse("certificates:withdraw_share", args=[certificate.pk, share.pk])
    assert stranger.post(withdraw).status_code == 404
    assert "已收回" in client.post(withdraw, follow=True).content.decode()
    client.force_login(people.officer("bureau_auditor"))  # may see the certificate, not the holder's links
    assert client.get(address).status_code == 404
