"""Addresses of this app."""

from django.urls import URLPattern, URLResolver, path

from lms.xapi import views

app_name = "xapi"
urlpatterns: list[URLPattern | URLResolver] = [
    path("statements", views.Statements.as_view(), name="statements"),
    path("about", views.About.as_view(), name="about"),
]
