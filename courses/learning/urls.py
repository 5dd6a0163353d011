"""Addresses of this app."""

from django.urls import URLPattern, URLResolver, path

from courses.learning.views import assignments, courses, home, learners, lessons, media, packages, player, reviews

app_name = "learning"
_LESSON = "courses/<uuid:enrolment_id>/lessons/<uuid:lesson_id>/"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("enrol/<uuid:release_id>/", courses.enrol, name="enrol"),
    path("courses/<uuid:enrolment_id>/", courses.course, name="course"),
    path("courses/<uuid:enrolment_id>/withdraw/", courses.withdraw, name="withdraw"),
    path(_LESSON, lessons.lesson, name="lesson"),
    path(f"{_LESSON}exam/", lessons.exam, name="exam"),
    path(f"{_LESSON}sessions/", lessons.sessions, name="sessions"),
    path(f"{_LESSON}lease/", player.lease, name="lease"),
    path("leases/<uuid:lease_id>/beat/", player.heartbeat, name="beat"),
    path("leases/<uuid:lease_id>/challenge/", player.challenge, name="challenge"),
    path("leases/<uuid:lease_id>/close/", player.close, name="close"),
    path("lessons/<uuid:lesson_id>/media/", media.media, name="media"),
    path("lessons/<uuid:lesson_id>/stream/<path:name>", media.stream, name="stream"),
    path("lessons/<uuid:lesson_id>/poster/", media.poster, name="poster"),
    path("lessons/<uuid:lesson_id>/captions.vtt", media.captions, name="captions"),
    path("courses/<uuid:enrolment_id>/review/", reviews.own, name="own_flags"),
    path("courses/<uuid:enrolment_id>/review/<uuid:flag_id>/appeal/", reviews.appeal, name="appeal"),
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/<uuid:flag_id>/", reviews.review, name="review"),
    path("reviews/<uuid:flag_id>/void/", reviews.void, name="review_void"),
    path("lessons/<uuid:lesson_id>/package/<path:path>", packages.package, name="package"),
    path("packages/<str:word>/<path:path>", packages.package_file, name="package-file"),
    path("programmes/<uuid:programme_id>/enrol/", assignments.programme_enrol, name="enrol_programme"),
    path("assignments/", assignments.assignments, name="assignments"),
    path("assignments/people/", assignments.people, name="assigned_people"),
    path("assignments/new/", assignments.assign, name="assign"),
    path("assignments/<uuid:assignment_id>/cancel/", assignments.cancel, name="cancel_assignment"),
    path("records/<uuid:enrolment_id>/", reviews.record, name="record"),
    path("learners/", learners.learners, name="learners"),
    path("learners/export/", learners.export, name="learners_export"),
]
