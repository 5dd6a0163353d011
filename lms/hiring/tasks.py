"""Work done outside the request: receipts, batches, deadlines, webhooks. Tasks take ids, reload, and can be killed and run again."""

from datetime import timedelta
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from lms.audit.work import in_no_hands
from lms.hiring.models import BatchUpload, CheckBatch
from lms.hiring.services import (
    batch_uploads,
    batches,
    clock,
    deliveries,
    following,
    look_ups,
    missed_alerts,
    receipts,
    rechecks,
    roster_loads,
)

# The worker that a fresh check has woken gets this long before the sweep lends a hand.
PATIENCE = timedelta(seconds=15)
AT_A_TIME = 50


@shared_task
def issue_receipts() -> None:
    """Make the receipts that wait, and call for another turn where more of them wait than one turn makes."""
    if receipts.make_waiting(now=timezone.now()):
        issue_receipts.delay()


@shared_task
def read_batch(upload_id: str) -> None:
    """Read a long list that was handed in."""
    batch_uploads.read_in(upload_id=UUID(upload_id), now=timezone.now())


@shared_task
def run_batch(batch_id: str) -> None:
    """Do the next rows of a batch, and call for the turn after."""
    if batches.work_on(batch_id=UUID(batch_id), now=timezone.now()):
        run_batch.delay(batch_id)
        return
    for load in roster_loads.ready().filter(batch=UUID(batch_id)):
        run_roster_load.delay(str(load.pk))


@shared_task
def run_roster_load(load_id: str) -> None:
    """Start the next people of a staff list whose checks are made, and call for the turn after."""
    if roster_loads.work_on(load_id=UUID(load_id), now=timezone.now()):
        run_roster_load.delay(load_id)


@shared_task
def remind_rechecks() -> None:
    """Tell of yearly re-checks that are due."""
    rechecks.remind(now=timezone.now())


@shared_task
def raise_missed_alerts() -> None:
    """Tell the employers whom a ban passed by."""
    missed_alerts.raise_missed(now=timezone.now())


@shared_task
def deliver_webhooks() -> None:
    """Send what is due. A full turn wakes the next."""
    if deliveries.deliver_due(now=timezone.now()) == deliveries.TURN:
        deliver_webhooks.delay()


@shared_task
def watch_look_ups() -> None:
    """Raise an alert where an institution looks people up as nobody does who is hiring."""
    look_ups.watch(now=timezone.now())


@shared_task
def sweep() -> None:
    """Make receipts and go on with batches whose wake-up was lost; tell registrars of deadlines that passed."""
    now = timezone.now()
    receipts.forget_made()
    receipts.make_waiting(now=now, patience=PATIENCE)
    for upload in BatchUpload.objects.waiting().filter(in_no_hands(now), created_at__lte=now - PATIENCE)[:AT_A_TIME]:
        read_batch.delay(str(upload.pk))
    for batch in CheckBatch.objects.unfinished().filter(in_no_hands(now), created_at__lte=now - PATIENCE)[:AT_A_TIME]:
        run_batch.delay(str(batch.pk))
    for load in roster_loads.ready().filter(in_no_hands(now), created_at__lte=now - PATIENCE)[:AT_A_TIME]:
        run_roster_load.delay(str(load.pk))
    following.remind_employers(now=now)
    following.escalate_overdue(now=now)
    clock.escalate(now=now)
