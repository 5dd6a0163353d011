"""Work done outside the request: batches of bans. Wake-ups may be lost, repeated or killed; the rows are the work."""

from datetime import timedelta
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from lms.audit.work import in_no_hands
from lms.registry.models import Intake
from lms.registry.services import intake_work, turning

# A worker that was just woken is given this long before the sweep does its work.
PATIENCE = timedelta(seconds=15)
AT_A_TIME = 20


@shared_task(name="lms.registry.tasks.run_intake")
def run_intake(intake_id: str) -> None:
    """Enter the next decisions of a batch, and call for the turn after."""
    if intake_work.work_on(intake_id=UUID(intake_id), now=timezone.now()):
        run_intake.delay(intake_id)


@shared_task(name="lms.registry.tasks.sweep")
def sweep() -> None:
    """Go on with batches whose wake-up was lost or whose worker died."""
    now = timezone.now()
    lost = Intake.objects.running().filter(in_no_hands(now), decided_at__lte=now - PATIENCE)
    for intake_id in lost.order_by("decided_at").values_list("pk", flat=True)[:AT_A_TIME]:
        run_intake.delay(str(intake_id))


@shared_task(name="lms.registry.tasks.turn_bans")
def turn_bans() -> None:
    """Let dated bans begin and end on their day: a minute after midnight at the latest, and whatever was missed before."""
    turning.turn_bans(now=timezone.now())
