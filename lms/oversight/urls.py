"""Addresses of this app."""

from django.urls import URLPattern, URLResolver, path, re_path

from lms.oversight import views

app_name = "oversight"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.dashboard, name="dashboard"),
    path("public/", views.public, name="public"),
    re_path(r"^(?P<code>[0-9]{6})/$", views.city, name="city"),
]
