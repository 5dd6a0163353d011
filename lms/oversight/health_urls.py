"""Addresses that machines watch."""

from django.urls import URLPattern, URLResolver, path

from lms.oversight import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
