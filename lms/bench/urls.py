"""Everything the product serves, and beside it what a benchmark compares with."""

from django.urls import URLPattern, URLResolver, include, path

from lms.bench import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("bench/bare/<uuid:person_id>/", views.bare),
    path("bench/bare-write/<uuid:lease_id>/", views.bare_write),
    path("bench/peak/", views.peak),
    path("", include("lms.urls")),
]
