"""Addresses of this app."""

from django.urls import URLPattern, URLResolver, path

from courses.classroom.views import college, learner

app_name = "classroom"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", college.sessions, name="sessions"),
    path("new/", college.new, name="new"),
    path("<uuid:session_id>/", college.session, name="session"),
    path("<uuid:session_id>/attendance.xlsx", college.export, name="export"),
    path("<uuid:session_id>/wall/", college.wall, name="wall"),
    path("<uuid:session_id>/wall/code/", college.wall_code, name="wall_code"),
    path("<uuid:session_id>/cancel/", college.cancel, name="cancel"),
    path("<uuid:session_id>/substitute/", college.substitute, name="substitute"),
    path("<uuid:session_id>/enter/", learner.enter, name="enter"),
    path("scan/<uuid:session_id>/<slug:code>/", learner.scan, name="scan"),
]
