"""The queue. It only wakes a worker: work to be done is a row, and sweeps re-queue what was lost."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_process_init

from lms.documents import warming

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")

app = Celery("lms")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def load_before_the_fork(**_facts: Any) -> None:
    """A process takes over from another after some hundred tasks: what was loaded before they parted, it has."""
    warming.load()


@worker_process_init.connect
def warm_up(**_facts: Any) -> None:
    """Each process of the worker prints its first page before it is asked to."""
    warming.begin()
