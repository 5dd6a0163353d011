"""With the last requirement passed the certificate is there: in the same breath, on the wallet page, with its PDF.

No worker takes part: what is queued is left lying.
"""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from certificates.models import Certificate, CertificateDocument
from tests.factories import learning, people
from tests.factories.catalogue import reading, released_course
from tests.factories.certificates import bureau
from tests.factories.ledger import credited
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


def test_course_and_year_are_on_the_wallet_page_and_their_papers_answer_at_once() -> None:
    packs_loaded()
    bureau()
    user = people.practitioner()
    assert user.person is not None
    credited(user.person, category="skills", class_hours=72, on=date(2026, 5, 4))
    credited(user.person, category="ethics", class_hours=39, on=date(2026, 5, 5))
    client = Client()
    client.force_login(user)
    assert "还没有证书" in client.get(reverse("certificates:mine")).content.decode()
    release = released_course(title="师德一课", category="ethics", class_hours="1.0", lessons=[reading(45)])
    learning.passed(user.person, release)
    page = client.get(reverse("certificates:mine")).content.decode()
    certificates = list(Certificate.objects.filter(person=user.person))
    assert {certificate.type.key for certificate in certificates} == {"course", "annual-310000"}
    assert not CertificateDocument.objects.exists()
    for certificate in certificates:
        link = reverse("certificates:download", args=[certificate.pk])
        assert certificate.serial in page
        assert link in page
        assert client.get(link).content.startswith(b"%PDF")
    assert CertificateDocument.objects.count() == 2
