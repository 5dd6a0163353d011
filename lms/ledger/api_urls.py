"""Addresses of this app's API."""

from django.urls import URLPattern, URLResolver, path

from lms.ledger.api import PersonStanding

urlpatterns: list[URLPattern | URLResolver] = [
    path("persons/<uuid:pk>/standing/", PersonStanding.as_view(), name="api-person-standing"),
]
