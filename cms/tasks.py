"""Work done outside the request: films cut into pieces. Both tasks may be lost, repeated or killed: the row is the work."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from cms.renditions import due, work_on

LONGEST_CUT = 6 * 3600  # seconds; a long film on a slow machine


@shared_task(name="cms.tasks.render", time_limit=LONGEST_CUT)
def render(rendition_id: str) -> None:
    """Make one rendition, then call for the next that waits."""
    if work_on(rendition_id=UUID(rendition_id), now=timezone.now()):
        sweep.delay()


@shared_task(name="cms.tasks.sweep")
def sweep() -> None:
    """Take up the oldest rendition whose wake-up was lost, whose worker died, or that had to wait its turn."""
    oldest = due(timezone.now()).values_list("pk", flat=True).first()
    if oldest:
        render.delay(str(oldest))
