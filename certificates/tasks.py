"""Wake-ups of the printing office and of orders to issue to many. All of them may be lost, repeated or killed: a
certificate without a file is the work, and a row without an outcome.
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from celery import shared_task
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from certificates.models import Certificate, IssueBatch, Recall, RecallState, Reissue
from certificates.services import NotMade, batches, print_many, render_pending
from certificates.services.papers import KIND
from certificates.services.recalls import carry_out_recall
from certificates.services.reminders import remind_expiring
from lms.audit.work import in_no_hands
from lms.documents import aside
from lms.people.services import tell_administrators

log = logging.getLogger(__name__)

BATCH = 40
# A worker that was just woken is given this long before the sweep does its work.
PATIENCE = timedelta(seconds=15)


@shared_task(name="certificates.tasks.render")
def render(certificate_id: str) -> None:
    """Make the PDF of one certificate, unless it is there."""
    render_pending(certificate_id=certificate_id, now=timezone.now())


@shared_task(name="certificates.tasks.run_batch")
def run_batch(batch_id: str) -> None:
    """Do the next rows of an order, and call for the turn after."""
    if batches.work_on(batch_id=UUID(batch_id), now=timezone.now()):
        run_batch.delay(batch_id)


@shared_task(name="certificates.tasks.sweep_batches")
def sweep_batches() -> None:
    """Go on with orders whose wake-up was lost or whose worker died."""
    now = timezone.now()
    lost = IssueBatch.objects.running().filter(in_no_hands(now), started_at__lte=now - PATIENCE)
    for batch_id in lost.order_by("drafted_at").values_list("pk", flat=True)[:BATCH]:
        run_batch.delay(str(batch_id))


@shared_task(name="certificates.tasks.remind")
def remind() -> None:
    """Tell who holds what ends soon. Run every hour of the day: what an hour missed, the next one says, and only once."""
    remind_expiring(now=timezone.now())


@shared_task(name="certificates.tasks.recall")
def recall(recall_id: str) -> None:
    """Carry out a confirmed recall, piece by piece; killed and run again, it goes on where it stopped."""
    while carry_out_recall(recall_id=recall_id, now=timezone.now()):
        pass


@shared_task(name="certificates.tasks.sweep_recalls")
def sweep_recalls() -> None:
    """Go on with what dead workers left behind. One that fails does not stop the others."""
    for recall_id in Recall.objects.filter(state=RecallState.Name.CONFIRMED).values_list("pk", flat=True):
        try:
            recall(str(recall_id))
        except Exception:
            log.exception("recall %s could not be carried out", recall_id)


@shared_task(name="certificates.tasks.sweep")
def sweep() -> int:
    """Make what lost wake-ups and dead workers left behind, the oldest first. One that fails stops no other, and steps
    aside for those behind it.
    """
    now = timezone.now()
    before = now - PATIENCE
    aside.forget_made(KIND, Certificate.objects.filter(Q(documents=None) | Q(pk__in=_unmade_anew())))
    failed: dict[UUID, BaseException | None] = {}
    first = Certificate.objects.unrendered().filter(issued_at__lt=before).exclude(pk__in=aside.resting(KIND, now))
    made = 0
    keys = list(first.order_by("issued_at").values_list("pk", flat=True)[:BATCH])
    for told in print_many(certificate_ids=keys, now=now):
        if isinstance(told, NotMade):
            failed[told.certificate_id] = told.error
        else:
            made += 1
    again = Reissue.objects.unmade().filter(at__lt=before).exclude(certificate__in=aside.resting(KIND, now))
    for certificate_id in again.order_by("at").values_list("certificate_id", flat=True)[:BATCH]:
        try:
            render_pending(certificate_id=certificate_id, now=timezone.now())
            made += 1
        except Exception as error:  # noqa: BLE001  whatever it is, the next one is made
            failed.setdefault(certificate_id, error)
    if failed:
        _set_aside(failed, now)
    return made


def _unmade_anew() -> "QuerySet[Reissue, UUID]":
    return Reissue.objects.unmade().values_list("certificate_id", flat=True)


def _set_aside(failed: dict[UUID, BaseException | None], now: datetime) -> None:
    for certificate_id, error in failed.items():
        log.error("certificate %s could not be printed", certificate_id, exc_info=error)
    if hopeless := aside.set_aside(KIND, failed, now=now):
        tell_administrators(
            code="paper.unprinted",
            title=_("有证书多次未能生成：%(count)d 份") % {"count": len(hopeless)},
            body=_("系统会隔一段时间再试，不影响其他证书。原因已记入日志，请处理。"),
            dedupe_key=f"unprinted:{KIND}:{timezone.localdate(now)}",
            now=now,
        )
