"""Addresses of this app."""

from django.urls import URLPattern, URLResolver, path

from courses.catalogue.views import courses, programmes

app_name = "catalogue"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", courses.index, name="index"),
    path("<uuid:course_id>/", courses.course, name="course"),
    path("releases/<uuid:release_id>/", courses.release, name="release"),
    path("releases/<uuid:release_id>/cover/", courses.cover, name="cover"),
    path("files/<str:name>", courses.file, name="file"),
    path("programmes/", programmes.programmes, name="programmes"),
    path("programmes/desk/", programmes.desk, name="desk"),
    path("programmes/new/", programmes.edit, name="programme_new"),
    path("programmes/worth/", programmes.worth, name="programme_worth"),
    path("programmes/<uuid:pk>/", programmes.programme, name="programme"),
    path("programmes/<uuid:pk>/edit/", programmes.edit, name="programme_edit"),
    path("programmes/<uuid:pk>/submit/", programmes.submit, name="programme_submit"),
    path("programmes/<uuid:pk>/approve/", programmes.approve, name="programme_approve"),
    path("programmes/<uuid:pk>/return/", programmes.hand_back, name="programme_return"),
    path("programmes/<uuid:pk>/withdraw/", programmes.withdraw, name="programme_withdraw"),
]
