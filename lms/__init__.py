"""Loads the queue with the package, so that whoever wakes a worker knows the broker of the settings.

Before that the collector is told to come seldom: a process makes a million objects while it starts, all of them to
stay. At Python's own pace it would walk over them again and again, a quarter of the whole start.
"""

import gc

gc.set_threshold(50_000, 20, 50)

from lms.celery import app as celery_app  # noqa: E402

__all__ = ["celery_app"]
