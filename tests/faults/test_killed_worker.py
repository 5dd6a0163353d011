"""A real worker, killed without a word while it prints: nothing is lost, nothing is there twice."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from certificates.models import Certificate, CertificateDocument
from lms.audit import services as audit
from lms.audit.models import AuditEvent
from lms.documents import archive
from lms.documents.models import ArchivedDocument
from lms.hiring.models import BatchReceipt, Check, CheckBatch, CheckReceipt
from lms.hiring.services import batches
from tests.factories import hiring, people
from tests.factories.catalogue import released_course
from tests.factories.certificates import course_certificate
from tests.factories.check_batches import uploaded, workbook
from tests.factories.policy import packs_loaded
from tests.faults import processes

EACH = 6
ROWS = 3 * batches.PIECE


def papers() -> int:
    return CertificateDocument.objects.count() + CheckReceipt.objects.count()


def wake_for_all(given: dict[str, str]) -> None:
    for certificate in Certificate.objects.all():
        processes.wake(given, "documents", "certificates.tasks.render", str(certificate.pk))
    for _ in range(EACH):
        processes.wake(given, "screening", "lms.hiring.tasks.issue_receipts")


@pytest.mark.django_db(transaction=True)
def test_every_certificate_and_every_check_has_exactly_one_paper(tmp_path: Path) -> None:
    earlier = timezone.now() - timedelta(minutes=1)
    release, institution = released_course(), people.institution()
    for _ in range(EACH):
        person = course_certificate(release=release, now=earlier).person
        hiring.checked(institution, person, now=earlier)
    given, log = processes.environment(tmp_path), tmp_path / "worker.log"
    wake_for_all(given)
    with processes.worker(given, log) as first:
        processes.wait_until(papers, seconds=60, log=log)
        processes.kill(first)
    assert 0 < papers() < 2 * EACH

    # The next worker finds what the queue still holds, the same once more, and two sweeps at the same time.
    wake_for_all(given)
    for _ in range(2):
        processes.wake(given, "documents", "certificates.tasks.sweep")
        processes.wake(given, "screening", "lms.hiring.tasks.sweep")
    with processes.worker(given, log):
        processes.wait_until(lambda: papers() == 2 * EACH, seconds=60, log=log)
        processes.wait_until(lambda: not list(processes.queue_of(given).glob("*.msg")), seconds=60, log=log)

    for certificate in Certificate.objects.all():
        assert CertificateDocument.objects.filter(certificate=certificate).count() == 1
        assert AuditEvent.objects.filter(verb="certificate.printed", subject_id=certificate.pk).count() == 1
    for check in Check.objects.all():
        assert CheckReceipt.objects.filter(checked=check).count() == 1
    kept = ArchivedDocument.objects.filter(kind__in=("certificate", "receipt"))
    assert kept.count() == 2 * EACH
    assert all(archive.read(document).startswith(b"%PDF-") for document in kept)
    audit.seal(now=timezone.now())
    assert audit.verify() == []


@pytest.mark.django_db(transaction=True)
def test_a_batch_asks_about_everybody_once_and_has_one_receipt(tmp_path: Path) -> None:
    packs_loaded()
    lines = [["王小明", "居民身份证", people.resident_number(), ""] for _ in range(ROWS)]
    report = uploaded(people.institution(), workbook(*lines), now=timezone.now() - timedelta(minutes=1))
    assert report.batch
    batch = report.batch
    given, log = processes.environment(tmp_path), tmp_path / "worker.log"
    processes.wake(given, "screening", "lms.hiring.tasks.run_batch", str(batch.pk))
    with processes.worker(given, log) as first:
        processes.wait_until(Check.objects.exists, seconds=60, log=log)
        processes.kill(first)
    assert Check.objects.count() % batches.PIECE == 0  # the piece in hand is undone as a whole

    CheckBatch.objects.update(taken_until=None)  # the dead worker's hold is over
    for _ in range(2):
        processes.wake(given, "screening", "lms.hiring.tasks.sweep")
        processes.wake(given, "screening", "lms.hiring.tasks.run_batch", str(batch.pk))
    with processes.worker(given, log):
        processes.wait_until(BatchReceipt.objects.exists, seconds=90, log=log)
        processes.wait_until(lambda: not list(processes.queue_of(given).glob("*.msg")), seconds=60, log=log)

    assert Check.objects.count() == Check.objects.values("batch_row").distinct().count() == ROWS
    assert AuditEvent.objects.filter(verb="person.looked_up").count() == ROWS
    receipt = BatchReceipt.objects.get()
    assert receipt.clear + receipt.barred + receipt.review == ROWS
    assert archive.read(receipt.document).startswith(b"%PDF-")
    audit.seal(now=timezone.now())
    assert audit.verify() == []
