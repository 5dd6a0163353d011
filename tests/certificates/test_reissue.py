"""``reissue_document``: a new document for the same fact; what was issued before stays verifiable and says so."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from certificates import tasks
from certificates.models import Certificate, Reissue
from certificates.services import by_file, paper_of, reissue_document, reissues, revoke_certificate, validity
from certificates.sheet import sheet_of
from lms.audit.actors import Actor
from lms.audit.models import AuditEvent
from lms.documents import archive
from lms.people.models import Message
from tests.factories import people
from tests.factories.certificates import NOON, SYSTEM, TODAY, course_certificate, refused

pytestmark = pytest.mark.django_db


def printed(user: object = None) -> Certificate:
    certificate = course_certificate(getattr(user, "person", None))
    paper_of(certificate=certificate, now=NOON)
    return certificate


def reissued(certificate: Certificate, actor: Actor = SYSTEM, cause: str = "lost", now: datetime = NOON) -> Reissue:
    return reissue_document(certificate=certificate, cause=cause, reason="搬家遗失", actor=actor, now=now)


def test_the_next_document_of_the_same_certificate() -> None:
    certificate = printed()
    first = archive.read(paper_of(certificate=certificate, now=NOON))
    order = reissued(certificate, now=NOON + timedelta(days=1))
    newest = paper_of(certificate=certificate, now=NOON + timedelta(days=1))
    assert (order.number, newest.certificate_document.number) == (2, 2)
    assert Certificate.objects.count() == 1
    assert validity(certificate, TODAY).is_valid
    old, new = by_file(first, TODAY), by_file(archive.read(newest), TODAY)
    assert (old.untouched, old.replaced, old.certificate) == (True, True, certificate)
    assert (new.untouched, new.replaced) == (True, False)
    assert "第 2 份" in sheet_of(certificate, reissue=order)["reissue"][0]
    event = AuditEvent.objects.get(verb="certificate.reissued")
    assert (event.person_id, event.changes["cause"]) == (certificate.person_id, "lost")


def test_strangers_read_that_there_is_a_newer_one(client: Client) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    certificate = printed()
    first = archive.read(paper_of(certificate=certificate, now=NOON))
    reissued(certificate)
    paper_of(certificate=certificate, now=NOON)
    sent = SimpleUploadedFile("a.pdf", first, "application/pdf")
    assert "补发了新的文件" in client.post(reverse("certificates:verify_file"), {"file": sent}).content.decode()
    sent = SimpleUploadedFile("a.pdf", first, "application/pdf")
    told = client.post(reverse("api-certificate-file"), {"file": sent}).json()
    assert (told["untouched"], told["replaced"]) == (True, True)


def test_two_clicks_order_one_and_the_sweep_makes_it() -> None:
    certificate = printed()
    reissued(certificate)
    with refused("document_pending"):
        reissued(certificate)
    assert tasks.sweep() == 1
    assert tasks.sweep() == 0
    assert list(certificate.documents.order_by("number").values_list("number", flat=True)) == [1, 2]


def test_before_the_first_is_made_there_is_nothing_to_replace() -> None:
    with refused("document_pending"):
        reissued(course_certificate())


def test_a_holder_asks_for_their_own_so_many_times_a_year(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reissues, "BY_HOLDER", 1)
    monkeypatch.setattr(reissues, "BY_ANYBODY", 2)
    user = people.practitioner()
    certificate = printed(user)
    reissued(certificate, people.acting(user))
    paper_of(certificate=certificate, now=NOON)
    with refused("reissued_often"):
        reissued(certificate, people.acting(user), now=NOON + timedelta(days=364))
    with refused("cause_unknown"):
        reissued(certificate, people.acting(user), cause="key")
    assert not Message.objects.filter(code="certificate_reissued").exists()
    # The issuer may still, up to a limit of its own.
    reissued(certificate, cause="key", now=NOON + timedelta(days=10))
    paper_of(certificate=certificate, now=NOON)
    assert Message.objects.filter(user=user, code="certificate_reissued").count() == 1
    with refused("reissued_often"):
        reissued(certificate, cause="key", now=NOON + timedelta(days=30))
    reissued(certificate, people.acting(user), now=NOON + timedelta(days=366))


def test_not_valid_and_not_theirs_is_refused() -> None:
    certificate = printed()
    other = people.acting(people.manager_of(people.college()))
    with refused("certificate_unknown"):
        reissued(certificate, other)
    with refused("role_required"):
        reissued(certificate, people.acting(people.practitioner()))
    revoke_certificate(certificate=certificate, code="error", reason="x", authority="x", actor=SYSTEM, now=NOON)
    with refused("not_valid"):
        reissued(certificate)


def test_on_screen(client: Client) -> None:
    user = people.practitioner()
    certificate = course_certificate(user.person, now=timezone.now())
    paper_of(certificate=certificate, now=timezone.now())
    client.force_login(user)
    address = reverse("certificates:reissue", args=[certificate.pk])
    page = client.get(address).content.decode()
    assert "证书遗失" in page
    assert "签名密钥更换" not in page
    done = client.post(address, {"cause": "damaged", "reason": ""}, follow=True).content.decode()
    assert "补发第 2 份文件" in done
    client.force_login(people.manager_of(people.institution()))
    assert client.get(address).status_code == 404
