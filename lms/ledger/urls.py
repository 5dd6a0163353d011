"""Addresses of this app."""

from django.urls import URLPattern, URLResolver, path

from lms.ledger.views import checking, leave, mine, outside

app_name = "ledger"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", mine.mine, name="mine"),
    path("<uuid:pk>/", mine.entry, name="entry"),
    path("outside/", outside.outside, name="outside"),
    path("outside/template.xlsx", outside.template, name="outside_template"),
    path("outside/<uuid:pk>/", outside.batch, name="outside_batch"),
    path("outside/<uuid:pk>/progress/", outside.progress, name="outside_progress"),
    path("outside/<uuid:pk>/result.xlsx", outside.result, name="outside_result"),
    path("outside/<uuid:pk>/proof/", outside.proof, name="outside_proof"),
    path("checking/", checking.checking, name="checking"),
    path("checking/<uuid:pk>/", checking.check_batch, name="check_batch"),
    path("leave/", leave.leaves, name="leaves"),
    path("leave/new/", leave.propose, name="leave_new"),
    path("leave/<uuid:pk>/", leave.leave, name="leave"),
    path("leave/<uuid:pk>/document/", leave.document, name="leave_document"),
]
