"""Loads the queue with the package, so that whoever wakes a worker knows the broker of the settings."""

from lms.celery import app as celery_app

__all__ = ["celery_app"]
