"""Work done outside the request: hours from elsewhere, the close of a year. Tasks take ids and can be killed and run again."""

from datetime import timedelta
from uuid import UUID

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from lms.audit.actors import Actor
from lms.audit.work import in_no_hands
from lms.ledger import services
from lms.ledger.models import OutsideBatch, YearClosing
from lms.ledger.services import closing, outside

# The worker that a fresh batch has woken gets this long before the sweep lends a hand.
PATIENCE = timedelta(seconds=15)
AT_A_TIME = 50


@shared_task
def run_outside(batch_id: str) -> None:
    """Do the next rows of a batch, and call for the turn after."""
    if outside.work_on(batch_id=UUID(batch_id), now=timezone.now()):
        run_outside.delay(batch_id)


@shared_task
def close_year(closing_id: str) -> None:
    """Freeze the next persons of a year, and call for the turn after."""
    if closing.work_on(closing_id=UUID(closing_id), now=timezone.now()):
        close_year.delay(closing_id)


@shared_task
def sweep() -> None:
    """Go on with batches and closings whose wake-up was lost; begin to close last year where its grace is over."""
    now = timezone.now()
    free = in_no_hands(now)
    unfinished = OutsideBatch.objects.unsettled().filter(free, created_at__lte=now - PATIENCE)
    decided = OutsideBatch.objects.unsettled().filter(rows__decision__isnull=False, rows__outcome=None)
    for batch in unfinished.filter(Q(examined_at=None) | Q(pk__in=decided.values("pk"))).order_by("created_at")[
        :AT_A_TIME
    ]:
        run_outside.delay(str(batch.pk))
    today = services.local_day(now)
    for region in services.due_closings(today.year - 1, today):
        services.close_year(year=today.year - 1, region_code=region, actor=Actor.system(closing.JOB), now=now)
    for row in YearClosing.objects.filter(free, finished_at=None, started_at__lte=now - PATIENCE):
        close_year.delay(str(row.pk))
