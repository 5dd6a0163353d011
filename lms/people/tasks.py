"""Wake-ups of the outbox of e-mail. They may be lost, repeated or killed: what is to be sent is in the rows."""

from celery import shared_task
from django.utils import timezone

from lms.people.letters import BATCH, post_due


@shared_task(name="lms.people.tasks.post")
def post() -> int:
    """Send what is due. A full batch wakes the next."""
    sent = post_due(now=timezone.now())
    if sent == BATCH:
        post.delay()
    return sent
