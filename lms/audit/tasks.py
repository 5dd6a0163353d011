"""The sealing step of the audit chain, woken every few seconds."""

from celery import shared_task
from django.utils import timezone

from lms.audit import services


@shared_task(name="lms.audit.tasks.seal")
def seal() -> int:
    return services.seal(now=timezone.now())
