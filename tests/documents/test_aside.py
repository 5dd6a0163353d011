"""Papers that never come out step aside for those behind them, are tried again later, and somebody is told of them."""

from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.utils import timezone

from certificates import tasks as certificate_tasks
from certificates.models import Certificate
from certificates.services import printing_many
from lms.documents.models import Unprinted
from lms.hiring import tasks as hiring_tasks
from lms.hiring.models import Check
from lms.hiring.services import receipts
from lms.people.models import Message
from tests.factories import hiring, people
from tests.factories.certificates import course_certificate
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


def test_certificates_behind_as_many_as_are_taken_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    administrator = people.officer("administrator")
    monkeypatch.setattr(certificate_tasks, "BATCH", 2)
    monkeypatch.setattr(certificate_tasks, "PATIENCE", timedelta())
    broken = {course_certificate(people.person(), now=timezone.now()).pk for _number in range(2)}
    sound = course_certificate(people.person(), now=timezone.now())
    real = printing_many.sheet_of

    def draw(certificate: Certificate) -> object:
        if certificate.pk in broken:
            raise OSError("the picture is gone")
        return real(certificate)

    monkeypatch.setattr(printing_many, "sheet_of", draw)
    assert certificate_tasks.sweep() == 0
    assert certificate_tasks.sweep() == 1
    assert sound.documents.exists()
    assert {(row.subject_id, row.error) for row in Unprinted.objects.all()} == {(key, "OSError") for key in broken}
    for hours in (1, 2, 3):
        with time_machine.travel(timezone.now() + timedelta(hours=hours), tick=False):
            certificate_tasks.sweep()
    assert set(Unprinted.objects.values_list("attempts", flat=True)) == {4}
    assert Message.objects.filter(user=administrator, code="paper.unprinted").count() == 1
    broken.clear()
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        assert certificate_tasks.sweep() == 2
        certificate_tasks.sweep()
    assert not Unprinted.objects.exists()


def test_receipts_behind_as_many_as_are_taken_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No institution waits for its receipt, and nobody for the word that they were asked about."""
    packs_loaded()
    monkeypatch.setattr(receipts, "AT_ONCE", 2)
    institution = people.institution()
    broken: set[UUID] = {hiring.checked(institution, people.person()).pk for _number in range(2)}
    sound = hiring.checked(institution, people.person())
    address = receipts.public_address

    def fail(check: Check) -> str:
        if check.pk in broken:
            raise OSError("disk full")
        return address(check)

    monkeypatch.setattr(receipts, "public_address", fail)
    hiring_tasks.sweep()
    hiring_tasks.sweep()
    assert Check.objects.exclude(receipt=None).get() == sound
    assert set(Unprinted.objects.values_list("kind", "subject_id")) == {("receipt", key) for key in broken}
    # Whoever opens it first has it made at once, waiting or not.
    opened = Check.objects.get(pk=min(broken))
    broken.discard(opened.pk)
    receipts.make_receipt(check=opened, now=timezone.now())
    hiring_tasks.sweep()
    assert set(Unprinted.objects.values_list("subject_id", flat=True)) == broken
