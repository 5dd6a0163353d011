"""Addresses of this app."""

from django.urls import URLPattern, URLResolver, path

from courses.assessment import views

app_name = "assessment"
urlpatterns: list[URLPattern | URLResolver] = [
    path("<uuid:attempt_id>/", views.attempt, name="attempt"),
    path("<uuid:attempt_id>/questions/<int:number>/", views.save, name="save"),
    path("<uuid:attempt_id>/review/", views.review, name="review"),
    path("<uuid:attempt_id>/submit/", views.submit, name="submit"),
    path("<uuid:attempt_id>/result/", views.result, name="result"),
]
