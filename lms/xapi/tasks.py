"""Wake-ups of the outbox. Both may be lost, repeated or killed: what is to be done is in the rows."""

from celery import shared_task
from django.utils import timezone

from lms.xapi.forwarding import BATCH, forward_due


@shared_task(name="lms.xapi.tasks.forward")
def forward() -> int:
    """Send what is due. A full batch wakes the next."""
    sent = forward_due(now=timezone.now())
    if sent == BATCH:
        forward.delay()
    return sent


@shared_task(name="lms.xapi.tasks.sweep")
def sweep() -> int:
    """Take up what a lost wake-up or a dead worker left behind."""
    return forward()
