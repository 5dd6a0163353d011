"""Sweeps of learning: leases that fell silent, challenges nobody answered, sittings whose time ran out, patterns worth a look."""

import logging

from celery import shared_task
from django.utils import timezone

from courses.assessment.services import grade_overdue
from courses.learning.services import expire_leases, flag_anomalies, miss_overdue
from courses.learning.services.assignments import remind_assignments

logger = logging.getLogger(__name__)


@shared_task(name="courses.learning.tasks.sweep")
def sweep() -> None:
    """Every step stands alone and can be killed and run again; one that fails does not keep the others."""
    now = timezone.now()
    for step in (expire_leases, miss_overdue, grade_overdue, flag_anomalies):
        try:
            step(now=now)
        except Exception:
            logger.exception("%s failed", step.__name__)


@shared_task(name="courses.learning.tasks.remind")
def remind() -> None:
    """Reminders of required courses. Run every hour of the day: what an hour missed, the next one says, and only once."""
    remind_assignments(now=timezone.now())
