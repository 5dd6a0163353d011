"""How work is queued, and the sweeps that re-queue what was lost."""

from typing import Any

from celery.schedules import crontab

CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "lms.documents.*": {"queue": "documents"},
    "certificates.*": {"queue": "documents"},
    "cms.tasks.*": {"queue": "media"},
    "lms.hiring.*": {"queue": "screening"},
    "lms.xapi.*": {"queue": "xapi"},
}
# A task that hangs holds its worker no longer than this; the row it was at is taken up again. Redis hands a message to
# another worker after an hour. What may take longer says so itself.
CELERY_TASK_TIME_LIMIT = 45 * 60
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200  # WeasyPrint grows in a long-lived process
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1, "interval_max": 0.2}
# Sweeps: each re-queues rows whose wake-up was lost. Apps add nothing here but a name and a rhythm.
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "seal-audit": {"task": "lms.audit.tasks.seal", "schedule": 5.0},
    "sweep-statements": {"task": "lms.xapi.tasks.sweep", "schedule": 30.0},
    "sweep-certificates": {"task": "certificates.tasks.sweep", "schedule": 20.0},
    "sweep-issue-batches": {"task": "certificates.tasks.sweep_batches", "schedule": 20.0},
    "sweep-recalls": {"task": "certificates.tasks.sweep_recalls", "schedule": 60.0},
    "remind-expiring": {"task": "certificates.tasks.remind", "schedule": crontab(minute="20", hour="8-20")},
    "sweep-receipts": {"task": "lms.hiring.tasks.sweep", "schedule": 20.0},
    "remind-rechecks": {"task": "lms.hiring.tasks.remind_rechecks", "schedule": crontab(minute="40", hour="9")},
    "watch-look-ups": {"task": "lms.hiring.tasks.watch_look_ups", "schedule": 600.0},
    "missed-alerts": {"task": "lms.hiring.tasks.raise_missed_alerts", "schedule": 30.0},
    "sweep-webhooks": {"task": "lms.hiring.tasks.deliver_webhooks", "schedule": 10.0},
    "turn-bans": {"task": "lms.registry.tasks.turn_bans", "schedule": 60.0},
    "sweep-intakes": {"task": "lms.registry.tasks.sweep", "schedule": 20.0},
    "sweep-renditions": {"task": "cms.tasks.sweep", "schedule": 60.0},
    "sweep-ledger": {"task": "lms.ledger.tasks.sweep", "schedule": 30.0},
    "sweep-learning": {"task": "courses.learning.tasks.sweep", "schedule": 60.0},
    "remind-assignments": {"task": "courses.learning.tasks.remind", "schedule": crontab(minute="5", hour="8-20")},
    "sweep-letters": {"task": "lms.people.tasks.post", "schedule": 30.0},
    "sweep-timetable": {"task": "cms.timetable.sweep", "schedule": 20.0},
}
# A sweep that was called for while no worker ran is called for again anyway: they don't pile up, and a morning after
# an outage does not begin with a night of sweeps. Longer than clocks of two machines are apart.
SWEEP_EXPIRES = 10 * 60
for _entry in CELERY_BEAT_SCHEDULE.values():
    if isinstance(_entry["schedule"], float):
        _entry["options"] = {"expires": SWEEP_EXPIRES}
