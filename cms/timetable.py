"""What comes due by itself: approved releases at their hour, courses on their last day, news of new releases."""

import logging

from celery import shared_task
from django.utils import timezone

from cms.services import publish_scheduled, tell_enrolled, withdraw_expired

logger = logging.getLogger(__name__)


@shared_task(name="cms.timetable.sweep")
def sweep() -> None:
    """Every step stands alone and can be killed and run again; one that fails does not keep the others."""
    now = timezone.now()
    for step in (publish_scheduled, withdraw_expired, tell_enrolled):
        try:
            step(now=now)
        except Exception:
            logger.exception("%s failed", step.__name__)
