"""Addresses that are handed out, copied or scanned lead to this installation, whatever host a request claims to be for.

A page is made for whoever asks; a link, an entry in a calendar and a code on a wall are read by somebody else later.
"""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from certificates.services.shares import share_certificate
from tests.factories import people
from tests.factories.certificates import course_certificate

pytestmark = pytest.mark.django_db
ELSEWHERE = "evil.example"


@pytest.fixture(autouse=True)
def any_host(settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    settings.PUBLIC_BASE_URL = "https://ours.example"


def test_a_link_to_a_certificate_and_its_last_day(client: Client) -> None:
    owner = people.practitioner()
    certificate = course_certificate(owner.person, now=timezone.now())
    client.force_login(owner)
    calendar = client.get(reverse("certificates:calendar", args=[certificate.pk]), headers={"host": ELSEWHERE})
    entry = calendar.content.decode().replace("\r\n ", "")
    assert f"URL:https://ours.example{reverse('certificates:mine')}" in entry
    assert ELSEWHERE not in entry
    share = share_certificate(
        certificate=certificate, fields=["hours"], days=7, actor=people.acting(owner), now=timezone.now()
    )
    page = client.get(reverse("certificates:shares", args=[certificate.pk]), headers={"host": ELSEWHERE})
    assert f"https://ours.example{reverse('certificates:shared', args=[share.token])}" in page.content.decode()
    assert ELSEWHERE not in page.content.decode()


def test_nothing_asks_the_request_where_we_are() -> None:
    """No other place may begin to: the host of a request is whatever its sender wrote."""
    rooms = [Path(settings.BASE_DIR) / room for room in ("lms", "courses", "certificates", "cms")]
    asking = [
        str(path.relative_to(settings.BASE_DIR))
        for room in rooms
        for path in [*room.rglob("*.py"), *room.rglob("*.html")]
        if "build_absolute_uri" in path.read_text(encoding="utf-8")
    ]
    assert asking == []
