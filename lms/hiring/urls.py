"""Addresses of this app. No identity number ever stands in one."""

from django.urls import URLPattern, URLResolver, path

from lms.hiring.views import (
    alerts,
    batches,
    checks,
    papers,
    receipts,
    rechecks,
    reviews,
    roster,
    roster_loads,
    webhooks,
)
from lms.hiring.views import alerts, batches, checks, disputes, look_ups, papers, receipts, reviews, roster, webhooks

app_name = "hiring"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", checks.home, name="home"),
    path("checks/", checks.checks, name="checks"),
    path("checks/<uuid:pk>/", checks.check, name="check"),
    path("checks/<uuid:pk>/receipt.pdf", receipts.receipt_file, name="receipt_file"),
    path("receipts/<str:token>/", receipts.receipt, name="receipt"),
    path("batch-receipts/<str:token>/", receipts.batch_receipt, name="batch_receipt"),
    path("batches/", batches.batches, name="batches"),
    path("batches/<uuid:pk>/", batches.batch, name="batch"),
    path("batches/<uuid:pk>/progress/", batches.progress, name="batch_progress"),
    path("batches/<uuid:pk>/result.xlsx", batches.result, name="batch_result"),
    path("batches/<uuid:pk>/receipt.pdf", batches.receipt_file, name="batch_receipt_file"),
    path("batches/<uuid:pk>/cancel/", batches.cancel, name="batch_cancel"),
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/<uuid:pk>/", reviews.review, name="review"),
    path("reviews/<uuid:pk>/ask/", reviews.ask, name="ask_document"),
    path("reviews/<uuid:pk>/revoke/", reviews.revoke, name="revoke_decision"),
    path("checks/<uuid:pk>/document/", papers.hand_in, name="hand_in"),
    path("checks/<uuid:pk>/documents/<uuid:document_pk>/", papers.handed, name="handed"),
    path("checks/<uuid:pk>/dispute/", disputes.raise_one, name="dispute_check"),
    path("disputes/", disputes.disputes, name="disputes"),
    path("disputes/<uuid:pk>/", disputes.dispute, name="dispute"),
    path("look-ups/", look_ups.alerts, name="look_ups"),
    path("look-ups/statistics/", look_ups.statistics, name="look_up_statistics"),
    path("look-ups/<uuid:pk>/", look_ups.alert, name="look_up"),
    path("roster/", roster.roster, name="roster"),
    path("roster/load/", roster_loads.load, name="load_roster"),
    path("roster/loads/<uuid:pk>/", roster_loads.roster_load, name="roster_load"),
    path("roster/loads/<uuid:pk>/progress/", roster_loads.progress, name="roster_load_progress"),
    path("rechecks/", rechecks.rechecks, name="rechecks"),
    path("roster/start/<uuid:check_pk>/", roster.start, name="start"),
    path("roster/<uuid:pk>/end/", roster.end, name="end"),
    path("roster/<uuid:pk>/manager/", roster.manager, name="manager"),
    path("alerts/", alerts.alerts, name="alerts"),
    path("webhooks/", webhooks.webhooks, name="webhooks"),
    path("webhooks/<uuid:pk>/", webhooks.webhook, name="webhook"),
    path("webhooks/<uuid:pk>/act/", webhooks.act, name="webhook_act"),
    path("alerts/<uuid:pk>/confirm/", alerts.confirm, name="confirm_removal"),
]
